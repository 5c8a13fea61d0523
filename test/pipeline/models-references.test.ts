import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ast, Dialect, init, parse } from '@polyglot-sql/sdk';
import fc from 'fast-check';
import { tableReferences } from '../../lib/pipeline/models/references.ts';

/** The names of the tables, as they stand in the text. */
function read(sql: string): string[] {
  const found = tableReferences(sql);
  if (found.kind === 'invalid') throw new Error(`${found.message} at ${found.offset}`);
  return found.tables.map(({ start, end }) => sql.slice(start, end));
}

describe('the tables that a query reads', () => {
  it.each<[string, string, string[]]>([
    [
      'joins and lists',
      'SELECT 1 FROM a.b, c.d AS x JOIN e.f ON x.i = f.i LEFT JOIN (g.h CROSS JOIN i.j) ON true',
      ['a.b', 'c.d', 'e.f', 'g.h', 'i.j'],
    ],
    ['quoted names', 'SELECT 1 FROM "raw"."app_logs" "the logs", "raw" . x', ['"raw"."app_logs"', '"raw" . x']],
    [
      'comments, texts and emoji',
      "SELECT '🏆 FROM no.one', /* 🙈 FROM /* no.two */ */ 1 -- FROM no.three\nFROM /* 🎲 */ a.b",
      ['a.b'],
    ],
    ['escapes', String.raw`SELECT 'it\'s FROM no.one', 'a''b' FROM a.b`, ['a.b']],
    [
      'common table expressions',
      'WITH a AS (SELECT 1 FROM x.y), b(c) AS (SELECT 1 FROM a) SELECT 1 FROM a, b, (SELECT 1 FROM b) AS d',
      ['x.y'],
    ],
    [
      'an expression that hides what it reads',
      'WITH brackets AS (SELECT 1 FROM brackets) SELECT 1 FROM brackets',
      ['brackets'],
    ],
    ['a recursive one', 'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t', []],
    [
      'one of an inner query only',
      'SELECT 1 FROM (WITH q AS (SELECT 1 FROM a.b) SELECT 1 FROM q) AS s JOIN q ON true',
      ['a.b', 'q'],
    ],
    [
      'arrays',
      'SELECT 1 FROM latest.t AS t, t.payload.matches[0].sets AS s, s.games AS g AT i, UNPIVOT g AS v AT k',
      ['latest.t'],
    ],
    [
      'an array of a table without alias',
      'SELECT 1 FROM latest.brackets, brackets.payload.matches AS m',
      ['latest.brackets'],
    ],
    [
      'arrays in subqueries',
      'SELECT (SELECT COUNT(*) FROM b.payload.matches AS m) FROM latest.brackets AS b',
      ['latest.brackets'],
    ],
    ['an alias that is called as a schema', 'SELECT 1 FROM latest.brackets AS latest', ['latest.brackets']],
    ['the same of a query within', 'SELECT 1 FROM (SELECT 1 FROM latest.brackets) AS latest', ['latest.brackets']],
    [
      'the branches of a union',
      'SELECT 1 FROM a.b AS t UNION ALL (SELECT 1 FROM t.x) EXCEPT SELECT 1 FROM c.d',
      ['a.b', 't.x', 'c.d'],
    ],
    [
      'other words FROM',
      "SELECT EXTRACT(day FROM x), TRIM(BOTH ' ' FROM y), a IS NOT DISTINCT FROM b FROM c.d WHERE x IS DISTINCT FROM y",
      ['c.d'],
    ],
    [
      'subqueries anywhere',
      'SELECT (SELECT 1 FROM a.b) FROM c.d WHERE x IN (SELECT 1 FROM e.f, g.h) ORDER BY (SELECT 1 FROM i.j), 2',
      ['a.b', 'c.d', 'e.f', 'g.h', 'i.j'],
    ],
    ['table functions', 'SELECT 1 FROM generate_series(1, 2) AS n, a.b', ['a.b']],
    ['lists after the FROM', 'SELECT x FROM a.b GROUP BY x, y.z HAVING true ORDER BY x, y.w LIMIT 1', ['a.b']],
    ['a query in parentheses', '((SELECT 1 FROM a.b) UNION (SELECT 1 FROM c.d))', ['a.b', 'c.d']],
    ['another database', 'SELECT 1 FROM prod.mart.players', ['prod.mart.players']],
    [
      'columns called like words of a FROM',
      'SELECT 1 FROM a.b JOIN c.d ON b.limit = d.order, e.f',
      ['a.b', 'c.d', 'e.f'],
    ],
  ])('are told of %s', (_what, sql, expected) => {
    expect(read(sql)).toEqual(expected);
  });

  it('come with the functions that are called', () => {
    const sql = `SELECT functions.f(1, "functions" . "G" (2)), x.functions.h(3), 'functions.i(4)', functions.j FROM a.b`;
    expect(tableReferences(sql)).toMatchObject({
      calls: [
        { name: 'f', start: 7 },
        { name: 'g', start: 22 },
      ],
    });
  });

  it.each([
    ["SELECT 'a", 7, 'this text is never closed'],
    ['SELECT 1 /* a /* b */', 9, 'this comment is never closed'],
    ['SELECT (1', 7, 'this ( is never closed'],
    ['SELECT 1)', 8, 'this ) closes nothing'],
    ['SELECT 1; SELECT 2', 8, 'one SELECT and nothing else may stand here'],
    ['', 0, 'one SELECT and nothing else may stand here'],
  ])('are not told of %j', (sql, offset, message) => {
    expect(tableReferences(sql)).toEqual({ kind: 'invalid', offset, message });
  });

  it('are read however deep the query is, or it is refused where it is too deep', () => {
    const nested = (depth: number) => `SELECT ${'('.repeat(depth)}1${')'.repeat(depth)} AS x FROM a.b`;
    expect(read(nested(100))).toEqual(['a.b']);
    expect(tableReferences(nested(10_000))).toEqual({
      kind: 'invalid',
      offset: 107,
      message: 'its parentheses are nested more than 100 deep here',
    });
  });
});

