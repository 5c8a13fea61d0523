import * as z from 'zod';
import { builtModel } from '../../lib/pipeline/select.ts';
import { touchedDataset } from '../../lib/pipeline/state-items.ts';
import { attempt, outcome, work } from '../../lib/pipeline/work.ts';

/** What the machine's state says of the run; every step gets the whole state and reads its part. */
export const runState = z.object({
  lane: z.string(),
  generation: z.number().int(),
  lease: z.object({ startedAt: z.string(), remainingSeconds: z.number().optional() }).optional(),
  plan: z.object({ touched: z.array(touchedDataset).default([]) }).default({ touched: [] }),
  prepared: z.array(outcome).default([]),
  loaded: z.array(outcome).default([]),
  models: z
    .object({ built: z.array(builtModel), outcomes: z.array(outcome).default([]) })
    .default({ built: [], outcomes: [] }),
  /** There when the run gives up. */
  trouble: z.object({ Error: z.string() }).optional(),
});
export type RunState = z.infer<typeof runState>;

/** The state of one piece of work in its loop. */
export const workState = z.object({
  work,
  history: z.array(attempt),
  /** The submission that has ended, if there was one. */
  decision: z
    .object({
      step: z.string(),
      number: z.number().int(),
      reads: z.array(z.number().int()),
      resultsKey: z.string().optional(),
    })
    .optional(),
  statement: z.object({ id: z.string() }).optional(),
  described: z.object({ status: z.string() }).optional(),
  trouble: z.object({ Error: z.string(), Cause: z.unknown().optional() }).optional(),
});
export type WorkState = z.infer<typeof workState>;
