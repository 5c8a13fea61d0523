import { parseConfig } from '../../lib/config/config.ts';
import { loadProject } from '../../lib/project.ts';
import config from '../../millrace.config.ts';
import { BoxWarehouse } from '../factories/box-warehouse.ts';
import { bracketHappenings, logHappenings, organizerHappenings } from '../factories/demo-happenings.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { type Happening, ModelsWorld } from '../factories/models-world.ts';
import { certifiedTournaments } from '../factories/tournament-oracle.ts';

const brackets = bracketHappenings();
const logs = logHappenings();
const organizers = organizerHappenings();
/** One of them has another name since. */
const renamed: Happening = {
  ...(organizers[0] as Happening),
  _id: 'o-renamed',
  _position: '99',
  payload: (organizers[0] as Happening).payload
    .replace('Organizer 0', 'Organizer Zero')
    .replace('2026-03-01', '2026-03-02'),
};

/** Steps and statements that are much the same for every model; test/pipeline and test/incremental have them. */
const books = /^(changes|check|tidy|look|describe)/;
const isParticular = (sql: string): boolean =>
  !/^(SET|LOCK|CALL|COMMENT|DROP TABLE)\b|"ops"\."(?!dataset_changes)/.test(sql);
const loadedSince = /(?<="_loaded_at" >= )'[^']+'/g;

describe("the demo's project of twelve models", () => {
  const warehouse = new BoxWarehouse(new MemoryLake());
  let world: ModelsWorld;
  let first: Map<string, ModelsWorld['sent']>;
  let second: Map<string, ModelsWorld['sent']>;

  /** Every model in its turn, as a run of the refresh does, and what was sent for it. */
  async function refreshAll(full = false): Promise<Map<string, ModelsWorld['sent']>> {
    const sent = new Map<string, ModelsWorld['sent']>();
    for (const { name } of world.models) {
      expect({ name, ...(await world.refresh(name, full)) }).toMatchObject({ name, kind: 'published' });
      sent.set(name, world.sent);
    }
    return sent;
  }

  const stepsOf = (sent: ReadonlyMap<string, ModelsWorld['sent']>) =>
    Object.fromEntries([...sent].map(([name, all]) => [name, all.map(({ step }) => step).join(' ')]));

  beforeAll(async () => {
    const project = await loadProject(parseConfig(config));
    world = new ModelsWorld(warehouse, project.datasets, project.models, project.functions);
    await world.prepare();
    await world.load('organizers', organizers);
    await world.load('brackets', brackets.slice(0, 50));
    await world.load('app_logs', logs.slice(0, 200));
    first = await refreshAll();
    await world.load('organizers', [renamed]);
    await world.load('brackets', brackets.slice(50));
    await world.load('app_logs', logs.slice(200));
    second = await refreshAll();
  });
  afterAll(() => warehouse.close());

  test('is built from nothing, and all of it is published', () => {
    expect(stepsOf(first)).toMatchInlineSnapshot(`
{
  "history.organizers": "changes build check describe-0 swap",
  "history.tournament_status": "changes build check describe-0 swap",
  "mart.certified_tournaments": "build check describe-0 swap",
  "mart.daily_kpi": "build check describe-0 swap",
  "mart.daily_log_activity": "changes build check describe-0 swap",
  "mart.players": "build check describe-0 swap",
  "mart.tournaments_by_status": "look build check swap",
  "staging.log_events": "changes build check describe-0 swap",
  "staging.matches": "changes build check describe-0 swap",
  "staging.organizers": "build check swap",
  "staging.participants": "changes build check describe-0 swap",
  "staging.tournaments": "changes build check describe-0 swap",
}
`);
  });

  test('follows a change wherever it is incremental or a history', () => {
    expect(stepsOf(second)).toMatchInlineSnapshot(`
{
  "history.organizers": "changes keys rows check merge",
  "history.tournament_status": "changes keys rows check merge",
  "mart.certified_tournaments": "build check replace",
  "mart.daily_kpi": "build check replace",
  "mart.daily_log_activity": "changes keys rows check merge",
  "mart.players": "build check replace",
  "mart.tournaments_by_status": "look build check swap",
  "staging.log_events": "changes keys changed-rows check merge",
  "staging.matches": "changes keys changed-rows check merge",
  "staging.organizers": "build check replace",
  "staging.participants": "changes keys changed-rows check merge",
  "staging.tournaments": "changes keys changed-rows check merge",
}
`);
  });

  test('is after the change what it would be if it were built whole then', async () => {
    const rows = () =>
      Promise.all(world.models.map(async (model) => [model.name, (await world.rowsOf(model)).map(String).toSorted()]));
    const followed = await rows();
    const whole = await refreshAll(true);
    expect([...whole.values()].flat().map(({ step }) => step)).not.toContain('keys');
    expect(await rows()).toEqual(followed);
    expect(followed.map(([name, all]) => `${name}: ${all?.length}`)).toMatchInlineSnapshot(`
[
  "history.organizers: 13",
  "history.tournament_status: 50",
  "staging.log_events: 240",
  "staging.tournaments: 37",
  "staging.matches: 100",
  "staging.organizers: 12",
  "staging.participants: 200",
  "mart.certified_tournaments: 25",
  "mart.daily_log_activity: 3",
  "mart.daily_kpi: 9",
  "mart.players: 122",
  "mart.tournaments_by_status: 12",
]
`);
  });

  test('yields of the demo what a naive computation does', async () => {
    const columns = Object.keys(certifiedTournaments()[0] ?? {});
    const rows = await warehouse.answer(`SELECT ${columns} FROM mart.certified_tournaments ORDER BY tournament_id`);
    const expected = certifiedTournaments().map((row) =>
      Object.values({ ...row, organizer_name: row.organizer_name.replace(/ 0$/, ' Zero') }),
    );
    expect(rows).toEqual(expected);
  });

  /** The box has taken every one of these, and it refuses what Redshift refuses. Where a model's own SELECT stands is said in a word. */
  test('is built and brought up to date with these statements', () => {
    const text = world.models.map(({ name, path, sql }) => {
      const told = (sent: ModelsWorld['sent'] = []) =>
        sent
          .filter(({ step }) => !books.test(step))
          .map(({ step, statements }) => `-- ${step}\n${statements.filter(isParticular).join(';\n')}`)
          .map((one) => one.replaceAll(sql, `[${path}]`).replaceAll(loadedSince, '[since]'));
      return [`---- ${name}`, ...told(first.get(name)), '---- the next run', ...told(second.get(name))].join('\n');
    });
    expect(text.join('\n\n')).toMatchSnapshot();
  });
});
