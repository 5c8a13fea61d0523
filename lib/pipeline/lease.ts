import type { DatasetPlan } from './environment.ts';
import type { LaneState, PendingObject } from './state-items.ts';

/** How long a run waits before it plans. */
export interface LeaseWait {
  readonly waitSeconds: number;
  /** False where the wait is only a part: something more urgent may come meanwhile, so ask again after it. */
  readonly due: boolean;
}

/** The share of a dataset's freshness budget spent waiting for more; the rest is for the load and the models. */
const waitingShare = 0.5;
/** A run of Step Functions has 25,000 events; asking again every few seconds for longer than this would use them up. */
const longestWaitSeconds = 12 * 60 * 60;
/** After runs that died: 30 s, 60 s, … up to 15 minutes. */
const firstBackoffSeconds = 30;
const longestBackoffSeconds = 900;

/** Doubles with each failure. */
export function backoffSeconds(failures: number): number {
  return failures <= 0 ? 0 : Math.min(longestBackoffSeconds, firstBackoffSeconds * 2 ** (failures - 1));
}

/**
 * The micro-batch: the run waits until half the freshness budget of the most urgent pending object is spent. An object
 * that has failed before asks for no wait (its run was put off already), and dead runs make the next one wait.
 */
export function leaseWait(
  pending: readonly PendingObject[],
  datasets: readonly DatasetPlan[],
  lane: LaneState,
  nowMilliseconds: number,
): LeaseWait {
  const shares = new Map(datasets.map(({ name, freshnessSeconds }) => [name, freshnessSeconds * waitingShare]));
  const waits = pending
    .filter(({ attempts }) => attempts === 0)
    .map(({ dataset, createdAt }) => (shares.get(dataset) ?? 0) - (nowMilliseconds - Date.parse(createdAt)) / 1000);
  const untilDead = backoffSeconds(lane.deadRuns) - (nowMilliseconds - lane.deadAtMilliseconds) / 1000;
  const batching = waits.length > 0 ? Math.min(...waits) : 0;
  const total = Math.ceil(Math.min(longestWaitSeconds, Math.max(0, batching, untilDead)));
  const patience = Math.max(1, Math.floor(Math.min(...shares.values())));
  return { waitSeconds: Math.min(total, patience), due: total <= patience };
}
