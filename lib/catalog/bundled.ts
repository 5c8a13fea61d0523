import * as z from 'zod';
import { queryLineage } from '../pipeline/models/analysis.ts';

/** The catalog's client, as it travels beside the function that writes the site. */
export const bundledClient = z.strictObject({ script: z.string(), style: z.string() });

/** Model → where its columns come from. A list, because names come from users and are no keys. */
export const bundledLineage = z.array(z.tuple([z.string(), queryLineage]));
