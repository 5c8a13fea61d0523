import { packBatch } from '../../lib/pipeline/batch.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { Codec } from '../../lib/pipeline/names.ts';
import { type Correction, correctionsOf, incomparableKeys } from '../../lib/pipeline/reconcile.ts';
import {
  afterPage,
  beginRepair,
  intakeOfCorrection,
  type PageResult,
  type RepairProgress,
  repairObjectName,
} from '../../lib/pipeline/repair-progress.ts';
import { readItems } from '../../lib/pipeline/source-item.ts';
import { beforeAllKeys, keysAfter } from '../../lib/pipeline/statements/drift.ts';
import type { RepairStore } from '../aws/repair-store.ts';
import type { SourceTable } from '../aws/source-table.ts';
import type { Warehouse } from '../aws/warehouse.ts';
import { type LandingPorts, landBatch } from '../ingest/land.ts';
import type { RepairState } from './state.ts';
import { absentRows, warehouseRows } from './warehouse-rows.ts';

export interface RepairPorts extends LandingPorts {
  readonly table: SourceTable;
  readonly warehouse: Warehouse;
  readonly repairs: RepairStore;
  readonly codec: Codec;
  readonly remainingMilliseconds: () => number;
}

/** What the machine does next. */
export type RepairStep =
  | { readonly kind: 'more' | 'done'; readonly progress: RepairProgress }
  | { readonly kind: 'refused'; readonly message: string };

/** A page with its statements and a warehouse that has to wake up ends within this. */
const reserveMilliseconds = 120_000;

/** Works on, page after page, until the time is up. What it notes is in the lake already. */
export async function repairStep(state: RepairState, ports: RepairPorts): Promise<RepairStep> {
  const begun = await begin(state, ports);
  if (begun.kind === 'refused') return begun;
  let { progress } = begun;
  while (progress.phase !== 'done') {
    const next = afterPage(progress, await page(progress, ports), ports.nowMilliseconds());
    await note(next, progress, ports);
    progress = next;
    if (ports.remainingMilliseconds() < reserveMilliseconds) break;
  }
  return { kind: progress.phase === 'done' ? 'done' : 'more', progress };
}

async function begin({ dataset, dryRun, source: { execution } }: RepairState, ports: RepairPorts) {
  const last = await ports.repairs.read(dataset);
  const begun = beginRepair({ execution, dataset, dryRun }, last, ports.nowMilliseconds());
  if (begun.kind === 'begin' || begun.kind === 'resume') await note(begun.progress, last, ports);
  return begun;
}

async function note(next: RepairProgress, before: RepairProgress | undefined, { repairs }: RepairPorts): Promise<void> {
  if ((await repairs.write(next, before)) === 'written') return;
  const message = `another repair of ${next.dataset} has gone on meanwhile: ${next.execution} stops`;
  throw new MillraceError('REPAIR_OVERTAKEN', message, { retryable: true });
}

const pageItems = 1_000;

async function page(progress: RepairProgress, ports: RepairPorts): Promise<PageResult> {
  const result = progress.phase === 'source' ? await sourcePage(progress, ports) : await latestPage(progress, ports);
  if (!progress.dryRun) await land(progress, result.corrections, ports);
  return result;
}

/** A page of the source against what the warehouse has of its keys. */
async function sourcePage(progress: RepairProgress, { table, warehouse }: RepairPorts): Promise<PageResult> {
  const types = await table.keyTypes();
  const { items, cursor } = await table.page({ cursor: progress.cursor, limit: pageItems });
  const { rows, refused } = readItems(items, types, BigInt(progress.readAtMicroseconds));
  const keys = rows.map(({ key }) => key);
  const present = await warehouseRows(progress.dataset, keys, warehouse);
  const corrections = correctionsOf(rows, present);
  const read = { sourceRows: items.length, refused, incomparable: incomparableKeys(rows, present).length };
  return { phase: cursor === undefined ? 'latest' : 'source', cursor: cursor ?? '', read, corrections };
}

/** A page of the keys of `latest` against what the source has of them. */
async function latestPage(progress: RepairProgress, { table, warehouse }: RepairPorts): Promise<PageResult> {
  const { dataset, cursor, readAtMicroseconds } = progress;
  const rows = await warehouse.query(keysAfter(dataset, cursor || beforeAllKeys, pageItems));
  const keys = rows.flatMap(([key]) => key ?? []);
  const types = await table.keyTypes();
  const absent = await absentRows(keys, { table, types, asOfMicroseconds: BigInt(readAtMicroseconds) });
  const absentKeys = absent.map(({ key }) => key);
  const corrections = correctionsOf(absent, await warehouseRows(dataset, absentKeys, warehouse));
  const isLast = keys.length < pageItems;
  return {
    phase: isLast ? 'done' : 'latest',
    cursor: isLast ? '' : (keys.at(-1) ?? ''),
    read: { latestKeys: keys.length },
    corrections,
  };
}

/** Corrections go the way of every record: into the lake, from there into raw and latest. */
async function land(progress: RepairProgress, corrections: readonly Correction[], ports: RepairPorts): Promise<void> {
  if (corrections.length === 0) return;
  const intakes = corrections.map((correction) => intakeOfCorrection(progress, correction));
  const batch = packBatch({ dataset: progress.dataset, codec: ports.codec, name: repairObjectName(progress), intakes });
  await landBatch(batch, ports);
}
