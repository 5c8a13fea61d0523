import { MillraceError } from '../../lib/pipeline/error.ts';
import { Findings } from '../../lib/pipeline/findings.ts';
import { objectsKey, readObjects } from '../../lib/pipeline/plan.ts';
import { type PendingObject, type SettledObject, type StateTable, settledNow } from '../../lib/pipeline/state-items.ts';
import { blamesContent, type LoadWork, type Outcome, type RefusedLoad } from '../../lib/pipeline/work.ts';
import type { ObjectStore, StoredObject } from '../aws/object-store.ts';
import { type Examined, examine } from './examine.ts';
import { rewrite, setAside, splitLines } from './rewrite.ts';

export interface MendPorts {
  readonly table: Pick<StateTable, 'readLane' | 'findPending' | 'findSettled' | 'addPending' | 'limitLoad' | 'settle'>;
  readonly lake: ObjectStore;
  readonly nowMilliseconds: () => number;
}

/** How a refused load goes on, and how many records were set aside. */
export interface Mended {
  readonly outcome: Outcome;
  readonly recordsSetAside: number;
}

/** The next loads of objects that nobody finds fault with are so many times smaller. */
const timesSmaller = 8;

/**
 * Mends the objects of a load that the warehouse refuses. What is new is written before what is old is settled, and under names
 * that the old decides: cut off anywhere and repeated, it comes to the same.
 */
export async function mend(refused: RefusedLoad, ports: MendPorts): Promise<Mended> {
  const { work } = refused;
  const lane = await ports.table.readLane(work.lane);
  const unchanged: Mended = { outcome: { ...refused, remedy: 'none' }, recordsSetAside: 0 };
  if (lane?.generation !== work.generation) return unchanged;
  const objects = await objectsOf(work, ports);
  const pending = await stillPending(objects, work, ports);
  if (pending.length === 0) return unchanged;
  const findings = new Findings(await textOf(refused.findingsKey, ports));
  const load = new LoadMending(work, ports);
  for (const object of pending) await load.look(object, findings);
  if (load.remedied > 0) return { outcome: { ...refused, remedy: 'mended' }, recordsSetAside: load.recordsSetAside };
  // Not for the content after all: nothing is taken apart for it.
  if (!blamesContent(refused.reason)) {
    return { outcome: { kind: 'failed', work, reason: refused.reason }, recordsSetAside: 0 };
  }
  // What was refused may have been an object that is gone, or another one since: those that are left have not been tried without it.
  if (pending.length < objects.length) return unchanged;
  const [only] = pending;
  if (pending.length === 1 && only) return load.splitObject(only, refused);
  const atMost = Math.max(1, Math.ceil(pending.length / timesSmaller));
  for (const object of pending) await ports.table.limitLoad(work.lane, object, atMost);
  return { outcome: { ...refused, remedy: 'split' }, recordsSetAside: 0 };
}

async function objectsOf(work: LoadWork, ports: MendPorts): Promise<PendingObject[]> {
  const text = await textOf(objectsKey(work), ports);
  if (text === undefined)
    throw new MillraceError('NO_OBJECTS', `${objectsKey(work)} is gone, and with it what ${work.loadId} was of`);
  return readObjects(text);
}

/** Those of the load's objects that wait as it has had them. */
async function stillPending(
  objects: readonly PendingObject[],
  { lane }: LoadWork,
  { table }: MendPorts,
): Promise<PendingObject[]> {
  const pending: PendingObject[] = [];
  for (const object of objects) {
    const known = await table.findPending(lane, object);
    if (known?.eTag === object.eTag) pending.push(known);
  }
  return pending;
}

async function textOf(key: string | undefined, { lake }: MendPorts): Promise<string | undefined> {
  const body = key === undefined ? undefined : await lake.get(key);
  return body && Buffer.from(body).toString();
}

/** What is done about the objects of one load, one after the other: one of them is in memory at a time, and packed. */
class LoadMending {
  readonly #work: LoadWork;
  readonly #ports: MendPorts;
  remedied = 0;
  recordsSetAside = 0;

