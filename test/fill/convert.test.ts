import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { type ConvertPorts, convert, objectLimits } from '../../lambdas/fill/convert.ts';
import type { ResultRows } from '../../lib/pipeline/work.ts';
import { MemoryFillTable } from '../factories/memory-fill-table.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { landingPorts } from '../factories/memory-queue.ts';
import { aChange, aTableExport, etagOf, type TableExport } from '../factories/table-export.ts';

const item = (id: string) => ({ Item: { tournamentId: { S: id }, round: { N: '1.50' } } });
const aFull = (...files: (object | string)[][]) =>
  aTableExport({ kind: 'full', exportTime: '2026-11-20T12:00:00.000Z' }, files);

function aConversion(from: TableExport, rows: ResultRows = []) {
  const lake = new MemoryLake();
  const objects = new Map(from.objects);
  const table = new MemoryFillTable();
  const asked: string[] = [];
  const open = async (key: string) => {
    const body = objects.get(key);
    return body && { eTag: etagOf(body), body: chunksOf(body) };
  };
  const ports: ConvertPorts = {
    ...landingPorts(),
    lake: {
      put: (object) => lake.put(object),
      get: async (key) => objects.get(key),
      find: (key) => lake.find(key),
      open,
    },
    table,
    codec: 'gzip',
    warehouse: {
      query: async ({ parameters }) => {
        asked.push(parameters.keys ?? '');
        return rows;
      },
    },
    remainingMilliseconds: () => 900_000,
    count: () => undefined,
  };
  const state = (group: { from: number; to: number }) => ({
    dataset: 'brackets',
    id: 'first',
    kind: 'full' as const,
    export: { exportArn: from.exportArn, keyNames: ['tournamentId'] },
    manifestKey: from.manifestKey,
    group,
  });
  const run = (to = 1, more: Partial<ConvertPorts> = {}) => convert(state({ from: 0, to }), { ...ports, ...more });
  return { lake, objects, table, asked, run };
}

/** Small pieces: lines and members of the archive are cut anywhere. */
async function* chunksOf(body: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += 7) yield body.subarray(at, at + 7);
}

const dataKeyOf = (from: TableExport): string => [...from.objects.keys()].find((key) => key.endsWith('.gz')) ?? '';

