import type { ObjectStore } from '../../lambdas/aws/object-store.ts';
import { mend } from '../../lambdas/mend/mend.ts';
import { advance } from '../../lambdas/refresh/advance.ts';
import { lease } from '../../lambdas/refresh/lease.ts';
import { nextState } from '../../lambdas/refresh/next.ts';
import { plan } from '../../lambdas/refresh/plan.ts';
import { settle } from '../../lambdas/refresh/settle.ts';
import { runState, workState } from '../../lambdas/refresh/state.ts';
import { preparationOf, type Surroundings } from '../../lib/pipeline/next.ts';
import { scheduledModel } from '../../lib/pipeline/schedule.ts';
import type { StateTable } from '../../lib/pipeline/state-items.ts';
import { refusedLoad } from '../../lib/pipeline/work.ts';
import type { MemoryStateTable } from '../factories/memory-state-table.ts';
import { type Submission, statementRunner } from '../factories/scripted-warehouse.ts';
import type { SimulatedLake } from './lake.ts';
import { invoke, type Process, through } from './process.ts';
import type { SimulatedQueue } from './queue.ts';
import type { Sabotage } from './simulate.ts';
import type { TaskRunner } from './states.ts';
import type { SimulatedWarehouse } from './warehouse.ts';
import type { World } from './world.ts';

/** What the refresh's functions and its state machine work with. */
export interface RefreshStage {
  readonly world: World;
  readonly table: MemoryStateTable;
  readonly lake: SimulatedLake;
  readonly warehouse: SimulatedWarehouse;
  readonly queue: SimulatedQueue;
  readonly surroundings: Omit<Surroundings, 'nowMilliseconds'>;
  readonly database: string;
  readonly sabotage: Pick<Sabotage, 'lakeOf' | 'tableOf' | 'reloadTableOf' | 'replayLakeOf' | 'repairWarehouseOf'>;
}

/** A function's clock: right, or wrong by up to five minutes, or put back by up to an hour while it works. */
export function clockOf(world: World): () => number {
  const { faults, random } = world;
  const offset = faults.strikes('clockSkewed', 'function') ? random.between(-300_000, 300_000) : 0;
  const jump = faults.strikes('clockJumps', 'function') ? random.between(0, 3_600_000) : 0;
  let readings = 0;
  return () => {
    readings += 1;
    return world.nowMilliseconds + offset - (readings > 1 ? jump : 0);
  };
}

/** Does the tasks of the refresh machine: the real functions as processes of this world, and the services that it calls itself. */
export function refreshTasks(stage: RefreshStage): TaskRunner {
  return async (resource, parameters) => {
    if (!resource.endsWith('lambda:invoke')) return callService(stage, resource, parameters);
    const name = /^\$\{(\w+)Arn\}$/.exec(String(parameters.FunctionName))?.[1] ?? '';
    const payload = structuredClone(parameters.Payload);
    const result = await invoke(stage.world, name, (self) => callFunction(stage, name, payload, self));
    return { Payload: JSON.parse(JSON.stringify(result)) };
  };
}

function callFunction(stage: RefreshStage, name: string, payload: unknown, self: Process): Promise<unknown> {
  const { surroundings, database } = stage;
  const { datasets, models, readers } = surroundings;
  const nowMilliseconds = clockOf(stage.world);
  const { lakeOf = (_name, lake) => lake, tableOf = (_name, table) => table } = stage.sabotage;
  const table = tableOf(name, through<StateTable>(self, 'dynamodb', stage.table));
  const lake = lakeOf(name, through<ObjectStore>(self, 's3', stage.lake));
  const scheduled = models.map((one) => scheduledModel(one, readers));
  switch (name) {
    case 'RefreshLease':
      return lease(runState.parse(payload), { table, datasets, nowMilliseconds });
    case 'RefreshPlan':
      return plan(runState.parse(payload), {
        ...{ table, lake, datasets, database },
        preparation: preparationOf(surroundings),
      });
    case 'RefreshNext':
      return nextState(workState.parse(payload), {
        ...{ lake, dataApi: through(self, 'redshift-data', stage.warehouse) },
        surroundings: { ...surroundings, nowMilliseconds: nowMilliseconds() },
      });
    case 'Mend':
      return mend(refusedLoad.parse(payload), { table, lake, nowMilliseconds }).then(({ outcome }) => outcome);
    case 'RefreshAdvance':
      return advance(runState.parse(payload), {
        ...{ table, lake, database, scheduled },
        dataApi: through(self, 'redshift-data', statementRunner(stage.warehouse)),
        surroundings: { ...surroundings, nowMilliseconds: nowMilliseconds() },
      });
    case 'RefreshSettle':
      return settle(runState.parse(payload), {
        ...{ table, lake, database, nowMilliseconds, scheduled },
        datasets: datasets.map((dataset) => dataset.name),
      });
    default:
      throw new Error(`there is no function ${name}`);
  }
}

function callService(
  { world, queue, warehouse }: RefreshStage,
  resource: string,
  parameters: Record<string, unknown>,
): Promise<unknown> {
  const place = resource.split(':').slice(-2).join('.');
  return invoke(world, 'states', (self) =>
    self.call(place, (): unknown => {
      if (resource.endsWith('describeStatement')) return warehouse.describe(parameters as { Id: string });
      if (resource.endsWith('batchExecuteStatement')) return warehouse.execute(parameters as unknown as Submission);
      queue.send(String(parameters.MessageBody), Number(parameters.DelaySeconds) * 1000);
      return {};
    }),
  );
}
