/** From this score on a value is an anomaly; what Iglewicz and Hoaglin recommend for the robust z-score. */
export const anomalousScore = 3.5;
/** How many published measurements a value is compared with, the newest. */
export const comparedMeasurements = 30;
/** With fewer a median says little: nothing is an anomaly. */
export const leastMeasurements = 8;
/** A relative change up to this is never an anomaly, however still the measure has been until now. */
export const toleratedChange = 0.01;

/** Makes the median absolute deviation of normally distributed values their standard deviation. */
const deviationsPerMad = 1.4826;

export type Judgement =
  | { readonly kind: 'tooFew'; readonly measurements: number }
  | { readonly kind: 'expected' | 'anomalous'; readonly usual: number; readonly score: number };

/**
 * Where a value stands among the ones before it: its distance from their median, in robust standard deviations.
 * A spike among them moves neither median nor scale, as it would a mean. `unit` is what a change is relative to where the
 * median is smaller: 1 for a share, 0 for what has no scale of its own.
 */
export function judge(value: number, before: readonly number[], unit = 0): Judgement {
  if (before.length < leastMeasurements) return { kind: 'tooFew', measurements: before.length };
  const usual = median(before);
  const spread = deviationsPerMad * median(before.map((one) => Math.abs(one - usual)));
  const floor = (toleratedChange * Math.max(Math.abs(usual), unit)) / anomalousScore;
  const distance = Math.abs(value - usual);
  const score = distance === 0 ? 0 : distance / Math.max(spread, floor);
  return { kind: score > anomalousScore ? 'anomalous' : 'expected', usual, score };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  // Halved first: the sum of two large numbers may be none.
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1] ?? Number.NaN) / 2 + upper / 2;
}
