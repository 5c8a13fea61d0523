import type { SourceTable } from '../../../lambdas/aws/source-table.ts';
import type { Warehouse } from '../../../lambdas/aws/warehouse.ts';
import { giveUpRepair } from '../../../lambdas/repair/end.ts';
import { repairStep } from '../../../lambdas/repair/step.ts';
import type { Operation } from '../../../lib/pipeline/envelope.ts';
import { canonicalJson } from '../../../lib/pipeline/exact-json.ts';
import { quoteText } from '../../../lib/pipeline/names.ts';
import { repairObjectName } from '../../../lib/pipeline/repair-progress.ts';
import type { WireItem } from '../../../lib/pipeline/source-item.ts';
import { latestTable, qualifiedName, rawTable } from '../../../lib/pipeline/tables.ts';
import { MemoryRepairStore } from '../../factories/drift-world.ts';
import type { Write } from '../../factories/last-write-wins.ts';
import { invoke, through } from '../process.ts';
import { clockOf } from '../refresh-functions.ts';
import { stateOfTable } from '../snapshot-source.ts';
import { portsOf } from '../sources.ts';
import { troubledMilliseconds } from '../world.ts';
import { type OperationsStage, rowsOf } from './stage.ts';

const dataset = 'brackets';
const pageSize = 2;
/** When what was redriven days later is loaded as well: a repair can only win over what is there. */
const quietMilliseconds = troubledMilliseconds + 5 * 24 * 3_600_000;
const triesAtMost = 8;
const stepMilliseconds = 300_000;

/** A line of the lake as what was written, with the payload as it is there. */
function writeOf(line: string): Write {
  const { _id, _op, _key, _position } = JSON.parse(line) as Write & { _op: Operation };
  const payload = line.slice(line.indexOf('"payload":') + '"payload":'.length, -1);
  return { _id, _op, _key, _position, payload };
}

/** The table is compared with `latest` while its stream is still read, and at the end: what the stream lost is then there all the same. */
export class Repairs {
  readonly #stage: OperationsStage;
  readonly #repairs = new MemoryRepairStore();
  /** Beginnings of the names of objects that a repair gave up on, which may have put them and told nobody. */
  readonly #givenUp = new Set<string>();
  #executions = 0;

  constructor(stage: OperationsStage) {
    this.#stage = stage;
  }

