import { MillraceError } from '../../lib/pipeline/error.ts';
import { lanesOf } from '../../lib/pipeline/lane.ts';
import { type BuiltModel, modelRun } from '../../lib/pipeline/model-run.ts';
import { objectsKey, objectsOfARun, readObjects } from '../../lib/pipeline/plan.ts';
import { laneNotEmptyMessage } from '../../lib/pipeline/register-message.ts';
import { changesForOthers, type ScheduledModel } from '../../lib/pipeline/schedule.ts';
import { againFor, settlementOf } from '../../lib/pipeline/settlement.ts';
import {
  executionName,
  type ModelState,
  type PendingObject,
  type StateTable,
  settledNow,
  type TouchedSource,
} from '../../lib/pipeline/state-items.ts';
import type { LoadWork } from '../../lib/pipeline/work.ts';
import type { ObjectStore } from '../aws/object-store.ts';
import { changedSources, loadedDatasets, type RunState } from './state.ts';

export interface SettlePorts {
  readonly table: StateTable;
  readonly lake: Pick<ObjectStore, 'get'>;
  readonly datasets: readonly string[];
  /** Of all lanes, in dependency order. */
  readonly scheduled: readonly ScheduledModel[];
  readonly database: string;
  readonly nowMilliseconds: () => number;
}

/** A run that register is asked for. */
export interface Asked {
  readonly message: string;
  readonly backoffSeconds: number;
}

export interface Settled {
  readonly asks: readonly Asked[];
  /** What became of the run's models. */
  readonly built: readonly BuiltModel[];
}

/**
 * Ends a run, well or not: what was loaded leaves the inbox, other lanes are told what has changed, then the lane goes on to its
 * next generation, and only then inbox and lanes are looked at. An object noted before that look is seen by it; one noted after
 * finds the new generation. A run whose lane has gone on looks as well: it may have gone on by this very step, when the answer was
 * lost, and asking for a run twice starts one.
 */
export async function settle(state: RunState, ports: SettlePorts): Promise<Settled> {
  const { table, datasets, scheduled } = ports;
  const built = await builtModels(state, ports);
  await settleLane(state, built, ports);
  const left = await Promise.all(datasets.map((dataset) => table.pending(state.lane, dataset, objectsOfARun)));
  const again = againFor(left.flat(), await isTouched(state.lane, table));
  const asks = again.again ? [askFor(state.lane, again.backoffSeconds)] : [];
  for (const lane of lanesOf(scheduled)) {
    if (lane !== state.lane && (await isTouched(lane, table))) asks.push(askFor(lane, 0));
  }
  return { asks, built };
}

const askFor = (lane: string, backoffSeconds: number): Asked => ({
  message: laneNotEmptyMessage(lane),
  backoffSeconds,
});

const isTouched = async (lane: string, table: StateTable): Promise<boolean> =>
  (await table.touched(lane, 1)).length > 0;

async function builtModels({ models, trouble }: RunState, { lake }: SettlePorts): Promise<readonly BuiltModel[]> {
  if (!models) return [];
  const body = await lake.get(models.key);
  if (body) return modelRun.parse(JSON.parse(Buffer.from(body).toString())).built;
  // A run that gives up leaves all it had to do to the next; any other must not end as if there were no models.
  if (trouble) return [];
  throw new MillraceError(
    'NO_MEMORY',
    `${models.key} is gone from the lake: what became of the run's models is not known`,
  );
}

