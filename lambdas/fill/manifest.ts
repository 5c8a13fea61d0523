import {
  type ExportFile,
  type ExportSummary,
  exportKey,
  readExportFiles,
  readExportSummary,
} from '../../lib/pipeline/dynamodb-export.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { exportPrefix } from '../../lib/pipeline/names.ts';
import type { ObjectStore } from '../aws/object-store.ts';

/** What an export says of itself; keys are those of the lake. */
export interface ExportManifest {
  readonly summary: ExportSummary;
  readonly files: readonly ExportFile[];
}

/** Reads both manifests of an export and sees that they agree. */
export async function readManifest(
  dataset: string,
  manifestKey: string,
  lake: Pick<ObjectStore, 'get'>,
): Promise<ExportManifest> {
  const prefix = exportPrefix(dataset);
  const summaryKey = exportKey(manifestKey, prefix);
  const summary = readExportSummary(await textOf(summaryKey, lake), summaryKey);
  const filesKey = exportKey(summary.manifestFilesS3Key, prefix);
  const files = readExportFiles(await textOf(filesKey, lake), filesKey);
  const items = files.reduce((sum, { itemCount }) => sum + itemCount, 0);
  if (items !== summary.itemCount) {
    const message = `${filesKey} lists ${items} items, ${summaryKey} says ${summary.itemCount}`;
    throw new MillraceError('EXPORT_COUNT_DIFFERS', message);
  }
  return { summary, files: files.map((file) => ({ ...file, dataFileS3Key: exportKey(file.dataFileS3Key, prefix) })) };
}

async function textOf(key: string, lake: Pick<ObjectStore, 'get'>): Promise<string> {
  const bytes = await lake.get(key);
  if (bytes) return Buffer.from(bytes).toString('utf8');
  throw new MillraceError('EXPORT_FILE_MISSING', `${key} is not in the lake: has the export expired? Begin a new fill`);
}
