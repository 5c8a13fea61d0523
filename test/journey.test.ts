import path from 'node:path';
import { s3ObjectStore } from '../lambdas/aws/object-store.ts';
import { parseConfig } from '../lib/config/config.ts';
import { loadProject } from '../lib/project.ts';
import { redeliveredRecords } from '../local/demo/demo.ts';
import { bracketChanges, logRecords, organizers } from '../local/demo/tournaments.ts';
import { agrees, type Summary } from '../local/summary/summary.ts';
import demoConfig from '../millrace.config.ts';
import { beginJourney, type Journey, type SynthesizedDemo, synthesizeDemo } from './factories/journey.ts';
import { psqlSays, pythonSays, testWith } from './factories/system-clients.ts';
import {
  certifiedTournaments,
  loadedLines,
  quarantinedLogs,
  tournamentsAtTheEnd,
} from './factories/tournament-oracle.ts';

/** One story: the demo is played through the front doors; everything below is read where a user reads it. */
describe('the journey of a record', () => {
  let stack: SynthesizedDemo;
  let journey: Journey;
  let summary: Summary;

  const of = (dataset: string) => {
    const found = summary.datasets.find((one) => one.dataset === dataset);
    if (!found) throw new Error(`no ${dataset} in the summary`);
    return found;
  };
  const count = async (from: string): Promise<number> =>
    Number((await journey.rows(`select count(*) from ${from}`))[0]?.[0]);

  async function playAndCount(): Promise<void> {
    journey = await beginJourney(stack, path.join(stack.folder, 'state'));
    await journey.demo.play(() => undefined);
    await journey.platform.idle();
    summary = await journey.platform.summary();
  }

  beforeAll(async () => {
    stack = await synthesizeDemo({ models: 'all' });
    await playAndCount();
  }, 120_000);

  afterAll(async () => {
    await journey?.end();
    stack?.remove();
  });

  test('what came in is what was sent, counted at the sources', () => {
    expect(of('brackets').received).toBe(bracketChanges().length);
    expect(of('app_logs').received).toBe(logRecords().length);
    expect(of('organizers').received).toBe(organizers(0).length);
  });

  test('every count agrees: received = loaded + quarantined + pending, and nothing is pending', () => {
    expect(summary.datasets.filter((dataset) => !agrees(dataset))).toEqual([]);
    expect(summary.datasets.map((dataset) => dataset.pending)).toEqual([0, 0, 0]);
    expect(of('brackets').loaded).toBe(bracketChanges().length);
    expect(of('app_logs').loaded).toBe(loadedLines().length);
  });

  test('the bad records are in quarantine, each under its code, and nothing else is', () => {
    expect(of('app_logs').quarantined).toEqual(quarantinedLogs());
    expect(of('brackets').quarantined).toEqual({});
    expect(of('organizers').quarantined).toEqual({});
  });

  test('records delivered twice are in raw once', async () => {
    expect(of('app_logs').duplicates).toBe(redeliveredRecords);
    expect(await count('"raw".app_logs')).toBe(await count('(select distinct _id from "raw".app_logs)'));
  });

  test('latest holds the last write of every key that exists, tombstones aside', async () => {
    const expected = tournamentsAtTheEnd();
    const ids = await journey.rows(`set enable_case_sensitive_super_attribute to true;
      select payload.tournamentId::varchar from latest.brackets order by 1`);
    expect(ids.flat()).toEqual([...expected.keys()].sort());
    const deletes = bracketChanges().filter((change) => change.kind === 'delete').length;
    expect(await count('latest.brackets__tombstones')).toBe(deletes);
    expect(await count('latest.organizers')).toBe(organizers(0).length);
  });

  test('the mart that joins all three sources is what a naive computation of the same gives', async () => {
    const expected = certifiedTournaments();
    const columns = Object.keys(expected[0] ?? {});
    const rows = await journey.rows(
      `select ${columns.join(', ')} from mart.certified_tournaments order by tournament_id`,
    );
    expect(rows.map((row) => Object.fromEntries(columns.map((name, n) => [name, row[n]])))).toEqual(expected);
  });

  test('the daily figures add up to the lines and matches there were', async () => {
    const [totals] =
      await journey.rows(`select sum(log_events), sum(log_errors), sum(broken_messages), sum(matches_ended),
      sum(tournaments_started), sum(certified_tournaments_started) from mart.daily_kpi`);
    const tournaments = [...tournamentsAtTheEnd().values()];
    const lines = loadedLines();
    expect(totals?.map(Number)).toEqual([
      lines.length,
      lines.filter((line) => line.level === 'error').length,
      lines.filter((line) => !line.readable).length,
      tournaments.flatMap((one) => one.matches).filter((match) => match.endedAt).length,
      tournaments.length,
      certifiedTournaments().length,
    ]);
  });

  test('nothing is altered on the way: 38 digits, ids beyond 2^53, emoji', async () => {
    const [prize] = await journey.rows(`set enable_case_sensitive_super_attribute to true;
      select payload.prizePool::varchar from latest.brackets where payload.tournamentId = 't-000'`);
    expect(prize).toEqual(['12345678901234567890123456789012345678']);
    const [row] = await journey.rows(`set enable_case_sensitive_super_attribute to true;
      select payload.name::varchar, payload.matches[0].participants[0].playerId::varchar
      from latest.brackets where payload.tournamentId = 't-001'`);
    expect(row).toEqual(['Spring Open 🌸 1', '9007199254740997']);
  });

  describe('the marts are read by the clients that analysts have', () => {
    const sql = 'select tournament_id, tournament_name from mart.certified_tournaments order by 1 limit 2';
    const expected = certifiedTournaments()
      .slice(0, 2)
      .map((row) => [row.tournament_id, row.tournament_name]);

    testWith('psql')('psql', async () => {
      const { port, user, password, database } = journey.platform.instance({}).redshift;
      const said = await psqlSays(`host=127.0.0.1 port=${port} user=${user} dbname=${database}`, password, [sql]);
      expect(said.trim().split('\n')).toEqual(expected.map((row) => row.join('|')));
    });

    testWith('psycopg2')('psycopg2, with what Redash sends before a query', async () => {
      const { port, user, password, database } = journey.platform.instance({}).redshift;
      const said = await pythonSays(`import json, psycopg2
connection = psycopg2.connect(host="127.0.0.1", port=${port}, user="${user}", password="${password}", dbname="${database}", sslmode="require")
cursor = connection.cursor()
cursor.execute("set query_group to default; ${sql}")
print(json.dumps(cursor.fetchall()))`);
      expect(JSON.parse(said)).toEqual(expected);
    });
  });

  test('what the pipeline did is a query: loads and model runs are in ops', async () => {
    const loads = await journey.rows(
      'select dataset, sum(rows_inserted) from ops.loads group by dataset order by dataset',
    );
    expect(loads.map(([dataset, rows]) => [dataset, Number(rows)])).toEqual(
      [...summary.datasets].sort((a, b) => (a.dataset < b.dataset ? -1 : 1)).map((one) => [one.dataset, one.loaded]),
    );
    const outcomes = await journey.rows('select distinct model, outcome from ops.model_runs order by model');
    const { models } = await loadProject(parseConfig(demoConfig));
    expect(outcomes).toEqual(models.map(({ name }) => [name, 'published']).toSorted());
  });

  test('the catalog is in its bucket, and says of each mart that it is published', async () => {
    const { S3Client } = await import('@aws-sdk/client-s3');
    const site = s3ObjectStore(
      journey.platform.output('SiteBucketName'),
      new S3Client({ ...journey.platform.clientOptions, forcePathStyle: true }),
    );
    expect(await site.get('index.html')).toBeDefined();
    const observed = JSON.parse(Buffer.from((await site.get('data/observations.json')) ?? '{}').toString());
    const published = observed.models.filter((one: { published?: object }) => one.published);
    const noted = await journey.rows(
      "select distinct model from ops.model_runs where outcome = 'published' order by 1",
    );
    expect(published.map((one: { name: string }) => one.name)).toEqual(noted.flat());
    expect(noted.length).toBeGreaterThan(0);
    const { endpoint } = journey.platform.clientOptions;
    for (const page of ['', 'data/index.js', 'data/relations/mart.daily_kpi.js']) {
      expect((await fetch(`${endpoint}/catalog/${page}`)).status).toBe(200);
    }
  });

  test('nothing was denied and nothing failed on the way', () => {
    expect(journey.activities.filter((activity) => activity.bad).map((activity) => activity.text)).toEqual([]);
  });

  test('the demo run again over the same state doubles nothing', async () => {
    const before = summary;
    await journey.end();
    await playAndCount();
    const counts = (one: Summary) => one.datasets.map(({ lag: _lag, ...dataset }) => dataset);
    expect(counts(summary)).toEqual(counts(before));
    expect(summary.marts).toEqual(before.marts);
  });

  test('an item put by hand is in the mart when the pipeline is idle again', async () => {
    const item = JSON.stringify({
      tournamentId: 't-900',
      name: 'By hand',
      organizerId: 'org-00',
      size: 4,
      matches: [],
    });
    const { putItems } = await import('../local/front-door.ts');
    const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
    const { frontDoors } = journey.platform.instance({});
    const door = frontDoors.brackets;
    if (door?.kind !== 'dynamodb') throw new Error('brackets is a table');
    await putItems(new DynamoDBClient(journey.platform.clientOptions), door.tableName, [item]);
    await journey.platform.idle();
    const rows = await journey.rows(
      "select tournament_name from mart.certified_tournaments where tournament_id = 't-900'",
    );
    expect(rows).toEqual([['By hand']]);
  });
});
