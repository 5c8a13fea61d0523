import { readFileSync } from 'node:fs';
import path from 'node:path';
import { boxAnalyst } from '../../lib/analyst.ts';
import type { Analysis, Analyst } from '../../lib/pipeline/models/analysis.ts';
import { caseSensitivePaths } from '../../lib/pipeline/statements/session.ts';
import { createTable, pipelineTables } from '../../lib/pipeline/tables.ts';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session } from '../../local/redshift/types.ts';
import { datasets } from '../factories/pipeline.ts';

const organizers = { name: 'organizers', owner: 'partnerships-team', freshnessSeconds: 60, keyed: true };
const tables = pipelineTables([...datasets, organizers]);

const doubled = `CREATE OR REPLACE FUNCTION functions.doubled(integer) RETURNS bigint IMMUTABLE AS $$ SELECT $1 * 2 $$ LANGUAGE sql`;
const label = `CREATE OR REPLACE FUNCTION functions.label(super, varchar(8)) RETURNS varchar(20) IMMUTABLE AS
  $$ SELECT $2 || $1.label::varchar(12) $$ LANGUAGE sql`;
const everyType = {
  schema: 'mart',
  name: 'every_type',
  columns: Object.entries({
    a_boolean: 'boolean',
    a_smallint: 'smallint',
    an_integer: 'integer',
    a_bigint: 'bigint',
    a_numeric: 'numeric(38,2)',
    a_real: 'real',
    a_double: 'double precision',
    a_char: 'character(3)',
    a_text: 'character varying(64)',
    a_date: 'date',
    a_time: 'time without time zone',
    a_timetz: 'time with time zone',
    a_timestamp: 'timestamp without time zone',
    a_timestamptz: 'timestamp with time zone',
    a_super: 'super',
    a_varbyte: 'binary varying(16)',
    months: 'interval year to month',
    seconds: 'interval day to second',
  }).map(([name, type]) => ({ name, type })),
};

let redshift: Redshift;
let session: Session;
let analyst: Analyst;

beforeAll(async () => {
  redshift = await openRedshift({ databases: ['dev'], admin: { user: 'admin', password: 'secret' }, threads: 1 });
  session = await redshift.session({ database: 'dev', user: 'admin' });
  const schemas = ['raw', 'latest', 'ops', 'staging', 'mart', 'functions', 'made'].map(
    (name) => `CREATE SCHEMA "${name}"`,
  );
  const columns = everyType.columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  const made = [...tables.map(createTable), `CREATE TABLE mart.every_type (${columns})`, doubled, label];
  await session.execute([...schemas, caseSensitivePaths, ...made].join(';\n'));
  analyst = boxAnalyst();
  for (const table of [...tables, everyType]) analyst.know(table);
  for (const fn of [doubled, label]) expect(analyst.knowFunction(fn)).toEqual({ kind: 'known' });
});
afterAll(() => redshift.close());

const columnsOf = (analysis: Analysis) => (analysis.kind === 'analysed' ? analysis.columns : analysis);

/** The columns of a table that the box really makes of the query. */
async function made(query: string) {
  await session.execute(`DROP TABLE IF EXISTS made.it; CREATE TABLE made.it AS ${query}`);
  const [result] = await session.execute(`
    SELECT a.attname, format_type(a.atttypid, a.atttypmod)
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'made' AND c.relname = 'it' AND a.attnum > 0 ORDER BY a.attnum`);
  return result?.rows?.map(([name, type]) => ({ name, type }));
}

const demo = (name: string): string =>
  readFileSync(path.join(import.meta.dirname, `../../sql/models/${name.replace('.', '/')}.sql`), 'utf8');

