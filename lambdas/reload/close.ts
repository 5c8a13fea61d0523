import { mainLane } from '../../lib/pipeline/lane.ts';
import type { ReloadProgress, ReloadTable } from '../../lib/pipeline/reload.ts';
import { reasonOf } from '../../lib/pipeline/reload-page.ts';
import type { InboxTable } from '../../lib/pipeline/state-items.ts';
import type { Outcome } from '../../lib/pipeline/work.ts';
import { asking, touchedBy } from './note.ts';
import type { ReloadState } from './state.ts';

export interface ClosePorts {
  readonly table: ReloadTable & Pick<InboxTable, 'touch'>;
  readonly nowMilliseconds: () => number;
}

/** The longest reason that is kept. */
const reasonCharacters = 1000;

/** Notes how the reload ended. Register is asked for a run in any case: what was loaded before a failure is there to be read. */
export async function close(state: ReloadState, { table, nowMilliseconds }: ClosePorts): Promise<ReloadState> {
  const reason = failureOf(state)?.slice(0, reasonCharacters);
  const failed = { kind: 'failed', error: 'RELOAD_FAILED', reason: reason ?? '', ...asking } as const;
  const { progress } = state;
  if (!progress) return { ...state, turn: failed };
  const ended: ReloadProgress = {
    ...progress,
    status: reason === undefined ? 'done' : 'failed',
    reason: reason ?? '',
    attempts: 0,
    spoilt: isSpoilt(state.outcomes) ? 1 : 0,
    updatedAt: new Date(nowMilliseconds()).toISOString(),
  };
  if (state.outcomes.some(({ kind }) => kind === 'swapped')) await table.touch(mainLane, touchedBy(ended));
  if (!(await table.noteReload(ended))) return { ...state, turn: { kind: 'superseded', ...asking } };
  const turn = reason === undefined ? ({ kind: 'done', ...asking } as const) : failed;
  return { ...state, progress: ended, works: [], ends: [], outcomes: [], turn };
}

function failureOf({ trouble, turn, outcomes }: ReloadState): string | undefined {
  if (trouble) return `${trouble.Error}: ${trouble.Cause ?? ''}`;
  if (turn?.kind === 'close') return turn.reason;
  if (isSpoilt(outcomes)) {
    return 'the table aside is not what its loads made of it, so it was not swapped in; asked again, the rebuild begins anew';
  }
  const failed = outcomes.find(({ kind }) => kind === 'failed');
  return failed && reasonOf(failed);
}

/** A swap that was refused although no later generation has the rebuild. */
function isSpoilt(outcomes: readonly Outcome[]): boolean {
  return outcomes.some(({ kind, work }) => kind === 'fenced' && work.kind === 'swap');
}
