import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '../../lambdas/aws/service-error.ts';
import { begin } from '../../lambdas/fill/begin.ts';
import { close } from '../../lambdas/fill/close.ts';
import { list } from '../../lambdas/fill/list.ts';
import { groupsOf, windowTrouble } from '../../lib/pipeline/fill.ts';
import { MemoryFillTable } from '../factories/memory-fill-table.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { noon } from '../factories/pipeline.ts';
import { aTableExport } from '../factories/table-export.ts';

const tableArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/brackets';
const aFill = (over: object = {}) =>
  ({ dataset: 'brackets', id: 'first', kind: 'full', tables: { brackets: tableArn }, ...over }) as const;
const full = aTableExport({ kind: 'full', exportTime: '2026-11-20T12:00:00.000Z' }, [[{ Item: {} }], []]);

function aBeginning(table = new MemoryFillTable()) {
  const started: object[] = [];
  const exports = {
    keyNames: async () => ['tournamentId'],
    start: async (arn: string, { id }: { id: string }) => {
      started.push({ arn, id });
      return full.exportArn;
    },
  };
  return { table, started, ports: { table, exports, nowMilliseconds: () => noon } };
}

describe('a fill begins', () => {
  test('given a free dataset, when it begins, then its table is exported and the dataset is taken', async () => {
    const { table, started, ports } = aBeginning();
    expect(await begin(aFill(), ports)).toEqual({ exportArn: full.exportArn, keyNames: ['tournamentId'] });
    expect(started).toEqual([{ arn: tableArn, id: 'first' }]);
    expect([table.locks.get('brackets'), table.states.get('brackets first')?.status]).toEqual(['first', 'exporting']);
  });

  test('given the same fill, when it begins again, then it goes on with its export', async () => {
    const { started, ports } = aBeginning();
    await begin(aFill(), ports);
    expect(await begin(aFill(), ports)).toEqual({ exportArn: full.exportArn, keyNames: ['tournamentId'] });
    expect(started).toHaveLength(1);
  });

  test('given another fill of the dataset, when one begins, then it is refused and the other keeps the dataset', async () => {
    const { table, ports } = aBeginning();
    await begin(aFill(), ports);
    await expect(begin(aFill({ id: 'second' }), ports)).rejects.toMatchObject({ code: 'FILL_RUNNING' });
    await close({ ...aFill({ id: 'second' }), trouble: { Error: 'FILL_RUNNING' } }, ports);
    expect(table.locks.get('brackets')).toBe('first');
  });

  test('given a dataset without a table, when a fill begins, then the error says which have one', async () => {
    const { ports } = aBeginning();
    await expect(begin(aFill({ dataset: 'app_logs' }), ports)).rejects.toThrow(/app_logs does not come.*: brackets$/);
  });

  test('given a table without point-in-time recovery, when a fill begins, then the error says how to mend it', async () => {
    const { ports } = aBeginning();
    const start = async () => {
      const cause = { name: 'PointInTimeRecoveryUnavailableException', message: 'off' };
      throw new ServiceError('dynamodb:ExportTableToPointInTime', tableArn, cause);
    };
    const refused = begin(aFill(), { ...ports, exports: { ...ports.exports, start } });
    await expect(refused).rejects.toMatchObject({ code: 'NO_POINT_IN_TIME_RECOVERY' });
  });

  const second = noon / 1000;
  test.each([
    ['full', undefined, undefined, undefined],
    ['full', second - 3600, second, /full fill takes the table as it is/],
    ['incremental', undefined, second, /needs the window/],
    ['incremental', second - 899, second, /shorter than 15 minutes/],
    ['incremental', second - 86_401, second, /longer than 24 hours/],
    ['incremental', second - 900, second + 1, /in the future/],
    ['incremental', second - 900, second, undefined],
    ['incremental', second - 86_400, second, undefined],
  ] as const)(
    'given a %s fill from %p to %p, when it is judged, then it is %p',
    (kind, fromSeconds, toSeconds, trouble) => {
      const said = windowTrouble({ dataset: 'brackets', id: 'x', kind, fromSeconds, toSeconds }, second);
      if (trouble) expect(said).toMatch(trouble);
      else expect(said).toBeUndefined();
    },
  );
});

describe('the files of an export', () => {
  async function aLake(objects: ReadonlyMap<string, Buffer>): Promise<MemoryLake> {
    const lake = new MemoryLake();
    for (const [key, body] of objects) await lake.put({ key, body, contentType: 'x' });
    return lake;
  }
  const exported = {
    ...aFill(),
    export: { exportArn: full.exportArn, keyNames: ['tournamentId'] },
    described: { export: { ExportManifest: full.manifestKey } },
  };

  test('given an export, when it is listed, then its files are in groups and the progress knows how many', async () => {
    const { table, ports } = aBeginning();
    await begin(aFill(), ports);
    const { groups } = await list(exported, { table, lake: await aLake(full.objects) });
    expect(groups).toEqual([
      { from: 0, to: 1 },
      { from: 1, to: 2 },
    ]);
    expect(table.states.get('brackets first')).toMatchObject({ status: 'converting', files: 2, items: 1 });
  });

  test('given manifests that differ, when they are listed, then it is an error that names them', async () => {
    const { table, ports } = aBeginning();
    await begin(aFill(), ports);
    const summary = String(full.objects.get(full.manifestKey)).replace('"itemCount":1', '"itemCount":2');
    const lake = await aLake(new Map([...full.objects, [full.manifestKey, Buffer.from(summary)]]));
    await expect(list(exported, { table, lake })).rejects.toThrow(/manifest-files\.json lists 1 items/);
  });

  test.each([0, 1, 39, 40, 41, 12_345])('given %d files, when they are grouped, then each is in one group', (count) => {
    const groups = groupsOf(count);
    expect(groups.length).toBeLessThanOrEqual(40);
    expect(groups.flatMap(({ from, to }) => Array.from({ length: to - from }, (_none, index) => from + index))).toEqual(
      Array.from({ length: count }, (_none, index) => index),
    );
  });

  test('given a file that was not converted, when the fill is closed, then it is an error', async () => {
    const { table, ports } = aBeginning();
    await begin(aFill(), ports);
    await list(exported, { table, lake: await aLake(full.objects) });
    await table.noteFile('brackets', 'first', 0, { items: 1, landed: 1, quarantined: 0, known: 0 });
    await expect(close(aFill(), ports)).rejects.toMatchObject({ code: 'EXPORT_COUNT_DIFFERS' });
    await table.noteFile('brackets', 'first', 1, { items: 0, landed: 0, quarantined: 0, known: 0 });
    expect(await close(aFill(), ports)).toMatchObject({ files: 2, items: 1, landed: 1 });
    expect([table.locks.size, table.states.get('brackets first')?.status]).toEqual([0, 'done']);
  });
});
