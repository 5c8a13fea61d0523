import { type Authorizer, ServiceError, type ServiceRequest, type ServiceResponse } from '../service.ts';
import type { Bucket } from './bucket.ts';

/** A request on a bucket or an object, with what operations need to answer it. */
export interface S3Call {
  readonly request: ServiceRequest;
  readonly bucket: Bucket;
  /** Empty for a request on the bucket itself. */
  readonly key: string;
  readonly authorizer: Authorizer;
  /** Another bucket by name, for copies. */
  readonly findBucket: (name: string) => Bucket;
}

export type S3Operation = (call: S3Call) => Promise<ServiceResponse>;

/** Checks an action on the object of a call. */
export function authorizeObject(call: S3Call, action: string, key = call.key, bucket = call.bucket): void {
  call.authorizer.authorize(call.request.principal, action, bucket.objectArn(key));
}

export function authorizeBucket(call: S3Call, action: string, context: Record<string, string> = {}): void {
  call.authorizer.authorize(call.request.principal, action, call.bucket.arn, context);
}

/**
 * Without s3:ListBucket a missing key is answered as denied, so that names cannot be probed: AWS does the same, and a
 * handler that counts on NoSuchKey needs that grant. (Amazon S3 API, GetObject, "Permissions".)
 */
export function missingKey(call: S3Call, key = call.key, bucket = call.bucket): ServiceError {
  call.authorizer.authorize(call.request.principal, 's3:ListBucket', bucket.arn, {});
  return new ServiceError('NoSuchKey', `The specified key does not exist: s3://${bucket.name}/${key}`, 404);
}

const keptHeaders = [
  'content-type',
  'content-encoding',
  'content-language',
  'content-disposition',
  'cache-control',
  'expires',
];

/** Headers of an upload that come back with the object. */
export function keptHeadersOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'content-encoding') {
      const encodings = value.split(',').map((part) => part.trim());
      const own = encodings.filter((encoding) => encoding !== 'aws-chunked').join(',');
      if (own) kept[name] = own;
    } else if (keptHeaders.includes(name) || name.startsWith('x-amz-meta-')) kept[name] = value;
  }
  kept['content-type'] ??= 'application/octet-stream';
  return kept;
}

/** Request features that would be ignored in silence otherwise. */
const refusedHeaders = ['x-amz-acl', 'x-amz-tagging', 'x-amz-object-lock-mode', 'x-amz-website-redirect-location'];

export function refuseUnsupportedHeaders(headers: Readonly<Record<string, string>>): void {
  const found = refusedHeaders.find((name) => headers[name] !== undefined);
  if (found) throw new ServiceError('NotImplemented', `the local S3 does not support ${found}`, 501);
  const storageClass = headers['x-amz-storage-class'] ?? 'STANDARD';
  if (storageClass !== 'STANDARD')
    throw new ServiceError('NotImplemented', `the local S3 has no storage class ${storageClass}`, 501);
}
