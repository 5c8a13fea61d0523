import { compileModels, ModelsError, modelCompilerReady } from '../../lib/pipeline/models/compile.ts';
import { loadProject } from '../../lib/project.ts';
import demo from '../../millrace.config.ts';
import { datasets } from '../factories/pipeline.ts';

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
  beforeAll(modelCompilerReady);

  it('of the demo know what they read, from their SQL alone, and a check waits for all that it reads', async () => {
    const { models, functions } = await loadProject(demo);

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

  it('change their definition with what is upstream of them, and not with a check', () => {
    const definitions = (sql: string, checks = '') =>
      compileModels([model('a', sql, `${header}${checks}`), model('b', 'SELECT x FROM mart.a')], datasets).map(
        ({ definition }) => definition,
      );
    const before = definitions('SELECT 1 AS x FROM latest.brackets');
    const changed = definitions('SELECT 2 AS x FROM latest.brackets');
    const checked = definitions('SELECT 1 AS x FROM latest.brackets', '-- checks:\n--   not_null: x\n');

    expect(changed[1]).not.toBe(before[1]);
    expect(checked).toEqual(before);
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
    expect(problems({ path: 'x.sql', text: header })[0]).toContain('a model is a file models/<schema>/<name>.sql');
  });

  it('tell a syntax error by its line', () => {
    expect(problems(model('a', 'SELECT\n  1 AS x,\nFROM FROM latest.brackets'))[0]).toMatch(
      /^sql\/models\/mart\/a\.sql:[345]:\d+: /,
    );
  });
});
