import { createHash } from 'node:crypto';

/**
 * Positions and ids of rows that no stream delivered: what a snapshot found, and what a repair corrects. A stream's positions
 * are digits; `-` sorts before every digit and `~` after, so that plain text order says who wins.
 */

/** Microseconds of the next hundred thousand years fit; padded, they sort as text. */
const instantDigits = 20;
const snapshotMark = '-';
const repairMark = '~';

/** Where a snapshot's row stands: before every stream event of its key, and after an earlier snapshot. */
export function snapshotPosition(asOfMicroseconds: bigint): string {
  return `${snapshotMark}${padded(asOfMicroseconds)}`;
}

/**
 * Where a repair stands: after what it corrects, before every later stream event of the key.
 * What a snapshot brought is corrected as a later snapshot would: a snapshot between the two must not win over the repair.
 * @param present `_position` of what `latest`, or the key's tombstone, has.
 */
export function repairPosition(present: string, readAtMicroseconds: bigint): string {
  if (present.startsWith(snapshotMark)) return snapshotPosition(readAtMicroseconds);
  const [base] = present.split(repairMark);
  return `${base}${repairMark}${padded(readAtMicroseconds)}`;
}

/** A snapshot's row or a repair, told by what is stable: made again, it is the same row. */
interface MadeRow {
  readonly dataset: string;
  /** Canonical JSON of the primary key. */
  readonly key: string;
  readonly position: string;
}

/** What `_id` of a row begins with that no source delivered. */
export const madeIdPrefixes = { snapshot: 'snapshot:', repair: 'repair:' } as const;
export const snapshotId = (row: MadeRow): string => madeIdPrefixes.snapshot + digest(row);
export const repairId = (row: MadeRow): string => madeIdPrefixes.repair + digest(row);

/** `2026-01-02T03:04:05.678901Z` → microseconds since the epoch, exact; fewer digits of the fraction are taken as they are meant. */
export function microsecondsOf(instant: string): bigint {
  const [, seconds, fraction = ''] = /^([^.]*?)(?:\.(\d{1,6})\d*)?Z$/.exec(instant) ?? [];
  const milliseconds = Date.parse(`${seconds}Z`);
  if (Number.isNaN(milliseconds)) throw new RangeError(`${JSON.stringify(instant)} is no instant in UTC`);
  return BigInt(milliseconds) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

/** The other way round: ISO-8601, UTC, microseconds. */
export function instantOf(microseconds: bigint): string {
  const rest = String(microseconds % 1000n).padStart(3, '0');
  return new Date(Number(microseconds / 1000n)).toISOString().replace('Z', `${rest}Z`);
}

function padded(microseconds: bigint): string {
  if (microseconds < 0n) throw new RangeError(`a snapshot before 1970 has no position: ${microseconds} µs`);
  return String(microseconds).padStart(instantDigits, '0');
}

function digest({ dataset, key, position }: MadeRow): string {
  return createHash('sha256')
    .update(JSON.stringify([dataset, key, position]))
    .digest('hex')
    .slice(0, 32);
}
