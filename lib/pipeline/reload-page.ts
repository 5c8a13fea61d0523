import { backoffSeconds } from './lease.ts';
import { codecOfKey, datasetOfRawKey } from './names.ts';
import { type PlannedLoad, plannedLoad } from './plan.ts';
import { type ReloadProgress, reloadLane } from './reload.ts';
import type { PendingObject } from './state-items.ts';
import type { Outcome } from './work.ts';

/** An object as a listing of the lake tells it. */
export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly eTag: string;
}

/** Objects and bytes of a load: a fraction of what live loads take, because those wait while this one has the lock. */
const objectsOfALoad = 500;
const bytesOfALoad = 256 * 1024 * 1024;
/** Loads of a page, one after the other. */
const loadsOfAPage = 4;
/** What is listed for a page. */
const objectsOfAPage = objectsOfALoad * loadsOfAPage;

/**
 * Pages of an execution. A page takes about 20 events, a load 25 and 11 more for each look at its statement: 36 looks of
 * ever longer pauses are ten minutes. Four loads of four tries of ten minutes each would be 6,600 of the 25,000 events, so
 * that a page in which everything goes wrong may come up twice; one that goes well has some 300.
 */
export const pagesOfAnExecution = 20;
/** Tries of objects that do not load, each with loads a fifth as large: at the last one an object is alone. */
const triesAtMost = 5;

/** How many objects are listed at once: after a failure no more than the smaller loads of a page take. */
export function listedAtOnce({ attempts }: Pick<ReloadProgress, 'attempts'>): number {
  return attempts > 0 ? loadSize(attempts) * loadsOfAPage : objectsOfAPage;
}

/** A load of a page: what it is made of, and the key up to which the lake is loaded once it is. */
export interface PagedLoad extends PlannedLoad {
  readonly upTo: string;
}

/** The objects a try takes in a load: with each failure fewer, so that one that cannot be loaded ends up alone. */
const loadSize = (attempts: number): number => Math.max(1, Math.floor(objectsOfALoad / 5 ** attempts));

/**
 * The next loads, in the order of the keys: one codec a load, because COPY takes one a manifest. The same objects give the
 * same loads whoever asks, so that a load that finished unnoticed is not done again.
 */
export function pageLoads(
  { bucket, page }: { readonly bucket: string; readonly page: number },
  progress: ReloadProgress,
  listed: readonly ListedObject[],
): PagedLoad[] {
  const { dataset, began, generation, execution } = progress;
  const run = { lane: reloadLane(progress), generation: began };
  const own = { generation, execution, page, ...(progress.operation === 'rebuild' && { aside: began }) };
  return groups(
    listed.filter(({ key }) => datasetOfRawKey(key) === dataset),
    loadSize(progress.attempts),
  )
    .slice(0, loadsOfAPage)
    .map((group) => {
      const objects = group.map((object) => pendingObjectOf(bucket, dataset, object));
      const load = plannedLoad(run, dataset, objects);
      return { ...load, work: { ...load.work, ...own }, upTo: group.at(-1)?.key ?? '' };
    });
}

function groups(listed: readonly ListedObject[], size: number): ListedObject[][] {
  const found: ListedObject[][] = [];
  let bytes = 0;
  for (const object of listed) {
    const last = found.at(-1);
    bytes += object.sizeBytes;
    const isSame = last?.[0] !== undefined && codecOfKey(last[0].key) === codecOfKey(object.key);
    if (last && isSame && last.length < size && bytes <= bytesOfALoad) last.push(object);
    else {
      found.push([object]);
      bytes = object.sizeBytes;
    }
  }
  return found;
}

function pendingObjectOf(bucket: string, dataset: string, { key, sizeBytes, eTag }: ListedObject): PendingObject {
  return { bucket, key, dataset, sizeBytes, eTag, createdAt: '', attempts: 0 };
}

/** What follows the loads of a page. */
export type Noted =
  | { readonly kind: 'page'; readonly progress: ReloadProgress; readonly waitSeconds: number }
  | { readonly kind: 'failed'; readonly progress: ReloadProgress; readonly reason: string };

/**
 * Adds the loads of a page to the progress. The cursor goes to the end of the loads that loaded before the first that did
 * not: from there the next page tries again, with smaller loads and after a pause, a bounded number of times.
 */
export function noteLoads(progress: ReloadProgress, ends: readonly string[], outcomes: readonly Outcome[]): Noted {
  const failure = outcomes.findIndex(({ kind }) => kind !== 'loaded');
  const loaded = failure < 0 ? outcomes : outcomes.slice(0, failure);
  const noted = loaded.reduce(addLoad, { ...progress, cursor: ends[loaded.length - 1] ?? progress.cursor });
  const failed = outcomes[failure];
  if (!failed) return { kind: 'page', progress: { ...noted, attempts: 0 }, waitSeconds: 0 };
  const attempts = (loaded.length > 0 ? 0 : progress.attempts) + 1;
  const next = { ...noted, attempts };
  if (attempts < triesAtMost && failed.kind !== 'fenced') {
    return { kind: 'page', progress: next, waitSeconds: backoffSeconds(attempts) };
  }
  return { kind: 'failed', progress: next, reason: `${reasonOf(failed)} (the objects up to ${ends[failure]})` };
}

function addLoad(progress: ReloadProgress, outcome: Outcome): ReloadProgress {
  if (outcome.kind !== 'loaded' || outcome.work.kind !== 'load') return progress;
  return {
    ...progress,
    objects: progress.objects + outcome.work.objectCount,
    rowsStaged: progress.rowsStaged + outcome.rowsStaged,
    rowsInserted: progress.rowsInserted + outcome.rowsInserted,
    rowsDuplicate: progress.rowsDuplicate + outcome.rowsDuplicate,
  };
}

/** Why a piece of work did not do what it should. */
export function reasonOf(outcome: Outcome): string {
  if (outcome.kind === 'failed' || outcome.kind === 'refused') return outcome.reason;
  return 'fenced off: ops.loads knows a later generation of this reload than the state table';
}
