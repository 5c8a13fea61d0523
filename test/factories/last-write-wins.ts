import { deletions, type Operation } from '../../lib/pipeline/envelope.ts';

const isDeletion = (operation: Operation): boolean => (deletions as readonly Operation[]).includes(operation);

/** A write as the warehouse sees it; what the load's SQL compares, and nothing else. */
export interface Write {
  readonly _id: string;
  readonly _op: Exclude<Operation, 'event'>;
  readonly _key: string | null;
  readonly _position: string;
  readonly payload: string;
}

/** What `raw`, `latest` and the tombstones must hold after all these writes, however often and in whatever order they came. */
export interface Expected {
  readonly rawIds: readonly string[];
  readonly latest: ReadonlyMap<string, Write>;
  readonly tombstones: ReadonlyMap<string, Write>;
}

/** The specification of a load, as plainly as it can be said: each event once; the last write of a key is its state. */
export function lastWriteWins(writes: readonly Write[]): Expected {
  const events = new Map(writes.map((write) => [write._id, write]));
  const last = new Map<string, Write>();
  for (const write of events.values()) {
    if (write._key === null) continue;
    const known = last.get(write._key);
    if (!known || isLater(write, known)) last.set(write._key, write);
  }
  const where = (isDeleted: boolean) => new Map([...last].filter(([, { _op }]) => isDeletion(_op) === isDeleted));
  return { rawIds: [...events.keys()].toSorted(), latest: where(false), tombstones: where(true) };
}

function isLater(one: Write, other: Write): boolean {
  return one._position === other._position ? one._id > other._id : one._position > other._position;
}
