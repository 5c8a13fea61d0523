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
  for (let index = firstAfter(sorted, after); index < sorted.length; index++) {
    const key = sorted[index] as string;
    if (!key.startsWith(prefix)) continue;
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

/** `sorted` is in UTF-8 order, so a plain search from the front is the one that is right for any key. */
function firstAfter(sorted: readonly string[], after: string): number {
  if (after === '') return 0;
  const bytes = Buffer.from(after);
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Buffer.compare(Buffer.from(sorted[middle] as string), bytes) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const encodeToken = (key: string) => Buffer.from(key).toString('base64url');
const decodeToken = (token: string) => Buffer.from(token, 'base64url').toString();

export const listObjectsV2: S3Operation = async (call) => {
  const { query } = call.request;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const requested = Number(query.get('max-keys') ?? '1000');
  authorizeBucket(call, 's3:ListBucket', {
    's3:prefix': prefix,
    's3:delimiter': delimiter,
    's3:max-keys': String(requested),
  });
  if (!Number.isInteger(requested) || requested < 0)
    throw new ServiceError('InvalidArgument', 'max-keys is not a whole number');
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : decodeToken(token);
  const maximum = Math.min(requested, 1000);
  const page = listPage(call.bucket.store, { prefix, delimiter, after, maximum });
  const url = query.get('encoding-type') === 'url';
  const shown = (key: string) => (url ? encodeURIComponent(key).replaceAll('%2F', '/') : key);
  return xmlResponse('ListBucketResult', {
    Name: call.bucket.name,
    Prefix: shown(prefix),
    Delimiter: delimiter ? shown(delimiter) : undefined,
    MaxKeys: requested,
    KeyCount: page.keys.length + page.prefixes.length,
    IsTruncated: page.next !== undefined,
    EncodingType: url ? 'url' : undefined,
    ContinuationToken: token ?? undefined,
    NextContinuationToken: page.next === undefined ? undefined : encodeToken(page.next),
    Contents: page.keys.map((key) => {
      const object = call.bucket.store.get(key);
      const { lastModified, etag, sizeBytes } = object ?? {};
      return {
        Key: shown(key),
        LastModified: lastModified,
        ETag: `"${etag}"`,
        Size: sizeBytes,
        StorageClass: 'STANDARD',
      };
    }),
    CommonPrefixes: page.prefixes.map((common) => ({ Prefix: shown(common) })),
  });
};
