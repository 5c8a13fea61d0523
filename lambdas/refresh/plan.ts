import type { DatasetPlan } from '../../lib/pipeline/environment.ts';
import {
  firstLoads,
  manifestText,
  objectsKey,
  objectsOfARun,
  objectsText,
  type PlannedLoad,
  planLoads,
  touchesOfARun,
} from '../../lib/pipeline/plan.ts';
import { executionName, type StateTable, type TouchedSource } from '../../lib/pipeline/state-items.ts';
import { type Preparation, preparationHash } from '../../lib/pipeline/statements/prepare.ts';
import type { Work } from '../../lib/pipeline/work.ts';
import type { ObjectStore } from '../aws/object-store.ts';
import type { RunState } from './state.ts';

/** What goes into the work loops: each piece with nothing done yet. */
export interface Plan {
  readonly prepare: readonly { readonly work: Work; readonly history: [] }[];
  readonly loads: readonly { readonly work: Work; readonly history: [] }[];
  /** What was changed outside the lane's runs, as it stands now: what is touched later is for the next run. */
  readonly touched: readonly TouchedSource[];
}

export interface PlanPorts {
  readonly table: StateTable;
  readonly lake: ObjectStore;
  readonly datasets: readonly DatasetPlan[];
  readonly preparation: Preparation;
  readonly database: string;
}

const toDo = (work: Work) => ({ work, history: [] as [] });

/** Lists what is pending, writes the manifests, and says whether the database must be prepared first. */
export async function plan({ lane, generation }: RunState, ports: PlanPorts): Promise<Plan> {
  const { table, datasets, preparation, database } = ports;
  const pending = await Promise.all(datasets.map(({ name }) => table.pending(lane, name, objectsOfARun)));
  const loads = firstLoads(
    datasets.flatMap(({ name }, index) => planLoads({ lane, generation }, name, pending[index] ?? [])),
  );
  await Promise.all(loads.map((load) => writeManifest(load, ports.lake)));
  const hash = preparationHash(preparation);
  const isPrepared = (await table.preparedHash(database)) === hash;
  const prepare = isPrepared ? [] : [toDo({ kind: 'prepare', execution: executionName(lane, generation), hash })];
  return { prepare, loads: loads.map(({ work }) => toDo(work)), touched: await table.touched(lane, touchesOfARun) };
}

async function writeManifest(load: PlannedLoad, lake: ObjectStore): Promise<void> {
  const contentType = 'application/json';
  await Promise.all([
    lake.put({ key: load.work.manifestKey, body: Buffer.from(manifestText(load)), contentType }),
    lake.put({ key: objectsKey(load.work), body: Buffer.from(objectsText(load)), contentType }),
  ]);
}
