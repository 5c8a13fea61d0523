import { parseConfig } from '../../lib/config/config.ts';
import { compileProject, ModelsError } from '../../lib/pipeline/models/compile.ts';
import { loadProject } from '../../lib/project.ts';
import demo from '../../millrace.config.ts';
import { datasets } from '../factories/pipeline.ts';
import { aFunctionFile, aModelFile, compileModels } from '../factories/project.ts';

const header = '-- owner: me\n-- description: one\n';
const model = (name: string, sql: string, head = header) => ({ path: `sql/models/mart/${name}.sql`, text: head + sql });

/** Every problem, a line each. */
function problems(...files: { path: string; text: string }[]): string[] {
  try {
    compileModels(files, datasets);
    return [];
  } catch (error) {
    if (error instanceof ModelsError) return error.message.split('\n');
    throw error;
  }
}

describe('models', () => {
  it('of the demo know what they read, from their SQL alone, and a check waits for all that it reads', async () => {
    const { models, functions } = await loadProject(parseConfig(demo));

    expect(models).toHaveLength(12);
    const reads = new Map(models.map(({ name, dependsOn, datasets: read }) => [name, [dependsOn, read]]));
    expect(reads.get('staging.log_events')).toEqual([[], ['app_logs']]);
    expect(reads.get('mart.players')).toEqual([['staging.log_events', 'staging.matches', 'staging.participants'], []]);
    const checked = models.filter(({ checks }) => checks.some(({ kind }) => kind === 'query'));
    expect(checked.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
      ['staging.tournaments', ['history.tournament_status']],
      ['staging.participants', ['staging.matches']],
    ]);
    expect(functions.map(({ name }) => name)).toContain('try_json_parse');
    const queries = models.flatMap(({ checks }) => checks.filter(({ kind }) => kind === 'query'));
    for (const query of queries) expect(query).toMatchObject({ output: expect.arrayContaining([expect.anything()]) });
  });

  it('do not take what they unnest, nor their own common table expressions, for tables', () => {
    const sql = `WITH latest AS (SELECT b.payload FROM latest.brackets AS b)
SELECT p.name FROM latest AS t, t.payload.matches AS m, m.participants AS p
UNION ALL
SELECT x.name FROM (SELECT payload FROM "raw".app_logs) AS s, s.payload.names AS x`;
    expect(compileModels([model('a', sql)], datasets)).toMatchObject([{ datasets: ['app_logs', 'brackets'] }]);
  });

  it('come in the order of their dependencies', () => {
    const files = [
      model('a', 'SELECT 1 AS x FROM mart.c'),
      model('b', 'SELECT 1 AS x FROM mart.a JOIN mart.c ON true'),
      model('c', 'SELECT 1 AS x FROM latest.brackets;\n'),
    ];
    expect(compileModels(files, datasets).map(({ name }) => name)).toEqual(['mart.c', 'mart.a', 'mart.b']);
  });

  it('change their definition with all that decides their shape and rows, and with nothing else', () => {
    const body = (expression: string) =>
      `CREATE OR REPLACE FUNCTION functions.f(INTEGER) RETURNS INTEGER IMMUTABLE AS $$ SELECT ${expression} $$ LANGUAGE sql`;
    const definitions = (header = '', sql = 'functions.g(1) AS x', expression = '$1') => {
      const models = [
        aModelFile('a', `SELECT ${sql}, 1 AS y FROM latest.brackets`, header),
        aModelFile('b', 'SELECT x FROM mart.a'),
        aModelFile('c', 'SELECT 1 AS x FROM latest.brackets'),
      ];
      const functions = [
        aFunctionFile('f', body(expression)),
        aFunctionFile('g', body('functions.f($1)').replace('functions.f(', 'functions.g(')),
      ];
      return compileProject({ models, functions }, datasets).models.map(({ definition }) => definition);
    };
    const before = definitions();
    const history = '-- materialization: history\n-- key: x\n-- valid from: y\n';
    const told = [
      definitions('', '2 AS x'),
      definitions('', undefined, '$1 + 1'),
      ...[
        ...['-- key: x\n', '-- key: y\n', '-- columns:\n--   x: what\n', '-- columns:\n--   x "label": what\n'],
        ...['-- label: l\n', '-- sort: x\n', '-- distribution: all\n', '-- grants: r\n', '-- materialization: view\n'],
        ...[history, `${history}-- deleted: x\n`, history.replace('valid from: y', 'valid from: x')],
      ].map((header) => definitions(header)),
    ];
    for (const [a, b, c] of told) {
      expect([a === before[0], b === before[1], c === before[2]]).toEqual([false, false, true]);
    }
    expect(new Set(told.map(String)).size).toBe(told.length);
    for (const header of ['-- checks:\n--   not_null: x\n', '-- freshness: 1 day\n', '-- lane: slow\n']) {
      expect(definitions(header)).toEqual(before);
    }
  });

  it('know where in their SQL each table stands, whatever comes before it', () => {
    const sql = `/* 🏆 */ SELECT '🙈' AS "Ü" FROM "raw"."app_logs" AS l -- 🎲
JOIN (SELECT 1 AS x FROM latest . brackets) AS b ON true; -- done`;
    const [compiled] = compileModels(
      [{ path: 'sql/models/mart/a.sql', text: `-- owner: 🧑\n-- description: é🏆\n\n${sql}` }],
      datasets,
    );
    expect(compiled?.sql).toBe(sql.replace('; -- done', ''));
    expect(
      compiled?.reads.map(({ name, start, end, aliased }) => [name, compiled.sql.slice(start, end), aliased]),
    ).toEqual([
      ['raw.app_logs', '"raw"."app_logs"', true],
      ['latest.brackets', 'latest . brackets', false],
    ]);
  });

  it('are built after what they are checked against, unless that is built from them', () => {
    const related = (to: string) => `-- checks:\n--   relationship: x to ${to}.x\n`;
    const a = aModelFile('a', 'SELECT 1 AS x FROM latest.brackets', related('mart.b'));
    const b = aModelFile('b', 'SELECT 1 AS x FROM latest.brackets', related('mart.b'));
    expect(compileModels([a, b], datasets).map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
      ['mart.b', []],
      ['mart.a', ['mart.b']],
    ]);
    expect(problems(a, aModelFile('b', 'SELECT x FROM mart.a'))).toEqual([
      'sql/models/mart/a.sql:4: mart.b is built from mart.a, so mart.a cannot be checked against it before; write a file in sql/checks',
    ]);
  });

  it('are refused where they are too long, and are read however long their chain is', () => {
    const long = aModelFile('a', `SELECT '${'x'.repeat(100_000)}' AS x`);
    expect(problems(long)).toEqual(['sql/models/mart/a.sql:1: it is longer than 100000 bytes; make two of it']);
    const chain = Array.from({ length: 2_000 }, (_, n) => aModelFile(`m${n}`, `SELECT 1 AS x FROM mart.m${n + 1}`));
    const last = aModelFile('m2000', 'SELECT 1 AS x FROM latest.brackets');
    expect(compileModels([...chain, last], datasets)[0]?.name).toBe('mart.m2000');
    expect(problems(...chain, aModelFile('m2000', 'SELECT 1 AS x FROM mart.m0'))[0]).toMatch(
      /a circle: mart\.m0 → mart\.m1 → /,
    );
  });

  it('that are materialized views are refused where Redshift makes none', () => {
    const twins = (sql: string) => model('twins', sql, `${header}-- materialization: materialized view\n`);
    const view = model('seen', 'SELECT 1 AS x FROM latest.brackets', `${header}-- materialization: view\n`);
    expect(problems(twins('SELECT 1 AS x FROM latest.brackets'))).toEqual([]);
    expect(problems(view, twins('SELECT x FROM mart.seen ORDER BY x'))).toEqual([
      expect.stringMatching(
        /^sql\/models\/mart\/twins\.sql:1: a materialized view cannot read mart\.seen: .*make mart\.seen a table/,
      ),
      expect.stringMatching(/^sql\/models\/mart\/twins\.sql:1: Redshift takes no ORDER BY/),
    ]);
  });

  it('have a key that is checked, as severely as the header says', () => {
    const head = `${header}-- key: a, b\n-- checks:\n--   not_null (warn): b\n--   expression: a > 0\n`;
    const [compiled] = compileModels([model('m', 'SELECT a, b FROM latest.brackets', head)], datasets);
    expect(compiled?.checks).toEqual([
      { kind: 'not_null', column: 'a', severity: 'error' },
      { kind: 'unique', columns: ['a', 'b'], severity: 'error' },
      { kind: 'not_null', column: 'b', severity: 'warn' },
      { kind: 'expression', sql: 'a > 0', severity: 'error' },
    ]);
  });

  it('say all that is wrong at once, where, and how to mend it', () => {
    const head = '-- ownr: me\n-- description: one\n-- freshness: soon\n-- checks:\n--   uniqe: x\n';
    expect(problems(model('a', 'SELECT 1 FROM latest.bracket AS b\nJOIN latest.app_logs AS l ON true', head))).toEqual([
      'sql/models/mart/a.sql:1: there is no header key ownr; did you mean owner?',
      'sql/models/mart/a.sql:1: the header has no owner; add a line: -- owner: …',
      'sql/models/mart/a.sql:3: soon is not a freshness; write it as: 90 seconds, 5 minutes, 2 hours, 1 day',
      'sql/models/mart/a.sql:5: there is no check uniqe; did you mean unique?',
      'sql/models/mart/a.sql:6:15: there is no table latest.bracket; did you mean latest.brackets?',
      'sql/models/mart/a.sql:7:6: latest.app_logs does not exist: the events of app_logs have no key; read "raw".app_logs',
    ]);
  });

  it('are refused where they go in a circle, are not one SELECT, or lie where no model lies', () => {
    const circle = problems(model('a', 'SELECT 1 AS x FROM mart.b'), model('b', 'SELECT 1 AS x FROM mart.a'));
    expect(circle).toEqual(['sql/models/mart/b.sql:3:20: a circle: mart.a → mart.b → mart.a']);
    expect(problems(model('a', 'DELETE FROM latest.brackets'))).toEqual([
      'sql/models/mart/a.sql:3:1: one SELECT and nothing else may stand here',
    ]);
    expect(problems({ path: 'sql/models/raw/x.sql', text: `${header}SELECT 1 AS x` })).toEqual([
      "sql/models/raw/x.sql:1: the schema raw is the pipeline's own; put models in another",
    ]);
    for (const [name, taken] of [
      ['kpi__next', '__next'],
      ['kpi__changed_desk', '__changed'],
      ['kpi__b', '__b'],
    ] as const) {
      expect(problems(model(name, 'SELECT 1 AS x FROM latest.brackets'))).toEqual([
        `sql/models/mart/${name}.sql:1: the name ${name} has ${taken} in it, as what a model is built from has beside it; choose another`,
      ]);
    }
    expect(problems(model('kpi__nextdoor', 'SELECT 1 AS x FROM latest.brackets'))).toEqual([]);
    expect(problems({ path: 'x.sql', text: header })[0]).toContain('a model is a file models/<schema>/<name>.sql');
  });
});
