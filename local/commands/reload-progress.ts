import { setTimeout as pause } from 'node:timers/promises';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { ReloadProgress } from '../../lib/pipeline/reload.ts';
import { hourOfKey } from '../../lib/pipeline/reload-range.ts';
import type { Operator } from './operator.ts';
import { type Reload, type ReloadView, withReloadView } from './reload-execution.ts';

const pollMilliseconds = 500;
/** Looks at the progress for each look at the execution: only a death shows there that the progress does not tell. */
const looksPerDescribe = 4;

/** Follows a reload to its end. @throws {MillraceError} RELOAD_FAILED, RELOAD_CUT_OFF: asked again, it goes on. */
export async function followReload(operator: Operator, reload: Reload, { json }: { json: boolean }): Promise<void> {
  const show = json ? () => undefined : progressLine();
  const ended = await withReloadView(operator, reload.request, (view) => untilEnded(view, reload, show));
  show(ended);
  if (!json && process.stdout.isTTY) process.stdout.write('\n');
  if (json) process.stdout.write(`${JSON.stringify(ended)}\n`);
  if (ended.status === 'failed') {
    throw new MillraceError(
      'RELOAD_FAILED',
      `${nameOf(ended)} failed: ${ended.reason}\nthe same command goes on from there`,
    );
  }
}

const nameOf = ({ operation, dataset }: Pick<ReloadProgress, 'operation' | 'dataset'>): string =>
  `the ${operation} of ${dataset}`;

async function untilEnded(
  view: ReloadView,
  { request, execution }: Reload,
  show: (progress: ReloadProgress) => void,
): Promise<ReloadProgress> {
  for (let look = 1; ; look += 1) {
    const found = await view.progress();
    const progress = found && found.generation >= request.generation ? found : undefined;
    if (progress && progress.status !== 'running') return progress;
    if (progress) show(progress);
    if (look % looksPerDescribe === 0 && (await view.isDead(progress?.execution ?? execution))) {
      // It may have noted its end and died of it between the two looks.
      const last = await view.progress();
      if (last && last.generation >= request.generation && last.status !== 'running') return last;
      throw new MillraceError(
        'RELOAD_CUT_OFF',
        `${nameOf(request)} was cut off (${progress?.execution ?? execution}); the same command goes on from where it was`,
      );
    }
    await pause(pollMilliseconds);
  }
}

/** What there is to say of a reload, in a line. */
export function progressText(progress: ReloadProgress): string {
  const { operation, dataset, objects, rowsInserted, rowsDuplicate, status, cursor } = progress;
  const rows = operation === 'rebuild' ? 'rows' : 'new rows';
  const known = rowsDuplicate > 0 ? `, ${rowsDuplicate} known` : '';
  const hour = hourOfKey(cursor);
  const where = status === 'running' && hour ? `, up to ${hour}` : '';
  const objectsText = `${objects} ${objects === 1 ? 'object' : 'objects'}`;
  return `${operation} of ${dataset}: ${status}, ${objectsText}, ${rowsInserted} ${rows}${known}${where}`;
}

/** On a terminal one line that changes; elsewhere a line for each change. */
function progressLine(): (progress: ReloadProgress) => void {
  let last = '';
  return (progress) => {
    const text = progressText(progress);
    if (text === last) return;
    last = text;
    process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  };
}
