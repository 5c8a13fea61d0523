import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../service.ts';
import { readUpload } from './body.ts';
import { copyObject, readCopySource, readRange } from './objects.ts';
import {
  authorizeObject,
  keptHeadersOf,
  refuseUnsupportedHeaders,
  type S3Call,
  type S3Operation,
} from './operation.ts';
import { requireXmlText, xmlBlocks, xmlResponse } from './xml.ts';

const smallestPartBytes = 5 * 1024 * 1024;

export const createMultipartUpload: S3Operation = async (call) => {
  authorizeObject(call, 's3:PutObject');
  refuseUnsupportedHeaders(call.request.headers);
  const uploadId = randomUUID();
  const directory = await call.bucket.store.uploadDirectory(uploadId);
  const upload = { key: call.key, headers: keptHeadersOf(call.request.headers) };
  await writeFile(join(directory, 'upload.json'), JSON.stringify(upload));
  return xmlResponse('InitiateMultipartUploadResult', { Bucket: call.bucket.name, Key: call.key, UploadId: uploadId });
};

async function openUpload(
  call: S3Call,
): Promise<{ uploadId: string; directory: string; headers: Record<string, string> }> {
  const uploadId = call.request.query.get('uploadId') ?? '';
  const missing = new ServiceError(
    'NoSuchUpload',
    'The specified upload does not exist: it was completed or aborted.',
    404,
  );
  if (!call.bucket.store.hasUpload(uploadId)) throw missing;
  const directory = await call.bucket.store.uploadDirectory(uploadId);
  const upload = JSON.parse(await readFile(join(directory, 'upload.json'), 'utf8')) as {
    key: string;
    headers: Record<string, string>;
  };
  if (upload.key !== call.key) throw missing;
  return { uploadId, directory, headers: upload.headers };
}

const etagOf = (body: Buffer) => createHash('md5').update(body).digest('hex');

/** A part's file is named by number and hash, so that the last one uploaded under a number is told by its ETag. */
async function keepPart(call: S3Call, body: Buffer): Promise<string> {
  const { directory } = await openUpload(call);
  const number = Number(call.request.query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    throw new ServiceError('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
  }
  const etag = etagOf(body);
  const temporary = join(directory, `${randomUUID()}.part`);
  await writeFile(temporary, body);
  await rename(temporary, join(directory, `${number}-${etag}`));
  return etag;
}

export const uploadPart: S3Operation = async (call) => {
  authorizeObject(call, 's3:PutObject');
  const { body, checksums } = readUpload(call.request);
  return { status: 200, headers: { etag: `"${await keepPart(call, body)}"`, ...checksums } };
};

export const uploadPartCopy: S3Operation = async (call) => {
  authorizeObject(call, 's3:PutObject');
  const { body } = await readCopySource(call);
  const range = readRange(call.request.headers['x-amz-copy-source-range'], body.length);
  const part = range ? body.subarray(range.first, range.last + 1) : body;
  const etag = await keepPart(call, part);
  return xmlResponse('CopyPartResult', { LastModified: new Date().toISOString(), ETag: `"${etag}"` });
};

async function readParts(directory: string, xml: string): Promise<Buffer[]> {
  const stored = new Set(await readdir(directory));
  const listed = xmlBlocks(xml, 'Part').map((block) => ({
    number: Number(requireXmlText(block, 'PartNumber')),
    etag: requireXmlText(block, 'ETag').replaceAll('"', ''),
  }));
  const ascending = listed.every((part, index) => index === 0 || part.number > (listed[index - 1]?.number ?? 0));
  if (!ascending) throw new ServiceError('InvalidPartOrder', 'The list of parts was not in ascending order.');
  if (listed.length === 0) throw new ServiceError('MalformedXML', 'You must specify at least one part');
  return Promise.all(
    listed.map(({ number, etag }) => {
      if (stored.has(`${number}-${etag}`)) return readFile(join(directory, `${number}-${etag}`));
      throw new ServiceError('InvalidPart', `part ${number} with the ETag ${etag} was not uploaded`);
    }),
  );
}

export const completeMultipartUpload: S3Operation = async (call) => {
  authorizeObject(call, 's3:PutObject');
  const { uploadId, directory, headers } = await openUpload(call);
  const parts = await readParts(directory, call.request.body.toString());
  if (parts.slice(0, -1).some((part) => part.length < smallestPartBytes)) {
    throw new ServiceError(
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size (5 MiB a part)',
    );
  }
  const digests = Buffer.concat(parts.map((part) => createHash('md5').update(part).digest()));
  const etag = `${etagOf(digests)}-${parts.length}`;
  const conditions = { ifNoneMatch: call.request.headers['if-none-match'], ifMatch: call.request.headers['if-match'] };
  const body = Buffer.concat(parts);
  await call.bucket.put({ key: call.key, body, etag, headers, reason: 'CompleteMultipartUpload', conditions });
  await call.bucket.store.dropUpload(uploadId);
  const { name } = call.bucket;
  return xmlResponse('CompleteMultipartUploadResult', {
    Location: `/${name}/${call.key}`,
    Bucket: name,
    Key: call.key,
    ETag: `"${etag}"`,
  });
};

export const abortMultipartUpload: S3Operation = async (call) => {
  authorizeObject(call, 's3:AbortMultipartUpload');
  const { uploadId } = await openUpload(call);
  await call.bucket.store.dropUpload(uploadId);
  return { status: 204 };
};

/** PUT with a copy source: a whole object, or a part. */
export const copyOrCopyPart: S3Operation = (call) =>
  call.request.query.has('partNumber') ? uploadPartCopy(call) : copyObject(call);
