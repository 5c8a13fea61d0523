import { catalogOf } from '../../lib/catalog/catalog.ts';
import { nothingObserved, observed, observingStatements } from '../../lib/catalog/observations.ts';
import { sampleQueries } from '../../lib/catalog/sample-queries.ts';
import { BoxWarehouse } from '../factories/box-warehouse.ts';
import { aPlatform } from '../factories/catalog.ts';
import { MemoryLake } from '../factories/memory-lake.ts';

/** What is copied must run: the real engine takes it, under Redshift's refusals. */
describe('what is asked of the warehouse', () => {
  const warehouse = new BoxWarehouse(new MemoryLake());
  const { relations } = catalogOf(aPlatform(), nothingObserved);

  beforeAll(async () => {
    await warehouse.begin(new MemoryLake());
    await warehouse.answer('CREATE SCHEMA mart');
    for (const { name, columns, model } of relations) {
      if (model)
        await warehouse.answer(`CREATE TABLE ${name} (${columns.map((one) => `${one.name} ${one.type}`).join(', ')})`);
    }
    await warehouse.answer(`INSERT INTO latest.brackets SELECT '["t-1"]', 'id-1', 'insert', '1', '2026-11-20 12:00:00+00',
      JSON_PARSE('{"tournamentId": "t-1", "matches": [{"participants": [{"playerId": "p-1"}, {"playerId": "p-2"}]}]}'), 'load-1', SYSDATE`);
  });
  afterAll(() => warehouse.close());

  test.each(relations.flatMap(({ name, queries }) => queries.map(({ title, sql }) => [name, title, sql])))(
    '%s: %s runs as it stands',
    async (_name, _title, sql) => {
      await expect(warehouse.answer(sql)).resolves.toBeDefined();
    },
  );

  test('a path into arrays is a row an element', async () => {
    const latest = relations.find(({ name }) => name === 'latest.brackets');
    const nested = latest?.queries.find(
      ({ title }) => title.includes('participants[*].playerId') || title.includes('participants[*].email'),
    );
    expect(nested?.sql).toContain('FROM "latest"."brackets" AS t, t.payload.matches AS e1, e1.participants AS e2');
    expect(await warehouse.answer(nested?.sql ?? '')).toHaveLength(2);
  });

  test('labels head the columns, and personal data is left to whoever asks for it', () => {
    const columns = [
      { name: 'id' },
      { name: 'name', label: 'Name of "it"' },
      { name: 'other', label: 'Name of "it"' },
      { name: 'email', personalData: 'personal' as const },
    ];
    const [first] = sampleQueries({ schema: 'mart', table: 'x', key: [], columns, paths: [] });
    expect(first?.sql).toBe(`-- left out, personal data: email
SET enable_case_sensitive_identifier TO true; -- labels keep their capitals
SELECT
  "id",
  "name" AS "Name of ""it"" (name)",
  "other" AS "Name of ""it"" (other)"
FROM "mart"."x"
LIMIT 100`);
  });

  test('the books say when each model was published, what its last checks found and what came in', async () => {
    const at = (minute: number) => `TIMESTAMPTZ '2026-11-20 12:0${minute}:00+00'`;
    await warehouse.answer(`INSERT INTO ops.model_runs VALUES
      ('r1', 'mart.players', 'e', 'd', 'published', 4, NULL, ${at(0)}), ('r2', 'mart.players', 'e', 'd', 'check_failed', 5, 'unique (1)', ${at(2)})`);
    await warehouse.answer(`INSERT INTO ops.check_results VALUES
      ('r1', 'mart.players', 'unique: id', 'error', 0, ${at(0)}), ('r2', 'mart.players', 'unique: id', 'error', 1, ${at(2)})`);
    await warehouse.answer(`INSERT INTO ops.loads VALUES
      ('l1', 'brackets', 'main', 1, 'e', 'm', 1, 3, 3, 0, ${at(0)}, ${at(0)}, ${at(1)}),
      ('l2', 'brackets', 'reload-1', 1, 'e', 'm', 1, 2, 2, 0, '2026-01-01', '2026-01-01', ${at(2)})`);
    const ask = async (before: typeof nothingObserved) => {
      const { runs, checks, loads } = observingStatements(before);
      const rows = {
        runs: await warehouse.answer(runs.sql),
        checks: await warehouse.answer(checks.sql),
        loads: await warehouse.answer(loads.sql),
      };
      return observed(before, rows);
    };
    const found = await ask(nothingObserved);
    const noon = Date.UTC(2026, 10, 20, 12) / 1000;
    const day = Math.floor(noon / 86_400);
    expect(found).toEqual({
      untilSeconds: noon + 120,
      models: [
        {
          name: 'mart.players',
          runs: [
            { id: 'r2', outcome: 'check_failed', rows: 5, reason: 'unique (1)', atSeconds: noon + 120 },
            { id: 'r1', outcome: 'published', rows: 4, atSeconds: noon },
          ],
          published: { id: 'r1', outcome: 'published', rows: 4, atSeconds: noon },
          days: [[day, 4]],
          checked: { atSeconds: noon + 120, findings: [{ name: 'unique: id', severity: 'error', failures: 1 }] },
        },
      ],
      datasets: [{ name: 'brackets', loadedAtSeconds: noon + 120, lastEventAtSeconds: noon, days: [[day, 5]] }],
    });
    expect(await ask(found)).toEqual(found);
  });
});
