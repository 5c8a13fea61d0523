import { createFence, fenceStatements, isFenced } from '../../lib/pipeline/statements/fence.ts';
import { createTable, modelWriterTable } from '../../lib/pipeline/tables.ts';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session } from '../../local/redshift/types.ts';
import { aModel } from '../factories/pipeline.ts';

describe('the fence of a model', () => {
  const model = aModel();
  let redshift: Redshift;
  let session: Session;
  beforeAll(async () => {
    redshift = await openRedshift({ databases: ['prod'], admin: { user: 'admin', password: 'admin' } });
    session = await redshift.session({ database: 'prod', user: 'admin' });
    for (const sql of [
      'CREATE SCHEMA "ops"',
      createTable(modelWriterTable(model)),
      createFence,
      'CREATE TABLE mart (n INT)',
    ])
      await session.execute(sql);
  });
  afterAll(async () => {
    await session.close();
    await redshift.close();
  });

  /** Writes a row, fenced, in a transaction as the Data API makes one; the error where it fails. */
  async function write(generation: number, lane = 'main'): Promise<string> {
    try {
      for (const sql of [
        'BEGIN',
        ...fenceStatements(model, { lane, generation }),
        `INSERT INTO mart VALUES (${generation})`,
        'COMMIT',
      ])
        await session.execute(sql);
      return 'written';
    } catch (error) {
      await session.execute('ROLLBACK');
      return (error as Error).message;
    }
  }

  it('lets every batch of a run through, refuses an older run whole, and knows nothing of other lanes', async () => {
    expect(await write(17)).toBe('written');
    expect(await write(17)).toBe('written');
    expect(await write(18)).toBe('written');
    const refused = await write(17);
    expect(refused).toBe('FENCED: generation 18 of lane main has written since generation 17');
    expect(isFenced(refused)).toBe(true);
    expect(await write(3, 'side')).toBe('written');
    const rows = (await session.execute('SELECT n FROM mart ORDER BY n')).at(-1)?.rows;
    expect(rows).toEqual([['3'], ['17'], ['17'], ['18']]);
  });
});
