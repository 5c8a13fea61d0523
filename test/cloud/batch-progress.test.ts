import fc from 'fast-check';
import {
  afterInvocation,
  type Batch,
  type DeliveryPolicy,
  type Outcome,
  withoutExpired,
} from '../../local/cloud/streams/batch-progress.ts';
import { invocationRecordKey } from '../../local/cloud/streams/failure-destination.ts';
import { readItemFailures, streamOutcome } from '../../local/cloud/streams/item-failures.ts';

interface Run {
  /** Records in the order of the invocations that succeeded for them. */
  readonly delivered: number[];
  readonly givenUp: number[];
  /** The checkpoint after each step: never goes back, never skips a record. */
  readonly checkpoints: number[];
  readonly invocations: number;
}

/** Plays the rules against a function until nothing is left. */
function play(count: number, policy: DeliveryPolicy, invoke: (records: readonly number[]) => Outcome): Run {
  const run = { delivered: [] as number[], givenUp: [] as number[], checkpoints: [] as number[], invocations: 0 };
  const waiting: Batch<number>[] = [{ records: Array.from({ length: count }, (_, index) => index), attempts: 0 }];
  while (waiting.length > 0) {
    const batch = waiting.shift() as Batch<number>;
    run.invocations += 1;
    if (run.invocations > 100_000) throw new Error('does not end');
    const step = afterInvocation(batch, invoke(batch.records), policy);
    run.delivered.push(...step.finished);
    run.givenUp.push(...(step.givenUp?.records ?? []));
    run.checkpoints.push(...step.finished, ...(step.givenUp?.records ?? []));
    waiting.unshift(...step.next);
  }
  return run;
}

const policy = (retries: number, bisect = true): DeliveryPolicy => ({
  bisect,
  maximumRetries: retries,
  maximumAgeMilliseconds: Number.POSITIVE_INFINITY,
});

const poisonous = fc.uniqueArray(fc.nat(39), { maxLength: 6 });

test('property: with bisect, poison records alone are given up, and all others are delivered in order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      poisonous,
      fc.nat(5),
      fc.boolean(),
      (count, poison, retries, reports) => {
        const run = play(count, policy(retries), (records) => {
          const failedFrom = records.findIndex((record) => poison.includes(record));
          if (failedFrom < 0) return { kind: 'succeeded' };
          return reports ? { kind: 'partly', failedFrom } : { kind: 'failed' };
        });
        const all = Array.from({ length: count }, (_, index) => index);
        expect(run.givenUp).toEqual(all.filter((record) => poison.includes(record)));
        expect(run.delivered).toEqual(all.filter((record) => !poison.includes(record)));
        expect(run.checkpoints).toEqual(all);
      },
    ),
  );
});

test('property: whatever the function answers, each record ends once, and the checkpoint moves in order', () => {
  const outcome = fc.oneof(
    fc.constant({ kind: 'succeeded' } as const),
    fc.constant({ kind: 'failed' } as const),
    fc.record({ kind: fc.constant('partly' as const), failedFrom: fc.nat(40) }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.nat(3),
      fc.boolean(),
      fc.infiniteStream(outcome),
      (count, retries, bisect, outcomes) => {
        const run = play(count, policy(retries, bisect), (records) => {
          const next = outcomes.next().value as Outcome;
          return next.kind === 'partly' ? { ...next, failedFrom: next.failedFrom % records.length } : next;
        });
        expect(run.checkpoints).toEqual(Array.from({ length: count }, (_, index) => index));
        expect(run.delivered.length + run.givenUp.length).toBe(count);
      },
    ),
  );
});

test('property: a function that recovers within the retries loses nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 10 }), (count, failures) => {
      let calls = 0;
      const run = play(count, policy(failures, false), () =>
        calls++ < failures ? { kind: 'failed' } : { kind: 'succeeded' },
      );
      expect(run.givenUp).toEqual([]);
      expect(run.invocations).toBe(failures + 1);
    }),
  );
});

test('splitting costs no attempt, a throttled call neither', () => {
  const batch = { records: [1, 2, 3], attempts: 2 };
  const split = afterInvocation(batch, { kind: 'failed' }, policy(2));
  expect(split.next).toEqual([
    { records: [1, 2], attempts: 2 },
    { records: [3], attempts: 2 },
  ]);
  expect(afterInvocation(batch, { kind: 'notInvoked' }, policy(2)).next).toEqual([batch]);
  expect(afterInvocation(batch, { kind: 'failed' }, policy(2, false)).givenUp?.condition).toBe(
    'RetryAttemptsExhausted',
  );
});

test('records that are too old are given up before the function sees them, up to the first that is not', () => {
  const records = [10, 20, 500, 30].map((arrivedAt) => ({ arrivedAt }));
  const parted = withoutExpired({ records, attempts: 0 }, { ...policy(1), maximumAgeMilliseconds: 100 }, 550);
  expect(parted.expired.map(({ arrivedAt }) => arrivedAt)).toEqual([10, 20]);
  expect(parted.batch.records.map(({ arrivedAt }) => arrivedAt)).toEqual([500, 30]);
});

test.each([
  ['', 'none'],
  ['null', 'none'],
  ['{}', 'none'],
  ['{"batchItemFailures":null}', 'none'],
  ['{"batchItemFailures":[]}', 'none'],
  ['{"batchItemFailures":[{"itemIdentifier":"1"}]}', 'some'],
  ['{"batchItemFailures":[{"itemIdentifier":""}]}', 'malformed'],
  ['{"batchItemFailures":[{"itemIdentifier":null}]}', 'malformed'],
  ['{"batchItemFailures":[{"identifier":"1"}]}', 'malformed'],
  ['{"batchItemFailures":"all"}', 'malformed'],
])('the answer %s reports %s', (payload, kind) => {
  expect(readItemFailures(payload).kind).toBe(kind);
});

test('the lowest reported record is where the next try begins; an unknown one fails the batch', () => {
  const records = ['1', '2', '3'].map((sequenceNumber) => ({ sequenceNumber }));
  const answer = (...ids: string[]) => ({
    requestId: 'r',
    payload: JSON.stringify({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) }),
  });
  expect(streamOutcome(answer('3', '2'), records, true)).toEqual({ kind: 'partly', failedFrom: 1 });
  expect(streamOutcome(answer('9'), records, true)).toEqual({ kind: 'failed' });
  expect(streamOutcome(answer('1'), records, false)).toEqual({ kind: 'succeeded' });
  expect(streamOutcome({ ...answer(), functionError: 'Unhandled' }, records, true)).toEqual({ kind: 'failed' });
});

test('an invocation record is named as AWS names it', () => {
  expect(invocationRecordKey('uuid', 'shardId-1', '2026-11-20T23:45:06.789Z', 'x')).toBe(
    'aws/lambda/uuid/shardId-1/2026/11/20/2026-11-20T23.45.06-x',
  );
});
