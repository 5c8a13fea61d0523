import type { CompiledModel, Materialization } from '../../lib/pipeline/models/model.ts';
import { ModelWorld } from '../factories/model-world.ts';
import { aModel } from '../factories/pipeline.ts';

const kinds: readonly Materialization[] = ['table', 'view', 'materialized view'];
const pairs = kinds.flatMap((from) => kinds.map((to) => [from, to] as const));

/** A model over a small table; each `version` has a column of its own. */
function aMart(table: string, materialization: Materialization, version = 1): CompiledModel {
  const sql = `SELECT s.n, s.n * ${version} AS n_${version} FROM "latest".source AS s`;
  return aModel({
    ...{ table, materialization, sql, definition: `${materialization} ${version}`, label: 'Zertifizierte Turniere 🏆' },
    description: "It's one",
    columns: [{ name: 'n', description: 'The number', label: 'Número' }],
    checks: [{ kind: 'expression', sql: 'n < 100', severity: 'error' }],
    output: [
      { name: 'n', type: 'integer' },
      { name: `n_${version}`, type: 'integer' },
    ],
    reads: [],
  });
}

describe('a deployed model', () => {
  let world: ModelWorld;
  beforeAll(async () => {
    world = await ModelWorld.open();
    await world.rows('CREATE TABLE "latest".source AS SELECT 1 AS n UNION ALL SELECT 2');
  });
  afterAll(() => world.close());

  const read = (table: string) => world.rows(`SELECT * FROM mart.${table} ORDER BY 1`);
  const named = async (table: string) =>
    (
      await world.rows(
        `SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = 'mart' AND relname LIKE '${table}%' ORDER BY 1`,
      )
    ).flat();
  const comment = (table: string) => world.rows(`SELECT OBJ_DESCRIPTION('mart.${table}'::regclass)`);
  const mayRead = (table: string) =>
    world.rows(
      `SELECT COUNT(*) FROM svv_relation_privileges WHERE namespace_name = 'mart' AND relation_name = '${table}' AND identity_name = 'analysts' AND privilege_type = 'SELECT'`,
    );

  it.each(pairs)('that was a %s becomes a %s, with other columns, and back', async (from, to) => {
    const table = `from_${kinds.indexOf(from)}_to_${kinds.indexOf(to)}`;
    await world.rows(`CREATE OR REPLACE VIEW public.over_it AS SELECT n FROM mart.${table} WITH NO SCHEMA BINDING`);
    const made = [
      [from, 1],
      [to, 2],
      [to, 2],
      [from, 3],
    ] as const;
    for (const [kind, version] of made) {
      const outcome = await world.refresh(aMart(table, kind, version));
      expect(outcome).toMatchObject({ kind: 'published', rows: 2, warnings: [] });
      expect(await read(table)).toEqual([
        ['1', `${version}`],
        ['2', `${2 * version}`],
      ]);
      expect(await comment(table)).toEqual([["Zertifizierte Turniere 🏆: It's one"]]);
      expect(await mayRead(table)).toEqual([['1']]);
      expect(await world.rows('SELECT COUNT(*) FROM public.over_it')).toEqual([['2']]);
      const beside = kind === 'materialized view' ? [expect.stringMatching(`^${table}__[ab]$`)] : [];
      const here = await named(table);
      expect(here.slice(0, 2)).toEqual([table, ...beside].slice(0, here.length));
    }
  });

  it('that is a table says what its columns mean, also after a swap', async () => {
    const of = () => world.rows(`SELECT COL_DESCRIPTION('mart.told'::regclass, 1)`);
    await world.refresh(aMart('told', 'table', 1));
    expect(await of()).toEqual([['Número: The number']]);
    await world.refresh(aMart('told', 'table', 2));
    expect(await of()).toEqual([['Número: The number']]);
    await world.refresh(aMart('told', 'table', 2));
    expect(world.steps).toEqual(['build', 'check', 'replace']);
    expect(await of()).toEqual([['Número: The number']]);
  });

  it('that is a view is shown anew only where its definition is another, and made anew where its columns are', async () => {
    await world.refresh(aMart('shown', 'view', 1));
    expect(world.steps).toEqual(['build', 'check', 'swap']);
    await world.refresh(aMart('shown', 'view', 1));
    expect(world.steps).toEqual(['build', 'check', 'replace']);
    expect(world.sent.at(-1)?.statements.join('\n')).not.toContain('CREATE');
    await world.refresh({ ...aMart('shown', 'view', 1), definition: 'the same columns' });
    expect(world.steps).toEqual(['build', 'check', 'swap', 'tidy']);
    await world.refresh(aMart('shown', 'view', 2));
    expect(world.steps).toEqual(['build', 'check', 'swap', 'remake', 'tidy']);
  });

  it('whose table an ordinary view reads is published, and warns that the old one cannot go', async () => {
    await world.refresh(aMart('bound', 'table', 1));
    await world.rows('CREATE VIEW public.bound_view AS SELECT n FROM mart.bound');
    expect(await world.refresh(aMart('bound', 'table', 2))).toMatchObject({
      ...{ kind: 'published', warnings: [expect.stringMatching(/^the old mart\.bound is still there: .*depend/)] },
    });
    const third = aMart('bound', 'table', 3);
    expect(await world.refresh(third)).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/depend/) });
    expect(await read('bound')).toEqual([
      ['1', '2'],
      ['2', '4'],
    ]);
    await world.rows('DROP VIEW public.bound_view');
    expect(await world.refresh(third)).toMatchObject({ kind: 'published', warnings: [] });
  });

  it('is kept in the order and the place that its header says', async () => {
    const model = {
      ...aMart('spread', 'table'),
      distribution: { style: 'key' as const, column: 'n' },
      sortColumns: ['n_1', 'n'],
    };
    await world.refresh(model);
    const columns = await world.rows(
      `SELECT "column", distkey, sortkey FROM pg_table_def WHERE schemaname = 'mart' AND tablename = 'spread' ORDER BY 1`,
    );
    expect(columns).toEqual([
      ['n', 't', '2'],
      ['n_1', 'f', '1'],
    ]);
    await world.refresh({ ...model, materialization: 'materialized view', definition: 'kept in twos' });
    expect(world.sent[1]?.statements.join('\n')).toContain('DISTKEY ("n")\nSORTKEY ("n_1", "n")\nAUTO REFRESH NO AS');
  });
});

