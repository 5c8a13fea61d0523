import fc from 'fast-check';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import { type Redshift, RedshiftError, type Session } from '../../local/redshift/types.ts';

/** Expressions as fences and statements put together by procedures have them: texts, whole numbers, casts, comparisons. */
const { expression } = fc.letrec<{ expression: string; text: string; integer: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'small' },
    fc
      .constantFrom('', 'a', 'A b', 'ä', "it's", 'back\\slash', '12', ' 7', '-3', '9999999999', 'x"y', 'null')
      .map((text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`),
    fc.constant('NULL::varchar'),
    fc.tuple(tie('text'), fc.constantFrom(1, 3, 20)).map(([text, length]) => `(${text})::varchar(${length})`),
    fc.tuple(tie('text'), fc.oneof(tie('text'), tie('integer'))).map(([left, right]) => `(${left} || ${right})`),
    fc.tuple(fc.constantFrom('quote_ident', 'quote_literal'), tie('text')).map(([name, text]) => `${name}(${text})`),
  ),
  integer: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('0', '7', '007', '12', '40000', '999999999'),
    fc.constantFrom('NULL::int', 'NULL::bigint'),
    fc
      .tuple(fc.oneof(tie('text'), tie('integer')), fc.constantFrom('smallint', 'int', 'bigint'))
      .map(([value, type]) => `(${value})::${type}`),
  ),
  expression: fc.oneof(
    tie('text'),
    tie('integer'),
    fc
      .tuple(tie('integer'), fc.constantFrom('=', '<>', '<', '<=', '>', '>='), tie('integer'))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc
      .tuple(tie('integer'), fc.constantFrom('=', '<>', '<', '<=', '>', '>='))
      .map(([same, operator]) => `(${same} ${operator} ${same})`),
    fc
      .tuple(fc.oneof(tie('text'), tie('integer')), fc.constantFrom('IS NULL', 'IS NOT NULL'))
      .map(([value, test]) => `(${value} ${test})`),
  ),
}));

describe('expressions of procedures that are told without a query', () => {
  let redshift: Redshift;
  let session: Session;
  beforeAll(async () => {
    redshift = await openRedshift({ databases: ['dev'], admin: { user: 'boss', password: 'secret' }, threads: 1 });
    session = await redshift.session({ database: 'dev', user: 'boss' });
  });
  afterAll(() => redshift.close());

  async function outcome(work: () => Promise<string | null | undefined>): Promise<string> {
    try {
      return `= ${await work()}`;
    } catch (error) {
      if (error instanceof RedshiftError) return `${error.sqlState} ${error.message}`;
      throw error;
    }
  }

  /** RAISE shows a value as a result shows it, and NULL as `<NULL>`. */
  async function inProcedure(sql: string): Promise<string | undefined> {
    await session.execute(
      `create or replace procedure tell() as $$ begin raise info '%', ${sql}; end $$ language plpgsql`,
    );
    return (await session.execute('call tell()')).at(-1)?.notices?.[0]?.message;
  }
  const inQuery = async (sql: string) => (await session.execute(`select ${sql}`)).at(-1)?.rows?.[0]?.[0] ?? '<NULL>';

  it('come to what a query of them comes to, failures included', async () => {
    const property = fc.asyncProperty(expression, async (sql) => {
      expect({ sql, outcome: await outcome(() => inProcedure(sql)) }).toEqual({
        sql,
        outcome: await outcome(() => inQuery(sql)),
      });
    });
    await fc.assert(property, { numRuns: Number(process.env.MILLRACE_EXPRESSIONS ?? 150) });
  });
});
