import { packBatch } from '../../lib/pipeline/batch.ts';
import {
  changeOfExportedLine,
  type ExportedChange,
  type ExportFile,
  type ExportLine,
  intakeOfChange,
  intakeOfExportedItem,
} from '../../lib/pipeline/dynamodb-export.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { FillFile } from '../../lib/pipeline/fill.ts';
import type { Intake } from '../../lib/pipeline/intake.ts';
import type { IntakeCounts } from '../../lib/pipeline/metrics.ts';
import { type Codec, madeObjects } from '../../lib/pipeline/names.ts';
import { repairsOf } from '../../lib/pipeline/repair.ts';
import { instantOf } from '../../lib/pipeline/snapshot-position.ts';
import { pagesOf, presentRows, presentStatement } from '../../lib/pipeline/statements/present.ts';
import type { FillTable } from '../aws/fill-table.ts';
import type { ObjectReader } from '../aws/object-reader.ts';
import type { ObjectStore } from '../aws/object-store.ts';
import type { Warehouse } from '../aws/warehouse.ts';
import { type LandingPorts, landBatch } from '../ingest/land.ts';
import { linesOfFile } from './data-file.ts';
import { type ExportManifest, readManifest } from './manifest.ts';
import type { ConvertState } from './state.ts';

export interface ConvertPorts extends LandingPorts {
  readonly lake: ObjectStore & ObjectReader;
  readonly table: FillTable;
  readonly codec: Codec;
  readonly warehouse: Warehouse;
  readonly remainingMilliseconds: () => number;
  /** Told of each object that has been written. */
  readonly count: (counts: IntakeCounts) => void;
}

/** What is written into one object at most. */
export const objectLimits = { records: 50_000, bytes: 32 * 1024 * 1024 } as const;
/** Lines that are judged together: an incremental export asks the warehouse once for all of them. */
const linesAtOnce = 500;
/** Below this no other file is begun: one file has to fit. */
const leastMilliseconds = 600_000;

/** Converts the files of a group, as far as time goes; says where to go on. */
export async function convert(state: ConvertState, ports: ConvertPorts) {
  const { dataset, id, group } = state;
  const manifest = await readManifest(dataset, state.manifestKey, ports.lake);
  let next = group.from;
  do {
    const file = manifest.files[next];
    if (!file) throw new MillraceError('EXPORT_FILE_MISSING', `the manifest lists no file ${next}`);
    if (!(await ports.table.readFile(dataset, id, next))) {
      const outcome = await convertFile(file, judgeOf(state, manifest, ports), { dataset, ports, state });
      await ports.table.noteFile(dataset, id, next, outcome);
    }
    next += 1;
  } while (next < group.to && ports.remainingMilliseconds() > leastMilliseconds);
  return { from: next, to: group.to, done: next >= group.to };
}

type Judge = (lines: readonly ExportLine[]) => Promise<Intake[]>;

function judgeOf(state: ConvertState, { summary }: ExportManifest, ports: ConvertPorts): Judge {
  const { keyNames } = state.export;
  if (summary.exportType === 'INCREMENTAL_EXPORT') {
    const exportedAt = instantOf(summary.exportToTime ?? 0n);
    return (lines) => changesOf(lines, exportedAt, ports.warehouse);
  }
  const { exportTime } = summary;
  if (exportTime === undefined)
    throw new MillraceError('BAD_EXPORT', `${state.manifestKey} does not say the instant of the export`);
  return async (lines) => lines.map((line) => intakeOfExportedItem(line, { keyNames, asOfMicroseconds: exportTime }));
}

/** What of some lines the warehouse lacks, as it says itself. */
async function changesOf(lines: readonly ExportLine[], exportedAt: string, warehouse: Warehouse): Promise<Intake[]> {
  const intakes: Intake[] = [];
  const changes: ExportedChange[] = [];
  for (const line of lines) {
    const read = changeOfExportedLine(line, exportedAt);
    if (read.kind === 'change') changes.push(read.change);
    else intakes.push(read.intake);
  }
  for (const page of pagesOf(changes)) {
    const keys = JSON.stringify(page.map(({ key }) => key));
    const sql = presentStatement(page[0]?.place.dataset ?? '');
    const rows = await warehouse.query({ sql, parameters: { keys } });
    for (const decision of repairsOf(page, presentRows(rows)))
      if ('position' in decision) intakes.push(intakeOfChange(decision));
  }
  return intakes;
}

interface FileTask {
  readonly dataset: string;
  readonly state: ConvertState;
  readonly ports: ConvertPorts;
}

async function convertFile(file: ExportFile, judge: Judge, task: FileTask): Promise<FillFile> {
  const { dataset, state, ports } = task;
  const exportId = state.export.exportArn.split('/').at(-1) ?? '';
  const parts = new Parts(`${madeObjects.fill}${exportId}-${stemOf(file)}`, task);
  let lines: ExportLine[] = [];
  let items = 0;
  for await (const bytes of linesOfFile(file, ports.lake)) {
    items += 1;
    lines.push({ dataset, exportId, file: file.dataFileS3Key, line: items, bytes });
    if (lines.length < linesAtOnce) continue;
    await parts.add(await judge(lines));
    lines = [];
  }
  await parts.add(await judge(lines));
  const { landed, quarantined } = await parts.end();
  return { items, landed, quarantined, known: items - landed - quarantined };
}

/** `exports/x/AWSDynamoDB/…/data/abc.json.gz` → `abc`. */
const stemOf = (file: ExportFile): string => (file.dataFileS3Key.split('/').at(-1) ?? '').replace(/\..*$/, '');

/** Writes what becomes of a file's lines as objects of bounded size, numbered, so that the same file makes the same ones. */
class Parts {
  readonly #name: string;
  readonly #task: FileTask;
  #intakes: Intake[] = [];
  #bytes = 0;
  #count = 0;
  #landed = 0;
  #quarantined = 0;

  constructor(name: string, task: FileTask) {
    this.#name = name;
    this.#task = task;
  }

  async add(intakes: readonly Intake[]): Promise<void> {
    for (const intake of intakes) {
      this.#intakes.push(intake);
      this.#bytes += intake.kind === 'land' ? intake.line.length : intake.rejected.received.length;
      if (this.#intakes.length >= objectLimits.records || this.#bytes >= objectLimits.bytes) await this.#write();
    }
  }

  async end() {
    if (this.#intakes.length > 0) await this.#write();
    return { landed: this.#landed, quarantined: this.#quarantined };
  }

  async #write(): Promise<void> {
    const { dataset, ports } = this.#task;
    const name = `${this.#name}-${String(this.#count).padStart(5, '0')}`;
    const batch = packBatch({ dataset, codec: ports.codec, name, intakes: this.#intakes });
    await landBatch(batch, ports);
    const { received, landed, quarantined, raw } = batch;
    const BytesLanded = raw?.body.length ?? 0;
    ports.count({ RecordsReceived: received, RecordsLanded: landed, RecordsQuarantined: quarantined, BytesLanded });
    this.#landed += landed;
    this.#quarantined += quarantined;
    this.#count += 1;
    this.#intakes = [];
    this.#bytes = 0;
  }
}