/** The look at the lane spares a stale run its writes; that none of them does harm is the table's own condition. */
async function settleLane(state: RunState, built: readonly BuiltModel[], ports: SettlePorts): Promise<void> {
  const { table } = ports;
  const holder = { lane: state.lane, generation: state.generation };
  const lane = await table.readLane(state.lane);
  if (lane?.generation !== state.generation) return;
  // The inbox last: while an object is in it, another run builds the models behind it again, should their notes be lost.
  await tellOthers(state, built, await settleDatabase(state, built, ports), ports);
  // One after the other, as with the models: transactions on the lane's item at the same time cancel each other.
  if (!state.trouble) for (const touched of state.plan.touched) await table.clearTouched(holder, touched);
  // It may not have come to the models behind what it has loaded, and what is loaded leaves the inbox.
  else await table.touchAll(holder, state.lane, touchedBy(state, loadedDatasets(state)));
  await settleInbox(state, ports);
  const health = state.trouble
    ? { deadRuns: lane.deadRuns + 1, deadAtMilliseconds: ports.nowMilliseconds() }
    : { deadRuns: 0, deadAtMilliseconds: 0 };
  await table.advanceLane(state.lane, state.generation, health);
}

const touchedBy = ({ lane, generation }: RunState, sources: readonly string[]): TouchedSource[] =>
  sources.map((source) => ({ source, stamp: executionName(lane, generation) }));

/** A new model is told of by each of our runs until its own lane has built it: all that say the same have the same stamp. */
function stamped(touched: TouchedSource, lane: string, models: readonly ScheduledModel[]): TouchedSource {
  const own = models.find(({ name }) => name === touched.source);
  return own?.lane === lane ? { ...touched, stamp: own.definition } : touched;
}

/** What other lanes' models read and this run has changed is touched in their lanes. */
async function tellOthers(
  state: RunState,
  built: readonly BuiltModel[],
  states: readonly ModelState[],
  { table, scheduled: models, datasets: names }: SettlePorts,
): Promise<void> {
  const { lane, generation } = state;
  const published = new Set(built.filter(({ outcome }) => outcome === 'published').map(({ model }) => model));
  const changed = changedSources(state);
  const datasets = new Set(names.filter((name) => changed.has(name)));
  for (const [other, sources] of changesForOthers({ models, states, lane, datasets, published })) {
    const touched = touchedBy(state, sources).map((one) => stamped(one, other, models));
    await table.touchAll({ lane, generation }, other, touched);
  }
}

async function settleInbox({ lane, generation, loaded }: RunState, ports: SettlePorts): Promise<void> {
  const { table, lake } = ports;
  const settlement = settlementOf(loaded);
  for (const work of settlement.loaded) {
    const { loadId } = work;
    await inTurns(await objectsOf(work, lake), (object) => {
      const { eTag } = object;
      return table.settle(lane, object, settledNow({ eTag, outcome: 'loaded', loadId }, ports.nowMilliseconds()));
    });
  }
  for (const { work, reason } of settlement.failed) {
    for (const object of await objectsOf(work, lake)) await table.markFailed({ lane, generation }, object, reason);
  }
}

async function objectsOf(work: LoadWork, lake: SettlePorts['lake']): Promise<PendingObject[]> {
  const body = await lake.get(objectsKey(work));
  return body ? readObjects(Buffer.from(body).toString()) : [];
}

/** Notes what the database is now, and answers how all its models stand. */
async function settleDatabase(
  { lane, generation, prepared }: RunState,
  built: readonly BuiltModel[],
  { table, database }: SettlePorts,
): Promise<ModelState[]> {
  const holder = { lane, generation };
  for (const { kind, work } of prepared) {
    if (kind === 'prepared' && work.kind === 'prepare') await table.notePrepared(database, work.hash, holder);
  }
  const states = new Map((await table.models(database)).map((state) => [state.model, state]));
  const changed = built.flatMap(({ model, definition, outcome, published }): ModelState[] => {
    const before = states.get(model)?.published;
    return outcome === 'fenced' ? [] : [{ model, definition, outcome, published: published ?? before }];
  });
  await table.noteModels(database, changed, holder);
  for (const state of changed) states.set(state.model, state);
  return [...states.values()];
}

/** Calls at a time: many enough to be quick, few enough not to be throttled. */
const atATime = 25;

async function inTurns<T>(items: readonly T[], call: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += atATime) {
    await Promise.all(items.slice(start, start + atATime).map(call));
  }
}