  constructor(work: LoadWork, ports: MendPorts) {
    this.#work = work;
    this.#ports = ports;
  }

  async look(object: PendingObject, findings: Findings): Promise<void> {
    const examined = await examine(object, await this.#ports.lake.find(object.key), findings);
    if (examined.kind === 'read' && examined.faults.size === 0 && examined.lines > 0) return;
    this.remedied += 1;
    await this.#remedy(object, examined);
  }

  async #remedy(object: PendingObject, examined: Examined): Promise<void> {
    const { lake, table } = this.#ports;
    switch (examined.kind) {
      case 'missing':
        return this.#setAside(object, { code: 'OBJECT_MISSING', reason: 'is not in the lake any more' });
      case 'unreadable':
        return this.#setAside(object, { code: 'OBJECT_UNREADABLE', reason: examined.reason }, examined);
      case 'changed': {
        const { eTag, body } = examined.found;
        await table.addPending(this.#work.lane, { ...object, eTag, sizeBytes: body.length });
        return;
      }
      case 'read':
        await rewrite(object, examined.found, examined.faults, lake, (made) => this.#note(object, made));
        this.recordsSetAside += examined.faults.size;
        await this.#settle(object, 'mended');
    }
  }

  async #setAside(
    object: PendingObject,
    why: Parameters<typeof setAside>[2],
    examined?: Extract<Examined, { kind: 'unreadable' }>,
  ): Promise<void> {
    const records = await setAside(object, examined?.found, why, this.#ports.lake);
    this.recordsSetAside += records ?? 1;
    await this.#settle(object, 'setAside');
  }

  /** An object that is refused and that nobody finds fault with: it is taken apart, until one line is left to blame. */
  async splitObject(object: PendingObject, refused: RefusedLoad): Promise<Mended> {
    const { lake } = this.#ports;
    const examined = await examine(object, await lake.find(object.key), new Findings(undefined));
    if (examined.kind !== 'read') return { outcome: { ...refused, remedy: 'none' }, recordsSetAside: 0 };
    const { found, lines } = examined;
    // What was refused may have been the file, which its writer has put whole again since: a line is blamed the second time.
    const isFirst = object.attempts === 0 && object.loadObjectsAtMost === undefined;
    if (lines === 1 && isFirst) {
      return { outcome: { kind: 'failed', work: this.#work, reason: refused.reason }, recordsSetAside: 0 };
    }
    const note = (made: StoredObject) => this.#note(object, made, 1);
    if (lines === 1) {
      const fault = { code: 'LOAD_REFUSED', reason: `is refused by the warehouse: ${refused.reason}` } as const;
      await rewrite(object, found, new Map([[1, fault]]), lake, note);
    } else await splitLines(object, found, lines, note);
    await this.#settle(object, 'mended');
    return { outcome: { ...refused, remedy: lines === 1 ? 'mended' : 'split' }, recordsSetAside: lines === 1 ? 1 : 0 };
  }

  /** The inbox has the new object before the old one leaves it, so that no event is needed for it to be found. */
  async #note(from: PendingObject, made: StoredObject, loadObjectsAtMost?: number): Promise<void> {
    const { lake, table } = this.#ports;
    const { eTag } = await lake.put(made);
    const object = {
      ...{ bucket: from.bucket, dataset: from.dataset, createdAt: from.createdAt, attempts: 0 },
      ...{ key: made.key, eTag, sizeBytes: made.body.length },
    };
    // Loaded meanwhile: an earlier try at mending had noted it.
    if ((await table.findSettled(object))?.eTag === eTag) return;
    await table.addPending(this.#work.lane, object);
    if (loadObjectsAtMost !== undefined) await table.limitLoad(this.#work.lane, object, loadObjectsAtMost);
  }

  #settle(object: PendingObject, outcome: SettledObject['outcome']): Promise<void> {
    const { loadId, lane } = this.#work;
    const settled = settledNow({ eTag: object.eTag, outcome, loadId }, this.#ports.nowMilliseconds());
    return this.#ports.table.settle(lane, object, settled);
  }
}