describe('a file of a full export', () => {
  test('given items and a broken line, when it is converted, then they land and the line is set aside', async () => {
    const { lake, table, run } = aConversion(aFull([item('a'), '{"Item":', item('b')]));
    expect(await run()).toEqual({ from: 1, to: 1, done: true });
    expect(lake.lines('raw/brackets/').map((line) => JSON.parse(line))).toMatchObject([
      { _op: 'snapshot', _key: '{"tournamentId":"a"}' },
      { _op: 'snapshot', _key: '{"tournamentId":"b"}' },
    ]);
    expect(lake.lines('quarantine/brackets/').map((line) => JSON.parse(line))).toMatchObject([
      { code: 'MALFORMED_RECORD', record: '{"Item":', source: { line: '2' } },
    ]);
    expect(table.noted.get('brackets first 0')).toEqual({ items: 3, landed: 2, quarantined: 1, known: 0 });
  });

  test('given a file, when it is converted twice, then the objects and their bytes are the same', async () => {
    const [one, other] = [aConversion(aFull([item('a')])), aConversion(aFull([item('a')]))];
    await one.run();
    await other.run();
    expect([...one.lake.objects]).toEqual([...other.lake.objects]);
  });

  test('given a file that is done, when the group is taken up again, then it is left alone', async () => {
    const { lake, run } = aConversion(aFull([item('a')], [item('b')]));
    await run(1);
    await run(2);
    expect(lake.puts).toHaveLength(2);
  });

  test('given little time, when a file is done, then the next one is left to the next call', async () => {
    const { run } = aConversion(aFull([item('a')], [item('b')]));
    expect(await run(2, { remainingMilliseconds: () => 1000 })).toEqual({ from: 1, to: 2, done: false });
  });

  test('given a large file, when it is converted, then its objects are bounded', async () => {
    const large = {
      tournamentId: { S: 'x' },
      notes: { L: Array.from({ length: 70 }, () => ({ S: 'y'.repeat(50_000) })) },
    };
    const { lake, run } = aConversion(aFull(Array.from({ length: 12 }, () => ({ Item: large }))));
    await run();
    const lines = 12 * 3.5e6;
    expect(lake.keys('raw/brackets/')).toHaveLength(Math.ceil(lines / objectLimits.bytes));
  });

  test.each<[string, string, (key: string, from: TableExport) => [string, Buffer | undefined]]>([
    ['is missing', 'EXPORT_FILE_MISSING', (key) => [key, undefined]],
    ['is another', 'EXPORT_FILE_CHANGED', (key) => [key, gzipSync('{}\n')]],
  ])('given a file that %s, when it is converted, then the error %s names it', async (_name, code, change) => {
    const from = aFull([item('a')]);
    const { objects, run } = aConversion(from);
    const [key, body] = change(dataKeyOf(from), from);
    if (body) objects.set(key, body);
    else objects.delete(key);
    await expect(run()).rejects.toMatchObject({ code, message: expect.stringContaining(key) });
  });

  const inManifest = (from: TableExport, change: (text: string) => string) => {
    const key = from.manifestKey.replace('summary', 'files');
    return [key, Buffer.from(change(String(from.objects.get(key))))] as const;
  };

  test('given a checksum that differs, when the file is converted, then the error names it', async () => {
    const from = aFull([item('a')]);
    const { objects, run } = aConversion(from);
    objects.set(...inManifest(from, (text) => text.replace(/"md5Checksum":"[^"]*"/, '"md5Checksum":"x"')));
    await expect(run()).rejects.toThrow(/file0.*checksum/);
  });

  test('given a file that was cut short, when it is converted, then the error names it', async () => {
    const from = aFull([item('a')]);
    const { objects, run } = aConversion(from);
    const cut = (from.objects.get(dataKeyOf(from)) as Buffer).subarray(0, 20);
    objects.set(dataKeyOf(from), cut);
    objects.set(...inManifest(from, (text) => text.replace(/"etag":"[^"]*"/, `"etag":"${etagOf(cut)}"`)));
    await expect(run()).rejects.toMatchObject({ code: 'EXPORT_FILE_BROKEN' });
  });
});

describe('a file of an incremental export', () => {
  const keys = (id: string) => ({ tournamentId: { S: id } });
  const changeOf = (id: string, at: bigint) => aChange(keys(id), { newImage: { ...keys(id), round: { N: '2' } } }, at);
  const noon = 1_795_176_000_000_000n;
  const present = (id: string, at: string, payload: string) => [
    JSON.stringify({ tournamentId: id }),
    '7'.padStart(40, '0'),
    at,
    'update',
    payload,
  ];

  test('given what the warehouse has, when it is converted, then only what is news lands', async () => {
    const window = { kind: 'incremental', from: '2026-11-20T11:00:00Z', to: '2026-11-20T13:00:00Z' } as const;
    const lines = ['new', 'same', 'ahead', 'differs', 'gone'].map((id) =>
      id === 'gone' ? aChange(keys(id), {}, noon) : changeOf(id, noon),
    );
    const { lake, table, asked, run } = aConversion(aTableExport(window, [lines]), [
      present('same', '20261120100000000000', '{"round":2,"tournamentId":"same"}'),
      present('ahead', '20261120123000000000', '{}'),
      present('differs', '20261120100000000000', '{}'),
      present('gone', '20261120100000000000', '{}'),
    ]);
    await run();
    expect(asked).toHaveLength(1);
    expect(lake.lines('raw/brackets/').map((line) => JSON.parse(line))).toMatchObject([
      { _id: expect.stringMatching(/^snapshot:/), _op: 'snapshot', _key: '{"tournamentId":"new"}' },
      { _id: expect.stringMatching(/^repair:/), _op: 'snapshot', _key: '{"tournamentId":"differs"}' },
      { _id: expect.stringMatching(/^repair:/), _op: 'delete', _key: '{"tournamentId":"gone"}' },
    ]);
    expect(table.noted.get('brackets first 0')).toEqual({ items: 5, landed: 3, quarantined: 0, known: 2 });
  });
});
