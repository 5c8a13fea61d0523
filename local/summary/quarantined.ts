import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { recordsMetadata } from '../../lib/pipeline/batch.ts';
import { holdsQuarantineLines, lakePrefixes } from '../../lib/pipeline/names.ts';

const line = z.object({ code: z.string(), id: z.string(), records: z.number().default(1) });

async function keysUnder(client: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const object of page.Contents ?? []) if (object.Key) keys.push(object.Key);
  }
  return keys;
}

/**
 * Records of a dataset in quarantine, by code. A record that was set aside twice (redelivered) counts once; a whole object
 * counts as many as it said that it held.
 */
export async function quarantinedByCode(
  client: S3Client,
  bucket: string,
  dataset: string,
): Promise<Record<string, number>> {
  const rejectedById = new Map<string, z.infer<typeof line>>();
  for (const key of await keysUnder(client, bucket, `${lakePrefixes.quarantine}${dataset}/`)) {
    if (!holdsQuarantineLines(key)) continue;
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = (await object.Body?.transformToByteArray()) ?? new Uint8Array();
    for (const text of gunzipSync(bytes).toString('utf8').trimEnd().split('\n')) {
      const rejected = line.parse(JSON.parse(text));
      rejectedById.set(rejected.id, rejected);
    }
  }
  const counts: Record<string, number> = {};
  for (const { code, records } of rejectedById.values()) counts[code] = (counts[code] ?? 0) + records;
  return Object.fromEntries(Object.entries(counts).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** How many records an object of the lake holds, as ingest noted on it. */
export async function recordsInObject(client: S3Client, bucket: string, key: string): Promise<number> {
  const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  return Number(head.Metadata?.[recordsMetadata] ?? 0);
}
