import { openRedshift } from '../../local/redshift/engine/open.ts';
import { type Redshift, RedshiftError, type Session } from '../../local/redshift/types.ts';

/** One row of a topic's table: a statement and what it answers, or the SQLSTATE that refuses it. */
export type Case = readonly [sql: string, expected: readonly (readonly (string | null)[])[] | string, setup?: string];

/** A table of cases as one describe block. Each case runs in a transaction of its own, which is rolled back. */
export function topic(name: string, cases: readonly Case[], setup = ''): void {
  describe(name, () => {
    let redshift: Redshift;
    let session: Session;
    beforeAll(async () => {
      redshift = await openRedshift({ databases: ['dev', 'other'], admin: { user: 'admin', password: 'secret' } });
      session = await redshift.session({ database: 'dev', user: 'admin' });
      if (setup !== '') await session.execute(setup);
    });
    afterAll(() => redshift.close());

    test.each(cases.map(([sql, expected, own]) => ({ sql, expected, own })))('$sql', async ({ sql, expected, own }) => {
      await session.execute('BEGIN');
      try {
        if (own !== undefined) await session.execute(own);
        expect(await answer(session, sql)).toEqual(expected);
      } finally {
        await session.execute('ROLLBACK');
      }
    });
  });
}

/** The last statement's rows, or the SQLSTATE. */
export async function answer(session: Session, sql: string): Promise<readonly (readonly (string | null)[])[] | string> {
  try {
    return (await session.execute(sql)).at(-1)?.rows ?? [];
  } catch (error) {
    if (error instanceof RedshiftError) return error.sqlState;
    throw error;
  }
}
