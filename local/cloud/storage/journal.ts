import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

export type Row = Record<string, unknown>;

/** What one service keeps on disk: a SQLite file. A write is there after kill -9; only power loss may take the last ones. */
export class Journal {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens `<directory>/<name>.sqlite`, or a database in memory where no directory is given. */
  constructor(directory: string | undefined, name: string, schema: string) {
    if (directory) fs.mkdirSync(directory, { recursive: true });
    this.#database = new DatabaseSync(directory ? path.join(directory, `${name}.sqlite`) : ':memory:');
    this.#database.exec(
      `pragma journal_mode = wal; pragma synchronous = normal; pragma busy_timeout = 5000;\n${schema}`,
    );
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  one<R = Row>(sql: string, ...values: SQLInputValue[]): R | undefined {
    return this.#prepared(sql).get(...values) as R | undefined;
  }

  all<R = Row>(sql: string, ...values: SQLInputValue[]): R[] {
    return this.#prepared(sql).all(...values) as R[];
  }

  /** All of it or none of it. `work` must not await. */
  atomically<T>(work: () => T): T {
    this.#database.exec('begin immediate');
    try {
      const result = work();
      this.#database.exec('commit');
      return result;
    } catch (error) {
      this.#database.exec('rollback');
      throw error;
    }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
