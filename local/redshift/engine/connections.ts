import type { DuckDBInstance } from '@duckdb/node-api';
import { KeptConnection } from './kept-connection.ts';

/** More sessions than that at a time are rare; each connection keeps statements and empty tables. */
const idleAtMost = 8;
/** DuckDB keeps the place of rows that are deleted from a table in memory. */
const usesAtMost = 500;

/** The connections to DuckDB that no session uses, for the next ones. */
export class Connections {
  private readonly instance: DuckDBInstance;
  private readonly all = new Set<KeptConnection>();
  private readonly idle: KeptConnection[] = [];

  constructor(instance: DuckDBInstance) {
    this.instance = instance;
  }

  async take(): Promise<KeptConnection> {
    const kept = this.idle.pop() ?? new KeptConnection(await this.instance.connect());
    kept.uses += 1;
    this.all.add(kept);
    return kept;
  }

  /** Back from a session that has no transaction and no temporary table any more. */
  giveBack(kept: KeptConnection): void {
    if (kept.isSpoilt || kept.uses >= usesAtMost || this.idle.length >= idleAtMost) this.discard(kept);
    else this.idle.push(kept);
  }

  discard(kept: KeptConnection): void {
    this.all.delete(kept);
    kept.duckdb.closeSync();
  }

  /** A database is about to go. */
  forgetPlans(): void {
    for (const kept of this.idle.splice(0)) this.discard(kept);
    for (const kept of this.all) kept.forgetPlans();
  }

  close(): void {
    for (const kept of this.idle.splice(0)) this.discard(kept);
  }
}
