import type { DatasetPlan } from './environment.ts';
import { MillraceError } from './error.ts';
import type { CompiledFunction } from './models/compiled-function.ts';
import type { CompiledModel } from './models/model.ts';
import { nextOfModel } from './next-model.ts';
import { nextOfOpenReload, nextOfSwap } from './next-reload.ts';
import { findingsKey } from './plan.ts';
import { diagnoseStatements } from './statements/diagnose.ts';
import { functionsThereQuery } from './statements/functions.ts';
import { type LoadBatch, loadResultIndex, loadStatements } from './statements/load.ts';
import { type Preparation, prepareBatches, type Readers, roleStatements } from './statements/prepare.ts';
import {
  type Attempt,
  blamesContent,
  type Decision,
  failed,
  type LoadWork,
  mayMeanMissing,
  type ResultRows,
  refused,
  type Step,
  settledAttempt,
  submit,
  type Work,
} from './work.ts';

/** What the decisions need to know beyond the work itself; the same during all of a refresh. */
export interface Surroundings {
  readonly datasets: readonly DatasetPlan[];
  readonly models: readonly CompiledModel[];
  readonly functions: readonly CompiledFunction[];
  readonly readers: Readers;
  readonly lakeBucket: string;
  readonly copyRoleArn: string;
  /** Now, in milliseconds since the epoch. */
  readonly nowMilliseconds: number;
}

/** The one place that decides what a piece of work does next: from what it is, and from what has ended so far. */
export function next(piece: Work, history: readonly Attempt[], surroundings: Surroundings): Decision {
  switch (piece.kind) {
    case 'prepare':
      return nextOfPrepare(piece, history, surroundings);
    case 'load':
      return nextOfLoad(piece, history, surroundings);
    case 'openReload':
      return nextOfOpenReload(piece, history, datasetOf(piece.dataset, surroundings));
    case 'swap':
      return nextOfSwap(piece, history, datasetOf(piece.dataset, surroundings));
    case 'model':
      return nextOfModel(piece, history, surroundings);
  }
}

function datasetOf(name: string, { datasets }: Surroundings): DatasetPlan {
  const dataset = datasets.find((one) => one.name === name);
  if (!dataset) throw new MillraceError('UNKNOWN_DATASET', `${name} is not in this stack's configuration`);
  return dataset;
}

export function preparationOf({
  datasets,
  readers,
  models,
  functions,
}: Omit<Surroundings, 'nowMilliseconds'>): Preparation {
  return { datasets, readers, models, functions };
}

function nextOfPrepare(piece: Work, history: readonly Attempt[], surroundings: Surroundings): Decision {
  const preparation = preparationOf(surroundings);
  const roles = roleStatements(preparation.readers).map(
    (statement, index): Step => ({ name: `role-${index}`, statements: [statement] }),
  );
  const asked: Step = { name: 'functions', statements: [functionsThereQuery], reads: [1] };
  const there = settledAttempt(history, asked.name)?.results[0];
  const batches = prepareBatches(preparation, there).map(
    (statements, index): Step => ({ name: `prepare-${index}`, statements }),
  );
  for (const step of [...roles, ...(preparation.functions.length > 0 ? [asked] : []), ...batches]) {
    const last = settledAttempt(history, step.name);
    if (!last) return submit(piece, step, history);
    const isThereAlready = roles.includes(step) && /already exists/i.test(last.error ?? '');
    if (last.outcome === 'failed' && !isThereAlready) return failed(piece, last.error);
  }
  return { kind: 'done', outcome: { kind: 'prepared', work: piece } };
}

function nextOfLoad(piece: LoadWork, history: readonly Attempt[], surroundings: Surroundings): Decision {
  const last = settledAttempt(history, 'load');
  if (last?.outcome === 'finished') return loaded(piece, last.results[0] ?? [], surroundings.nowMilliseconds);
  const batch = batchOf(piece, surroundings);
  if (last) return nextOfFailedLoad(piece, last, batch, history);
  const statements = loadStatements(batch);
  return submit(piece, { name: 'load', statements, reads: [loadResultIndex(statements)] }, history);
}

function batchOf(piece: LoadWork, surroundings: Surroundings): LoadBatch {
  const { keyed, keepsReplaced } = datasetOf(piece.dataset, surroundings);
  const { lakeBucket: bucket, copyRoleArn } = surroundings;
  return { ...piece, keyed, keepsReplaced, bucket, copyRoleArn };
}

/** What may pass is tried again by the next run. What does not is for the content: the warehouse is asked what is wrong with it. */
function nextOfFailedLoad(
  piece: LoadWork,
  { error = '' }: Attempt,
  batch: LoadBatch,
  history: readonly Attempt[],
): Decision {
  if (mayMeanMissing(error)) return refused(piece, error, undefined);
  if (!blamesContent(error)) return failed(piece, error);
  const diagnosis = settledAttempt(history, 'diagnose');
  const resultsKey = findingsKey(piece);
  if (!diagnosis) {
    const statements = diagnoseStatements(batch);
    return submit(piece, { name: 'diagnose', statements, reads: [statements.length], resultsKey }, history);
  }
  if (diagnosis.outcome === 'finished') return refused(piece, error, resultsKey);
  // A file that is missing or broken fails the diagnosis too: then the objects themselves tell.
  return blamesContent(diagnosis.error ?? '') ? refused(piece, error, undefined) : failed(piece, diagnosis.error);
}

function loaded(piece: LoadWork, rows: ResultRows, nowMilliseconds: number): Decision {
  const [row] = rows;
  if (!row) return { kind: 'done', outcome: { kind: 'fenced', work: piece } };
  const [staged, inserted, duplicate, firstEventAt] = row;
  const freshnessSeconds = firstEventAt ? ageSeconds(firstEventAt, nowMilliseconds) : undefined;
  const counts = { rowsStaged: Number(staged), rowsInserted: Number(inserted), rowsDuplicate: Number(duplicate) };
  return { kind: 'done', outcome: { kind: 'loaded', work: piece, ...counts, freshnessSeconds } };
}

/** Of an instant as Redshift writes it: `2026-11-20 23:40:00.123456+00`. Never below zero: clocks differ. */
function ageSeconds(instant: string, nowMilliseconds: number): number {
  const milliseconds = Date.parse(instant.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
  return Math.max(0, Math.round((nowMilliseconds - milliseconds) / 1000));
}
