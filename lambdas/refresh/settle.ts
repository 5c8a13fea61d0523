import { objectsKey, objectsOfARun, readObjects } from '../../lib/pipeline/plan.ts';
import { laneNotEmptyMessage } from '../../lib/pipeline/register-message.ts';
import { type Again, againFor, settlementOf } from '../../lib/pipeline/settlement.ts';
import { type PendingObject, type StateTable, settledNow } from '../../lib/pipeline/state-items.ts';
import type { LoadWork } from '../../lib/pipeline/work.ts';
import type { ObjectStore } from '../aws/object-store.ts';
import type { RunState } from './state.ts';

export interface SettlePorts {
  readonly table: StateTable;
  readonly lake: ObjectStore;
  readonly datasets: readonly string[];
  readonly database: string;
  readonly nowMilliseconds: () => number;
}

export type Settled = Again & {
  /** What register is asked with, if again. */
  readonly message: string;
};

/**
 * Ends a run, well or not: what was loaded leaves the inbox, then the lane goes on to its next generation, and only then the
 * inbox is looked at. An object noted before that look is seen by it; one noted after finds the new generation. A run whose lane
 * has gone on looks as well: it may have gone on by this very step, when the answer was lost, and asking for a run twice starts one.
 */
export async function settle(state: RunState, ports: SettlePorts): Promise<Settled> {
  const { table, datasets } = ports;
  await settleLane(state, ports);
  const left = await Promise.all(datasets.map((dataset) => table.pending(state.lane, dataset, objectsOfARun)));
  const touched = await table.touched(state.lane);
  return { ...againFor(left.flat(), touched.length > 0), message: laneNotEmptyMessage(state.lane) };
}

/** The look at the lane spares a stale run its writes; that none of them does harm is the table's own condition. */
async function settleLane(state: RunState, ports: SettlePorts): Promise<void> {
  const { table } = ports;
  const holder = { lane: state.lane, generation: state.generation };
  const lane = await table.readLane(state.lane);
  if (lane?.generation !== state.generation) return;
  // The inbox last: while an object is in it, another run builds the models behind it again, should their notes be lost.
  await settleDatabase(state, ports);
  // A run that gave up may not have come to the models.
  // One after the other, as with the models: transactions on the lane's item at the same time cancel each other.
  if (!state.trouble) for (const touched of state.plan.touched) await table.clearTouched(holder, touched);
  await settleInbox(state, ports);
  const health = state.trouble
    ? { deadRuns: lane.deadRuns + 1, deadAtMilliseconds: ports.nowMilliseconds() }
    : { deadRuns: 0, deadAtMilliseconds: 0 };
  await table.advanceLane(state.lane, state.generation, health);
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

async function objectsOf(work: LoadWork, lake: ObjectStore): Promise<PendingObject[]> {
  const body = await lake.get(objectsKey(work));
  return body ? readObjects(Buffer.from(body).toString()) : [];
}

async function settleDatabase(state: RunState, { table, database }: SettlePorts): Promise<void> {
  const { lane, generation, prepared, models } = state;
  const holder = { lane, generation };
  for (const { kind, work } of prepared) {
    if (kind === 'prepared' && work.kind === 'prepare') await table.notePrepared(database, work.hash, holder);
  }
  // One after the other: they all look at the lane, and transactions on one item at the same time cancel each other.
  for (const { model, definition, outcome } of models.built) {
    if (outcome !== 'fenced') await table.noteModel(database, { model, definition, outcome }, holder);
  }
}

/** Calls at a time: many enough to be quick, few enough not to be throttled. */
const atATime = 25;

async function inTurns<T>(items: readonly T[], call: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += atATime) {
    await Promise.all(items.slice(start, start + atATime).map(call));
  }
}
