import { setTimeout } from 'node:timers/promises';
import type { BatchWarehouse } from '../../lambdas/aws/batch-warehouse.ts';
import { next, type Surroundings } from '../../lib/pipeline/next.ts';
import type { Attempt, Outcome, Work } from '../../lib/pipeline/work.ts';

/** More batches than any piece of work has: a decision that never ends is a bug, and is not to go on for ever. */
const batchesAtMost = 500;

/** Takes a piece of work to its end, by the decisions that the refresh takes; `tell` hears the name of each step before it is sent. */
export async function drive(
  piece: Work,
  surroundings: Surroundings,
  warehouse: BatchWarehouse,
  tell: (step: string) => void = () => undefined,
): Promise<Outcome> {
  const history: Attempt[] = [];
  while (history.length < batchesAtMost) {
    const decision = next(piece, history, surroundings);
    if (decision.kind === 'done') return decision.outcome;
    const { step, number } = decision;
    tell(step);
    await setTimeout(decision.delaySeconds * 1000);
    const ending = await warehouse.run(decision);
    history.push(
      ending.outcome === 'finished'
        ? { step, number, outcome: 'finished', results: ending.results }
        : { step, number, outcome: 'failed', error: ending.error.slice(0, 1000), results: [] },
    );
  }
  throw new Error(`the work on ${JSON.stringify(piece)} does not end`);
}
