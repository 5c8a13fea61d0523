import type { InvocationResult } from '../resource.ts';
import type { Outcome } from './batch-progress.ts';

/** What a function's answer says of its batch: identifiers that failed, nothing wrong, or an answer that makes no sense. */
export type ReportedFailures =
  | { readonly kind: 'none' }
  | { readonly kind: 'some'; readonly identifiers: readonly string[] }
  | { readonly kind: 'malformed' };

/**
 * Reads `{"batchItemFailures": [{"itemIdentifier": "…"}]}`. Nothing, null, `{}` and an empty list are successes; an entry without
 * a proper identifier fails the whole batch. (Lambda developer guide, "Reporting batch item failures".)
 */
export function readItemFailures(payload: string): ReportedFailures {
  const answer: unknown = payload.trim() === '' ? null : parse(payload);
  if (answer === undefined) return { kind: 'malformed' };
  if (answer === null || typeof answer !== 'object') return { kind: 'none' };
  const failures = (answer as { batchItemFailures?: unknown }).batchItemFailures ?? [];
  if (!Array.isArray(failures)) return { kind: 'malformed' };
  const identifiers = failures.map(
    (failure: unknown) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier,
  );
  if (identifiers.length === 0) return { kind: 'none' };
  const proper = identifiers.filter((identifier) => typeof identifier === 'string' && identifier !== '');
  return proper.length === identifiers.length
    ? { kind: 'some', identifiers: proper as string[] }
    : { kind: 'malformed' };
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

/** The outcome for a stream's batch: the lowest reported record is where the next try begins. */
export function streamOutcome(
  result: InvocationResult,
  records: readonly { readonly sequenceNumber: string }[],
  reportsFailures: boolean,
): Outcome {
  if (result.functionError) return { kind: 'failed' };
  if (!reportsFailures) return { kind: 'succeeded' };
  const reported = readItemFailures(result.payload);
  if (reported.kind === 'none') return { kind: 'succeeded' };
  if (reported.kind === 'malformed') return { kind: 'failed' };
  const positions = reported.identifiers.map((id) => records.findIndex(({ sequenceNumber }) => sequenceNumber === id));
  if (positions.some((position) => position < 0)) return { kind: 'failed' };
  return { kind: 'partly', failedFrom: Math.min(...positions) };
}
