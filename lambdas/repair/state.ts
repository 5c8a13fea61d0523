import * as z from 'zod';
import { datasetNamePattern } from '../../lib/pipeline/names.ts';

/** What the machine's state says of a repair; how far it is, is in the state table. */
export const repairState = z.object({
  dataset: z.string().regex(datasetNamePattern),
  dryRun: z.boolean().default(false),
  source: z.object({ tableName: z.string(), execution: z.string() }),
});
export type RepairState = z.infer<typeof repairState>;
