import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { ListedObject } from '../../lib/pipeline/reload-page.ts';
import { callService, ServiceError } from './service-error.ts';

/** An object to write whole; the same key again replaces it. */
export interface StoredObject {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Becomes `x-amz-meta-…`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The lake, as the functions see it: one bucket. Failures are ServiceErrors. */
export interface ObjectStore {
  /** Answers with what tells this content from another, as the event of the object will. */
  put(object: StoredObject): Promise<{ readonly eTag: string }>;
  /** The object's bytes, or undefined where there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** The object with what is known of it, or undefined where there is none. */
  find(key: string): Promise<FoundObject | undefined>;
}

export interface FoundObject {
  readonly body: Uint8Array;
  readonly eTag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Where a listing begins and how long it may be. */
export interface ListingRequest {
  readonly prefix: string;
  /** The key after which it begins; empty: with the first. */
  readonly after: string;
  readonly limit: number;
}

/** What the lake holds, in the order of the keys. */
export interface ObjectListing {
  list(request: ListingRequest): Promise<ListedObject[]>;
}

/** How an object is asked to be written, whatever the conditions. */
export function putRequest(bucket: string, { key, body, contentType, metadata }: StoredObject): PutObjectCommandInput {
  return { Bucket: bucket, Key: key, Body: body, ContentType: contentType, Metadata: metadata && { ...metadata } };
}

/** The lake in S3. A put is all or nothing, so a function killed in the middle leaves no half object. */
export function s3ObjectStore(bucket: string, client: S3Client): ObjectStore & ObjectListing {
  const uri = (key: string) => `s3://${bucket}/${key}`;
  const find = async (key: string): Promise<FoundObject | undefined> => {
    try {
      const command = new GetObjectCommand({ Bucket: bucket, Key: key });
      return await callService('s3:GetObject', uri(key), async () => {
        const { Body, ETag = '', Metadata = {} } = await client.send(command);
        const body = (await Body?.transformToByteArray()) ?? new Uint8Array();
        return { body, eTag: withoutQuotes(ETag), metadata: Metadata };
      });
    } catch (error) {
      if (error instanceof ServiceError && error.serviceCode === 'NoSuchKey') return undefined;
      throw error;
    }
  };
  return {
    async put(object) {
      const { key } = object;
      const command = new PutObjectCommand(putRequest(bucket, object));
      const { ETag } = await callService('s3:PutObject', uri(key), () => client.send(command));
      if (!ETag) throw new MillraceError('NO_ETAG', `s3:PutObject on ${uri(key)} answered without an ETag`);
      return { eTag: withoutQuotes(ETag) };
    },
    get: async (key) => (await find(key))?.body,
    find,
    list: (request) => listed(bucket, client, request),
  };
}

/** In HTTP an ETag has quotes, in events it has none. */
const withoutQuotes = (eTag: string): string => eTag.replaceAll('"', '');

/** What S3 lists at once. */
const keysOfAPage = 1000;

async function listed(Bucket: string, client: S3Client, { prefix, after, limit }: ListingRequest) {
  const objects: ListedObject[] = [];
  let isMore = true;
  while (isMore && objects.length < limit) {
    const command = new ListObjectsV2Command({
      Bucket,
      Prefix: prefix,
      StartAfter: objects.at(-1)?.key ?? (after || undefined),
      MaxKeys: Math.min(keysOfAPage, limit - objects.length),
    });
    const page = await callService('s3:ListBucket', `s3://${Bucket}/${prefix}`, () => client.send(command));
    for (const { Key = '', Size = 0, ETag = '' } of page.Contents ?? []) {
      objects.push({ key: Key, sizeBytes: Size, eTag: withoutQuotes(ETag) });
    }
    isMore = page.IsTruncated === true && (page.Contents ?? []).length > 0;
  }
  return objects;
}
