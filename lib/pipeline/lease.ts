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
/** A lap of waiting and asking again takes eleven events of the 25,000 that a run may have: this many leave half for the rest. */
const lapsAtMost = 1_000;
/** After runs that died: 30 s, 60 s, … up to 15 minutes. */
const firstBackoffSeconds = 30;
const longestBackoffSeconds = 900;

/** Doubles with each failure. */
export function backoffSeconds(failures: number): number {
  return failures <= 0 ? 0 : Math.min(longestBackoffSeconds, firstBackoffSeconds * 2 ** (failures - 1));
}

type Budget = Pick<DatasetPlan, 'name' | 'freshnessSeconds'>;

const shareOf = ({ freshnessSeconds }: Budget): number => freshnessSeconds * waitingShare;

/** How long a run waits before it asks again: what comes meanwhile with the tightest budget must not be late. */
function patienceSeconds(datasets: readonly Budget[]): number {
  return Math.max(1, Math.floor(Math.min(...datasets.map(shareOf))));
}

/** The longest that a run waits in all, whatever is pending. Its state machine must allow for it. */
export function longestWaitSeconds(datasets: readonly Budget[]): number {
  const laps = patienceSeconds(datasets) * lapsAtMost;
  return Math.max(longestBackoffSeconds, Math.min(laps, Math.ceil(Math.max(...datasets.map(shareOf)))));
}

/**
 * The micro-batch: the run waits until half the freshness budget of the most urgent pending object is spent. An object
 * that has failed before asks for no wait (its run was put off already), and dead runs make the next one wait.
 * @param remainingSeconds What was left after the wait before: whatever the clock says, each wait leaves less.
 */
export function leaseWait(
  pending: readonly PendingObject[],
  datasets: readonly Budget[],
  lane: LaneState,
  nowMilliseconds: number,
  remainingSeconds: number = longestWaitSeconds(datasets),
): LeaseWait {
  const shares = new Map(datasets.map((dataset) => [dataset.name, shareOf(dataset)]));
  const waits = pending
    .filter(({ attempts }) => attempts === 0)
    .map(({ dataset, createdAt }) => leftOf(shares.get(dataset) ?? 0, Date.parse(createdAt), nowMilliseconds));
  const batching = waits.length > 0 ? Math.min(...waits) : 0;
  const untilDead = leftOf(backoffSeconds(lane.deadRuns), lane.deadAtMilliseconds, nowMilliseconds);
  const total = Math.ceil(Math.min(remainingSeconds, Math.max(batching, untilDead)));
  const patience = patienceSeconds(datasets);
  const waitSeconds = Math.min(total, patience);
  return { waitSeconds, due: total <= patience, remainingSeconds: total - waitSeconds };
}

/** What is left of so many seconds since an instant: never more than all, never less than none, however clocks differ. */
function leftOf(seconds: number, sinceMilliseconds: number, nowMilliseconds: number): number {
  return Math.min(seconds, Math.max(0, seconds - (nowMilliseconds - sinceMilliseconds) / 1000));
}
