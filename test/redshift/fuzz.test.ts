import fc from 'fast-check';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import { type Redshift, RedshiftError, type Session } from '../../local/redshift/types.ts';
import { expression, query } from './generated-queries.ts';

const patienceMilliseconds = 3_000;
/** One seed, so that a commit fails for what it changed; `FUZZ_SEED=…` looks elsewhere. */
const seed = Number(process.env.FUZZ_SEED ?? 20_261_121);
/** How often each property is tried; `FUZZ_RUNS=20000` takes its time. */
const runs = (usual: number): number => Number(process.env.FUZZ_RUNS ?? usual);
const jestMilliseconds = process.env.FUZZ_RUNS ? 3_600_000 : undefined;

/** Statements of every kind, to be cut, joined and garbled. */
const statements = [
  'select t.s.a[0].b, count(*) from t group by 1 having count(*) > 0 order by 2 desc limit 3',
  'select x.n, i from t, t.s.list as x at i where x.n > 1.50',
  'select v, k from t, unpivot t.s as v at k',
  `select json_parse('{"a":[1,2.50,"x"]}').a[1]::decimal(10,2), json_typeof(s.a) from t`,
  `with c as (select id, s.a as a from t union all select 1, null) select * from c left join t on c.id = t.id`,
  `select row_number() over (partition by id order by name desc), lag(id, 1) over (order by id) from t qualify row_number() over (order by id) = 1`,
  `select case when id between 1 and 2 then 'x' else upper(name) end, coalesce(name, 'none') || 'é😀' from t`,
  `select date_trunc('month', '2026-01-31'::date), dateadd(day, 3, getdate()), datediff(hour, '2026-01-01'::timestamp, sysdate)`,
  `select listagg(name, ',') within group (order by name), approximate count(distinct id), median(id) from t`,
  'insert into t (id, name) values (1, $$x$$), (2, null)',
  "update t set name = 'y' where id in (select id from t where name like '%a_')",
  'delete from t using t as u where t.id = u.id',
  'merge into t using t as u on t.id = u.id when matched then delete when not matched then insert values (1, null, null)',
  'create table u (id int identity(1,1), s super encode zstd) diststyle key distkey (id) sortkey (id)',
  'create view w as select * from t with no schema binding',
  'alter table t add column extra varchar(20) default null',
  "copy t from 's3://lake/a' iam_role default format json 'auto' gzip maxerror 3",
  `unload ('select 1') to 's3://out/a' iam_role default parquet`,
  'grant select on all tables in schema public to public',
  'set enable_case_sensitive_identifier to true; show search_path',
  'explain select 1; begin; rollback; truncate t; drop table if exists nothing cascade',
];
const tokens = [...new Set(statements.flatMap((text) => text.match(/\w+|\s+|[^\w\s]/g) ?? []))];
const oddities = [
  '\0',
  "'",
  '"',
  '/*',
  '--',
  '$$',
  '$1',
  '(((',
  ')))',
  '::',
  '\\',
  '\ud800',
  '😀',
  '1e999',
  '.5.',
  '[-1]',
  ';',
];

const statement = fc.constantFrom(...statements);
const piece = fc.oneof(fc.constantFrom(...tokens), fc.constantFrom(...oddities));
const jumble = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(' '));

/** A statement with some of its tokens dropped, doubled, swapped or replaced. */
const mutated = fc
  .tuple(statement, fc.array(fc.tuple(fc.nat(), fc.nat(3), piece), { minLength: 1, maxLength: 3 }))
  .map(([text, changes]) => {
    const parts = text.match(/\w+|\s+|[^\w\s]/g) ?? [];
    for (const [place, kind, other] of changes) mutate(parts, place % parts.length, kind, other);
    return parts.join('');
  });

function mutate(parts: string[], at: number, kind: number, other: string): void {
  const part = parts[at] as string;
  if (kind === 0) parts[at] = '';
  else if (kind === 1) parts[at] = `${part} ${part}`;
  else if (kind === 2) parts[at] = other;
  else parts.splice(at, 1, other, part);
}

const spliced = ([left, right, from, to]: readonly [string, string, number, number]): string =>
  left.slice(0, from) + right.slice(to);

