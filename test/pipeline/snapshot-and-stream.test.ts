import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { packBatch } from '../../lib/pipeline/batch.ts';
import { changeOfExportedLine, intakeOfChange, intakeOfExportedItem } from '../../lib/pipeline/dynamodb-export.ts';
import { intakeOfDynamodbRecord } from '../../lib/pipeline/dynamodb-record.ts';
import type { Intake } from '../../lib/pipeline/intake.ts';
import { repairsOf } from '../../lib/pipeline/repair.ts';
import { loadStatements } from '../../lib/pipeline/statements/load.ts';
import { prepareBatches } from '../../lib/pipeline/statements/prepare.ts';
import { presentRows, presentStatement } from '../../lib/pipeline/statements/present.ts';
import { pipelineTables, qualifiedName } from '../../lib/pipeline/tables.ts';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session } from '../../local/redshift/types.ts';
import { datasets } from '../factories/pipeline.ts';
import { dynamodbRecord } from '../factories/stream-records.ts';
import { aChange } from '../factories/table-export.ts';

/** A table's history: each write is at its own second; the round tells the writes of a key apart. */
interface HistoryWrite {
  readonly id: number;
  readonly operation: 'put' | 'delete' | 'expire';
}
const write = fc.record({
  id: fc.integer({ min: 1, max: 3 }),
  operation: fc.constantFrom<HistoryWrite['operation']>('put', 'put', 'delete', 'expire'),
});
const history = fc.array(write, { minLength: 1, maxLength: 10 });

const startSeconds = 1_795_176_000;
/** Minutes apart, so that a repair can tell before and after. */
const secondsOf = (moment: number): number => startSeconds + moment * 600;
const keysOf = (id: number) => ({ tournamentId: { S: `t-${id}` } });
const imageOf = (id: number, moment: number) => ({ ...keysOf(id), round: { N: `${moment}` } });

/** Rounds by id, after so many writes; keys 4 and 5 were there before the stream. */
function stateAfter(writes: readonly HistoryWrite[], count: number): Map<number, number> {
  const state = new Map([
    [4, -1],
    [5, -1],
  ]);
  for (const [moment, { id, operation }] of writes.slice(0, count).entries()) {
    if (operation === 'put') state.set(id, moment);
    else state.delete(id);
  }
  return state;
}

function streamed({ id, operation }: HistoryWrite, moment: number): Intake {
  const record = dynamodbRecord({
    eventName: operation === 'put' ? 'MODIFY' : 'REMOVE',
    keys: keysOf(id),
    newImage: imageOf(id, moment),
    sequenceNumber: String(10n ** 20n + BigInt(moment)),
    eventId: `event-${moment}`,
    createdAtSeconds: secondsOf(moment),
  });
  const expired = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
  return intakeOfDynamodbRecord(operation === 'expire' ? { ...record, userIdentity: expired } : record);
}

const aLine = (value: object) => {
  const bytes = Buffer.from(JSON.stringify(value));
  return { dataset: 'brackets', exportId: 'x', file: 'f', line: 1, bytes };
};

/** A full export between two writes. */
function snapshotAt(writes: readonly HistoryWrite[], moment: number): Intake[] {
  const asOfMicroseconds = BigInt(secondsOf(moment) - 300) * 1_000_000n;
  return [...stateAfter(writes, moment)].map(([id, round]) =>
    intakeOfExportedItem(aLine({ Item: imageOf(id, round) }), { keyNames: ['tournamentId'], asOfMicroseconds }),
  );
}

const files = new Map<string, Buffer>();
let redshift: Redshift;
let session: Session;
beforeAll(async () => {
  const admin = { user: 'admin', password: 'admin' };
  const get = async (uri: string) => files.get(uri) ?? Promise.reject(new Error(`there is no ${uri}`));
  const objectStore = { get, put: async () => undefined, list: async () => [] };
  redshift = await openRedshift({ databases: ['prod'], admin, objectStore });
  session = await redshift.session({ database: 'prod', user: 'admin' });
  for (const statement of prepareBatches({ datasets, readers: {}, models: [], functions: [] }).flat())
    await session.execute(statement);
});
afterAll(async () => {
  await session?.close();
  await redshift?.close();
});

let loads = 0;
async function load(intakes: readonly Intake[]): Promise<void> {
  loads += 1;
  const { raw } = packBatch({ dataset: 'brackets', codec: 'gzip', name: `batch-${loads}`, intakes });
  if (!raw) return;
  files.set('s3://lake/data', Buffer.from(raw.body));
  files.set(
    's3://lake/manifest',
    Buffer.from(JSON.stringify({ entries: [{ url: 's3://lake/data', mandatory: true }] })),
  );
  const place = {
    lane: 'main',
    generation: loads,
    execution: `main-${loads}`,
    bucket: 'lake',
    manifestKey: 'manifest',
  };
  const batch = { ...place, loadId: `load-${loads}`, dataset: 'brackets', keyed: true, objectCount: 1 };
  const copyRoleArn = 'arn:aws:iam::000000000000:role/copy';
  const statements = loadStatements({ ...batch, codec: 'gzip', copyRoleArn });
  await session.execute(`BEGIN; ${statements.join(';\n')}; COMMIT`);
  for (const table of ['stage', 'fresh', 'newest']) await session.execute(`DROP TABLE IF EXISTS "${table}"`);
}

