import { deletions, type Operation } from './envelope.ts';
import { sameJson } from './exact-json.ts';
import { microsecondsOf, repairId, repairPosition, snapshotId, snapshotPosition } from './snapshot-position.ts';

/** What a source has of a key, read beside its stream: by an incremental export, by a scan. */
export interface SourceRow {
  /** Canonical JSON of the primary key. */
  readonly key: string;
  /** JSON text; undefined where the source does not have the key any more. */
  readonly payload: string | undefined;
  /** The instant at which this was so, microseconds since the epoch: the write's, where it is known, else the reading's. */
  readonly asOfMicroseconds: bigint;
}

/** What `latest` or the tombstones have of a key. */
export interface WarehouseRow {
  readonly key: string;
  readonly position: string;
  /** ISO-8601, UTC. */
  readonly at: string;
  readonly op: Operation;
  /** JSON text; null where it is too long to be read: then it counts as another, unless the caller knows better. */
  readonly payload: string | null;
}

/** What to do about a row of the source. */
export type RepairDecision<Row extends SourceRow> =
  /** The warehouse has it. */
  | { readonly kind: 'same'; readonly row: Row }
  /** What the warehouse has is later, or too close in time to tell: the stream brings what is missing. */
  | { readonly kind: 'ahead'; readonly row: Row }
  /** The warehouse has nothing of the key. */
  | { readonly kind: 'unknown'; readonly row: Row; readonly position: string }
  /** The warehouse has something older. */
  | { readonly kind: 'differs'; readonly row: Row; readonly position: string };

/** A stream tells its events' times to the second, and clocks differ. */
const toleranceMicroseconds = 5n * 60n * 1_000_000n;

/** Decides about each row of the source. What it lets be written wins over what is there and loses against later stream events. */
export function repairsOf<Row extends SourceRow>(
  sourceRows: readonly Row[],
  warehouseRows: readonly WarehouseRow[],
): RepairDecision<Row>[] {
  const present = new Map<string, WarehouseRow>();
  for (const row of warehouseRows) {
    const known = present.get(row.key);
    if (!known || row.position > known.position) present.set(row.key, row);
  }
  return sourceRows.map((row) => decide(row, present.get(row.key)));
}

function decide<Row extends SourceRow>(row: Row, present: WarehouseRow | undefined): RepairDecision<Row> {
  if (!present) return { kind: 'unknown', row, position: snapshotPosition(row.asOfMicroseconds) };
  if (isSame(row, present)) return { kind: 'same', row };
  if (microsecondsOf(present.at) >= row.asOfMicroseconds - tolerance(present)) return { kind: 'ahead', row };
  return { kind: 'differs', row, position: repairPosition(present.position, row.asOfMicroseconds) };
}

/** What a snapshot brought has the exact instant of the same clock. */
function tolerance(present: WarehouseRow): bigint {
  return present.op === 'snapshot' && present.position.startsWith('-') ? 0n : toleranceMicroseconds;
}

function isSame({ payload }: SourceRow, present: WarehouseRow): boolean {
  const isDeleted = (deletions as readonly Operation[]).includes(present.op);
  if (payload === undefined || isDeleted) return payload === undefined && isDeleted;
  return present.payload !== null && sameJson(payload, present.payload);
}

/** `_id` of the row that a decision lets be written. */
export function idOfRepair(
  dataset: string,
  decision: RepairDecision<SourceRow> & { readonly position: string },
): string {
  const { row, position } = decision;
  const made = { dataset, key: row.key, position };
  return decision.kind === 'unknown' ? snapshotId(made) : repairId(made);
}
