import { RedshiftError, type TableLock } from '../types.ts';

interface Waiting {
  readonly owner: object;
  readonly grant: () => void;
  readonly refuse: (error: Error) => void;
}

/** Exclusive locks on tables, held to the end of the transaction, given in the order they were asked for. */
export class TableLocks {
  private readonly holders = new Map<number, object>();
  private readonly queues = new Map<number, Waiting[]>();

  /** Resolves when the lock is held. */
  async acquire(table: number, owner: object): Promise<void> {
    const holder = this.holders.get(table);
    if (holder === owner) return;
    if (holder === undefined) {
      this.holders.set(table, owner);
      return;
    }
    if (this.waitsFor(holder, owner)) throw new RedshiftError('40P01', 'deadlock detected');
    await new Promise<void>((grant, refuse) => {
      this.queues.set(table, [...(this.queues.get(table) ?? []), { owner, grant, refuse }]);
    });
  }

  /** Whether a holder waits, directly or through others, for what the asker holds. */
  private waitsFor(holder: object, asker: object): boolean {
    for (const [table, queue] of this.queues) {
      if (!queue.some((waiting) => waiting.owner === holder)) continue;
      const next = this.holders.get(table);
      if (next === asker || (next !== undefined && next !== holder && this.waitsFor(next, asker))) return true;
    }
    return false;
  }

  /** What somebody holds, and what they wait for. */
  of(owner: object): TableLock[] {
    const waits = (queue: readonly Waiting[]): boolean => queue.some((waiting) => waiting.owner === owner);
    const held = [...this.holders].filter(([, holder]) => holder === owner);
    const awaited = [...this.queues].filter(([, queue]) => waits(queue));
    return [
      ...held.map(([relationId]) => ({ relationId, granted: true })),
      ...awaited.map(([relationId]) => ({ relationId, granted: false })),
    ];
  }

  release(owner: object): void {
    for (const [table, holder] of [...this.holders]) {
      if (holder !== owner) continue;
      const [next, ...rest] = this.queues.get(table) ?? [];
      this.queues.set(table, rest);
      if (next) {
        this.holders.set(table, next.owner);
        next.grant();
      } else {
        this.holders.delete(table);
        this.queues.delete(table);
      }
    }
  }

  /** Takes a waiting session out of all queues. */
  cancel(owner: object): void {
    for (const [table, queue] of this.queues) {
      for (const waiting of queue)
        if (waiting.owner === owner) waiting.refuse(new RedshiftError('57014', "Query cancelled on user's request"));
      this.queues.set(
        table,
        queue.filter((waiting) => waiting.owner !== owner),
      );
    }
  }
}
