import type { ObjectStore } from '../../lambdas/aws/object-store.ts';
import type { RewritableStore } from '../../lambdas/aws/rewritable-store.ts';
import type { Warehouse } from '../../lambdas/aws/warehouse.ts';
import { register } from '../../lambdas/register/register.ts';
import { lanesOf } from '../../lib/pipeline/lane.ts';
import { preparationOf, type Surroundings } from '../../lib/pipeline/next.ts';
import { type RegisterMessage, readRegisterMessage } from '../../lib/pipeline/register-message.ts';
import type { StateTable } from '../../lib/pipeline/state-items.ts';
import { preparationHash, prepareBatches } from '../../lib/pipeline/statements/prepare.ts';
import { pipelineTables, qualifiedName } from '../../lib/pipeline/tables.ts';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { ObjectStore as CopySource, Redshift } from '../../local/redshift/types.ts';
import { MemoryStateTable } from '../factories/memory-state-table.ts';
import { datasets, runEndedEvent } from '../factories/pipeline.ts';
import { plainSurroundings } from '../factories/surroundings.ts';
import { Extraction, type ExtractSabotage, organizers } from './extraction.ts';
import type { Coverage, Fault } from './faults.ts';
import { followedDatasets } from './following-marts.ts';
import { violations } from './invariants.ts';
import { lakeBucket, SimulatedLake } from './lake.ts';
import { clearMarts, MartReaders, modelsOf, simulatedModels } from './marts.ts';
import { type OperationKind, Operations } from './operations/operations.ts';
import { type Process, through } from './process.ts';
import { SimulatedQueue } from './queue.ts';
import { clockOf, refreshTasks } from './refresh-functions.ts';
import { playSources, portsOf, sendLast } from './sources.ts';
import { SimulatedStates } from './states.ts';
import { SimulatedWarehouse } from './warehouse.ts';
import { type Moment, troubledMilliseconds, World } from './world.ts';

/** What a seed came to. */
export interface Report {
  readonly seed: number;
  /** What does not hold; empty where all is well. */
  readonly violations: readonly string[];
  readonly coverage: Coverage;
  readonly timeline: readonly Moment[];
}

/** What can be broken around the functions. */
export interface Parts {
  readonly table: MemoryStateTable;
  readonly lake: SimulatedLake;
  readonly start: SimulatedStates['start'];
}

/** Breaks the pipeline on purpose, to see that the simulation notices. */
export interface Sabotage {
  /** The faults that bring it to light, where they are rare among all of them. */
  readonly among?: readonly Fault[];
  /** What becomes of a batch's statements. */
  readonly statements?: (statements: readonly string[]) => readonly string[];
  /** Whether register listens to a message. */
  readonly listens?: (message: RegisterMessage) => boolean;
  /** What one of the functions has instead of the lake or the table. */
  readonly lakeOf?: (name: string, lake: ObjectStore) => ObjectStore;
  readonly tableOf?: (name: string, table: StateTable) => StateTable;
  /** The same of a reload's functions, of a replay and of a repair. */
  readonly reloadTableOf?: (name: string, table: MemoryStateTable) => MemoryStateTable;
  readonly replayLakeOf?: (lake: RewritableStore) => RewritableStore;
  readonly repairWarehouseOf?: (warehouse: Warehouse) => Warehouse;
  /** What becomes of the extractor's ports. */
  readonly extract?: ExtractSabotage;
  /** What becomes of what the functions work with. */
  readonly parts?: (parts: Parts) => Parts;
  /** What a seed must have for the sabotage to show. */
  readonly needs?: Need | readonly Need[];
}

export type Need = 'models' | 'extract' | OperationKind | 'spoilt';

const database = 'prod';
type Plans = Omit<Surroundings, 'nowMilliseconds'>;
const allDatasets = [...datasets, organizers];
/** As they are loaded where models follow what has changed. */
const followed = [...followedDatasets, organizers];
const withoutModels: Plans = { ...plainSurroundings, datasets: allDatasets, lakeBucket };
const datasetNames = allDatasets.map(({ name }) => name);
const quietEventsAtMost = 20_000;
/** The shares of seeds that have models, and a REST source. Models make a seed four to ten times as long, and most faults strike before them. */
const shares = { models: 0.05, extract: 0.12 } as const;

/** Tables of a few rows are read in no time, however it is done: most of a statement's time went into finding out how. */
const disabledOptimizers = [
  ...['build_side_probe_side', 'common_subplan', 'compressed_materialization', 'cte_inlining', 'join_elimination'],
  ...['join_filter_pushdown', 'join_order', 'late_materialization', 'statistics_propagation', 'sum_rewriter'],
  ...['top_n_window_elimination', 'window_self_join'],
];

/** A warehouse keeps its history, and the places of rows that are deleted. */
const seedsAWarehouse = 500;

/** The warehouse that simulations share, one after the other: starting one takes longer than a simulation. */
export class SimulationGround {
  #lake: SimulatedLake | undefined;
  #seeds = 0;
  /** The seed before; undefined: the warehouse is new. */
  #last: { readonly warehouse: SimulatedWarehouse; readonly hasModels: boolean } | undefined;
  redshift = this.#open();

