import { backoffSeconds } from './lease.ts';
import type { MetricCounts } from './metrics.ts';
import type { BuiltModel } from './model-run.ts';
import type { PendingObject } from './state-items.ts';
import type { LoadWork, Outcome } from './work.ts';

/** What the outcomes of a run ask of the inbox. */
export interface Settlement {
  readonly loaded: readonly LoadWork[];
  readonly failed: readonly { readonly work: LoadWork; readonly reason: string }[];
}

/**
 * Why a load did not load, or undefined where it did. A run settles only while the lane is at its generation: a load that was
 * fenced off all the same was fenced off by a generation the lane has not had, and without a pause it would be so for ever.
 */
function failureOf(outcome: Outcome): string | undefined {
  if (outcome.kind === 'failed') return outcome.reason;
  if (outcome.kind !== 'fenced') return undefined;
  return 'fenced off: ops.loads knows a later generation than the state table; was the table restored from a backup?';
}

export function settlementOf(outcomes: readonly Outcome[]): Settlement {
  const loaded: LoadWork[] = [];
  const failed: { work: LoadWork; reason: string }[] = [];
  for (const outcome of outcomes) {
    if (outcome.work.kind !== 'load') continue;
    if (outcome.kind === 'loaded') loaded.push(outcome.work);
    const reason = failureOf(outcome);
    if (reason !== undefined) failed.push({ work: outcome.work, reason });
  }
  return { loaded, failed };
}

/** Whether another run is needed, and when: at once where something has not been tried, later where all has failed. */
export type Again =
  | { readonly again: false; readonly backoffSeconds: 0 }
  | { readonly again: true; readonly backoffSeconds: number };

export function againFor(pending: readonly PendingObject[], isTouched = false): Again {
  // After runs that died the lease makes the next one wait.
  if (isTouched) return { again: true, backoffSeconds: 0 };
  if (pending.length === 0) return { again: false, backoffSeconds: 0 };
  return { again: true, backoffSeconds: backoffSeconds(Math.min(...pending.map(({ attempts }) => attempts))) };
}

/** What a run has to tell, by the dataset or the model it concerns. */
export interface RunMetrics {
  readonly datasets: ReadonlyMap<string, MetricCounts>;
  readonly models: ReadonlyMap<string, MetricCounts>;
}

export function runMetrics(outcomes: readonly Outcome[], built: readonly BuiltModel[]): RunMetrics {
  const datasets = new Map<string, MetricCounts>();
  for (const outcome of outcomes) {
    if (outcome.work.kind !== 'load') continue;
    const { dataset } = outcome.work;
    datasets.set(dataset, loadCounts(datasets.get(dataset) ?? {}, outcome));
  }
  const failures = ({ model, outcome }: BuiltModel): [string, MetricCounts] => [
    model,
    { ModelFailures: outcome === 'published' ? 0 : 1 },
  ];
  const ours = built.filter(({ outcome }) => outcome !== 'fenced');
  return { datasets, models: new Map(ours.map(failures)) };
}

/** A dataset may have several loads: rows add up, and it is as fresh as the least fresh of them. */
function loadCounts(before: MetricCounts, outcome: Outcome): MetricCounts {
  const { RowsLoaded = 0, RowsDuplicate = 0, LoadFailures = 0, FreshnessSeconds } = before;
  const isLoaded = outcome.kind === 'loaded';
  const ages = [FreshnessSeconds, isLoaded ? outcome.freshnessSeconds : undefined].filter((age) => age !== undefined);
  return {
    RowsLoaded: RowsLoaded + (isLoaded ? outcome.rowsInserted : 0),
    RowsDuplicate: RowsDuplicate + (isLoaded ? outcome.rowsDuplicate : 0),
    LoadFailures: LoadFailures + (failureOf(outcome) === undefined ? 0 : 1),
    ...(ages.length > 0 && { FreshnessSeconds: Math.max(...ages) }),
  };
}
