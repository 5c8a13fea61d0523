import { manifestText } from '../../lib/pipeline/plan.ts';
import { type ReloadProgress, reloadLane } from '../../lib/pipeline/reload.ts';
import {
  type ListedObject,
  listedAtOnce,
  type PagedLoad,
  pageLoads,
  reasonOf,
} from '../../lib/pipeline/reload-page.ts';
import { datasetPrefix } from '../../lib/pipeline/reload-range.ts';
import { executionName, type InboxTable } from '../../lib/pipeline/state-items.ts';
import type { SwapWork } from '../../lib/pipeline/work.ts';
import type { ObjectListing, ObjectStore } from '../aws/object-store.ts';
import type { ReloadState } from './state.ts';

export interface PagePorts {
  readonly table: Pick<InboxTable, 'findSettled'>;
  readonly lake: Pick<ObjectStore, 'put'> & ObjectListing;
  readonly bucket: string;
}

/** Lists what the lake has after the cursor and writes the manifests of the next loads; where there is nothing more, says what ends it. */
export async function page(state: ReloadState, ports: PagePorts): Promise<ReloadState> {
  const { progress } = state;
  if (!progress) return { ...state, turn: { kind: 'close', reason: 'it was never opened' } };
  const notPrepared = state.outcomes.find(({ kind }) => kind === 'failed');
  if (notPrepared) return { ...state, turn: { kind: 'close', reason: reasonOf(notPrepared) } };
  const loads = await nextLoads(state, progress, ports);
  await Promise.all(loads.map((load) => writeManifest(load, ports.lake)));
  if (loads.length > 0) {
    const works = loads.map(({ work }) => ({ work, history: [] }));
    return { ...state, works, ends: loads.map(({ upTo }) => upTo), outcomes: [], turn: { kind: 'load' } };
  }
  if (progress.operation === 'backfill') return { ...state, works: [], outcomes: [], turn: { kind: 'close' } };
  return { ...state, works: [{ work: swapWork(progress), history: [] }], outcomes: [], turn: { kind: 'swap' } };
}

/** What is no object of ours is passed over; a page with nothing else is not the end. */
async function nextLoads(
  { dataset, after, before, pages }: ReloadState,
  progress: ReloadProgress,
  { lake, bucket, table }: PagePorts,
): Promise<PagedLoad[]> {
  const limit = listedAtOnce(progress);
  let from = progress.cursor || after;
  for (;;) {
    const listed = await lake.list({ prefix: datasetPrefix(dataset), after: from, limit });
    const inRange = before ? listed.filter(({ key }) => key < before) : listed;
    // Who asks the ledger for each object would wait for it: only where a load has failed.
    const loadable = progress.attempts > 0 ? await withoutMended(dataset, inRange, table) : inRange;
    const loads = pageLoads({ bucket, page: pages }, progress, loadable);
    if (loads.length > 0 || inRange.length < limit) return loads;
    from = inRange.at(-1)?.key ?? from;
  }
}

/** Without what the warehouse has refused before: what was good of it is in the lake as an object of its own. */
async function withoutMended(
  dataset: string,
  listed: readonly ListedObject[],
  table: PagePorts['table'],
): Promise<ListedObject[]> {
  const settled = await Promise.all(listed.map(({ key }) => table.findSettled({ dataset, key })));
  return listed.filter(({ eTag }, index) => {
    const known = settled[index];
    return known === undefined || known.outcome === 'loaded' || known.eTag !== eTag;
  });
}

/** The manifest is all that is written: no inbox is settled by it. */
async function writeManifest(load: PagedLoad, lake: Pick<ObjectStore, 'put'>): Promise<void> {
  const { manifestKey } = load.work;
  await lake.put({ key: manifestKey, body: Buffer.from(manifestText(load)), contentType: 'application/json' });
}

/** Named after the beginning, so that a swap that has been done is known by whoever resumes. */
function swapWork(progress: ReloadProgress): SwapWork {
  const { dataset, execution, generation, began } = progress;
  const lane = reloadLane(progress);
  const loadId = `${executionName(lane, began)}-${dataset}-swap`;
  return { kind: 'swap', execution, lane, generation, loadId, dataset, aside: began };
}