describe('the dialect under arbitrary text', () => {
  let redshift: Redshift;
  let session: Session;
  beforeAll(async () => {
    redshift = await openRedshift({ databases: ['dev'], admin: { user: 'admin', password: 'secret' } });
    session = await redshift.session({ database: 'dev', user: 'admin' });
    await session.execute('create table t (id int, name varchar(20), s super, amount decimal(10,2), at timestamp)');
    await session.execute('create table u (id int, name varchar(20))');
    await session.execute(
      `insert into t select 1, 'a', json_parse('{"a":[{"b":1.50}],"list":[{"n":2}]}'), 12.50, '2026-01-31 10:11:12'`,
    );
    await session.execute('insert into t values (null, null, null, null, null)');
  });
  afterAll(() => redshift.close());

  /** What a text comes to: a result, or an error of Redshift's. Anything else fails the test. */
  async function settle(text: string): Promise<void> {
    const before = performance.now();
    try {
      await session.execute(`begin; ${text}`);
    } catch (error) {
      if (!(error instanceof RedshiftError)) throw error;
      if (error.message.startsWith('the box could not run')) throw error;
      expect(error.sqlState).toMatch(/^[0-9A-Z]{5}$/);
    } finally {
      if (session.transactionStatus !== 'I') await session.execute('rollback');
    }
    expect(performance.now() - before).toBeLessThan(patienceMilliseconds);
  }

  it.each([
    ['any text', fc.string({ unit: 'binary', maxLength: 60 }), 100],
    ['words in any order', jumble, 150],
    ['statements with a few words changed', mutated, 250],
    ['two statements cut and joined', fc.tuple(statement, statement, fc.nat(80), fc.nat(80)).map(spliced), 150],
    ['calls and operators of any arguments', expression(1).map((value) => `select ${value} from t`), 200],
    ['whole queries', query, 120],
  ] as const)(
    '%s: a result or an error of Redshift',
    async (_, texts, usual) => {
      await fc.assert(fc.asyncProperty(texts as fc.Arbitrary<string>, settle), { numRuns: runs(usual), seed });
    },
    jestMilliseconds,
  );

  it.each([
    '__proto__',
    'constructor 1',
    'explain toString',
    'select date_part(constructor, getdate())',
    'select datediff(__proto__, getdate(), getdate())',
    "select interval '1 constructor'",
    "select convert_timezone('constructor', 'valueOf', getdate())",
    'select __proto__(1)',
    'set constructor to 1',
    'select t.s.constructor, t.s."__proto__"[0] from t',
  ])('%s is no word of SQL', (text) => settle(text));

  it('refuses NUL, at which DuckDB would end the text', async () => {
    await expect(session.execute("select 'a\0' || 'b'")).rejects.toMatchObject({ sqlState: '22021' });
  });

  it.each([
    ['parentheses', (depth: number) => `select ${'('.repeat(depth)}1${')'.repeat(depth)}`],
    ['open parentheses', (depth: number) => `select ${'('.repeat(depth)}`],
    ['calls', (depth: number) => `select ${'abs('.repeat(depth)}1${')'.repeat(depth)}`],
    ['subqueries', (depth: number) => `${'select * from ('.repeat(depth)}select 1${') as x'.repeat(depth)}`],
    ['signs', (depth: number) => `select ${'- '.repeat(depth)}1`],
    ['negations', (depth: number) => `select ${'not '.repeat(depth)}true`],
    ['sums', (depth: number) => `select 1${' + 1'.repeat(depth)}`],
    ['conditions', (depth: number) => `select 1 where true${' and true'.repeat(depth)}`],
    ['casts', (depth: number) => `select 1${'::int'.repeat(depth)}`],
    ['unions', (depth: number) => `select 1${' union all select 1'.repeat(Math.min(depth, 200))}`],
    ['comments', (depth: number) => `${'/*'.repeat(depth)}`],
    ['cases', (depth: number) => `select ${'case when true then '.repeat(depth)}1${' end'.repeat(depth)}`],
    ['paths', (depth: number) => `select t.s${'.a[0]'.repeat(depth)} from t`],
  ])('%s, thousands deep, are answered or refused', async (_, text) => {
    await settle(text(30));
    await settle(text(5_000));
  });
});
