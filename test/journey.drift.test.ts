import path from 'node:path';
import type { Config } from '../lib/config/config.ts';
import { reconcileNow, repairNow } from '../local/commands/drift.ts';
import { connectOperator, type Operator } from '../local/commands/operator.ts';
import { announce } from '../local/running.ts';
import { takeStateDirectory } from '../local/state-directory.ts';
import { agrees } from '../local/summary/summary.ts';
import { beginJourney, type Journey, type SynthesizedDemo, synthesizeDemo } from './factories/journey.ts';
import { tournamentsAtTheEnd } from './factories/tournament-oracle.ts';

/** The demo, its brackets compared with their table once a day. */
function withReconcile(config: Config): Config {
  const { brackets } = config.datasets;
  if (!brackets) throw new Error('the demo has brackets');
  const reconcile = { everyHours: 24, sampledKeys: 1_000 };
  return { ...config, datasets: { ...config.datasets, brackets: { ...brackets, reconcile } } };
}

const keyOf = (id: string) => `{"tournamentId":"${id}"}`;

/** One story, on the real local runtime under the synthesized roles: what drifts is found, and mended the ordinary way. */
describe('what drifts', () => {
  let stack: SynthesizedDemo;
  let journey: Journey;
  let operator: Operator;
  let lock: ReturnType<typeof takeStateDirectory>;

  const count = async (from: string): Promise<number> =>
    Number((await journey.rows(`select count(*) from ${from}`))[0]?.[0]);
  const idsInLatest = async () =>
    (
      await journey.rows(`set enable_case_sensitive_super_attribute to true;
        select payload.tournamentId::varchar from latest.brackets order by 1`)
    ).flat();

  beforeAll(async () => {
    stack = await synthesizeDemo({ change: withReconcile });
    const stateDirectory = path.join(stack.folder, 'state');
    lock = takeStateDirectory(stateDirectory, false);
    journey = await beginJourney(stack, stateDirectory);
    announce(stateDirectory, journey.platform.instance({}));
    operator = await connectOperator({ stateDirectory });
    await journey.demo.play(() => undefined);
    await journey.platform.idle();
  }, 120_000);

  afterAll(async () => {
    await journey?.end();
    lock?.release();
    stack?.remove();
  });

  test('is nothing after an ordinary day, and that is noted', async () => {
    const keys = tournamentsAtTheEnd().size;
    const found = await reconcileNow(operator, 'brackets');
    expect(found).toMatchObject({ sourceCount: keys, latestCount: keys, driftRows: 0, sampled: 2 * keys });
    expect(found).toMatchObject({ differing: 0, missing: 0, extra: 0, examples: [] });
    const noted = await journey.rows('select dataset, source_count, drift_rows from ops.reconciliations');
    expect(noted).toEqual([['brackets', String(keys), '0']]);
  });

  test('is found: lost rows, altered ones, and those that the source does not have', async () => {
    await journey.rows(`
      update latest.brackets set _at = dateadd(hour, -1, _at);
      update latest.brackets__tombstones set _at = dateadd(hour, -1, _at);
      delete from latest.brackets where _key in ('${keyOf('t-000')}', '${keyOf('t-001')}', '${keyOf('t-004')}');
      update latest.brackets set payload = json_parse('{"tournamentId":"t-003","prizePool":1}') where _key = '${keyOf('t-003')}';
      insert into latest.brackets
        select '${keyOf('t-999')}', 'by-hand', _op, _position, _at, json_parse('{"tournamentId":"t-999"}'), _load_id, _loaded_at
        from latest.brackets where _key = '${keyOf('t-003')}'`);
    const found = await reconcileNow(operator, 'brackets');
    expect(found).toMatchObject({ driftRows: 2, differing: 1, missing: 3, extra: 1 });
    expect([...found.examples].toSorted()).toEqual(['t-000', 't-001', 't-003', 't-004', 't-999'].map(keyOf));
  });

  test('is only counted by a dry run', async () => {
    const before = await count('"raw".brackets');
    const progress = await repairNow(operator, 'brackets', true);
    expect(progress).toMatchObject({ missing: 3, different: 1, extra: 1, refused: 0, status: 'finished' });
    await journey.platform.idle();
    expect(await count('"raw".brackets')).toBe(before);
  });

  test('is mended by a repair, through raw, and then nothing has drifted', async () => {
    const before = await count('"raw".brackets');
    expect(await repairNow(operator, 'brackets', false)).toMatchObject({ missing: 3, different: 1, extra: 1 });
    await journey.platform.idle();
    expect(await idsInLatest()).toEqual([...tournamentsAtTheEnd().keys()].sort());
    expect(await count('"raw".brackets')).toBe(before + 5);
    const [prize] = await journey.rows(`set enable_case_sensitive_super_attribute to true;
      select payload.prizePool::varchar from latest.brackets where payload.tournamentId = 't-000'`);
    expect(prize).toEqual(['12345678901234567890123456789012345678']);
    expect(await reconcileNow(operator, 'brackets')).toMatchObject({
      driftRows: 0,
      differing: 0,
      missing: 0,
      extra: 0,
    });
    expect(await repairNow(operator, 'brackets', false)).toMatchObject({ missing: 0, different: 0, extra: 0 });
    expect((await journey.platform.summary()).datasets.filter((dataset) => !agrees(dataset))).toEqual([]);
  });

  test('is left alone where a tombstone is newer than the margin: the stream decides', async () => {
    await journey.rows(`
      delete from latest.brackets where _key = '${keyOf('t-005')}';
      insert into latest.brackets__tombstones
        select '${keyOf('t-005')}', 'by-hand', 'delete', max(_position), sysdate, max(_load_id), sysdate from latest.brackets`);
    expect(await repairNow(operator, 'brackets', false)).toMatchObject({ missing: 0, different: 0, extra: 0 });
    expect(await idsInLatest()).not.toContain('t-005');
  });

  test('cannot be looked for where the source cannot be counted, which says why', async () => {
    await expect(reconcileNow(operator, 'app_logs')).rejects.toMatchObject({
      code: 'NOT_COUNTABLE',
      message: 'Only datasets from DynamoDB tables can be read as a whole: brackets',
    });
  });

  test('nothing was denied on the way', () => {
    expect(journey.activities.filter(({ bad }) => bad).map(({ text }) => text)).toEqual([
      expect.stringContaining('NOT_COUNTABLE'),
    ]);
  });
});
