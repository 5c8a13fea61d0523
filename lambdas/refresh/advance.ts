import {
  begunRun,
  builtOf,
  type ModelProgress,
  type ModelRun,
  type ModelUnderWay,
  modelRun,
  modelRunKey,
  pauseSeconds,
  progressOf,
  withBegun,
  withoutSkipped,
} from '../../lib/pipeline/model-run.ts';
import { modelsAtOnce, type ScheduledModel, selectModels } from '../../lib/pipeline/schedule.ts';
import { type DatabaseTable, executionName } from '../../lib/pipeline/state-items.ts';
import type { StatementRunner } from '../aws/data-api.ts';
import type { ObjectStore } from '../aws/object-store.ts';
import { decided, type Looked, lookedAt, type ModelPorts, sent } from './model-step.ts';
import { changedSources, type RunState } from './state.ts';

export interface AdvancePorts extends Omit<ModelPorts, 'execution' | 'lane'> {
  readonly table: Pick<DatabaseTable, 'models'>;
  readonly lake: Pick<ObjectStore, 'get' | 'put'>;
  readonly dataApi: StatementRunner;
  readonly database: string;
  /** Of all lanes, in dependency order. */
  readonly scheduled: readonly ScheduledModel[];
}

/**
 * One look at all models of the run: what has ended is decided on, what is next is sent, what has become ready begins. What it
 * does depends on nothing but the memory and what the warehouse says, and the tokens make a batch that is sent again the same
 * batch: so a call may die anywhere, be repeated, or run beside another.
 */
export async function advance(state: RunState, ports: AdvancePorts): Promise<ModelProgress> {
  const execution = executionName(state.lane, state.generation);
  const key = modelRunKey(execution);
  const modelPorts = { ...ports, execution, lane: state.lane };
  const before = (await remembered(state, ports)) ?? begunRun(await selected(state, ports));
  const run = await moved(before, modelPorts, ports.scheduled);
  const body = Buffer.from(JSON.stringify(run));
  await ports.lake.put({ key, body, contentType: 'application/json' });
  return progressOf(key, run);
}

/** The first call has nothing to read: S3 would not even say so, because the role may not list. */
async function remembered({ models }: RunState, { lake }: AdvancePorts): Promise<ModelRun | undefined> {
  const body = models && (await lake.get(models.key));
  return body && modelRun.parse(JSON.parse(Buffer.from(body).toString()));
}

async function selected(state: RunState, { table, database, scheduled }: AdvancePorts) {
  const states = await table.models(database);
  return selectModels({ models: scheduled, states, changed: changedSources(state), lane: state.lane });
}

async function moved(before: ModelRun, ports: ModelPorts, models: readonly ScheduledModel[]): Promise<ModelRun> {
  const rested = before.underWay.map((one) => ({
    ...one,
    holdSeconds: Math.max(0, one.holdSeconds - before.waitSeconds),
  }));
  const looked = await Promise.all(rested.map((one) => lookedAt(one, ports)));
  const placed = withoutSkipped(settled({ ...before, underWay: [] }, looked), models);
  const busy = placed.underWay.filter(isBusy).length;
  const begun = withBegun(placed, models, modelsAtOnce - busy);
  const fresh = begun.underWay.slice(placed.underWay.length).map((one) => decided(one, ports));
  const due = settled({ ...begun, underWay: placed.underWay }, fresh);
  const submitted = await sentAsDue(due.underWay, ports);
  const all = withoutSkipped(settled({ ...due, underWay: [] }, submitted), models);
  const hasMoved = [...looked, ...fresh, ...submitted].some((one) => one.hasMoved);
  const run = { ...all, looks: before.looks + 1, still: hasMoved ? 0 : before.still + 1 };
  return { ...run, waitSeconds: pauseSeconds(run) };
}

/** It has a place: its batch is under way, or is to be sent now. */
const isBusy = ({ submitted, holdSeconds }: ModelUnderWay): boolean => submitted !== undefined || holdSeconds === 0;

function settled(run: ModelRun, looked: readonly Looked[]): ModelRun {
  const built = looked.flatMap(({ one, outcome }) => (outcome ? [builtOf(one, outcome)] : []));
  const going = looked.filter(({ outcome }) => !outcome).map(({ one }) => one);
  return { ...run, underWay: [...run.underWay, ...going], built: [...run.built, ...built] };
}

/** Sends what is due, as far as there are places; those that began first go first. */
async function sentAsDue(underWay: readonly ModelUnderWay[], ports: ModelPorts): Promise<Looked[]> {
  const places = modelsAtOnce - underWay.filter((one) => one.submitted).length;
  const due = underWay.filter((one) => !one.submitted && one.holdSeconds === 0).slice(0, Math.max(0, places));
  return Promise.all(underWay.map((one) => (due.includes(one) ? sent(one, ports) : { one, hasMoved: false })));
}