describe('beside a parser that knows the whole grammar', () => {
  beforeAll(() => init());

  interface TableNode {
    readonly name: { readonly name: string };
    readonly schema: { readonly name: string } | null;
    readonly catalog: unknown;
  }

  /** Every `schema.name` in the tree; made so that arrays and expressions have no dot before their name. */
  function parsed(sql: string): string[] {
    const { success, ast: tree, error } = parse(sql, Dialect.Redshift);
    if (!success) throw new Error(error);
    const [root] = (Array.isArray(tree) ? tree : [tree]) as Parameters<typeof ast.findByType>[0][];
    if (!root) throw new Error('nothing');
    const tables = ast.findByType(root, 'table').map((node) => (node as unknown as { table: TableNode }).table);
    return tables
      .flatMap(({ schema, name, catalog }) => (schema && !catalog ? [`${schema.name}.${name.name}`] : []))
      .toSorted();
  }

  it('given any query, when both read it, then they find the same tables', () => {
    const { query } = fc.letrec<{ query: string; select: string; item: string; condition: string }>((tie) => ({
      query: fc.oneof(
        { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
        tie('select'),
        fc
          .tuple(tie('select'), fc.constantFrom('UNION', 'UNION ALL', 'EXCEPT'), tie('query'))
          .map((all) => all.join(' ')),
        fc.tuple(tie('query'), tie('select')).map(([inner, outer]) => `WITH c AS (${inner}) ${outer}`),
      ),
      select: fc
        .tuple(fc.array(tie('item'), { minLength: 1, maxLength: 2 }), fc.option(tie('condition')))
        .map(
          ([items, where]) =>
            `SELECT EXTRACT(day FROM x.y) FROM ${items.join(', ')}${where ? ` WHERE ${where}` : ''} GROUP BY 1, q.r`,
        ),
      item: fc.oneof(
        { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
        fc.constantFrom('s.a', 's.b AS t', 'mart."c" x', 'c', 'c AS d'),
        fc
          .tuple(fc.constantFrom('s.d', 's.e AS f'), tie('item'))
          .map(([one, other]) => `${other} JOIN ${one} ON 1 = 1`),
        tie('query').map((query) => `(${query}) AS z`),
      ),
      condition: fc.oneof(
        { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
        fc.constantFrom('t.u = 1', "v = 'FROM no.one'", 'a IS DISTINCT FROM b'),
        tie('query').map((query) => `w IN (${query})`),
        tie('query').map((query) => `EXISTS (${query})`),
      ),
    }));
    fc.assert(
      fc.property(query, (sql) => {
        const found = tableReferences(sql);
        const tables =
          found.kind === 'references' ? found.tables.flatMap(({ schema, table }) => (schema ? [table] : [])) : [];
        expect(tables.toSorted()).toEqual(parsed(sql));
      }),
      { numRuns: 40 },
    );
  });

  it('the models of the demo read the same', () => {
    const folder = join(import.meta.dirname, '../../sql/models');
    for (const path of globSync('*/*.sql', { cwd: folder })) {
      const sql = readFileSync(join(folder, path), 'utf8');
      const scope = new Set([...sql.matchAll(/\bAS (\w+)/g)].map(([, alias]) => alias));
      const expected = parsed(sql).filter((name) => !scope.has(name.split('.')[0]));
      const found = tableReferences(sql);
      expect(found.kind === 'references' && found.tables.map(({ table }) => table).toSorted()).toEqual(expected);
    }
  });
});
