import type { MetricCounts } from './metrics.ts';

/** How far ahead of ours a source's clock is believed. Beyond it a record is landed all the same, and counted. */
const believableAheadMilliseconds = 24 * 3_600_000;

/** Whether an instant (ISO-8601 UTC) lies further ahead than clocks differ. */
export function isFromFuture(at: string, nowMilliseconds: number): boolean {
  return Date.parse(at) > nowMilliseconds + believableAheadMilliseconds;
}

/** The count of such records; nothing where there are none, because a metric that is not sent costs nothing. */
export function futureCounts(
  records: readonly { readonly at: string }[],
  nowMilliseconds: number,
): Pick<MetricCounts, 'RecordsFromFuture'> {
  const count = records.filter(({ at }) => isFromFuture(at, nowMilliseconds)).length;
  return count > 0 ? { RecordsFromFuture: count } : {};
}