describe('a materialized view', () => {
  let world: ModelWorld;
  beforeAll(async () => {
    world = await ModelWorld.open();
    await world.rows('CREATE TABLE "latest".source AS SELECT 1 AS n UNION ALL SELECT 2');
  });
  afterAll(() => world.close());
  const count = async (name: string) => (await world.rows(`SELECT COUNT(*) FROM mart.${name}`)).flat()[0];

  it('is refreshed where nobody reads it, and read where it passed its checks last', async () => {
    const model = aMart('twins', 'materialized view');
    await world.refresh(model);
    expect(world.steps).toEqual(['look', 'build', 'check', 'swap']);
    await world.refresh(model);
    expect(world.steps).toEqual(['look', 'build', 'check', 'swap']);
    await world.rows('INSERT INTO "latest".source VALUES (3)');
    await world.refresh(model);
    expect(world.steps).toEqual(['look', 'refresh', 'check', 'swap']);
    expect([await count('twins'), await count('twins__a'), await count('twins__b')]).toEqual(['3', '3', '2']);

    await world.rows('INSERT INTO "latest".source VALUES (100)');
    expect(await world.refresh(model)).toMatchObject({ kind: 'checkFailed' });
    expect([await count('twins'), await count('twins__a'), await count('twins__b')]).toEqual(['3', '3', '4']);

    await world.rows('DELETE FROM "latest".source WHERE n = 100');
    expect(await world.refresh(model)).toMatchObject({ kind: 'published', rows: 3 });
    expect(world.steps).toEqual(['look', 'refresh', 'check', 'swap']);
  });

  it('is made anew where somebody dropped it', async () => {
    const model = aMart('dropped', 'materialized view');
    for (let run = 0; run < 2; run += 1) await world.refresh(model);
    await world.rows('DROP MATERIALIZED VIEW mart.dropped__a');
    expect(await world.refresh(model)).toMatchObject({ kind: 'published' });
    expect(world.steps).toEqual(['look', 'refresh', 'build', 'check', 'swap']);
  });

  it('does not keep the table that it reads from changing, again and again', async () => {
    for (const version of [1, 2, 3]) {
      const base = aMart('base', 'table', version);
      const warnings = version === 1 ? [] : [expect.stringMatching(/^the old mart\.base is still there/)];
      expect(await world.refresh(base)).toMatchObject({ kind: 'published', warnings });
      const sql = `SELECT s.n, s.n_${version} FROM mart.base AS s`;
      const above = { ...aMart('above', 'materialized view', version), sql };
      for (let run = 0; run < 2; run += 1) {
        expect(await world.refresh(above)).toMatchObject({ kind: 'published', warnings: [] });
      }
      expect(await world.rows(`SELECT MAX(n_${version}) / MAX(n) FROM mart.above`)).toEqual([[`${version}`]]);
    }
  });

  it('is refused, with what to do, where Redshift takes none', async () => {
    const seen = aMart('seen', 'view');
    world.others = [seen];
    const sql =
      'SELECT s.n, functions.day(s.n) AS n_1, ROW_NUMBER() OVER (ORDER BY s.n) AS rank FROM mart.seen AS s -- limit\nORDER BY s.n';
    const reads = [{ name: 'mart.seen', start: 0, end: 1, aliased: true }];
    const outcome = await world.refresh({ ...aMart('refused', 'materialized view'), sql, reads });
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(
        /cannot read mart\.seen.*; Redshift takes no ORDER BY.*; Redshift takes no SQL function/,
      ),
    });
    expect(world.steps).toEqual(['discard']);
  });
});
