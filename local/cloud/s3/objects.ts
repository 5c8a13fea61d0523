import { createHash } from 'node:crypto';
import { ServiceError, type ServiceResponse } from '../service.ts';
import { readUpload } from './body.ts';
import {
  authorizeObject,
  keptHeadersOf,
  missingKey,
  refuseUnsupportedHeaders,
  type S3Call,
  type S3Operation,
} from './operation.ts';
import type { StoredObject } from './store.ts';
import { xmlBlocks, xmlResponse, xmlTexts } from './xml.ts';

const md5 = (body: Buffer) => createHash('md5').update(body).digest('hex');

function conditionsOf(headers: Readonly<Record<string, string>>) {
  return { ifNoneMatch: headers['if-none-match'], ifMatch: headers['if-match'] };
}

export const putObject: S3Operation = async (call) => {
  const { request, bucket, key } = call;
  authorizeObject(call, 's3:PutObject');
  if (request.headers['if-match'] !== undefined) authorizeObject(call, 's3:GetObject');
  refuseUnsupportedHeaders(request.headers);
  const { body, checksums } = readUpload(request);
  const etag = md5(body);
  const headers = { ...keptHeadersOf(request.headers), ...checksums };
  await bucket.put({ key, body, etag, headers, reason: 'PutObject', conditions: conditionsOf(request.headers) });
  return { status: 200, headers: { etag: `"${etag}"`, 'x-amz-server-side-encryption': 'AES256', ...checksums } };
};

/** `/bucket/key`, percent-encoded, with or without the first slash. */
function copySource(call: S3Call): { bucket: string; key: string } {
  const source = decodeURIComponent(call.request.headers['x-amz-copy-source'] ?? '').replace(/^\//, '');
  const slash = source.indexOf('/');
  if (slash < 1) throw new ServiceError('InvalidArgument', `x-amz-copy-source ${source} names no bucket and key`);
  if (source.includes('?versionId=')) throw new ServiceError('NotImplemented', 'the local S3 keeps no versions', 501);
  return { bucket: source.slice(0, slash), key: source.slice(slash + 1) };
}

/** The source of a copy, checked for the caller. */
export async function readCopySource(call: S3Call): Promise<{ object: StoredObject; body: Buffer }> {
  const source = copySource(call);
  const bucket = call.findBucket(source.bucket);
  authorizeObject(call, 's3:GetObject', source.key, bucket);
  const found = await bucket.store.read(source.key);
  if (!found) throw missingKey(call, source.key, bucket);
  return found;
}

export const copyObject: S3Operation = async (call) => {
  authorizeObject(call, 's3:PutObject');
  refuseUnsupportedHeaders(call.request.headers);
  const { object, body } = await readCopySource(call);
  const replace = call.request.headers['x-amz-metadata-directive'] === 'REPLACE';
  const etag = md5(body);
  const headers = replace ? keptHeadersOf(call.request.headers) : object.headers;
  await call.bucket.put({ key: call.key, body, etag, headers, reason: 'CopyObject' });
  const lastModified = call.bucket.store.get(call.key)?.lastModified;
  return xmlResponse('CopyObjectResult', { LastModified: lastModified, ETag: `"${etag}"` });
};

function objectHeaders(object: StoredObject, withChecksums: boolean): Record<string, string> {
  const headers = Object.entries(object.headers).filter(
    ([name]) => withChecksums || !name.startsWith('x-amz-checksum-'),
  );
  return {
    ...Object.fromEntries(headers),
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.lastModified).toUTCString(),
    'accept-ranges': 'bytes',
    'x-amz-server-side-encryption': 'AES256',
  };
}

