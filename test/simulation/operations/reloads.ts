import { reloadMachine } from '../../../lib/pipeline/machines/reload.ts';
import {
  type ReloadOperation,
  type ReloadProgress,
  type ReloadRequest,
  reloadExecution,
} from '../../../lib/pipeline/reload.ts';
import { type ReloadRange, rangeOfInstants, wholeRange } from '../../../lib/pipeline/reload-range.ts';
import { firstGeneration } from '../../../lib/pipeline/state-items.ts';
import { latestTable, qualifiedName, rawTable, tombstonesTable } from '../../../lib/pipeline/tables.ts';
import { noon, runEndedEvent } from '../../factories/pipeline.ts';
import { SimulatedStates } from '../states.ts';
import { troubledMilliseconds } from '../world.ts';
import { reloadTasks } from './reload-functions.ts';
import { type OperationsStage, rowsOf } from './stage.ts';

/** What somebody wants: a reload that has begun after so high a generation, and is done. */
interface Wish {
  readonly operation: ReloadOperation;
  readonly range: ReloadRange;
  readonly after: number;
}

const dataset = 'brackets';
const looksAtMost = 40;
const lookMilliseconds = 240_000;
/** When all is quiet: after what the last write of a seed with models has set going. */
const quietMilliseconds = troubledMilliseconds + 2_500_000;
const hourMilliseconds = 3_600_000;
/** The hours in which all records of the simulation were written. */
const writtenHours = rangeOfInstants(dataset, noon - 2 * hourMilliseconds, noon + 24 * hourMilliseconds);

/** Somebody reloads while live loads run, and asks again as often as it is cut off. */
export class Reloads {
  readonly #stage: OperationsStage;
  readonly #states: SimulatedStates;
  readonly #dead = new Set<string>();
  readonly #wishes: Wish[] = [];
  #rowsTaken = 0;
  #hasRebuilt = false;

  constructor(stage: OperationsStage) {
    this.#stage = stage;
    const start = (name: string, input: unknown) => this.#states.start(name, input);
    this.#states = new SimulatedStates(
      stage.world,
      reloadTasks(stage, start),
      (name, status) => {
        if (status === 'SUCCEEDED') return;
        this.#dead.add(name);
        stage.queue.send(runEndedEvent(name, status));
      },
      reloadMachine({ target: 'workgroup' }),
    );
  }

  /** @param spoils Whether somebody also breaks tables, which a reload must bring back to what they were. */
  begin(spoils: boolean): void {
    const { random } = this.#stage.world;
    for (let count = random.between(1, 2); count > 0; count -= 1) this.#plan(random.between(0, 300_000));
    if (spoils) this.#spoilThenReload(random.pick(['backfill', 'rebuild']));
  }

  #plan(at: number): void {
    const { world } = this.#stage;
    const operation = world.random.pick(['backfill', 'rebuild'] as const);
    const range = operation === 'backfill' ? world.random.pick([wholeRange, writtenHours]) : wholeRange;
    world.after(at, 'a reload is asked for', () => this.#wish({ operation, range, after: 0 }));
    if (world.random.chance(0.3))
      world.after(at, 'a reload is asked for', () => this.#wish({ operation, range, after: 0 }));
  }

  /** Tables are broken at some moment, seen broken by runs after it, and brought back when all is quiet. */
  #spoilThenReload(operation: ReloadOperation): void {
    const { world } = this.#stage;
    world.after(world.random.between(60_000, troubledMilliseconds), 'tables are broken', () => this.#spoil(operation));
    world.after(quietMilliseconds, 'a reload is asked for', () =>
      this.#wish({ operation, range: wholeRange, after: firstGeneration(world.nowMilliseconds) - 1 }),
    );
  }

  async #wish(wish: Wish): Promise<void> {
    this.#wishes.push(wish);
    this.#stage.world.faults.count('reloaded', wish.operation);
    if (wish.operation === 'rebuild') this.#hasRebuilt = true;
    await this.#look(wish, 1);
  }

  /** As the command does: begins, goes on with what was cut off, or waits. */
  async #look(wish: Wish, looks: number): Promise<void> {
    const { world } = this.#stage;
    const before = await this.#progress(wish);
    if (isDone(wish, before) || looks > looksAtMost) return;
    const isDead = before === undefined || before.status !== 'running' || this.#dead.has(before.execution);
    if (isDead) await this.#start(wish, before);
    world.after(world.random.between(1_000, lookMilliseconds), 'somebody follows', () => this.#look(wish, looks + 1));
  }

  async #start({ operation, range }: Wish, before: ReloadProgress | undefined): Promise<void> {
    const { world } = this.#stage;
    const generation = Math.max((before?.generation ?? 0) + 1, firstGeneration(world.nowMilliseconds));
    const request: ReloadRequest = { operation, dataset, ...range, generation, part: 1 };
    await this.#states.start(reloadExecution(request), request);
  }

  #progress({ operation, range }: Wish): Promise<ReloadProgress | undefined> {
    return this.#stage.table.readReload({ operation, dataset, id: range.id });
  }

  /** A backfill brings back what is gone from all tables; a rebuild also makes `latest` what the log says. */
  async #spoil(operation: ReloadOperation): Promise<void> {
    const { redshift, world, changedByHand } = this.#stage;
    const [raw, latest, tombstones] = [rawTable, latestTable, tombstonesTable].map((table) =>
      qualifiedName(table(dataset)),
    );
    const key = `"_key" = '{"tournamentId":"t-${world.random.between(1, 3)}"}'`;
    const changes = [raw, latest, tombstones].map((table) => `DELETE FROM ${table} WHERE ${key}`);
    if (operation === 'rebuild') {
      changes.push(`UPDATE ${latest} SET "_position" = '9' || "_position", "payload" = JSON_PARSE('{"round":1}')`);
    }
    const [[taken] = []] = await rowsOf(redshift, `SELECT COUNT(*) FROM ${raw} WHERE ${key}`);
    try {
      await rowsOf(redshift, ['BEGIN', ...changes, 'COMMIT'].join(';'));
      this.#rowsTaken += Number(taken);
      world.faults.count('tablesBroken', operation);
      world.note(`${taken} rows of raw are taken away where ${key}`);
    } catch (error) {
      world.note(`tables stay as they are: ${(error as Error).message}`);
    }
    await changedByHand();
  }

  /** How many rows more than raw holds `ops.loads` may count: those taken away, and what rebuilds have put aside. */
  get rowsCountedTwice(): number {
    return this.#hasRebuilt ? Number.POSITIVE_INFINITY : this.#rowsTaken;
  }

  async violations(): Promise<string[]> {
    const { redshift, table, lake } = this.#stage;
    const found: string[] = [];
    const isHarmed = lake.decay.damaged.size > 0;
    for (const wish of this.#wishes) {
      const progress = await this.#progress(wish);
      if (!isHarmed && !isDone(wish, progress))
        found.push(`the ${wish.operation} of ${wish.range.id} is ${JSON.stringify(progress)}`);
    }
    if (table.touches.size > 0) found.push(`still touched: ${JSON.stringify([...table.touches.values()])}`);
    const aside = await rowsOf(
      redshift,
      `SELECT table_name FROM information_schema.tables WHERE table_name LIKE '%\\_\\_rebuild\\_%'`,
    );
    for (const [name] of aside) await rowsOf(redshift, `DROP TABLE IF EXISTS "raw"."${name}"`);
    return found;
  }
}

function isDone({ after }: Wish, progress: ReloadProgress | undefined): boolean {
  return progress?.status === 'done' && progress.began > after;
}
