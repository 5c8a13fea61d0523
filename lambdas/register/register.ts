import { MillraceError } from '../../lib/pipeline/error.ts';
import { mainLane } from '../../lib/pipeline/lane.ts';
import type { RegisterMessage } from '../../lib/pipeline/register-message.ts';
import { executionName, firstGeneration, type InboxTable, type PendingObject } from '../../lib/pipeline/state-items.ts';

/** Starts runs of the refresh. */
export interface Executions {
  /** `closed`: a run of this name has been, and is no more. A run of this name that is under way counts as started. */
  start(name: string, input: { readonly lane: string; readonly generation: number }): Promise<'started' | 'closed'>;
}

export interface RegisterPorts {
  readonly table: InboxTable;
  readonly executions: Executions;
  readonly datasets: readonly string[];
  /** Of this stack. */
  readonly lanes: readonly string[];
  readonly nowMilliseconds: () => number;
}

/** What register has to report of a message, beside having done what it asks. */
export type Registered =
  | { readonly kind: 'done' }
  /** No event has told of the object. */
  | { readonly kind: 'eventLost'; readonly dataset: string };

const done: Registered = { kind: 'done' };

/** Notes what a message tells and sees to it that a run is due. Objects are main's. Repeating it changes nothing. */
export async function register(message: RegisterMessage, ports: RegisterPorts): Promise<Registered> {
  switch (message.kind) {
    case 'ignored':
      return done;
    case 'objectCreated':
      await noteObject(message.object, mainLane, ports);
      return done;
    case 'landed':
      return confirmObject(message.object, mainLane, ports);
    case 'runDied':
      await buryRun(message.lane, message.generation, ports);
      // It may have settled, and died before it asked for the runs of other lanes.
      for (const lane of ports.lanes) await ensureRunIfPending(lane, ports);
      return done;
    case 'laneNotEmpty':
      await ensureRunIfPending(message.lane, ports);
      return done;
  }
}

/** An object that is settled is done with, however late the event: it needs no run. */
async function noteObject(object: PendingObject, lane: string, ports: RegisterPorts): Promise<void> {
  if (await isSettled(object, ports)) return;
  // Even what is known needs a run: whoever noted it may have died before starting one.
  await ports.table.addPending(lane, object);
  await ensureRun(lane, ports);
}

async function isSettled(object: PendingObject, { table }: RegisterPorts): Promise<boolean> {
  return (await table.findSettled(object))?.eTag === object.eTag;
}

/**
 * The inbox is asked before the ledger: an object goes from the one to the other, and is never in neither. Where the writer's
 * message is given to register again, the object is in one of them.
 */
async function confirmObject(object: PendingObject, lane: string, ports: RegisterPorts): Promise<Registered> {
  const pending = await ports.table.findPending(lane, object);
  const isLost = pending?.eTag !== object.eTag && !(await isSettled(object, ports));
  await noteObject(object, lane, ports);
  return isLost ? { kind: 'eventLost', dataset: object.dataset } : done;
}

async function ensureRunIfPending(lane: string, ports: RegisterPorts): Promise<void> {
  if ((await ports.table.touched(lane, 1)).length > 0) return ensureRun(lane, ports);
  for (const dataset of ports.datasets) {
    const pending = await ports.table.pending(lane, dataset, 1);
    if (pending.length > 0) return ensureRun(lane, ports);
  }
}

/** More rounds than runs can end between a read and a start. */
const rounds = 5;

/**
 * Starts the run of the lane's generation. One that is closed while the lane is still at its generation ended without
 * settling, and nobody has said so yet: the lane goes on without it.
 */
async function ensureRun(lane: string, ports: RegisterPorts): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const { generation } = await openLane(lane, ports);
    const started = await ports.executions.start(executionName(lane, generation), { lane, generation });
    if (started === 'started') return;
    await buryRun(lane, generation, ports);
  }
  throw new MillraceError('NO_RUN_STARTS', `${rounds} runs of ${lane} in a row were closed when they were started`, {
    retryable: true,
  });
}

async function openLane(lane: string, { table, nowMilliseconds }: RegisterPorts) {
  const open = await table.readLane(lane);
  if (open) return open;
  await table.openLane(lane, firstGeneration(nowMilliseconds()));
  const opened = await table.readLane(lane);
  if (!opened) throw new MillraceError('NO_LANE', `the lane ${lane} was opened and is not there`, { retryable: true });
  return opened;
}

async function buryRun(lane: string, generation: number, { table, nowMilliseconds }: RegisterPorts): Promise<void> {
  const state = await table.readLane(lane);
  if (state?.generation !== generation) return;
  await table.advanceLane(lane, generation, {
    deadRuns: state.deadRuns + 1,
    deadAtMilliseconds: nowMilliseconds(),
  });
}
