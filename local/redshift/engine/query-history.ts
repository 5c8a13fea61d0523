import type { DuckDBConnection } from '@duckdb/node-api';
import { type LoadRecord, type QueryRecord, recordLoads, recordQueries } from '../catalog/history.ts';
import { HISTORY_SCHEMA } from '../catalog/model.ts';

/** So many statements wait at most: a crash loses no more of the history, and memory has a bound. */
const waitingAtMost = 256;
/** Where all is lost with the process anyway, many more are written at once. */
const waitingInMemoryAtMost = 4096;
const longestWaitMilliseconds = 500;

/**
 * Statements and loads that have ended, on their way into the history. Writing each by itself takes longer than many a statement; so they
 * go together, at the latest when somebody asks.
 */
export class QueryHistory {
  private readonly connection: DuckDBConnection;
  private waiting: QueryRecord[] = [];
  private waitingLoads: LoadRecord[] = [];
  private writing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  private readonly isInMemory: boolean;

  constructor(connection: DuckDBConnection, { isInMemory }: { readonly isInMemory: boolean }) {
    this.connection = connection;
    this.isInMemory = isInMemory;
  }

  async note(query: QueryRecord): Promise<void> {
    this.waiting.push(query);
    await this.soon();
  }

  async noteLoad(load: LoadRecord): Promise<void> {
    this.waitingLoads.push(load);
    await this.soon();
  }

  private async soon(): Promise<void> {
    const atMost = this.isInMemory ? waitingInMemoryAtMost : waitingAtMost;
    if (this.waiting.length + this.waitingLoads.length >= atMost) return this.write();
    if (this.isInMemory) return;
    this.timer ??= setTimeout(() => this.write(), longestWaitMilliseconds).unref();
  }

  /** What DuckDB is about to read may be the history. */
  async beforeReading(sql: string): Promise<void> {
    if (sql.includes(HISTORY_SCHEMA)) await this.write();
  }

  /** Writes what waits. That the history cannot be written is told, but it is no statement's fault. */
  async write(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const queries = this.waiting.splice(0);
    const loads = this.waitingLoads.splice(0);
    if (queries.length + loads.length > 0) {
      this.writing = this.writing
        .then(() => recordQueries(this.connection, queries))
        .then(() => recordLoads(this.connection, loads))
        .catch((error) => process.emitWarning(`${queries.length} statements are missing from the history: ${error}`));
    }
    await this.writing;
  }

  async close(): Promise<void> {
    await this.write();
    this.connection.closeSync();
  }
}
