import { HeadObjectCommand, NotFound, type S3Client } from '@aws-sdk/client-s3';
import { recordsMetadata } from '../../lib/pipeline/batch.ts';
import { isMadeObject, quoteText } from '../../lib/pipeline/names.ts';
import { qualifiedName, rawTable } from '../../lib/pipeline/tables.ts';
import type { LakePlace } from '../commands/operator-lake.ts';
import { droppedIds, heldRecords } from '../commands/quarantine-held.ts';

/** Records of a dataset that are held back, by code, and how many were dropped. */
export interface SetAside {
  readonly quarantined: Readonly<Record<string, number>>;
  readonly dropped: number;
  /** How many of both no source delivered. */
  readonly made: number;
}

/** Rows of a statement; none where its table is not there yet. */
export type RowsOf = (sql: string) => Promise<(string | null)[][]>;

/**
 * What was set aside of a dataset. A record that was set aside twice (redelivered) counts once; one that was loaded all the
 * same (replayed, and then delivered again) counts as loaded and as nothing else, and one that was dropped and is there again
 * as held. A whole object counts as many as it said that it held.
 */
export async function setAsideOf(place: LakePlace, rowsOf: RowsOf, dataset: string): Promise<SetAside> {
  const heldById = new Map((await heldRecords(place, dataset)).map((held) => [held.id, held]));
  const dropped = await droppedIds(place, dataset);
  const loaded = await loadedAmong(rowsOf, dataset, [...new Set([...heldById.keys(), ...dropped.keys()])]);
  const held = [...heldById.values()].filter(({ id }) => !loaded.has(id));
  const gone = [...dropped].filter(([id]) => !heldById.has(id) && !loaded.has(id));
  const quarantined: Record<string, number> = {};
  for (const { code, records = 1 } of held) quarantined[code] = (quarantined[code] ?? 0) + records;
  const madeHeld = held.filter(({ objectKey }) => isMadeObject(objectKey));
  const made = madeHeld.reduce((sum, { records = 1 }) => sum + records, 0);
  return {
    quarantined,
    dropped: gone.length,
    made: made + gone.filter(([, objectKey]) => isMadeObject(objectKey)).length,
  };
}

const idsOfAQuery = 500;

async function loadedAmong(rowsOf: RowsOf, dataset: string, ids: readonly string[]): Promise<Set<string>> {
  const loaded = new Set<string>();
  for (let start = 0; start < ids.length; start += idsOfAQuery) {
    const list = ids
      .slice(start, start + idsOfAQuery)
      .map(quoteText)
      .join(', ');
    const sql = `SELECT "_id" FROM ${qualifiedName(rawTable(dataset))} WHERE "_id" IN (${list})`;
    for (const [id] of await rowsOf(sql)) if (id) loaded.add(id);
  }
  return loaded;
}

/** How many records an object of the lake holds, as ingest noted on it; none where it is gone. */
export async function recordsInObject(client: S3Client, bucket: string, key: string): Promise<number> {
  try {
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return Number(head.Metadata?.[recordsMetadata] ?? 0);
  } catch (error) {
    if (error instanceof NotFound) return 0;
    throw error;
  }
}
