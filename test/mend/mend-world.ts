import { gzipSync, zstdCompressSync } from 'node:zlib';
import { mend } from '../../lambdas/mend/mend.ts';
import { mainLane } from '../../lib/pipeline/lane.ts';
import { findingsKey, objectsKey, objectsText, planLoads } from '../../lib/pipeline/plan.ts';
import type { RefusedLoad } from '../../lib/pipeline/work.ts';
import { eTagOf, MemoryLake } from '../factories/memory-lake.ts';
import { MemoryStateTable } from '../factories/memory-state-table.ts';
import { aPendingObject, noon } from '../factories/pipeline.ts';

export const refusal = "ERROR: Load into table 'stage' failed. Check 'sys_load_error_detail' system table for details.";

/** A line of the lake, as ingest writes it. */
export const aLine = (id: string, over: object = {}): string =>
  JSON.stringify({
    ...{ _id: id, _op: 'insert', _key: null, _position: id, _at: '2026-11-20T12:00:00.000000Z' },
    payload: { id },
    ...over,
  });

/** A lake with objects that are pending, and a load of them that was refused. */
export class MendWorld {
  readonly lake = new MemoryLake();
  readonly table = new MemoryStateTable();
  readonly generation = 7;

  constructor() {
    this.table.lanes.set(mainLane, { generation: this.generation, deadRuns: 0, deadAtMilliseconds: 0 });
  }

  /** Lands an object of these lines. */
  async land(name: string, lines: readonly string[], codec: 'zstd' | 'gzip' = 'zstd') {
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    const body = codec === 'gzip' ? gzipSync(bytes) : zstdCompressSync(bytes);
    const key = `raw/brackets/dt=2026-11-20/hh=12/${name}.ndjson.${codec === 'gzip' ? 'gz' : 'zst'}`;
    const metadata = { 'millrace-records': String(lines.length) };
    await this.lake.put({ key, body, contentType: 'application/x-ndjson', metadata });
    const object = aPendingObject({ key, sizeBytes: body.length, eTag: eTagOf(body) });
    await this.table.addPending(mainLane, object);
    return object;
  }

  /** The load of all that is pending, as the run has it that it was refused in. */
  async refuse(findings?: readonly (readonly [file: string, line: number])[], reason = refusal): Promise<RefusedLoad> {
    const pending = await this.table.pending(mainLane, 'brackets', 1000);
    const [load] = planLoads({ lane: mainLane, generation: this.generation }, 'brackets', pending);
    if (!load) throw new Error('nothing is pending');
    const put = (key: string, text: string) =>
      this.lake.put({ key, body: Buffer.from(text), contentType: 'application/json' });
    await put(objectsKey(load.work), objectsText(load));
    const refused = { kind: 'refused', work: load.work, reason } as const;
    if (!findings) return refused;
    const rows = findings.map(([file, line]) => [`s3://lake/${file}`, String(line), '1206', 'Invalid timestamp']);
    await put(findingsKey(load.work), JSON.stringify([rows]));
    return { ...refused, findingsKey: findingsKey(load.work) };
  }

  mend(refused: RefusedLoad, lake = this.lake) {
    return mend(refused, { table: this.table, lake, nowMilliseconds: () => noon });
  }

  pendingKeys(): string[] {
    return [...this.table.objects.values()].map(({ key }) => key).toSorted();
  }

  /** What is in quarantine, line by line. */
  quarantined(): { id: string; code: string; reason: string; source: Record<string, string>; records?: number }[] {
    return this.lake.lines('quarantine/brackets/dt=').map((line) => JSON.parse(line));
  }

  /** Identities in objects that wait to be loaded. */
  waiting(): string[] {
    return this.pendingKeys().flatMap((key) => this.lake.lines(key).map((line) => JSON.parse(line)._id));
  }
}