  begin(): void {
    const { world } = this.#stage;
    for (let count = world.random.between(0, 2); count > 0; count -= 1)
      world.after(world.random.between(1_000, 900_000), 'a repair is asked for', () => this.#begin());
    world.after(quietMilliseconds, 'a repair is asked for', () => this.#begin());
  }

  #begin(): void {
    this.#executions += 1;
    this.#step(`repair-${this.#executions}`, 1);
  }

  #step(execution: string, tries: number): void {
    const { world } = this.#stage;
    const state = { dataset, dryRun: false, source: { tableName: dataset, execution } };
    invoke(world, 'repair', (self) => {
      const { lake, queue, sabotage } = this.#stage;
      const { repairWarehouseOf = (warehouse) => warehouse } = sabotage;
      const ports = portsOf(world, { lake, queue });
      const deadline = world.nowMilliseconds + stepMilliseconds;
      return repairStep(state, {
        ...ports,
        lake: through(self, 's3', ports.lake),
        queue: through(self, 'sqs', ports.queue),
        table: through(self, 'table', this.#table()),
        warehouse: repairWarehouseOf(through(self, 'warehouse', this.#warehouse())),
        repairs: through(self, 'repairs', this.#repairs),
        codec: 'gzip',
        nowMilliseconds: clockOf(world),
        remainingMilliseconds: () => deadline - world.nowMilliseconds,
      });
    }).then(
      ({ kind }) => {
        world.note(`${execution}: ${kind}`);
        world.faults.count('repaired', kind);
        if (kind === 'more') this.#step(execution, tries);
      },
      (error) => this.#failed(execution, tries, error),
    );
  }

  async #failed(execution: string, tries: number, error: unknown): Promise<void> {
    const { world } = this.#stage;
    world.note(`${execution}: ${(error as Error).message}`);
    if (tries < triesAtMost) return world.after(30_000, 'repair again', () => this.#step(execution, tries + 1));
    const progress = await this.#repairs.read(dataset);
    if (progress) this.#givenUp.add(repairObjectName(progress));
    const state = { dataset, dryRun: false, source: { tableName: dataset, execution } };
    await giveUpRepair(state, { repairs: this.#repairs, nowMilliseconds: () => world.nowMilliseconds });
  }

  /** The items as they are when all its writes were made: the stream tells of them later. */
  #table(): SourceTable {
    const items = [...this.#state().values()].map(({ image }) => image as WireItem);
    const idOfItem = ({ tournamentId }: WireItem) => (tournamentId as { S: string }).S;
    const sorted = items.toSorted((one, other) => (idOfItem(one) < idOfItem(other) ? -1 : 1));
    const from = (cursor: string | undefined) => sorted.filter((item) => idOfItem(item) > (cursor ?? ''));
    const next = (left: WireItem[]) => (left.length > pageSize ? idOfItem(left[pageSize - 1] as WireItem) : undefined);
    return {
      keyTypes: async () => ({ tournamentId: 'S' }),
      count: async ({ cursor }) => ({
        count: Math.min(pageSize, from(cursor).length),
        cursor: next(from(cursor)),
      }),
      page: async ({ cursor }) => ({ items: from(cursor).slice(0, pageSize), cursor: next(from(cursor)) }),
      byKeys: async (keys) => sorted.filter((item) => keys.some((key) => idOfItem(key) === idOfItem(item))),
    };
  }

  #state() {
    return stateOfTable(this.#stage.sent.history);
  }

  #warehouse(): Warehouse {
    return {
      query: async ({ sql, parameters }) => {
        const filled = sql.replaceAll(/:(\w+)/g, (whole, name) =>
          parameters[name] === undefined ? whole : quoteText(parameters[name]),
        );
        return (await rowsOf(this.#stage.redshift, filled)).map((row) => [...row]);
      },
    };
  }

  /**
   * What repairs have put into the lake must be in the warehouse, as all that is there. Not so the page that a repair gave up on,
   * where S3 told nobody of it either: whoever repairs has been told that it failed, and the next repair finds again what is wrong.
   */
  async noteLanded(): Promise<void> {
    const { lake, sent } = this.#stage;
    const isGivenUp = (key: string) =>
      !lake.told.has(key) && [...this.#givenUp].some((name) => key.includes(`/${name}-`));
    const known = new Set<string>();
    const writes = sent.writes.get(dataset) ?? [];
    for (const { _id } of writes) known.add(_id);
    const keys = lake.memory.keys(`raw/${dataset}/`).filter((key) => /\/repair-[^/]+$/.test(key));
    for (const key of keys) {
      const landed = lake.memory.lines(key).map(writeOf);
      if (isGivenUp(key) && !(await this.#isLoaded(landed))) continue;
      for (const write of landed) {
        if (!known.has(write._id)) writes.push(write);
        known.add(write._id);
      }
    }
    sent.writes.set(dataset, writes);
  }

  /** Whether any of it is in `raw`. */
  async #isLoaded(writes: readonly Write[]): Promise<boolean> {
    const rows = await rowsOf(this.#stage.redshift, `SELECT "_id" FROM ${qualifiedName(rawTable(dataset))}`);
    const loaded = new Set(rows.flat());
    return writes.some(({ _id }) => loaded.has(_id));
  }

  async violations(): Promise<string[]> {
    const rows = await rowsOf(
      this.#stage.redshift,
      `SELECT JSON_SERIALIZE("payload") FROM ${qualifiedName(latestTable(dataset))} WHERE "_key" <> '{"tournamentId":"t-last"}'`,
    );
    const is = rows.map(([payload]) => canonicalJson(String(payload))).toSorted();
    const should = [...this.#state().values()].map(({ payload }) => canonicalJson(payload)).toSorted();
    if (JSON.stringify(is) === JSON.stringify(should)) return [];
    return [`latest after the repair: is ${JSON.stringify(is)}, the table has ${JSON.stringify(should)}`];
  }
}
