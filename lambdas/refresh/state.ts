import * as z from 'zod';
import { touchedSource } from '../../lib/pipeline/state-items.ts';
import { attempt, outcome, work } from '../../lib/pipeline/work.ts';

/** What the machine's state says of the run; every step gets the whole state and reads its part. */
export const runState = z.object({
  lane: z.string(),
  generation: z.number().int(),
  lease: z.object({ startedAt: z.string(), remainingSeconds: z.number().optional() }).optional(),
  plan: z.object({ touched: z.array(touchedSource).default([]) }).default({ touched: [] }),
  prepared: z.array(outcome).default([]),
  loaded: z.array(outcome).default([]),
  /** Where the run's memory of its models lies; absent until it has one. */
  models: z.object({ key: z.string() }).optional(),
  /** There when the run gives up. */
  trouble: z.object({ Error: z.string() }).optional(),
});
export type RunState = z.infer<typeof runState>;

/** Datasets that loaded. Even without a new row: the run that loaded the rows may have died before the models. */
export function loadedDatasets({ loaded }: Pick<RunState, 'loaded'>): string[] {
  const names = loaded.flatMap(({ kind, work: of }) => (kind === 'loaded' && of.kind === 'load' ? [of.dataset] : []));
  return [...new Set(names)];
}

/** What the run has loaded, and what was changed outside it. */
export function changedSources(state: RunState): Set<string> {
  return new Set([...loadedDatasets(state), ...state.plan.touched.map(({ source }) => source)]);
}

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
