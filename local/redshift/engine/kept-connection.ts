import type {
  DuckDBConnection,
  DuckDBMaterializedResult,
  DuckDBPreparedStatement,
  DuckDBValue,
} from '@duckdb/node-api';
import { TemporaryTables } from './temporary-tables.ts';

const preparedAtMost = 50;

/**
 * A connection to DuckDB that sessions use one after the other. What is the same for each of them is made once: temporary tables of a shape,
 * and plans of statements that read no table.
 */
export class KeptConnection {
  readonly duckdb: DuckDBConnection;
  readonly temporaryTables = new TemporaryTables();
  uses = 0;
  /** Whether it has what the next session must not find. */
  isSpoilt = false;
  private readonly prepared = new Map<string, DuckDBPreparedStatement>();

  constructor(duckdb: DuckDBConnection) {
    this.duckdb = duckdb;
  }

  async run(sql: string, values?: DuckDBValue[]): Promise<DuckDBMaterializedResult> {
    // DuckDB would plan what it prepared before a table came or went with each use from now on.
    if (/^(?:CREATE|DROP|ALTER)\b/.test(sql)) this.forgetPlans();
    return this.duckdb.run(sql, values);
  }

  /** The rows of a query, which are all there when it has ended: DuckDB's own way waits for each part of them once more. */
  async rows(sql: string): Promise<DuckDBValue[][]> {
    const result = await this.duckdb.run(sql);
    const chunks = Array.from({ length: result.chunkCount }, (_, index) => result.getChunk(index));
    return chunks.flatMap((chunk) => chunk.getRows());
  }

  /**
   * Runs a statement whose plan is good for ever. Others are planned each time: in a plan that is kept, a table that was empty stays
   * so (DuckDB 1.5.6: `LEFT JOIN` and `>` never saw the rows that came later). The values are those of `$1`, `$2`, …
   */
  async runPlanned(sql: string, values?: DuckDBValue[]): Promise<DuckDBMaterializedResult> {
    const prepared = this.prepared.get(sql) ?? (await this.prepare(sql));
    if (values) prepared.bind(values);
    return prepared.run();
  }

  /** What was prepared holds the session's zone, and the databases that were there. */
  forgetPlans(): void {
    this.prepared.clear();
  }

  private async prepare(sql: string): Promise<DuckDBPreparedStatement> {
    if (this.prepared.size >= preparedAtMost) this.forgetPlans();
    const prepared = await this.duckdb.prepare(sql);
    this.prepared.set(sql, prepared);
    return prepared;
  }
}
