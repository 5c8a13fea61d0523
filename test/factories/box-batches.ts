import type { Batch, BatchEnding, BatchWarehouse } from '../../lambdas/aws/batch-warehouse.ts';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift } from '../../local/redshift/types.ts';

const database = 'desk';

/** A warehouse in memory that takes batches as the Data API does: one transaction each, one result for each that is asked for. */
export class BoxBatches implements BatchWarehouse {
  /** What was sent, by name. */
  readonly sent: string[] = [];
  /** Called before a batch runs: to look, or to interfere. */
  before: (batch: Batch) => Promise<void> | void = () => undefined;
  readonly #redshift: Redshift;

  private constructor(redshift: Redshift) {
    this.#redshift = redshift;
  }

  static async open(): Promise<BoxBatches> {
    const admin = { user: 'admin', password: 'admin' };
    return new BoxBatches(await openRedshift({ databases: [database], admin, threads: 1 }));
  }

  async run(batch: Batch): Promise<BatchEnding> {
    await this.before(batch);
    this.sent.push(batch.statementName);
    const session = await this.#redshift.session({ database, user: 'admin' });
    try {
      await session.execute('BEGIN');
      const results = [];
      for (const [index, statement] of batch.statements.entries()) {
        const rows = (await session.execute(statement)).at(-1)?.rows ?? [];
        if (batch.reads.includes(index + 1)) results.push(rows.map((row) => [...row]));
      }
      await session.execute('COMMIT');
      return { outcome: 'finished', results };
    } catch (error) {
      await session.execute('ROLLBACK');
      return { outcome: 'failed', error: `ERROR: ${(error as Error).message}` };
    } finally {
      await session.close();
    }
  }

  /** The rows of a statement by itself. */
  async rows(statement: string): Promise<(string | null)[][]> {
    const ending = await this.run({ statements: [statement], reads: [1], clientToken: '', statementName: 'test' });
    if (ending.outcome === 'failed') throw new Error(ending.error);
    return ending.results[0] ?? [];
  }

  async close(): Promise<void> {
    await this.#redshift.close();
  }
}
