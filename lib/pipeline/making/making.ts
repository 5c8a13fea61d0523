import type { CompiledModel } from '../models/model.ts';
import type { Holder } from '../statements/fence.ts';
import type { Audited } from '../statements/model/check.ts';
import { discardStatements } from '../statements/model/publish.ts';
import type { CheckResult, ModelRun } from '../statements/model/run.ts';
import type { Readers } from '../statements/prepare.ts';
import { type Attempt, type Decision, failed, type ModelWork, type Step, settledAttempt, submit } from '../work.ts';

/** A model on its way: built aside → checked → published, or discarded. */
export interface Making {
  readonly piece: ModelWork;
  readonly holder: Holder;
  readonly history: readonly Attempt[];
  readonly model: CompiledModel;
  /** All of the project: what a model reads may be a view of others. */
  readonly models: readonly CompiledModel[];
  readonly readers: Readers;
}

/** What the check batch answered. */
export interface Findings {
  readonly rows: number;
  readonly checks: readonly CheckResult[];
  /** The definition published last, if any. */
  readonly published: string | undefined;
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

/** The rows come in any order: UNION ALL promises none. */
export function findings(check: Attempt | undefined): Findings {
  const [counts = [], published = []] = check?.results ?? [];
  const rowCount = counts.find(([, severity]) => severity === 'info');
  const checks = counts
    .filter((row) => row !== rowCount)
    .map(([name, severity, failures]) => ({
      name: name ?? '',
      severity: severity === 'warn' ? ('warn' as const) : ('error' as const),
      failures: Number(failures),
    }));
  return { rows: Number(rowCount?.[2] ?? 0), checks, published: published[0]?.[0] ?? undefined };
}

/** How a check's result is told. */
export const finding = ({ name, failures }: CheckResult): string => `${name} (${failures})`.slice(0, 200);

export function published(piece: ModelWork, { rows, checks }: Findings): Decision {
  const warnings = checks.filter(({ failures }) => failures > 0).map(finding);
  return { kind: 'done', outcome: { kind: 'published', work: piece, rows, warnings: warnings.slice(0, 20) } };
}

/**
 * A model that failed leaves a note and nothing else; if even the note fails, the outcome still tells. It may have been published
 * although the answer was lost: then the books say so.
 */
export function discard({ piece, holder, model, history }: Making, error: string | undefined): Decision {
  const last = settledAttempt(history, 'discard');
  if (last?.results[0]?.[0]?.[0] === 'published') return published(piece, findings(settledAttempt(history, 'check')));
  if (last) return failed(piece, error);
  const run = runOf(piece, { holder, outcome: 'failed', reason: error?.slice(0, 1000), checks: [] });
  const statements = discardStatements(model, run);
  return submit(piece, { name: 'discard', statements, reads: [statements.length] }, history);
}

export function runOf(piece: ModelWork, run: Omit<ModelRun, 'runId' | 'execution'>): ModelRun {
  return { ...run, runId: `${piece.execution}:${piece.model}`, execution: piece.execution };
}