function preconditions(headers: Readonly<Record<string, string>>, object: StoredObject): ServiceResponse | undefined {
  const etags = (value: string) => value.split(',').map((part) => part.trim().replaceAll('"', ''));
  const matches = (value: string) => value === '*' || etags(value).includes(object.etag);
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifMatch !== undefined && !matches(ifMatch)) {
    throw new ServiceError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold: If-Match',
      412,
    );
  }
  if (ifNoneMatch !== undefined && matches(ifNoneMatch)) return { status: 304, headers: { etag: `"${object.etag}"` } };
  return undefined;
}

/** First and last byte of a Range header; undefined where there is none or it is not one S3 understands. */
export function readRange(header: string | undefined, sizeBytes: number): { first: number; last: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [from = '', to = ''] = match?.slice(1) ?? [];
  if (!match || (from === '' && to === '')) return undefined;
  const first = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const last = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (first >= sizeBytes || first > last)
    throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { first, last };
}

export const getObject: S3Operation = async (call) => {
  authorizeObject(call, 's3:GetObject');
  const { headers, query } = call.request;
  const found = await call.bucket.store.read(call.key);
  if (!found) throw missingKey(call);
  const { object, body } = found;
  const unchanged = preconditions(headers, object);
  if (unchanged) return unchanged;
  const range = readRange(headers.range, object.sizeBytes);
  const answer = {
    ...objectHeaders(object, !range && headers['x-amz-checksum-mode'] === 'ENABLED'),
    ...overrides(query),
  };
  if (!range) return { status: 200, headers: answer, body };
  const { first, last } = range;
  const contentRange = `bytes ${first}-${last}/${object.sizeBytes}`;
  return { status: 206, headers: { ...answer, 'content-range': contentRange }, body: body.subarray(first, last + 1) };
};

/** `response-content-type` and the like in a (presigned) query. */
function overrides(query: URLSearchParams): Record<string, string> {
  const entries = [...query].filter(([name]) => name.startsWith('response-'));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice('response-'.length), value]));
}

export const headObject: S3Operation = async (call) => {
  authorizeObject(call, 's3:GetObject');
  const object = call.bucket.store.get(call.key);
  if (!object) throw missingKey(call);
  const unchanged = preconditions(call.request.headers, object);
  if (unchanged) return unchanged;
  const withChecksums = call.request.headers['x-amz-checksum-mode'] === 'ENABLED';
  return {
    status: 200,
    headers: { ...objectHeaders(object, withChecksums), 'content-length': String(object.sizeBytes) },
  };
};

/** With `If-Match` a delete asks for reading as well. (Amazon S3 user guide, "Enforce conditional deletes".) */
export const deleteObject: S3Operation = async (call) => {
  const { ifMatch } = conditionsOf(call.request.headers);
  authorizeObject(call, 's3:DeleteObject');
  if (ifMatch !== undefined) authorizeObject(call, 's3:GetObject');
  await call.bucket.delete(call.key, ifMatch === undefined ? {} : { ifMatch });
  return { status: 204 };
};

/** One key that may not be deleted does not keep the others from it: the answer says which failed. */
export const deleteObjects: S3Operation = async (call) => {
  const { body } = readUpload(call.request);
  const xml = body.toString();
  const quiet = xmlTexts(xml, 'Quiet')[0] === 'true';
  const deleted: { Key: string }[] = [];
  const errors: { Key: string; Code: string; Message: string }[] = [];
  for (const block of xmlBlocks(xml, 'Object')) {
    const [Key = ''] = xmlTexts(block, 'Key');
    const [ifMatch] = xmlTexts(block, 'ETag');
    try {
      authorizeObject(call, 's3:DeleteObject', Key);
      if (ifMatch !== undefined) authorizeObject(call, 's3:GetObject', Key);
      await call.bucket.delete(Key, ifMatch === undefined ? {} : { ifMatch });
      deleted.push({ Key });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const code = error.code === 'AccessDeniedException' ? 'AccessDenied' : error.code;
      errors.push({ Key, Code: code, Message: error.message });
    }
  }
  return xmlResponse('DeleteResult', { Deleted: quiet ? [] : deleted, Error: errors });
};
