import type { DataApi } from '../../lambdas/aws/data-api.ts';
import { preparationOf } from '../../lib/pipeline/next.ts';
import { prepareBatches } from '../../lib/pipeline/statements/prepare.ts';
import { pipelineTables, qualifiedName } from '../../lib/pipeline/tables.ts';
import type { ResultRows } from '../../lib/pipeline/work.ts';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift } from '../../local/redshift/types.ts';
import type { MemoryLake } from './memory-lake.ts';
import { datasets } from './pipeline.ts';
import type { Submission } from './scripted-warehouse.ts';
import { plainSurroundings } from './surroundings.ts';

const database = 'prod';

interface Batch {
  readonly results: Map<number, ResultRows>;
  readonly error?: string;
}

/** The Data API before the real engine: a batch is a transaction, run whole when it is submitted. COPY reads a lake in memory. */
export class BoxWarehouse implements DataApi {
  lake: MemoryLake;
  /** The statements' names, in the order they were submitted. */
  readonly submitted: string[] = [];
  readonly redshift: Promise<Redshift>;
  readonly #batches = new Map<string, Batch>();

  constructor(lake: MemoryLake) {
    this.lake = lake;
    const get = async (uri: string) => {
      const body = await this.lake.get(uri.replace('s3://lake/', ''));
      if (!body) throw new Error(`S3ServiceException: The specified key does not exist: ${uri}`);
      return Buffer.from(body);
    };
    const objectStore = { get, put: async () => undefined, list: async () => [] };
    const admin = { user: 'admin', password: 'admin' };
    this.redshift = openRedshift({ databases: [database], admin, objectStore });
  }

  /** Makes the pipeline's tables, empty. */
  async begin(lake: MemoryLake): Promise<void> {
    this.lake = lake;
    this.submitted.length = 0;
    this.#batches.clear();
    for (const statement of prepareBatches(preparationOf(plainSurroundings)).flat()) await this.answer(statement);
    for (const table of pipelineTables(datasets)) await this.answer(`DELETE FROM ${qualifiedName(table)}`);
  }

  /** The rows of a statement by itself. */
  async answer(sql: string): Promise<ResultRows> {
    const session = await (await this.redshift).session({ database, user: 'admin' });
    try {
      return ((await session.execute(sql)).at(-1)?.rows ?? []).map((row) => [...row]);
    } finally {
      await session.close();
    }
  }

  /** The rows of each statement of a transaction; those that answer none are empty. */
  async answers(statements: readonly string[]): Promise<ResultRows[]> {
    const { results, error } = await this.batch(statements);
    if (error !== undefined) throw new Error(error);
    return statements.map((_, index) => results.get(index + 1) ?? []);
  }

  /** The same client token is the same submission. */
  async execute({ Sqls, ClientToken, StatementName }: Submission): Promise<{ Id: string }> {
    if (!this.#batches.has(ClientToken)) {
      this.submitted.push(StatementName);
      this.#batches.set(ClientToken, await this.batch(Sqls));
    }
    return { Id: ClientToken };
  }

  /** A batch without the Data API around it. */
  async batch(statements: readonly string[]): Promise<Batch> {
    const results = new Map<number, ResultRows>();
    const session = await (await this.redshift).session({ database, user: 'admin' });
    try {
      await session.execute('BEGIN');
      for (const [index, sql] of statements.entries()) {
        const rows = (await session.execute(sql)).at(-1)?.rows;
        if (rows)
          results.set(
            index + 1,
            rows.map((row) => [...row]),
          );
      }
      await session.execute('COMMIT');
      return { results };
    } catch (error) {
      await session.execute('ROLLBACK');
      return { results, error: `ERROR: ${(error as Error).message}` };
    } finally {
      await session.close();
    }
  }

  describe({ Id }: { readonly Id: string }): { Status: string } {
    return { Status: this.#batches.get(Id)?.error === undefined ? 'FINISHED' : 'FAILED' };
  }

  async error(id: string): Promise<string | undefined> {
    return this.#batches.get(id)?.error;
  }

  async rows(id: string, statement: number): Promise<ResultRows> {
    return this.#batches.get(id)?.results.get(statement) ?? [];
  }

  async close(): Promise<void> {
    await (await this.redshift).close();
  }
}