test.each([
  'SELECT * FROM mart.every_type',
  'SELECT * FROM latest.brackets',
  "SELECT 1 AS one, 1.5 AS decimal, 1e3 AS float, 'text' AS text, '' AS empty, NULL AS nothing, true AS yes, 12345678901 AS big",
  'SELECT payload.a AS path, payload.b::INT AS number, payload.c::VARCHAR AS text, payload.d::DECIMAL(38, 2) AS money FROM latest.brackets',
  'SELECT tournament.payload.Name, tournament.payload.a[0].b FROM latest.brackets AS tournament',
  'SELECT m.endedAt::TIMESTAMPTZ AS ended, i, m FROM latest.brackets AS t, t.payload.matches AS m AT i',
  'SELECT COUNT(*) AS n, SUM(an_integer), SUM(a_bigint) AS sum_big, SUM(a_numeric) AS money, AVG(an_integer) AS mean, AVG(a_double) AS mean_double, MAX(a_text) AS last FROM mart.every_type',
  'SELECT an_integer + a_bigint AS sum, a_numeric * 2 AS product, a_numeric / 3 AS quotient, a_smallint / 2 AS half, a_real * a_double AS real FROM mart.every_type',
  "SELECT a_text || '-' || a_char AS joined, UPPER(a_text) AS upper, SUBSTRING(a_text, 1, 2) AS part, a_text || a_text AS twice, LEN(a_text) FROM mart.every_type",
  "SELECT CASE WHEN a_boolean THEN an_integer ELSE a_bigint END AS chosen, COALESCE(a_char, a_text) AS text, NVL(a_numeric, 0), NULLIF(a_date, '2026-01-01') AS day FROM mart.every_type",
  "SELECT a_timestamp - a_timestamp AS between, DATEADD(day, 1, a_date) AS tomorrow, DATE_TRUNC('hour', a_timestamptz) AS hour, a_date - a_date AS days, a_timestamptz::DATE AS day, EXTRACT(epoch FROM a_timestamp) AS epoch FROM mart.every_type",
  'SELECT JSON_PARSE(a_text) AS parsed, JSON_SERIALIZE(a_super) AS text, MD5(a_text) AS hash, a_text::VARBYTE AS bytes FROM mart.every_type',
  'SELECT ROW_NUMBER() OVER (ORDER BY a_date) AS place, LAG(a_numeric) OVER (ORDER BY a_date) AS before, SUM(an_integer) OVER (PARTITION BY a_text) AS total, RANK() OVER (ORDER BY a_date) FROM mart.every_type',
  'SELECT an_integer AS x FROM mart.every_type UNION ALL SELECT a_numeric FROM mart.every_type UNION SELECT NULL',
  "SELECT a_text AS x, 'longer than that' AS y FROM mart.every_type UNION SELECT a_char, a_text FROM mart.every_type",
  'WITH a AS (SELECT a_text AS k, a_super.x AS v FROM mart.every_type) SELECT a.k, b.v::BIGINT AS v FROM a LEFT JOIN a AS b USING (k)',
  'SELECT (SELECT MAX(a_date) FROM mart.every_type) AS last, EXISTS (SELECT 1 FROM latest.brackets) AS any FROM latest.organizers',
  "SELECT functions.doubled(an_integer) AS twice, functions.label(a_super, 'x') FROM mart.every_type",
  "SELECT LISTAGG(a_text, ',') WITHIN GROUP (ORDER BY a_text) AS list, APPROXIMATE COUNT(DISTINCT a_text) AS about FROM mart.every_type",
  "SELECT * FROM (SELECT a_char, an_integer FROM mart.every_type) PIVOT (SUM(an_integer) FOR a_char IN ('abc' AS abc, 'xyz' AS xyz))",
  'SELECT months + months AS m, seconds * 2 AS s FROM mart.every_type',
  'SELECT execution, COUNT(*) FROM ops.loads GROUP BY 1 HAVING COUNT(*) > 1 ORDER BY 2 LIMIT 3',
])('a table made of %s has the columns that were foretold', async (query) => {
  const columns = columnsOf(analyst.analyse(query));
  expect(columns).toEqual(await made(query));
});

test("the demo's models have the columns that were foretold, one on top of the other", async () => {
  for (const name of ['is_business_day', 'try_json_parse']) {
    const text = readFileSync(path.join(import.meta.dirname, `../../sql/functions/${name}.sql`), 'utf8');
    expect(analyst.knowFunction(text)).toEqual({ kind: 'known' });
    await session.execute(text);
  }
  const staging = ['log_events', 'matches', 'organizers', 'participants', 'tournaments'].map(
    (name) => `staging.${name}`,
  );
  for (const name of [...staging, 'mart.daily_log_activity', 'mart.certified_tournaments', 'mart.daily_kpi']) {
    const analysis = analyst.analyse(demo(name));
    if (analysis.kind === 'invalid') throw new Error(analysis.message);
    expect(analysis.columns).toEqual(await made(demo(name)));
    await session.execute(`CREATE TABLE ${name} AS SELECT * FROM made.it`);
    const [schema = '', table = ''] = name.split('.');
    analyst.know({ schema, name: table, columns: analysis.columns });
  }
});

