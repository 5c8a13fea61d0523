import { MillraceError } from '../../lib/pipeline/error.ts';
import {
  confirmed,
  driftOfCounts,
  incomparableKeys,
  keptSuspects,
  type Look,
  type Suspect,
  segmentsFor,
  suspectsOf,
} from '../../lib/pipeline/reconcile.ts';
import { readItems } from '../../lib/pipeline/source-item.ts';
import { countOfLatest, sampleOfKeys } from '../../lib/pipeline/statements/drift.ts';
import type { SourceTable } from '../aws/source-table.ts';
import type { Warehouse } from '../aws/warehouse.ts';
import { absentRows, type KeyedSource, sourceRows, warehouseRows } from '../repair/warehouse-rows.ts';
import type { ReconcileState } from './state.ts';

export interface ComparePorts {
  readonly table: SourceTable;
  readonly warehouse: Warehouse;
  readonly nowMilliseconds: () => number;
  /** From 0 to 1, 1 not included. */
  readonly random: () => number;
}

/** A stream tells its events' times to the second, and clocks differ. */
const clockMarginMilliseconds = 60_000;

/** The first look samples both sides; the second asks again about what differed, after what was on its way has come. */
export async function compare(state: ReconcileState, ports: ComparePorts): Promise<Look> {
  const { dataset, count, look: before } = state;
  if (!count?.done) throw new MillraceError('NOT_COUNTED', `${dataset} is compared before it is counted`);
  const since = new Date(Date.parse(count.startedAt) - clockMarginMilliseconds).toISOString();
  const [[keys, moved] = []] = await ports.warehouse.query(countOfLatest(dataset, since));
  const latestCount = Number(keys);
  const driftRows = driftOfCounts({ source: count.count, latest: latestCount, moved: Number(moved) });
  const counted = { latestCount, driftRows };
  if (before) {
    const suspects = confirmed(before.suspects, await lookAgain(dataset, before.suspects, ports));
    const { sampled, incomparable } = before;
    return { number: before.number + 1, ...counted, sampled, incomparable, suspects, again: false };
  }
  const { suspects, ...looked } = await sample(state, { source: count.count, latest: latestCount }, ports);
  return { number: 1, ...counted, ...looked, suspects, again: suspects.length > 0 || driftRows > 0 };
}

async function lookAgain(dataset: string, suspects: readonly Suspect[], ports: ComparePorts): Promise<Suspect[]> {
  const keys = suspects.map(({ key }) => key);
  if (keys.length === 0) return [];
  const rows = await sourceRows(keys, await keyedSource(ports));
  return suspectsOf(rows, await warehouseRows(dataset, keys, ports.warehouse));
}

async function keyedSource({ table, nowMilliseconds }: ComparePorts): Promise<KeyedSource> {
  return { table, types: await table.keyTypes(), asOfMicroseconds: microseconds(nowMilliseconds()) };
}

const microseconds = (milliseconds: number): bigint => BigInt(milliseconds) * 1000n;

interface Sample {
  readonly sampled: number;
  readonly incomparable: number;
  readonly suspects: Suspect[];
}

/** Random parts of the source against `latest`, then random keys of `latest` against the source. */
async function sample(
  { dataset, source: { sampledKeys } }: ReconcileState,
  counts: { source: number; latest: number },
  ports: ComparePorts,
): Promise<Sample> {
  const there = await sampleSource(dataset, segmentsFor(counts.source, sampledKeys), sampledKeys, ports);
  const here = await sampleLatest(dataset, Math.max(1, Math.floor(counts.latest / sampledKeys)), sampledKeys, ports);
  const suspects = keptSuspects([...there.suspects, ...here.suspects]);
  return { sampled: there.sampled + here.sampled, incomparable: there.incomparable, suspects };
}

/** A segment may be empty, and in a small table most are: so many are tried. */
const segmentsAtMost = 10;
const pageItems = 500;

async function sampleSource(
  dataset: string,
  segments: number,
  sampledKeys: number,
  ports: ComparePorts,
): Promise<Sample> {
  const suspects: Suspect[] = [];
  let [sampled, incomparable] = [0, 0];
  const first = Math.floor(ports.random() * segments);
  for (let tried = 0; tried < Math.min(segments, segmentsAtMost) && sampled < sampledKeys / 2; tried += 1) {
    const segment = { number: (first + tried) % segments, of: segments };
    let cursor: string | undefined;
    do {
      const { types, asOfMicroseconds } = await keyedSource(ports);
      const page = await ports.table.page({ segment, cursor, limit: pageItems });
      const { rows } = readItems(page.items, types, asOfMicroseconds);
      const keys = rows.map(({ key }) => key);
      const present = await warehouseRows(dataset, keys, ports.warehouse);
      suspects.push(...suspectsOf(rows, present));
      incomparable += incomparableKeys(rows, present).length;
      sampled += rows.length;
      cursor = page.cursor;
    } while (cursor !== undefined && sampled < 2 * sampledKeys);
  }
  return { sampled, incomparable, suspects };
}

async function sampleLatest(dataset: string, oneIn: number, sampledKeys: number, ports: ComparePorts): Promise<Sample> {
  const salt = String(ports.random());
  const sampled = await ports.warehouse.query(sampleOfKeys(dataset, salt, oneIn, 2 * sampledKeys));
  const keys = sampled.flatMap(([key]) => key ?? []);
  const rows = await absentRows(keys, await keyedSource(ports));
  const absent = rows.map(({ key }) => key);
  const suspects = suspectsOf(rows, await warehouseRows(dataset, absent, ports.warehouse));
  return { sampled: keys.length, incomparable: 0, suspects };
}
