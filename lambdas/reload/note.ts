import { mainLane } from '../../lib/pipeline/lane.ts';
import { laneNotEmptyMessage } from '../../lib/pipeline/register-message.ts';
import { type ReloadProgress, type ReloadTable, reloadExecution, reloadRequest } from '../../lib/pipeline/reload.ts';
import { noteLoads, pagesOfAnExecution } from '../../lib/pipeline/reload-page.ts';
import type { InboxTable } from '../../lib/pipeline/state-items.ts';
import type { ObjectListing } from '../aws/object-store.ts';
import type { ReloadState } from './state.ts';

export interface NotePorts {
  readonly table: ReloadTable & Pick<InboxTable, 'touch' | 'addPending'>;
  readonly lake: ObjectListing;
  readonly bucket: string;
  readonly nowMilliseconds: () => number;
}

/** Notes what a page has loaded, and says how it goes on. Repeating it changes nothing: it computes from the state alone. */
export async function note(state: ReloadState, ports: NotePorts): Promise<ReloadState> {
  const { table, nowMilliseconds } = ports;
  const { progress: before, ends, outcomes } = state;
  if (!before) return { ...state, turn: { kind: 'close', reason: 'it was never opened' } };
  const noted = noteLoads(before, ends, outcomes);
  const progress = { ...noted.progress, updatedAt: new Date(nowMilliseconds()).toISOString() };
  if (hasChangedTables(before, progress)) await table.touch(mainLane, touchedBy(progress));
  if (!(await table.noteReload(progress))) return { ...state, turn: { kind: 'superseded', ...asking } };
  const next = { ...state, progress, works: [], ends: [], outcomes: [], pages: state.pages + 1 };
  if (noted.kind === 'failed') {
    if (noted.refused !== undefined) await giveToRefresh(noted.refused, progress, ports);
    return { ...next, turn: { kind: 'close', reason: noted.reason } };
  }
  if (next.pages >= pagesOfAnExecution) return { ...next, turn: successor(state) };
  const { waitSeconds } = noted;
  return { ...next, turn: waitSeconds > 0 ? { kind: 'wait', waitSeconds } : { kind: 'page' } };
}

/** The refresh mends what it cannot load; the ledger then tells the reload to pass over it. */
async function giveToRefresh(key: string, progress: ReloadProgress, ports: NotePorts): Promise<void> {
  const { table, lake, bucket } = ports;
  const [object] = await lake.list({ prefix: key, after: '', limit: 1 });
  if (object?.key !== key) return;
  const { dataset, updatedAt: createdAt } = progress;
  await table.addPending(mainLane, { ...object, bucket, dataset, createdAt, attempts: 0 });
}

/** Already here, and not only at the end: a reload that is cut off has changed what models read all the same. */
function hasChangedTables(before: ReloadProgress, after: ReloadProgress): boolean {
  return after.operation === 'backfill' && after.rowsInserted > before.rowsInserted;
}

/** What register is asked: whether the models behind a dataset that was touched must be built. */
export const asking = { message: laneNotEmptyMessage(mainLane), backoffSeconds: 0 };

/** A stamp of its own for each change, so that a run clears only what it has seen. */
export function touchedBy({ dataset, execution, objects, status }: ReloadProgress) {
  return { source: dataset, stamp: `${execution} ${status} ${objects}` };
}

function successor(state: ReloadState): ReloadState['turn'] {
  const input = reloadRequest.parse({ ...state, part: state.part + 1 });
  return { kind: 'handOver', name: reloadExecution(input), input };
}
