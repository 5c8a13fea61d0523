/** What an event source mapping does with batches that fail. Ages and delays are milliseconds. */
export interface DeliveryPolicy {
  readonly bisect: boolean;
  /** Infinite where the mapping says -1. */
  readonly maximumRetries: number;
  readonly maximumAgeMilliseconds: number;
}

/** Records that travel together, and how often they were tried. */
export interface Batch<R> {
  readonly records: readonly R[];
  readonly attempts: number;
}

/** How an invocation ended. `failedFrom` is the index of the first record that was reported as failed. */
export type Outcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'partly'; readonly failedFrom: number }
  | { readonly kind: 'notInvoked' };

/** What happens next: what is done with for good, what is tried next (in order), what is given up. */
export interface Step<R> {
  readonly finished: readonly R[];
  readonly next: readonly Batch<R>[];
  readonly givenUp?: { readonly records: readonly R[]; readonly condition: GiveUpCondition };
  /** True where the same records are tried again, so that the caller waits a little. */
  readonly backOff: boolean;
}

export type GiveUpCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/**
 * The rules of Lambda for stream batches (Lambda developer guide, "Error handling for stream event sources"):
 * a success finishes all; a partial failure finishes what comes before the lowest reported record and retries the rest;
 * an error splits the batch in two where that is on — splitting costs no attempt — and else retries it whole; who has used
 * up the attempts is given up. A call that never reached the function (throttled) costs nothing.
 */
export function afterInvocation<R>(batch: Batch<R>, outcome: Outcome, policy: DeliveryPolicy): Step<R> {
  switch (outcome.kind) {
    case 'succeeded':
      return { finished: batch.records, next: [], backOff: false };
    case 'notInvoked':
      return { finished: [], next: [batch], backOff: true };
    case 'failed':
      return afterFailure(batch, policy);
    case 'partly': {
      const finished = batch.records.slice(0, outcome.failedFrom);
      const rest = { records: batch.records.slice(outcome.failedFrom), attempts: batch.attempts };
      if (finished.length === 0 || !policy.bisect) return { ...afterFailure(rest, policy), finished };
      // The batch is split at the reported record, which costs no attempt.
      return { finished, next: [rest], backOff: false };
    }
  }
}

function afterFailure<R>(batch: Batch<R>, policy: DeliveryPolicy): Step<R> {
  const { records, attempts } = batch;
  if (policy.bisect && records.length > 1) {
    const middle = Math.ceil(records.length / 2);
    const halves = [records.slice(0, middle), records.slice(middle)];
    return { finished: [], next: halves.map((half) => ({ records: half, attempts })), backOff: false };
  }
  if (attempts >= policy.maximumRetries) {
    return { finished: [], next: [], givenUp: { records, condition: 'RetryAttemptsExhausted' }, backOff: false };
  }
  return { finished: [], next: [{ records, attempts: attempts + 1 }], backOff: true };
}

/** Parts a batch by age: records that are too old are given up before the function sees them. */
export function withoutExpired<R extends { readonly arrivedAt: number }>(
  batch: Batch<R>,
  policy: DeliveryPolicy,
  now: number,
): { readonly expired: readonly R[]; readonly batch: Batch<R> } {
  const isExpired = (record: R) => now - record.arrivedAt > policy.maximumAgeMilliseconds;
  const firstFresh = batch.records.findIndex((record) => !isExpired(record));
  const cut = firstFresh < 0 ? batch.records.length : firstFresh;
  return { expired: batch.records.slice(0, cut), batch: { ...batch, records: batch.records.slice(cut) } };
}

/** How long to wait before attempt n, without end growing: 1 s, 2 s, 4 s … 60 s, scaled. */
export function backOffMilliseconds(attempts: number, scale: number): number {
  return Math.min(60_000, 1_000 * 2 ** Math.min(attempts, 10)) * scale;
}
