import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { next, type Surroundings } from '../../lib/pipeline/next.ts';
import type { Attempt, ModelWork } from '../../lib/pipeline/work.ts';

export interface DryStep {
  readonly step: string;
  readonly statements: readonly string[];
}

const stepsAtMost = 40;

/** The batches that a build would send, were every one to end well and the model a new one. */
export function dryRun(model: CompiledModel, surroundings: Surroundings, piece: ModelWork): DryStep[] {
  const history: Attempt[] = [];
  const steps: DryStep[] = [];
  while (steps.length < stepsAtMost) {
    const decision = next({ ...piece, model: model.name }, history, surroundings);
    if (decision.kind === 'done') break;
    const { step, number, statements, reads } = decision;
    steps.push({ step, statements });
    history.push({ step, number, outcome: 'finished', results: reads.map(() => []) });
  }
  return steps;
}
