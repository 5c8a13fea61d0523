import { createHash } from 'node:crypto';
import { MillraceError } from './error.ts';
import type { CompiledModel } from './models/model.ts';
import type { Surroundings } from './next.ts';
import { generationOf } from './state-items.ts';
import { type Holder, isFenced } from './statements/fence.ts';
import {
  buildStatements,
  type CheckResult,
  checkResultIndexes,
  checkStatements,
  describeBatches,
  discardStatements,
  grantees,
  type ModelRun,
  replaceStatements,
  swapStatements,
} from './statements/model.ts';
import type { Readers } from './statements/prepare.ts';
import { type Attempt, type Decision, failed, type ModelWork, type Step, settledAttempt, submit } from './work.ts';

/** A model on its way: built aside → checked → published, or discarded. */
interface Making {
  readonly piece: ModelWork;
  readonly holder: Holder;
  readonly history: readonly Attempt[];
  readonly model: CompiledModel;
  readonly readers: Readers;
}

/** What the check batch answered. */
interface Findings {
  readonly rows: number;
  readonly checks: readonly CheckResult[];
  /** The definition published last, if any. */
  readonly published: string | undefined;
}

export function nextOfModel(piece: ModelWork, history: readonly Attempt[], surroundings: Surroundings): Decision {
  const found = surroundings.models.find(({ name }) => name === piece.model);
  if (!found) throw new MillraceError('UNKNOWN_MODEL', `${piece.model} is not among this stack's models`);
  if (history.some(({ error }) => isFenced(error ?? '')))
    return { kind: 'done', outcome: { kind: 'fenced', work: piece } };
  const { readers } = surroundings;
  const making: Making = { piece, holder: holderOf(piece), history, readers, model: withGrants(found, readers) };
  for (const step of [
    { name: 'build', statements: buildStatements(making.model, making.holder) },
    { name: 'check', statements: checkStatements(making.model), reads: checkResultIndexes },
  ]) {
    const last = settledAttempt(history, step.name);
    if (!last) return submit(piece, step, history);
    if (last.outcome === 'failed') return discard(making, last.error);
  }
  return judge(making, findings(settledAttempt(history, 'check')));
}

function holderOf({ execution }: ModelWork): Holder {
  const holder = generationOf(execution);
  if (!holder)
    throw new MillraceError('NO_GENERATION', `${execution} has no generation in its name: it cannot be fenced`);
  return holder;
}

/** The definition as published: who may read it is part of it, so a new reader is granted by the next publish. */
export function withGrants(model: CompiledModel, readers: Readers): CompiledModel {
  const parts = JSON.stringify([model.definition, grantees(model, readers)]);
  return { ...model, definition: createHash('sha256').update(parts).digest('hex').slice(0, 32) };
}

/** The rows come in any order: UNION ALL promises none. */
function findings(check: Attempt | undefined): Findings {
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

function judge(making: Making, found: Findings): Decision {
  const broken = found.checks.filter(({ severity, failures }) => severity === 'error' && failures > 0);
  return broken.length > 0 ? rejected(making, found, broken) : publish(making, found);
}

const finding = ({ name, failures }: CheckResult): string => `${name} (${failures})`.slice(0, 200);

function rejected(
  { piece, holder, model, history }: Making,
  found: Findings,
  broken: readonly CheckResult[],
): Decision {
  const run = runOf(piece, { holder, outcome: 'check_failed', rows: found.rows, checks: found.checks });
  if (!settledAttempt(history, 'reject')) {
    return submit(piece, { name: 'reject', statements: discardStatements(model, run) }, history);
  }
  return { kind: 'done', outcome: { kind: 'checkFailed', work: piece, failures: broken.map(finding).slice(0, 20) } };
}

/** New rows in the table that is there, where its columns are the same; if it refuses, or where they may differ, a new table. */
function publish(making: Making, found: Findings): Decision {
  const { piece, holder, model, history, readers } = making;
  const run = runOf(piece, { holder, outcome: 'published', rows: found.rows, checks: found.checks });
  if (found.published === model.definition && model.materialization === 'table') {
    const last = settledAttempt(history, 'replace');
    if (!last) return submit(piece, { name: 'replace', statements: replaceStatements(model, run) }, history);
    if (last.outcome === 'finished') return published(piece, found);
  }
  for (const step of swapSteps(model, run, readers)) {
    const last = settledAttempt(history, step.name);
    if (!last) return submit(piece, step, history);
    if (last.outcome === 'failed') return discard(making, last.error);
  }
  return published(piece, found);
}

function swapSteps(model: CompiledModel, run: ModelRun, readers: Readers): Step[] {
  const describe = describeBatches(model, run.holder).map((statements, index) => ({
    name: `describe-${index}`,
    statements,
  }));
  return [...describe, { name: 'swap', statements: swapStatements(model, run, readers) }];
}

function published(piece: ModelWork, { rows, checks }: Findings): Decision {
  const warnings = checks.filter(({ failures }) => failures > 0).map(finding);
  return { kind: 'done', outcome: { kind: 'published', work: piece, rows, warnings: warnings.slice(0, 20) } };
}

/**
 * A model that failed leaves a note and nothing else; if even the note fails, the outcome still tells. It may have been published
 * although the answer was lost: then the books say so.
 */
function discard({ piece, holder, model, history }: Making, error: string | undefined): Decision {
  const last = settledAttempt(history, 'discard');
  if (last?.results[0]?.[0]?.[0] === 'published') return published(piece, findings(settledAttempt(history, 'check')));
  if (last) return failed(piece, error);
  const run = runOf(piece, { holder, outcome: 'failed', reason: error?.slice(0, 1000), checks: [] });
  const statements = discardStatements(model, run);
  return submit(piece, { name: 'discard', statements, reads: [statements.length] }, history);
}

function runOf(piece: ModelWork, run: Omit<ModelRun, 'runId' | 'execution'>): ModelRun {
  return { ...run, runId: `${piece.execution}:${piece.model}`, execution: piece.execution };
}
