import {
  changedSample,
  columnDifferences,
  comparedColumns,
  keyedDifference,
  keylessDifference,
} from '../../lib/pipeline/statements/difference.ts';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session } from '../../local/redshift/types.ts';

/** `mart.players` in production and, changed, in a branch of it. */
describe('the difference between two databases', () => {
  let redshift: Redshift;
  let branch: Session;
  const before = [
    { name: 'id', type: 'character varying(8)' },
    { name: 'score', type: 'integer' },
    { name: 'tags', type: 'super' },
    { name: 'gone', type: 'boolean' },
  ];
  const now = [
    { name: 'id', type: 'character varying(8)' },
    { name: 'score', type: 'bigint' },
    { name: 'tags', type: 'super' },
    { name: 'fresh', type: 'date' },
  ];
  const compared = { schema: 'mart', table: 'players', key: ['id'], production: 'prod' };

  async function make(session: Session, definition: string, rows: string): Promise<void> {
    await session.execute(
      `CREATE SCHEMA mart; CREATE TABLE mart.players (${definition}); INSERT INTO mart.players ${rows}`,
    );
  }
  const answer = async (sql: string) => (await branch.execute(sql)).at(-1)?.rows;

  beforeAll(async () => {
    redshift = await openRedshift({ databases: ['prod', 'branch'], admin: { user: 'admin', password: 'secret' } });
    const production = await redshift.session({ database: 'prod', user: 'admin' });
    branch = await redshift.session({ database: 'branch', user: 'admin' });
    await make(
      production,
      'id VARCHAR(8), score INTEGER, tags SUPER, gone BOOLEAN',
      `SELECT 'a', 1, JSON_PARSE('[1]'), true UNION ALL SELECT 'b', NULL, NULL, true
       UNION ALL SELECT 'c', 3, JSON_PARSE('{"x":1}'), true UNION ALL SELECT 'd', 4, NULL, true`,
    );
    await make(
      branch,
      'id VARCHAR(8), score BIGINT, tags SUPER, fresh DATE',
      `SELECT 'a', 1, JSON_PARSE('[1]'), NULL UNION ALL SELECT 'b', 2, NULL, NULL
       UNION ALL SELECT 'c', 3, JSON_PARSE('{"x":2}'), NULL UNION ALL SELECT 'e', 5, NULL, NULL`,
    );
    await production.close();
  });
  afterAll(() => redshift.close());

  it('of columns: what is added, has another type, or is gone', () => {
    expect(columnDifferences(before, now)).toEqual([
      { kind: 'retyped', name: 'score', from: 'integer', to: 'bigint' },
      { kind: 'added', name: 'fresh', type: 'date' },
      { kind: 'removed', name: 'gone', type: 'boolean' },
    ]);
  });

  it('of rows: counted by key and by column, NULL equal to NULL, SUPER by its text', async () => {
    const columns = comparedColumns(before, now);
    expect(columns.map(({ name }) => name)).toEqual(['id', 'score', 'tags']);
    // Branch, production, only in the branch, only in production, different, of them in score, of them in tags.
    expect(await answer(keyedDifference({ ...compared, columns }))).toEqual([['4', '4', '1', '1', '2', '1', '1']]);
  });

  it('shows rows that differ, before and after', async () => {
    const columns = comparedColumns(before, now);
    expect(await answer(changedSample({ ...compared, columns }, 5))).toEqual([
      ['b', null, '2', null, null],
      ['c', '3', '3', '{"x":1}', '{"x":2}'],
    ]);
  });

  it('without a key counts rows that only one has', async () => {
    const columns = comparedColumns(before, now);
    expect(await answer(keylessDifference({ ...compared, key: [], columns }))).toEqual([['4', '4', '3', '3']]);
  });
});
