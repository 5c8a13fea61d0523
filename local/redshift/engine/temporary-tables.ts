interface Table {
  readonly shape: string;
  isLent: boolean;
  /** Whether it is there whatever becomes of the transaction. */
  isSure: boolean;
}

/**
 * The temporary tables that a connection has made in DuckDB. Loads make the same ones again and again; one that is not used any more is
 * emptied and lent to the next that wants one of its shape. They are known by the ids in their names.
 */
export class TemporaryTables {
  private readonly tables = new Map<number, Table>();
  private lentInTransaction: number[] = [];

  /** An empty table of the shape (its columns in DuckDB's words), if there is one. */
  borrow(shape: string): number | undefined {
    const found = [...this.tables].find(([, table]) => !table.isLent && table.shape === shape);
    if (!found) return undefined;
    const [id, table] = found;
    table.isLent = true;
    this.lentInTransaction.push(id);
    return id;
  }

  /** A table that the transaction has made. */
  made(id: number, shape: string): void {
    this.tables.set(id, { shape, isLent: true, isSure: false });
  }

  /** One that is dropped, or has other columns now. */
  forget(id: number): void {
    this.tables.delete(id);
  }

  has(id: number): boolean {
    return this.tables.has(id);
  }

  committed(): void {
    for (const table of this.tables.values()) table.isSure = true;
    this.lentInTransaction = [];
  }

  /** What was lent is empty again, and what was made is gone. */
  rolledBack(): void {
    for (const [id, table] of this.tables) if (!table.isSure) this.tables.delete(id);
    this.emptied(this.lentInTransaction);
    this.lentInTransaction = [];
  }

  emptied(ids: readonly number[]): void {
    for (const id of ids) {
      const table = this.tables.get(id);
      if (table) table.isLent = false;
    }
  }
}
