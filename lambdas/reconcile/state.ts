import * as z from 'zod';
import { datasetNamePattern } from '../../lib/pipeline/names.ts';
import { look } from '../../lib/pipeline/reconcile.ts';

/** How far the source is counted. */
export const count = z.object({
  startedAt: z.string(),
  count: z.number().int(),
  /** Where the next page begins; empty at the beginning and at the end. */
  cursor: z.string(),
  done: z.boolean(),
});
export type Count = z.infer<typeof count>;

/** What the machine's state says of a reconciliation; every step gets the whole state and reads its part. */
export const reconcileState = z.object({
  dataset: z.string().regex(datasetNamePattern),
  source: z.object({ tableName: z.string(), sampledKeys: z.number().int().positive(), execution: z.string() }),
  count: count.optional(),
  look: look.optional(),
});
export type ReconcileState = z.infer<typeof reconcileState>;
