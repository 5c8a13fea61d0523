import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { lakePrefixes } from '../../lib/pipeline/names.ts';

const line = z.object({ code: z.string(), id: z.string() });

async function keysUnder(client: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const object of page.Contents ?? []) if (object.Key) keys.push(object.Key);
  }
  return keys;
}

/** Records of a dataset in quarantine, by code. A record that was set aside twice (redelivered) counts once. */
export async function quarantinedByCode(
  client: S3Client,
  bucket: string,
  dataset: string,
): Promise<Record<string, number>> {
  const codeOf = new Map<string, string>();
  for (const key of await keysUnder(client, bucket, `${lakePrefixes.quarantine}${dataset}/`)) {
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = (await object.Body?.transformToByteArray()) ?? new Uint8Array();
    for (const text of gunzipSync(bytes).toString('utf8').trimEnd().split('\n')) {
      const rejected = line.parse(JSON.parse(text));
      codeOf.set(rejected.id, rejected.code);
    }
  }
  const counts: Record<string, number> = {};
  for (const code of [...codeOf.values()].sort()) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

/** How many records an object of the lake holds, as ingest noted on it. */
export async function recordsInObject(client: S3Client, bucket: string, key: string): Promise<number> {
  const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  return Number(head.Metadata?.['millrace-records'] ?? 0);
}
