import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListBucketsCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { lakePrefixes } from '../../lib/pipeline/names.ts';
import { qualifiedName, rawTable } from '../../lib/pipeline/tables.ts';
import { connect, query } from '../../local/commands/sql.ts';
import { recordsInObject } from '../../local/summary/quarantined.ts';
import type { Runtime } from './runtime.ts';

/** A record in quarantine. */
export interface Rejected {
  readonly code: string;
  /** Its bytes as they were received. */
  readonly record: () => Buffer;
}

interface QuarantineLine {
  readonly id: string;
  readonly code: string;
  readonly encoding: BufferEncoding;
  readonly record: string;
}

/** How far a dataset has come. Objects that hold a record twice count it twice in `landed`. */
export interface Reached {
  readonly landed: number;
  readonly loaded: number;
  readonly quarantined: number;
}

/** Where records end: the lake, the quarantine, the warehouse; each read through the doors that users have. */
export class Ends {
  readonly #runtime: Runtime;
  #bucketName: string | undefined;
  readonly #recordsByKey = new Map<string, number>();
  readonly #quarantineByKey = new Map<string, readonly QuarantineLine[]>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** What SQL answers, cells as text. */
  async rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    const warehouse = await connect(this.#runtime.instance);
    try {
      return (await query(warehouse, sql)).at(-1)?.rows ?? [];
    } finally {
      await warehouse.end();
    }
  }

  async reached(dataset: string): Promise<Reached> {
    const landed = await this.#landed(dataset);
    return { landed, loaded: await this.#loaded(dataset), quarantined: (await this.quarantined(dataset)).size };
  }

  async #loaded(dataset: string): Promise<number> {
    try {
      return Number((await this.rows(`SELECT COUNT(*) FROM ${qualifiedName(rawTable(dataset))}`))[0]?.[0] ?? 0);
    } catch (error) {
      if ((error as { code?: string }).code === '42P01' || (error as { code?: string }).code === '3F000') return 0;
      throw error;
    }
  }

  async #landed(dataset: string): Promise<number> {
    return this.#withLake(async (s3, bucket) => {
      let records = 0;
      for (const key of await keysUnder(s3, bucket, `${lakePrefixes.raw}${dataset}/`)) {
        const known = this.#recordsByKey.get(key) ?? (await recordsInObject(s3, bucket, key));
        this.#recordsByKey.set(key, known);
        records += known;
      }
      return records;
    });
  }

  /** Records in quarantine, by id; one that was set aside twice (redelivered) is there once. */
  async quarantined(dataset: string): Promise<Map<string, Rejected>> {
    return this.#withLake(async (s3, bucket) => {
      const rejected = new Map<string, Rejected>();
      for (const key of await keysUnder(s3, bucket, `${lakePrefixes.quarantine}${dataset}/`)) {
        const lines = this.#quarantineByKey.get(key) ?? (await linesOf(s3, bucket, key));
        this.#quarantineByKey.set(key, lines);
        for (const { id, code, encoding, record } of lines) {
          rejected.set(id, { code, record: () => Buffer.from(record, encoding) });
        }
      }
      return rejected;
    });
  }

  async #withLake<T>(work: (s3: S3Client, bucket: string) => Promise<T>): Promise<T> {
    const { endpoint, region, credentials } = this.#runtime.instance;
    const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
    try {
      this.#bucketName ??= await lakeBucket(s3);
      return await work(s3, this.#bucketName);
    } finally {
      s3.destroy();
    }
  }
}

async function lakeBucket(s3: S3Client): Promise<string> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const lake = Buckets.find(({ Name }) => Name?.includes('lake'))?.Name;
  if (lake) return lake;
  throw new Error(`none of the buckets is a lake: ${Buckets.map(({ Name }) => Name).join(', ')}`);
}

async function linesOf(s3: S3Client, Bucket: string, Key: string): Promise<QuarantineLine[]> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as QuarantineLine);
}

async function keysUnder(client: S3Client, Bucket: string, Prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
    for (const { Key } of Contents ?? []) if (Key) keys.push(Key);
  }
  return keys;
}
