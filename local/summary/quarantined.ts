import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { recordsMetadata } from '../../lib/pipeline/batch.ts';
import { quoteText } from '../../lib/pipeline/names.ts';
import { qualifiedName, rawTable } from '../../lib/pipeline/tables.ts';
import type { LakePlace } from '../commands/operator-lake.ts';
import { droppedIds, heldRecords } from '../commands/quarantine-held.ts';

/** Records of a dataset that are held back, by code, and how many were dropped. */
export interface SetAside {
  readonly quarantined: Readonly<Record<string, number>>;
  readonly dropped: number;
  /** How many of those that are held no stream delivered: an export did. */
  readonly heldOfExports: number;
}

/** Rows of a statement; none where its table is not there yet. */
export type RowsOf = (sql: string) => Promise<(string | null)[][]>;

/**
 * What was set aside of a dataset. A record that was set aside twice (redelivered) counts once; one that was dropped and is
 * there again, or was loaded all the same, is not counted as dropped. A whole object counts as many as it said that it held.
 */
export async function setAsideOf(place: LakePlace, rowsOf: RowsOf, dataset: string): Promise<SetAside> {
  const heldById = new Map((await heldRecords(place, dataset)).map((held) => [held.id, held]));
  const quarantined: Record<string, number> = {};
  for (const { code, records = 1 } of heldById.values()) quarantined[code] = (quarantined[code] ?? 0) + records;
  const heldOfExports = [...heldById.values()].filter(({ source }) => source.exportId !== undefined).length;
  const dropped = [...(await droppedIds(place, dataset))].filter((id) => !heldById.has(id));
  return { quarantined, heldOfExports, dropped: dropped.length - (await loadedAmong(rowsOf, dataset, dropped)) };
}

const idsOfAQuery = 500;

async function loadedAmong(rowsOf: RowsOf, dataset: string, ids: readonly string[]): Promise<number> {
  let loaded = 0;
  for (let start = 0; start < ids.length; start += idsOfAQuery) {
    const list = ids
      .slice(start, start + idsOfAQuery)
      .map(quoteText)
      .join(', ');
    const sql = `SELECT COUNT(*) FROM ${qualifiedName(rawTable(dataset))} WHERE "_id" IN (${list})`;
    loaded += Number((await rowsOf(sql))[0]?.[0] ?? 0);
  }
  return loaded;
}

/** How many records an object of the lake holds, as ingest noted on it. */
export async function recordsInObject(client: S3Client, bucket: string, key: string): Promise<number> {
  const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  return Number(head.Metadata?.[recordsMetadata] ?? 0);
}
