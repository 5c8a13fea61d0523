import { objectsKey, objectsOfARun, readObjects } from '../../lib/pipeline/plan.ts';
import { laneNotEmptyMessage } from '../../lib/pipeline/register-message.ts';
import { type Again, againFor, settlementOf } from '../../lib/pipeline/settlement.ts';
import type { PendingObject, StateTable } from '../../lib/pipeline/state-items.ts';
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
 * inbox is looked at. An object noted before that look is seen by it; one noted after finds the new generation.
 */
export async function settle(state: RunState, ports: SettlePorts): Promise<Settled> {
  const { table, datasets } = ports;
  const message = laneNotEmptyMessage(state.lane);
  const lane = await table.readLane(state.lane);
  const notOurs: Settled = { again: false, backoffSeconds: 0, message };
  if (lane?.generation !== state.generation) return notOurs;
  await settleInbox(state, ports);
  await settleDatabase(state, ports);
  // A run that gave up may not have come to the models.
  if (!state.trouble) await inTurns(state.plan.touched, (touched) => table.clearTouched(state.lane, touched));
  const health = state.trouble
    ? { deadRuns: lane.deadRuns + 1, deadAtMilliseconds: ports.nowMilliseconds() }
    : { deadRuns: 0, deadAtMilliseconds: 0 };
  if (!(await table.advanceLane(state.lane, state.generation, health))) return notOurs;
  const left = await Promise.all(datasets.map((dataset) => table.pending(state.lane, dataset, objectsOfARun)));
  const touched = await table.touched(state.lane);
  return { ...againFor(left.flat(), touched.length > 0), message };
}

async function settleInbox({ lane, loaded }: RunState, { table, lake }: SettlePorts): Promise<void> {
  const settlement = settlementOf(loaded);
  for (const work of settlement.loaded) {
    await inTurns(await objectsOf(work, lake), (object) => table.removePending(lane, object));
  }
  for (const { work, reason } of settlement.failed) {
    await inTurns(await objectsOf(work, lake), (object) => table.markFailed(lane, object, reason));
  }
}

async function objectsOf(work: LoadWork, lake: ObjectStore): Promise<PendingObject[]> {
  const body = await lake.get(objectsKey(work));
  return body ? readObjects(Buffer.from(body).toString()) : [];
}

async function settleDatabase({ prepared, models }: RunState, { table, database }: SettlePorts): Promise<void> {
  for (const { kind, work } of prepared) {
    if (kind === 'prepared' && work.kind === 'prepare') await table.notePrepared(database, work.hash);
  }
  await inTurns(models.built, ({ model, definition, outcome }) =>
    table.noteModel(database, { model, definition, outcome }),
  );
}

/** Calls at a time: many enough to be quick, few enough not to be throttled. */
const atATime = 25;

async function inTurns<T>(items: readonly T[], call: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += atATime) {
    await Promise.all(items.slice(start, start + atATime).map(call));
  }
}
