import { manifestText } from '../../lib/pipeline/plan.ts';
import { type ReloadProgress, reloadLane } from '../../lib/pipeline/reload.ts';
import {
  type ListedObject,
  objectsOfAPage,
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
  readonly lake: Pick<ObjectStore, 'put'> & ObjectListing;
  readonly table: Pick<InboxTable, 'withdrawn'>;
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

/** What is no object of ours, or was mended or set aside, is passed over; a page with nothing else is not the end. */
async function nextLoads(
  { dataset, after, before, pages }: ReloadState,
  progress: ReloadProgress,
  { lake, table, bucket }: PagePorts,
): Promise<PagedLoad[]> {
  let from = progress.cursor || after;
  for (;;) {
    const listed = await lake.list({ prefix: datasetPrefix(dataset), after: from, limit: objectsOfAPage });
    const inRange = before ? listed.filter(({ key }) => key < before) : listed;
    const loads = pageLoads({ bucket, page: pages }, progress, await loadable(dataset, inRange, table));
    if (loads.length > 0 || inRange.length < objectsOfAPage) return loads;
    from = inRange.at(-1)?.key ?? from;
  }
}

/** Without the contents that a load has been refused: what was good of them is in objects of its own. */
async function loadable(
  dataset: string,
  listed: readonly ListedObject[],
  table: PagePorts['table'],
): Promise<readonly ListedObject[]> {
  const [from, to] = [listed.at(0)?.key, listed.at(-1)?.key];
  if (from === undefined || to === undefined) return listed;
  const withdrawn = new Map((await table.withdrawn(dataset, { from, to })).map(({ key, eTag }) => [key, eTag]));
  return listed.filter(({ key, eTag }) => withdrawn.get(key) !== eTag);
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