test('lineage says where each column comes from, with every way in which a path matters once', () => {
  const analysis = analyst.analyse(`
    SELECT o.payload.name::VARCHAR(64) AS organizer, MAX(m.endedAt::TIMESTAMPTZ) AS last
    FROM latest.brackets AS t, t.payload.matches AS m
    JOIN latest.organizers AS o ON o._key = t.payload.organizerId::VARCHAR(64)
    GROUP BY 1`);
  if (analysis.kind === 'invalid') throw new Error(analysis.message);
  const shown = analysis.lineage.columns.map(({ name, sources }) => [
    name,
    ...sources.map(({ table, path: to, influences }) => `${table}.${to} ${influences.map(({ subtype }) => subtype)}`),
  ]);
  expect(shown).toEqual([
    ['organizer', 'latest.organizers.payload.name TRANSFORMATION'],
    ['last', 'latest.brackets.payload.matches[*].endedAt AGGREGATION'],
  ]);
  expect(
    analysis.lineage.rows.map(({ path: to, influences }) => `${to} ${influences.map((one) => one.subtype)}`),
  ).toEqual(['payload.matches JOIN', '_key JOIN', 'payload.organizerId JOIN', 'payload.name GROUP_BY']);
});

test('a model is a source of its own: what stands behind it is not looked at', () => {
  analyst.know({ schema: 'mart', name: 'players', columns: [{ name: 'id', type: 'character varying(64)' }] });
  expect(analyst.analyse('SELECT id FROM mart.players')).toMatchObject({
    columns: [{ name: 'id', type: 'character varying(64)' }],
    lineage: { columns: [{ sources: [{ table: 'mart.players', column: 'id' }] }], rows: [] },
  });
});

/** The text from where it is wrong. */
const wrong = (query: string) => {
  const analysis = analyst.analyse(query);
  return analysis.kind === 'invalid' ? [analysis.message, query.slice(analysis.offset)] : 'nothing is wrong';
};

test.each([
  ['SELECT ides FROM mart.every_type', 'column "ides" does not exist in every_type', 'ides FROM mart.every_type'],
  [
    "SELECT '🏆' AS cup, x.y FROM mart.every_type AS t",
    'missing FROM-clause entry for table "x"',
    'x.y FROM mart.every_type AS t',
  ],
  [
    'SELECT a_date + a_date FROM mart.every_type',
    'operator does not exist: date + date',
    '+ a_date FROM mart.every_type',
  ],
  [
    'SELECT functions.doubled(a_date) FROM mart.every_type',
    'function doubled(date) does not exist',
    'functions.doubled(a_date) FROM mart.every_type',
  ],
  ['SELECT 1 FROM mart.nowhere', 'relation "mart.nowhere" does not exist', 'mart.nowhere'],
  [
    'SELECT an_integer, COUNT(*) FROM mart.every_type',
    'must appear in the GROUP BY clause',
    'SELECT an_integer, COUNT(*) FROM mart.every_type',
  ],
  [
    'SELECT a_date AS x, a_text AS x FROM mart.every_type',
    'column "x" specified more than once',
    'x FROM mart.every_type',
  ],
  ['SELECT 1 AS a INTO made.other', 'SELECT INTO makes a table', 'made.other'],
  ['SELECT 1 FRM t', 'syntax error at or near "t"', 't'],
])('%s: says what is wrong and where', (query, message, from) => {
  expect(wrong(query)).toEqual([expect.stringContaining(message), from]);
});

test('a function that cannot be is refused at its place, and is not known', () => {
  const statement =
    'CREATE FUNCTION functions.broken(integer) RETURNS integer STABLE AS $$ SELECT bogus($1) $$ LANGUAGE sql';
  const answer = analyst.knowFunction(statement);
  expect(answer).toMatchObject({ kind: 'invalid', message: expect.stringContaining('bogus') });
  expect(statement.slice((answer as { offset: number }).offset)).toMatch(/^bogus/);
  expect(wrong('SELECT functions.broken(1)')).not.toBe('nothing is wrong');
  expect(analyst.knowFunction('SELECT 1')).toMatchObject({ kind: 'invalid' });
});
