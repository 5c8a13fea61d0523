import type { DuckDBConnection } from '@duckdb/node-api';

const againMilliseconds = 10;

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

  /** Work that a request may interrupt. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.working = true;
    try {
      return await work();
    } finally {
      this.working = false;
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
