import { join } from 'node:path';
import type { CloudContext } from '../resource.ts';
import { type Service, ServiceError, type ServiceRequest, type ServiceResponse } from '../service.ts';
import { Bucket } from './bucket.ts';
import { listObjectsV2 } from './listing.ts';
import * as multipart from './multipart.ts';
import * as objects from './objects.ts';
import { authorizeBucket, type S3Operation } from './operation.ts';
import { xmlResponse } from './xml.ts';

/** Query parameters that do not change which operation is meant. */
const plainParameters =
  /^(x-id|X-Amz-.*|response-.*|prefix|delimiter|max-keys|continuation-token|start-after|encoding-type|fetch-owner|list-type|partNumber|uploadId)$/;

const headBucket: S3Operation = async (call) => {
  authorizeBucket(call, 's3:ListBucket');
  return { status: 200, headers: { 'x-amz-bucket-region': 'us-east-1' } };
};

const getBucketLocation: S3Operation = async (call) => {
  authorizeBucket(call, 's3:GetBucketLocation');
  return xmlResponse('LocationConstraint', '');
};

/** S3 over files, path-style and virtual-host-style, as far as the operations listed in `operationOf` go. */
export class S3Service implements Service {
  readonly signingName = 's3';
  readonly #context: CloudContext;
  readonly #buckets = new Map<string, Bucket>();

  constructor(context: CloudContext) {
    this.#context = context;
  }

  addBucket(name: string, options: { eventBridge: boolean; versioned: boolean }): Bucket {
    const directory = join(this.#context.stateDirectory('s3'), name);
    const bucket = new Bucket(name, { context: this.#context, directory, ...options });
    this.#buckets.set(name, bucket);
    return bucket;
  }

  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket) return bucket;
    const known = [...this.#buckets.keys()].join(', ') || 'none';
    throw new ServiceError('NoSuchBucket', `The specified bucket does not exist: ${name} (there is ${known})`, 404);
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const { bucketName, key } = this.#target(request);
    if (bucketName === '') return this.#listBuckets(request);
    const operation = operationOf(request, key);
    return operation({
      request,
      key,
      bucket: this.bucket(bucketName),
      authorizer: this.#context.authorizer,
      findBucket: (name) => this.bucket(name),
    });
  }

  #target(request: ServiceRequest): { bucketName: string; key: string } {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    const virtual = [...this.#buckets.keys()].find((name) => host.startsWith(`${name}.`));
    if (virtual) return { bucketName: virtual, key: request.path.slice(1) };
    const slash = request.path.indexOf('/', 1);
    if (slash < 0) return { bucketName: request.path.slice(1), key: '' };
    return { bucketName: request.path.slice(1, slash), key: request.path.slice(slash + 1) };
  }

  #listBuckets(request: ServiceRequest): ServiceResponse {
    this.#context.authorizer.authorize(request.principal, 's3:ListAllMyBuckets', '*');
    const Bucket = [...this.#buckets.keys()].sort().map((Name) => ({ Name, CreationDate: new Date(0).toISOString() }));
    return xmlResponse('ListAllMyBucketsResult', { Owner: { ID: this.#context.accountId }, Buckets: { Bucket } });
  }
}

const objectOperations: Readonly<Record<string, S3Operation>> = {
  'PUT object': objects.putObject,
  'PUT object copy': multipart.copyOrCopyPart,
  'GET object': objects.getObject,
  'HEAD object': objects.headObject,
  'DELETE object': objects.deleteObject,
  'POST object uploads': multipart.createMultipartUpload,
  'PUT object part': multipart.uploadPart,
  'PUT object part copy': multipart.copyOrCopyPart,
  'POST object part': multipart.completeMultipartUpload,
  'DELETE object part': multipart.abortMultipartUpload,
  'GET bucket': listObjectsV2,
  'HEAD bucket': headBucket,
  'GET bucket location': getBucketLocation,
  'POST bucket delete': objects.deleteObjects,
};

/** The operation that method, target and subresource make together; any other is refused by name, never guessed. */
function operationOf(request: ServiceRequest, key: string): S3Operation {
  const subresource = [...request.query.keys()].find((name) => !plainParameters.test(name));
  const words = [
    request.method,
    key === '' ? 'bucket' : 'object',
    subresource ?? (key !== '' && request.query.has('uploadId') ? 'part' : undefined),
    request.headers['x-amz-copy-source'] === undefined ? undefined : 'copy',
  ];
  const name = words.filter(Boolean).join(' ');
  const operation = objectOperations[name];
  const versionOne = name === 'GET bucket' && request.query.get('list-type') !== '2';
  if (operation && !versionOne) return operation;
  const what = versionOne ? 'ListObjects (version 1): use ListObjectsV2' : name;
  throw new ServiceError('NotImplemented', `the local S3 does not have this operation: ${what}`, 501);
}
