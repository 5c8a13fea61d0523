import { createHash } from 'node:crypto';
import * as z from 'zod';
import { deletions, type Operation } from './envelope.ts';
import { canonicalJson } from './exact-json.ts';
import { type RepairDecision, repairsOf, type SourceRow, type WarehouseRow } from './repair.ts';
import { exampleBytes } from './tables.ts';

/** How a key differs: `latest` has nothing of it, something else, or something that the source has not. */
export const differences = ['missing', 'different', 'extra'] as const;
export type Difference = (typeof differences)[number];

/** A key that differed at one look, and what the source had of it then. */
export const suspect = z.object({
  key: z.string(),
  kind: z.enum(differences),
  /** Of the source's payload; empty where it had none. */
  digest: z.string(),
});
export type Suspect = z.infer<typeof suspect>;

/** What comparing samples found. */
export const look = z.object({
  number: z.number().int(),
  latestCount: z.number().int(),
  driftRows: z.number().int(),
  sampled: z.number().int(),
  /** Sampled keys of which `latest` has too long a payload to be read and compared. */
  incomparable: z.number().int(),
  suspects: z.array(suspect),
  /** Whether it is worth another look after a pause: the stream may only be behind. */
  again: z.boolean(),
});
export type Look = z.infer<typeof look>;

/** What a comparison found to be corrected. */
export type Correction = RepairDecision<SourceRow> & { readonly position: string; readonly difference: Difference };

/** What of some keys is proved to differ; what is too close in time to tell is not among it. */
export function correctionsOf(sourceRows: readonly SourceRow[], warehouseRows: readonly WarehouseRow[]): Correction[] {
  const there = new Set(warehouseRows.filter((row) => !isTombstone(row)).map(({ key }) => key));
  const unknowable = new Set(incomparableKeys(sourceRows, warehouseRows));
  const comparable = sourceRows.filter(({ key }) => !unknowable.has(key));
  return repairsOf(comparable, toldApart(warehouseRows, there)).flatMap((decision): Correction[] => {
    if (decision.kind !== 'unknown' && decision.kind !== 'differs') return [];
    const { key, payload } = decision.row;
    if (payload === undefined) return there.has(key) ? [{ ...decision, difference: 'extra' }] : [];
    return [{ ...decision, difference: there.has(key) ? 'different' : 'missing' }];
  });
}

/**
 * Keys that both have, with a payload that is too long to be read from `latest`: nobody can say whether it differs, and a
 * correction of it would be no different the next time.
 */
export function incomparableKeys(sourceRows: readonly SourceRow[], warehouseRows: readonly WarehouseRow[]): string[] {
  const gone = new Set(warehouseRows.filter(isTombstone).map(({ key }) => key));
  const isUnread = (row: WarehouseRow) => !isTombstone(row) && row.payload === null && !gone.has(row.key);
  const unread = new Set(warehouseRows.filter(isUnread).map(({ key }) => key));
  return sourceRows.filter(({ key, payload }) => payload !== undefined && unread.has(key)).map(({ key }) => key);
}

/** A row beside a tombstone is not as it should be, whatever it holds: a correction takes the place of both. */
function toldApart(rows: readonly WarehouseRow[], there: ReadonlySet<string>): WarehouseRow[] {
  const gone = new Set(rows.filter(isTombstone).map(({ key }) => key));
  const isBoth = ({ key }: WarehouseRow) => gone.has(key) && there.has(key);
  return rows.map((row) => (isBoth(row) ? { ...row, op: 'update', payload: null } : row));
}

function isTombstone({ op }: WarehouseRow): boolean {
  return (deletions as readonly Operation[]).includes(op);
}

/** The keys that differ. */
export function suspectsOf(sourceRows: readonly SourceRow[], warehouseRows: readonly WarehouseRow[]): Suspect[] {
  return correctionsOf(sourceRows, warehouseRows).map(({ row, difference }) => ({
    key: row.key,
    kind: difference,
    digest: digestOf(row.payload),
  }));
}

/** Of a payload's value, however it is written. */
function digestOf(payload: string | undefined): string {
  if (payload === undefined) return '';
  return createHash('sha256').update(canonicalJson(payload)).digest('hex').slice(0, 16);
}

/** The state of the machine stays small: more than these are not looked at again, nor counted. */
const suspectsAtMost = 200;
const suspectBytesAtMost = 100_000;
/** What a suspect takes beside its key. */
const suspectFrameBytes = 80;

/** As many suspects as the machine's state has room for, each key once. */
export function keptSuspects(suspects: readonly Suspect[]): Suspect[] {
  let bytes = 0;
  return [...new Map(suspects.map((one) => [one.key, one])).values()].slice(0, suspectsAtMost).filter(({ key }) => {
    bytes += Buffer.byteLength(JSON.stringify(key)) + suspectFrameBytes;
    return bytes <= suspectBytesAtMost;
  });
}

/** Those that differ still, though the source has not changed them in between: these have drifted. */
export function confirmed(before: readonly Suspect[], now: readonly Suspect[]): Suspect[] {
  const digests = new Map(before.map(({ key, digest }) => [key, digest]));
  return now.filter(({ key, digest }) => digests.get(key) === digest);
}

/** What the counts differ by beyond what moved since the source's count began: so many keys have drifted at the least. */
export function driftOfCounts(counts: { source: number; latest: number; moved: number }): number {
  return Math.max(0, Math.abs(counts.source - counts.latest) - counts.moved);
}

/** DynamoDB splits a scan into so many segments at most. */
const segmentsAtMost = 1_000_000;

/** Into how many segments a scan is split so that one has about so many items. */
export function segmentsFor(sourceCount: number, sampledKeys: number): number {
  return Math.min(segmentsAtMost, Math.max(1, Math.ceil(sourceCount / sampledKeys)));
}

/** As many keys as fit the column of examples. */
export function examplesOf(keys: readonly string[], already: readonly string[] = []): string[] {
  const examples = [...already];
  for (const key of keys) {
    if (Buffer.byteLength(JSON.stringify([...examples, key])) > exampleBytes) break;
    examples.push(key);
  }
  return examples;
}
