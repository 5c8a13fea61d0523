import type { DuckDBConnection } from '@duckdb/node-api';

const againMilliseconds = 10;
/** The longest delay that a timer takes: 24 days. */
const longestMilliseconds = 2_147_483_647;

/**
 * Cancels what runs on a connection. DuckDB forgets an interrupt that comes before its query has begun, and a statement is bound (or a COPY
 * fetches) before that, so a request is repeated until the work has ended. Outside of any work it does nothing: a ROLLBACK is never hit.
 */
export class Interruption {
  private readonly connection: DuckDBConnection;
  private working = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  /** Work that a request may interrupt, or its own time: `limitMilliseconds`, 0 for none. */
  async during<T>(work: () => Promise<T>, limitMilliseconds = 0): Promise<T> {
    this.working = true;
    const limit =
      limitMilliseconds > 0
        ? setTimeout(() => this.request(), Math.min(limitMilliseconds, longestMilliseconds))
        : undefined;
    try {
      return await work();
    } finally {
      this.working = false;
      clearTimeout(limit);
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }

  request(): void {
    if (!this.working) return;
    this.connection.interrupt();
    this.timer ??= setInterval(() => this.connection.interrupt(), againMilliseconds);
  }
}
