import type { DatasetPlan } from './environment.ts';
import type { LaneState, PendingObject } from './state-items.ts';

/** How long a run waits before it plans. */
export interface LeaseWait {
  readonly waitSeconds: number;
  /** False where the wait is only a part: something more urgent may come meanwhile, so ask again after it. */
  readonly due: boolean;
  /** What is left of the whole wait after this one. */
  readonly remainingSeconds: number;
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
 * @param remainingSeconds What was left after the wait before: whatever the clock says, each wait leaves less.
 */
export function leaseWait(
  pending: readonly PendingObject[],
  datasets: readonly DatasetPlan[],
  lane: LaneState,
  nowMilliseconds: number,
  remainingSeconds: number = longestWaitSeconds,
): LeaseWait {
  const shares = new Map(datasets.map(({ name, freshnessSeconds }) => [name, freshnessSeconds * waitingShare]));
  const waits = pending
    .filter(({ attempts }) => attempts === 0)
    .map(({ dataset, createdAt }) => leftOf(shares.get(dataset) ?? 0, Date.parse(createdAt), nowMilliseconds));
  const batching = waits.length > 0 ? Math.min(...waits) : 0;
  const untilDead = leftOf(backoffSeconds(lane.deadRuns), lane.deadAtMilliseconds, nowMilliseconds);
  const total = Math.ceil(Math.min(remainingSeconds, Math.max(batching, untilDead)));
  const patience = Math.max(1, Math.floor(Math.min(...shares.values())));
  const waitSeconds = Math.min(total, patience);
  return { waitSeconds, due: total <= patience, remainingSeconds: total - waitSeconds };
}

/** What is left of so many seconds since an instant: never more than all, never less than none, however clocks differ. */
function leftOf(seconds: number, sinceMilliseconds: number, nowMilliseconds: number): number {
  return Math.min(seconds, Math.max(0, seconds - (nowMilliseconds - sinceMilliseconds) / 1000));
}
