import * as z from 'zod';

/** The catalog's client, as it travels beside the function that writes the site. */
export const bundledClient = z.strictObject({ script: z.string(), style: z.string() });