  async #open(): Promise<Redshift> {
    const objectStore: CopySource = {
      get: async (uri) => {
        const body = await this.#lake?.get(uri.replace(`s3://${lakeBucket}/`, ''));
        if (!body) throw new Error(`S3ServiceException: The specified key does not exist: ${uri}`);
        return Buffer.from(body);
      },
      put: async () => undefined,
      list: async () => [],
    };
    const admin = { user: 'admin', password: 'admin' };
    const redshift = await openRedshift({ databases: [database], admin, objectStore, threads: 1, disabledOptimizers });
    const session = await redshift.session({ database, user: admin.user });
    const plans = { ...withoutModels, datasets: followed, models: simulatedModels };
    for (const statement of prepareBatches(preparationOf(plans)).flat()) await session.execute(statement);
    await session.close();
    return redshift;
  }

  /** Plays one seed to its end and looks at what is left. */
  async simulate(seed: number, sabotage?: Sabotage, among = sabotage?.among): Promise<Report> {
    const redshift = await this.#cleared();
    const world = new World(seed, among);
    const needed = [sabotage?.needs ?? []].flat();
    const hasModels = world.random.chance(shares.models) || needed.includes('models');
    const operations = new Operations(world, needed);
    const plans = hasModels ? { ...withoutModels, datasets: followed, models: modelsOf(seed) } : withoutModels;
    const table = new MemoryStateTable();
    table.prepared.set(database, preparationHash(preparationOf(plans)));
    const warehouse = new SimulatedWarehouse(world, redshift, sabotage?.statements);
    this.#last = { warehouse, hasModels };
    const readers = new MartReaders(world, redshift, warehouse);
    const { lake, broken, queue, stage } = this.#build(world, table, warehouse, { plans, sabotage });
    const sent = playSources(world, { lake: broken, queue }, (record) => operations.divert(record));
    if (hasModels) {
      warehouse.committed = (statementName) => readers.committed(statementName);
      await readers.begin();
      sendLast(world, { lake, queue }, sent, troubledMilliseconds + 1_000_000);
    }
    const changedByHand = async () => {
      warehouse.changes += 1;
      if (hasModels) await readers.noteLatest();
    };
    operations.begin({ ...stage, redshift, sent, changedByHand });
    const extraction =
      world.random.chance(shares.extract) || needed.includes('extract')
        ? new Extraction(world, portsOf(world, { lake, queue }), sabotage?.extract)
        : undefined;
    extraction?.begin();
    const isAtRest = await world.run(quietEventsAtMost);
    await warehouse.abandon();
    await operations.noteLanded();
    const { rowsCountedTwice } = operations;
    const found = await violations({ redshift, table, lake, sent, datasets, rowsCountedTwice });
    found.push(...(await operations.violations()));
    if (extraction) found.push(...(await extraction.violations(redshift, lake.decay)));
    if (hasModels) found.push(...(await readers.end()));
    if (!isAtRest) found.unshift(`it does not come to rest within ${quietEventsAtMost} events after the last trouble`);
    return { seed, violations: found, coverage: world.faults.coverage, timeline: world.timeline };
  }

  async #cleared(): Promise<Redshift> {
    this.#seeds += 1;
    if (this.#seeds % seedsAWarehouse === 0) {
      await this.close();
      this.redshift = this.#open();
      this.#last = undefined;
    }
    const redshift = await this.redshift;
    if (this.#last)
      await clear(redshift, this.#last.warehouse, this.#last.hasModels ? clearMarts(simulatedModels) : []);
    return redshift;
  }

  /** Connects lake → queue → register → state machine → functions → warehouse. */
  #build(
    world: World,
    memory: MemoryStateTable,
    warehouse: SimulatedWarehouse,
    { plans: surroundings, sabotage = {} }: { readonly plans: Plans; readonly sabotage: Sabotage | undefined },
  ) {
    const queue: SimulatedQueue = new SimulatedQueue(world, (self, body) => tellRegister(self, body));
    const whole = new SimulatedLake(world, (body) => queue.send(body));
    this.#lake = whole;
    const begin = (name: string, input: unknown) => states.start(name, input);
    const parts: Parts = { table: memory, lake: whole, start: begin };
    const { table, lake, start } = sabotage.parts?.(parts) ?? parts;
    const stage = { world, table, lake, warehouse, queue, surroundings, database, sabotage };
    const states = new SimulatedStates(world, refreshTasks(stage), (name, status) => {
      if (status !== 'SUCCEEDED') queue.send(runEndedEvent(name, status));
    });
    const lanes = lanesOf(surroundings.models);
    const tellRegister = async (self: Process, body: string) => {
      const message = readRegisterMessage(body, { datasets: new Set(datasetNames), lanes: new Set(lanes) });
      if (sabotage.listens?.(message) === false) return;
      const ports = { table: through(self, 'dynamodb', table), executions: through(self, 'states', { start }) };
      await register(message, { ...ports, datasets: datasetNames, lanes, nowMilliseconds: clockOf(world) });
    };
    return { lake: whole, broken: lake, queue, stage };
  }

  async close(): Promise<void> {
    await (await this.redshift).close();
  }
}

/** Empties what a statement has named: what none has named is empty already. */
async function clear(redshift: Redshift, { named }: SimulatedWarehouse, more: readonly string[]): Promise<void> {
  const session = await redshift.session({ database, user: 'admin' });
  const tables = pipelineTables(followed).map(qualifiedName);
  const deletions = tables.filter((table) => named.has(table)).map((table) => `DELETE FROM ${table}`);
  await session.execute(['BEGIN', ...deletions, ...more, 'COMMIT'].join(';'));
  await session.close();
}
