import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  instantOf,
  microsecondsOf,
  repairId,
  repairPosition,
  snapshotId,
  snapshotPosition,
} from '../../lib/pipeline/snapshot-position.ts';

const streamPosition = fc.bigInt({ min: 0n, max: 10n ** 40n - 1n }).map((number) => String(number).padStart(40, '0'));
const instant = fc.bigInt({ min: 0n, max: 4_000_000_000_000_000n });

describe('positions of what no stream delivered', () => {
  test('given a snapshot, when a stream event of the key is anywhere, then the event wins', () => {
    fc.assert(fc.property(streamPosition, instant, (event, at) => snapshotPosition(at) < event));
  });

  test('given two snapshots, when one is later, then it wins', () => {
    fc.assert(fc.property(instant, instant, (one, two) => snapshotPosition(one) < snapshotPosition(two) === one < two));
  });

  test('given a repair of a stream event, when positions are compared, then it stands between that event and the next', () => {
    fc.assert(
      fc.property(streamPosition, streamPosition, instant, (present, other, at) => {
        const repair = repairPosition(present, at);
        return repair > present && repair > other === present >= other;
      }),
    );
  });

  test('given a repair of a repair, when it was read later, then it wins and the position does not grow', () => {
    const first = repairPosition('7'.padStart(40, '0'), 1_000_000n);
    const second = repairPosition(first, 2_000_000n);
    expect(second > first).toBe(true);
    expect(second).toHaveLength(first.length);
  });

  test('given a repair of a snapshot, when a snapshot from between comes after it, then the repair stays', () => {
    const repair = repairPosition(snapshotPosition(1n), 3n);
    expect([snapshotPosition(2n) < repair, repair < snapshotPosition(4n), repair < '0'.repeat(40)]).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('ids of what no stream delivered', () => {
  const row = { dataset: 'brackets', key: '{"id":"1"}', position: snapshotPosition(5n) };

  test('given the same row, when it is made again, then it has the same id', () => {
    expect(snapshotId({ ...row })).toBe(snapshotId(row));
    expect(snapshotId(row)).toMatch(/^snapshot:[0-9a-f]{32}$/);
    expect(repairId(row)).toMatch(/^repair:[0-9a-f]{32}$/);
  });

  test.each(['dataset', 'key', 'position'] as const)(
    'given another %s, when the id is made, then it is another',
    (part) => {
      expect(snapshotId({ ...row, [part]: 'other' })).not.toBe(snapshotId(row));
    },
  );
});

describe('instants in microseconds', () => {
  test('given any instant, when it is written and read, then not a microsecond is lost', () => {
    fc.assert(fc.property(instant, (at) => microsecondsOf(instantOf(at)) === at));
  });

  test.each([
    ['2026-01-02T03:04:05Z', 1767323045000000n],
    ['2026-01-02T03:04:05.5Z', 1767323045500000n],
    ['2026-01-02T03:04:05.000001Z', 1767323045000001n],
    ['2026-01-02T03:04:05.0000019Z', 1767323045000001n],
  ])('given %s, when it is read, then it is %s', (text, expected) => {
    expect(microsecondsOf(text)).toBe(expected);
  });

  test('given no instant, when it is read, then it is refused', () => {
    expect(() => microsecondsOf('yesterday')).toThrow(RangeError);
  });
});
