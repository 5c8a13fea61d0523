import type { CompiledModel } from '../models/model.ts';
import type { Holder } from '../statements/fence.ts';
import type { Audited } from '../statements/model/failing.ts';
import { discardStatements, tidyStatements } from '../statements/model/publish.ts';
import type { ModelRun } from '../statements/model/run.ts';
import type { Readers } from '../statements/prepare.ts';
import { type Attempt, type Decision, failed, type ModelWork, type Step, settledAttempt, submit } from '../work.ts';
import { type Findings, finding, findings } from './findings.ts';

export type { Findings };

/** A model on its way: built aside → checked → published, or discarded. */
export interface Making {
  readonly piece: ModelWork;
  readonly holder: Holder;
  readonly history: readonly Attempt[];
  readonly model: CompiledModel;
  /** All models of the project. */
  readonly models: readonly CompiledModel[];
  readonly readers: Readers;
}

/** How a materialization is made. Each decision is taken from what has ended so far, so that any step can be repeated. */
export interface Strategy {
  /** What is to be done before the model can be checked; undefined once it stands aside. */
  readonly build: (making: Making) => Decision | undefined;
  /** What the checks look at. */
  readonly audited: (making: Making) => Audited;
  /** Lets readers see it: its checks have passed. */
  readonly publish: (making: Making, found: Findings) => Decision;
}

/** Takes steps one after the other: the batch that is next, or what is done about one that failed; undefined where all have ended well. */
export function takeSteps(making: Making, steps: readonly Step[]): Decision | undefined {
  for (const step of steps) {
    const last = settledAttempt(making.history, step.name);
    if (!last) return submit(making.piece, step, making.history);
    if (last.outcome === 'failed') return discard(making, last.error);
  }
  return undefined;
}

/** What the books say of a run that readers see from now on. */
export function publishedRun({ piece, holder }: Making, { rows, checks, measured }: Findings): ModelRun {
  return runOf(piece, { holder, outcome: 'published', rows, checks, measured });
}

export function published(piece: ModelWork, { rows, checks }: Findings, more: readonly string[] = []): Decision {
  const warnings = [...more, ...checks.filter(({ failures }) => failures > 0).map(finding)];
  return { kind: 'done', outcome: { kind: 'published', work: piece, rows, warnings: warnings.slice(0, 20) } };
}

/** Removes what readers no longer see, once they see the new. That it cannot be removed is worth a warning: it is in nobody's way. */
export function tidied(making: Making, found: Findings, kept?: string): Decision {
  const { piece, holder, model, history } = making;
  const { standing } = found;
  if (!standing) return published(piece, found);
  const step = { name: 'tidy', statements: tidyStatements(model, holder, standing, kept) };
  const last = settledAttempt(history, step.name);
  if (!last) return submit(piece, step, history);
  const trouble =
    last.outcome === 'failed' ? [`the old ${model.name} is still there: ${last.error}`.slice(0, 300)] : [];
  return published(piece, found, trouble);
}

/**
 * A model that failed leaves a note and nothing else; if even the note fails, the outcome still tells. It may have been published
 * although the answer was lost: then the books say so.
 */
export function discard({ piece, holder, model, history }: Making, error: string | undefined): Decision {
  const last = settledAttempt(history, 'discard');
  if (last?.results[0]?.[0]?.[0] === 'published') return published(piece, findings(history, model));
  if (last) return failed(piece, error);
  const run = runOf(piece, { holder, outcome: 'failed', reason: error?.slice(0, 1000), checks: [] });
  const statements = discardStatements(model, run);
  return submit(piece, { name: 'discard', statements, reads: [statements.length] }, history);
}

export function runOf(piece: ModelWork, run: Omit<ModelRun, 'runId' | 'execution'>): ModelRun {
  return { ...run, runId: `${piece.execution}:${piece.model}`, execution: piece.execution };
}
