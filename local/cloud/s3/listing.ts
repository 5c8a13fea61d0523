import { ServiceError } from '../service.ts';
import { authorizeBucket, type S3Operation } from './operation.ts';
import type { BucketStore } from './store.ts';
import { xmlResponse } from './xml.ts';

interface Page {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
  /** The last key or prefix of the page, where there is more. */
  readonly next?: string;
}

/** One page of keys after `after`; keys that share what follows the prefix up to the delimiter roll up into one. */
export function listPage(
  store: BucketStore,
  { prefix, delimiter, after, maximum }: { prefix: string; delimiter: string; after: string; maximum: number },
): Page {
  const keys: string[] = [];
  const prefixes: string[] = [];
  let last = after;
  if (maximum === 0) return { keys, prefixes };
  const sorted = store.keys();
  const [afterBytes, prefixBytes] = [Buffer.from(after), Buffer.from(prefix)];
  const passed = (key: Buffer) =>
    Buffer.compare(key, prefixBytes) < 0 || (after !== '' && Buffer.compare(key, afterBytes) <= 0);
  for (let index = firstIndex(sorted, passed); index < sorted.length; index++) {
    const key = sorted[index] as string;
    if (!key.startsWith(prefix)) break;
    const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    const common = end < 0 ? undefined : key.slice(0, end + delimiter.length);
    if (common !== undefined && (common === prefixes.at(-1) || common === after)) continue;
    if (keys.length + prefixes.length >= maximum) return { keys, prefixes, next: last };
    if (common === undefined) keys.push(key);
    else prefixes.push(common);
    last = common ?? key;
  }
  return { keys, prefixes };
}

/** Index of the first key for which `before` is false; the keys for which it is true come first. */
function firstIndex(sorted: readonly string[], before: (key: Buffer) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(Buffer.from(sorted[middle] as string))) low = middle + 1;
    else high = middle;
  }
  return low;
}

const encodeToken = (key: string) => Buffer.from(key).toString('base64url');
const decodeToken = (token: string) => Buffer.from(token, 'base64url').toString();

interface ListingRequest {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maximum: number;
  readonly token: string | undefined;
  readonly after: string;
  /** Whether keys are wanted percent-encoded. */
  readonly encoded: boolean;
}

function readListingRequest(query: URLSearchParams): ListingRequest {
  const maximum = Number(query.get('max-keys') ?? '1000');
  if (!Number.isInteger(maximum) || maximum < 0) {
    throw new ServiceError('InvalidArgument', 'max-keys is not a whole number');
  }
  const token = query.get('continuation-token') ?? undefined;
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maximum,
    token,
    after: token === undefined ? (query.get('start-after') ?? '') : decodeToken(token),
    encoded: query.get('encoding-type') === 'url',
  };
}

export const listObjectsV2: S3Operation = async (call) => {
  const request = readListingRequest(call.request.query);
  const { prefix, delimiter, maximum, token, encoded } = request;
  const context = { 's3:prefix': prefix, 's3:delimiter': delimiter, 's3:max-keys': String(maximum) };
  authorizeBucket(call, 's3:ListBucket', context);
  const page = listPage(call.bucket.store, { ...request, maximum: Math.min(maximum, 1000) });
  const shown = (key: string) => (encoded ? encodeURIComponent(key).replaceAll('%2F', '/') : key);
  return xmlResponse('ListBucketResult', {
    Name: call.bucket.name,
    Prefix: shown(prefix),
    Delimiter: delimiter ? shown(delimiter) : undefined,
    MaxKeys: maximum,
    KeyCount: page.keys.length + page.prefixes.length,
    IsTruncated: page.next !== undefined,
    EncodingType: encoded ? 'url' : undefined,
    ContinuationToken: token,
    NextContinuationToken: page.next === undefined ? undefined : encodeToken(page.next),
    Contents: page.keys.map((key) => ({ Key: shown(key), ...describeObject(call.bucket.store, key) })),
    CommonPrefixes: page.prefixes.map((common) => ({ Prefix: shown(common) })),
  });
};

function describeObject(store: BucketStore, key: string) {
  const object = store.get(key);
  return {
    LastModified: object?.lastModified,
    ETag: object && `"${object.etag}"`,
    Size: object?.sizeBytes,
    StorageClass: 'STANDARD',
  };
}
