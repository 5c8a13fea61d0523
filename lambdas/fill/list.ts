import type * as z from 'zod';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { type FileGroup, groupsOf } from '../../lib/pipeline/fill.ts';
import type { FillTable } from '../aws/fill-table.ts';
import type { ObjectStore } from '../aws/object-store.ts';
import { readManifest } from './manifest.ts';
import type { exportedState } from './state.ts';

/** Says which files the export has, in groups, and notes how much there is to do. */
export async function list(
  state: z.infer<typeof exportedState>,
  { table, lake }: { readonly table: FillTable; readonly lake: Pick<ObjectStore, 'get'> },
): Promise<{ readonly groups: FileGroup[] }> {
  const { dataset, id } = state;
  const { summary, files } = await readManifest(dataset, state.described.export.ExportManifest, lake);
  const before = await table.read(dataset, id);
  if (!before) throw new MillraceError('NO_FILL', `the state table has nothing of fill ${id} of ${dataset}`);
  const { reason: _reason, finishedAt: _finishedAt, ...begun } = before;
  await table.note(dataset, id, { ...begun, status: 'converting', files: files.length, items: summary.itemCount });
  return { groups: groupsOf(files.length) };
}
