import type { RepairStore } from '../../lambdas/aws/repair-store.ts';
import type { SourceTable } from '../../lambdas/aws/source-table.ts';
import type { Warehouse } from '../../lambdas/aws/warehouse.ts';
import { instantFromSeconds, type Operation } from '../../lib/pipeline/envelope.ts';
import { canonicalJson } from '../../lib/pipeline/exact-json.ts';
import type { RepairProgress } from '../../lib/pipeline/repair-progress.ts';
import { keyOfItem, readItems, type WireItem } from '../../lib/pipeline/source-item.ts';
import type { Statement } from '../../lib/pipeline/statements/drift.ts';
import type { ResultRows } from '../../lib/pipeline/work.ts';
import { lastWriteWins, type Write } from './last-write-wins.ts';
import { MemoryLake } from './memory-lake.ts';
import { landingPorts } from './memory-queue.ts';

export const types = { id: 'N' } as const;
const page = 3;

/** A record of the lake. */
interface Line extends Omit<Write, '_op' | '_key'> {
  readonly _op: Exclude<Operation, 'event'>;
  readonly _key: string;
  readonly _at: string;
}
/** An item whose number has more digits than a JavaScript number. */
export const itemOf = (id: number, version: number): WireItem => ({
  id: { N: String(id) },
  version: { N: `${version}.1234567890123456789012345678901` },
  tags: { SS: ['b', 'a'] },
});
export const keyOf = (id: number) => keyOfItem({ id: { N: String(id) } }, types);

/** A table, its stream and a warehouse that loads by the plain rule, on a clock that stands until it is told. */
export class DriftWorld {
  readonly items = new Map<number, WireItem>();
  readonly lake = new MemoryLake();
  readonly rows = new Map<string, Line>();
  /** Keys of rows with a payload that is too long to be read. */
  readonly unreadable = new Set<string>();
  readonly repairs = new MemoryRepairStore();
  nowMilliseconds = Date.UTC(2026, 10, 20, 12);
  /** Called before each call of the repair: the world goes on, or fails. */
  beforeCall: () => void = () => undefined;
  readonly #pending: Line[] = [];
  readonly #known = new Set<string>();
  #sequence = 0;
  #version = 0;

  put(id: number): void {
    this.#version += 1;
    this.items.set(id, itemOf(id, this.#version));
    this.#write(id, 'update');
  }

  remove(id: number): void {
    if (this.items.delete(id)) this.#write(id, 'delete');
  }

  #write(id: number, _op: 'update' | 'delete'): void {
    this.#sequence += 1;
    const _position = String(this.#sequence).padStart(40, '0');
    const _at = instantFromSeconds(Math.floor(this.nowMilliseconds / 1000));
    const [row] = readItems([this.items.get(id) ?? { id: { N: String(id) } }], types, 0n).rows;
    this.#pending.push({ _id: _position, _op, _key: keyOf(id), _position, _at, payload: row?.payload ?? '{}' });
  }

  /** The stream brings so many of what it has; the rest comes later. */
  deliver(count = this.#pending.length): void {
    for (const line of this.#pending.splice(0, count)) this.#load(line);
  }

  /** What the repairs landed is loaded, every object that came since the last time. */
  loadLake(): void {
    for (const text of this.lake.lines('raw/')) {
      const { payload } = JSON.parse(text) as { payload: unknown };
      this.#load({ ...(JSON.parse(text) as Line), payload: payloadText(text, payload) });
    }
  }

  /** Each event once; the last write of a key is its state. */
  #load(line: Line): void {
    if (this.#known.has(line._id)) return;
    this.#known.add(line._id);
    const present = this.rows.get(line._key);
    const { latest, tombstones } = lastWriteWins(present ? [present, line] : [line]);
    const winner = latest.get(line._key) ?? tombstones.get(line._key);
    if (winner === line) this.rows.set(line._key, line);
  }

  /** Key → canonical payload, of what exists in the warehouse. */
  latest(): Record<string, string> {
    const there = [...this.rows.values()].filter(({ _op }) => _op !== 'delete');
    return Object.fromEntries(there.map((row) => [row._key, canonicalJson(row.payload)]).toSorted());
  }

  source(): Record<string, string> {
    const { rows } = readItems([...this.items.values()], types, 0n);
    return Object.fromEntries(rows.map(({ key, payload = '' }) => [key, canonicalJson(payload)]).toSorted());
  }

  table(): SourceTable {
    const sorted = () => [...this.items].toSorted(([one], [other]) => one - other);
    const from = (cursor: string | undefined) => sorted().filter(([id]) => id > Number(cursor || -1));
    const next = (left: [number, WireItem][]) => (left.length > page ? String(left[page - 1]?.[0]) : undefined);
    return {
      keyTypes: async () => types,
      count: async ({ cursor }) => {
        this.beforeCall();
        const left = from(cursor);
        return { count: Math.min(page, left.length), cursor: next(left) };
      },
      page: async ({ cursor, segment }) => {
        this.beforeCall();
        const left = from(cursor).filter(([id]) => !segment || id % segment.of === segment.number);
        return { items: left.slice(0, page).map(([, item]) => item), cursor: next(left) };
      },
      byKeys: async (keys) => {
        this.beforeCall();
        return keys
          .map((key) => this.items.get(Number((key.id as { N: string }).N)))
          .filter((item) => item !== undefined);
      },
    };
  }

  warehouse(): Warehouse {
    return {
      query: async (statement) => {
        this.beforeCall();
        return this.#answer(statement);
      },
    };
  }

  #answer({ parameters }: Statement): ResultRows {
    const rows = [...this.rows.values()];
    const there = rows.filter(({ _op }) => _op !== 'delete').map(({ _key }) => _key);
    const { keys, after, since } = parameters;
    if (keys !== undefined) {
      const asked = new Set(JSON.parse(keys) as string[]);
      return rows
        .filter(({ _key }) => asked.has(_key))
        .map(({ _key, _position, _at, _op, payload }) => [
          _key,
          _position,
          _at,
          _op,
          _op === 'delete' || this.unreadable.has(_key) ? null : payload,
        ]);
    }
    if (since !== undefined)
      return [[String(there.length), String(rows.filter(({ _at }) => Date.parse(_at) >= Date.parse(since)).length)]];
    const left = there.filter((key) => after === undefined || key > after).toSorted();
    return left.map((key) => [key]);
  }

  ports() {
    return {
      ...landingPorts(),
      table: this.table(),
      warehouse: this.warehouse(),
      lake: {
        put: async (object: Parameters<MemoryLake['put']>[0]) => {
          this.beforeCall();
          return this.lake.put(object);
        },
      },
      repairs: this.repairs,
      codec: 'zstd' as const,
      nowMilliseconds: () => this.nowMilliseconds,
      remainingMilliseconds: () => 300_000,
    };
  }
}

/** The payload's own text: parsing it would round its numbers. */
function payloadText(line: string, payload: unknown): string {
  return payload === undefined ? '{}' : line.slice(line.indexOf('"payload":') + '"payload":'.length, -1);
}

/** The port's contract on a Map. */
export class MemoryRepairStore implements RepairStore {
  readonly all = new Map<string, RepairProgress>();

  async read(dataset: string): Promise<RepairProgress | undefined> {
    return this.all.get(dataset);
  }

  async write(progress: RepairProgress, before: RepairProgress | undefined): Promise<'written' | 'overtaken'> {
    const present = this.all.get(progress.dataset);
    if (present?.execution !== before?.execution || present?.page !== before?.page) return 'overtaken';
    this.all.set(progress.dataset, progress);
    return 'written';
  }
}
