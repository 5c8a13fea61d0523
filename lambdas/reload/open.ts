import { MillraceError } from '../../lib/pipeline/error.ts';
import { openedProgress, type ReloadProgress, type ReloadTable } from '../../lib/pipeline/reload.ts';
import type { OpenReloadWork } from '../../lib/pipeline/work.ts';
import type { ReloadState } from './state.ts';

export interface OpenPorts {
  readonly table: ReloadTable;
  readonly datasets: readonly string[];
  readonly nowMilliseconds: () => number;
}

/** Takes the reload, from where an execution before it has left it, and says which tables it needs. */
export async function open(state: ReloadState, { table, datasets, nowMilliseconds }: OpenPorts): Promise<ReloadState> {
  if (!datasets.includes(state.dataset)) {
    throw new MillraceError('UNKNOWN_DATASET', `${state.dataset} is not a dataset of this stack`);
  }
  const before = await table.readReload(state);
  const progress = openedProgress(state, before, new Date(nowMilliseconds()).toISOString());
  const isOurs = progress !== 'superseded' && progress.status !== 'done' && (await table.noteReload(progress));
  if (!isOurs) return { ...state, turn: { kind: 'superseded' } };
  const work = openWork(progress, before);
  return { ...state, progress, works: [{ work, history: [] }], turn: { kind: 'prepare' } };
}

function openWork(progress: ReloadProgress, before: ReloadProgress | undefined): OpenReloadWork {
  const { dataset, execution, began, operation } = progress;
  if (operation === 'backfill') return { kind: 'openReload', execution, dataset };
  const over = before && before.began !== began ? { over: before.began } : {};
  return { kind: 'openReload', execution, dataset, aside: began, ...over };
}
