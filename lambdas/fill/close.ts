import type * as z from 'zod';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { type FillProgress, progressOf } from '../../lib/pipeline/fill.ts';
import type { FillTable } from '../aws/fill-table.ts';
import type { endState } from './state.ts';

const reasonCharacters = 1000;

/** Notes how the fill ended and lets go of the dataset. Throws where it ended well and yet something is missing. */
export async function close(
  state: z.infer<typeof endState>,
  { table, nowMilliseconds }: { readonly table: FillTable; readonly nowMilliseconds: () => number },
): Promise<FillProgress> {
  const { dataset, id, trouble } = state;
  const progress = progressOf(await table.files(dataset, id));
  const before = await table.read(dataset, id);
  if (!trouble && (progress.files !== before?.files || progress.items !== before.items)) {
    const message = `fill ${id} of ${dataset} has ${progress.items} items of ${progress.files} files; the export has ${before?.items} of ${before?.files}`;
    throw new MillraceError('EXPORT_COUNT_DIFFERS', message);
  }
  const finishedAt = new Date(nowMilliseconds()).toISOString();
  if (before && !trouble) await table.note(dataset, id, { ...before, status: 'done', finishedAt });
  if (before && trouble) {
    const reason = `${trouble.Error}: ${String(trouble.Cause ?? '')}`.slice(0, reasonCharacters);
    await table.note(dataset, id, { ...before, status: 'failed', reason, finishedAt });
  }
  await table.release(dataset, id);
  return progress;
}
