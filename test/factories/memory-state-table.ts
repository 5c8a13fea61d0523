import type { ReloadProgress, ReloadTable } from '../../lib/pipeline/reload.ts';
import {
  type LaneState,
  type ModelState,
  type ObjectName,
  type PendingObject,
  type SettledObject,
  type StateTable,
  stateKeys,
  type TouchedSource,
  type WithdrawnObject,
} from '../../lib/pipeline/state-items.ts';
import type { Holder } from '../../lib/pipeline/statements/fence.ts';

/** The state table in memory: the port's contract, conditions included, on Maps. */
export class MemoryStateTable implements StateTable, ReloadTable {
  readonly objects = new Map<string, PendingObject>();
  /** The ledger, by key. */
  readonly settled = new Map<string, SettledObject>();
  readonly lanes = new Map<string, LaneState>();
  readonly prepared = new Map<string, string>();
  readonly modelStates = new Map<string, ModelState>();
  /** What is touched, by key. */
  readonly touches = new Map<string, TouchedSource>();
  readonly reloads = new Map<string, ReloadProgress>();
  readonly reasons = new Map<string, string>();

  #at(lane: string, object: Pick<PendingObject, 'dataset' | 'key'>): string {
    const { pk, sk } = stateKeys.pending(lane, object);
    return `${pk} ${sk}`;
  }

  async addPending(lane: string, object: PendingObject): Promise<'added' | 'known'> {
    const at = this.#at(lane, object);
    if (this.objects.get(at)?.eTag === object.eTag) return 'known';
    this.objects.set(at, object);
    return 'added';
  }

  async pending(lane: string, dataset: string, limit: number): Promise<PendingObject[]> {
    const prefix = this.#at(lane, { dataset, key: '' });
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
    return keys.slice(0, limit).flatMap((key) => this.objects.get(key) ?? []);
  }

  async findPending(lane: string, object: ObjectName): Promise<PendingObject | undefined> {
    return this.objects.get(this.#at(lane, object));
  }

  async findSettled(object: ObjectName): Promise<SettledObject | undefined> {
    return this.settled.get(object.key);
  }

  async withdrawn(_dataset: string, { from, to }: { from: string; to: string }): Promise<WithdrawnObject[]> {
    return [...this.settled]
      .filter(([key, { outcome }]) => outcome !== 'loaded' && key >= from && key <= to)
      .map(([key, { eTag }]) => ({ key, eTag }));
  }

  async settle(lane: string, object: ObjectName, settled: SettledObject): Promise<void> {
    this.settled.set(object.key, settled);
    const at = this.#at(lane, object);
    if (this.objects.get(at)?.eTag === settled.eTag) this.objects.delete(at);
  }

  async limitLoad(lane: string, object: PendingObject, loadObjectsAtMost: number): Promise<void> {
    const at = this.#at(lane, object);
    const pending = this.objects.get(at);
    if (pending?.eTag === object.eTag) this.objects.set(at, { ...pending, loadObjectsAtMost });
  }

  #isHeld({ lane, generation }: Holder): boolean {
    return this.lanes.get(lane)?.generation === generation;
  }

  async markFailed(holder: Holder, object: PendingObject, reason: string): Promise<void> {
    if (!this.#isHeld(holder)) return;
    const at = this.#at(holder.lane, object);
    const pending = this.objects.get(at);
    if (pending?.eTag !== object.eTag) return;
    this.objects.set(at, { ...pending, attempts: pending.attempts + 1 });
    this.reasons.set(object.key, reason);
  }

  async touch(lane: string, touched: TouchedSource): Promise<void> {
    this.touches.set(JSON.stringify(stateKeys.touched(lane, touched.source)), touched);
  }

  async touchAll(holder: Holder, lane: string, touched: readonly TouchedSource[]): Promise<void> {
    if (!this.#isHeld(holder)) return;
    for (const one of touched) this.touches.set(JSON.stringify(stateKeys.touched(lane, one.source)), one);
  }

  async touched(lane: string, limit: number): Promise<TouchedSource[]> {
    const isOfLane = ({ source }: TouchedSource, at: string) => at === JSON.stringify(stateKeys.touched(lane, source));
    return [...this.touches].flatMap(([at, one]) => (isOfLane(one, at) ? [one] : [])).slice(0, limit);
  }

  async clearTouched(holder: Holder, { source, stamp }: TouchedSource): Promise<void> {
    if (!this.#isHeld(holder)) return;
    const at = JSON.stringify(stateKeys.touched(holder.lane, source));
    if (this.touches.get(at)?.stamp === stamp) this.touches.delete(at);
  }

  async readReload(of: Pick<ReloadProgress, 'operation' | 'dataset' | 'id'>): Promise<ReloadProgress | undefined> {
    return this.reloads.get(JSON.stringify(stateKeys.reload(of)));
  }

  async noteReload(progress: ReloadProgress): Promise<boolean> {
    const at = JSON.stringify(stateKeys.reload(progress));
    if ((this.reloads.get(at)?.generation ?? 0) > progress.generation) return false;
    this.reloads.set(at, progress);
    return true;
  }

  async readLane(lane: string): Promise<LaneState | undefined> {
    return this.lanes.get(lane);
  }

  async openLane(lane: string, generation: number): Promise<void> {
    if (!this.lanes.has(lane)) this.lanes.set(lane, { generation, deadRuns: 0, deadAtMilliseconds: 0 });
  }

  async takeLane(lane: string, generation: number): Promise<LaneState | undefined> {
    const state = this.lanes.get(lane);
    return state?.generation === generation ? state : undefined;
  }

  async advanceLane(lane: string, from: number, health: Omit<LaneState, 'generation'>): Promise<boolean> {
    if (this.lanes.get(lane)?.generation !== from) return false;
    this.lanes.set(lane, { generation: from + 1, ...health });
    return true;
  }

  async preparedHash(database: string): Promise<string | undefined> {
    return this.prepared.get(database);
  }

  async notePrepared(database: string, hash: string, holder: Holder): Promise<void> {
    if (this.#isHeld(holder)) this.prepared.set(database, hash);
  }

  async models(): Promise<ModelState[]> {
    return [...this.modelStates.values()];
  }

  async noteModels(_database: string, states: readonly ModelState[], holder: Holder): Promise<void> {
    if (!this.#isHeld(holder)) return;
    for (const state of states) this.modelStates.set(state.model, state);
  }
}