async function clear(): Promise<void> {
  for (const table of pipelineTables(datasets)) await session.execute(`DELETE FROM ${qualifiedName(table)}`);
}

async function rounds(): Promise<[number, number][]> {
  const sql =
    'SELECT b."payload"."tournamentId"::VARCHAR, b."payload"."round"::INTEGER FROM "latest"."brackets" AS b ORDER BY 1';
  const rows = (await session.execute(sql)).at(-1)?.rows ?? [];
  return rows.map(([id, round]) => [Number(String(id).slice(2)), Number(round)]);
}

const byId = (state: ReadonlyMap<number, number>): [number, number][] =>
  [...state].toSorted(([one], [other]) => one - other);

/** An incremental export of a window, converted against what the warehouse has now. */
async function incremental(writes: readonly HistoryWrite[], from: number, to: number): Promise<Intake[]> {
  const last = new Map<number, number>();
  for (let moment = from; moment < to; moment += 1) last.set((writes[moment] as HistoryWrite).id, moment);
  const changes = [...last].flatMap(([id, moment]) => {
    const images = writes[moment]?.operation === 'put' ? { newImage: imageOf(id, moment) } : {};
    const line = aLine(aChange(keysOf(id), images, BigInt(secondsOf(moment)) * 1_000_000n));
    const read = changeOfExportedLine(line, '2026-11-20T12:00:00.000000Z');
    return read.kind === 'change' ? [read.change] : [];
  });
  const keys = JSON.stringify(changes.map(({ key }) => key))
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "''");
  const answer = await session.execute(presentStatement('brackets').replace(':keys', `'${keys}'`));
  const decisions = repairsOf(changes, presentRows((answer.at(-1)?.rows ?? []) as never));
  return decisions.flatMap((decision) => ('position' in decision ? [intakeOfChange(decision)] : []));
}

describe('a snapshot beside its stream', () => {
  test('given any history, when snapshots of any moment and the stream load in any order, then latest is the table', async () => {
    const moments = fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 1, maxLength: 2 });
    const order = fc.array(fc.nat(), { minLength: 30, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(history, moments, order, fc.integer({ min: 1, max: 4 }), async (writes, taken, keys, size) => {
        await clear();
        const events = writes.map(streamed);
        const snapshots = taken.flatMap((moment) => snapshotAt(writes, Math.min(moment, writes.length)));
        // Some come twice.
        const all = [...events, ...snapshots, ...events.slice(0, 2), ...snapshots.slice(0, 2)];
        const shuffled = all
          .map((intake, index) => ({ intake, place: (keys[index % keys.length] ?? 0) * 1000 + index }))
          .toSorted((one, other) => one.place - other.place)
          .map(({ intake }) => intake);
        for (let from = 0; from < shuffled.length; from += size * 4) await load(shuffled.slice(from, from + size * 4));
        expect(await rounds()).toEqual(byId(stateAfter(writes, writes.length)));
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  test('given a gap in the stream, when the window is exported and loaded, then latest is the table again', async () => {
    const gap = fc.tuple(fc.nat({ max: 10 }), fc.nat({ max: 10 }));
    await fc.assert(
      fc.asyncProperty(history, gap, async (writes, edges) => {
        await clear();
        const [from = 0, to = 0] = edges.map((edge) => Math.min(edge, writes.length)).toSorted((a, b) => a - b);
        const events = writes.map(streamed);
        await load([...snapshotAt(writes, 0), ...events.slice(0, from), ...events.slice(to)]);
        if (to > from) await load(await incremental(writes, from, to));
        expect(await rounds()).toEqual(byId(stateAfter(writes, writes.length)));
        if (to > from) expect(await incremental(writes, from, to)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  test('given a key that expired and one that was deleted, when they load, then the tombstones tell them apart', async () => {
    await clear();
    const writes: HistoryWrite[] = [
      { id: 1, operation: 'expire' },
      { id: 2, operation: 'delete' },
    ];
    await load(writes.map(streamed));
    const sql = 'SELECT "_key", "_op" FROM "latest"."brackets__tombstones" ORDER BY 1';
    expect((await session.execute(sql)).at(-1)?.rows).toEqual([
      ['{"tournamentId":"t-1"}', 'expire'],
      ['{"tournamentId":"t-2"}', 'delete'],
    ]);
  });
});
