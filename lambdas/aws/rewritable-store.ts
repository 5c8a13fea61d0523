import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type ObjectStore, putRequest, type StoredObject, s3ObjectStore } from './object-store.ts';
import { callService, ServiceError } from './service-error.ts';

/** An object's bytes, and what tells this content from the next. */
export interface ReadObject {
  readonly bytes: Uint8Array;
  readonly eTag: string;
}

/** A lake whose objects several writers change: nobody writes over what he has not read. Failures are ServiceErrors. */
export interface RewritableStore extends Pick<ObjectStore, 'put'> {
  /** Undefined where there is no such object. */
  read(key: string): Promise<ReadObject | undefined>;
  /** Writes an object if its content is still what was read. */
  replace(object: StoredObject, eTag: string): Promise<'done' | 'changed'>;
  /** Deletes an object if its content is still what was read. */
  remove(key: string, eTag: string): Promise<'done' | 'changed'>;
}

/** How S3 says that an object has changed, is being changed, or is gone. (Amazon S3 user guide, "Conditional write behavior".) */
const changed = ['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey'];

/** The lake in S3, by conditional requests. */
export function s3RewritableStore(bucket: string, client: S3Client): RewritableStore {
  const uri = (key: string) => `s3://${bucket}/${key}`;
  return {
    put: s3ObjectStore(bucket, client).put,
    async read(key) {
      const command = new GetObjectCommand({ Bucket: bucket, Key: key });
      const result = await unless(['NoSuchKey'], () =>
        callService('s3:GetObject', uri(key), () => client.send(command)),
      );
      const bytes = await result?.Body?.transformToByteArray();
      return bytes && { bytes, eTag: result?.ETag ?? '' };
    },
    async replace(object, eTag) {
      const command = new PutObjectCommand({ ...putRequest(bucket, object), IfMatch: eTag });
      const put = () => callService('s3:PutObject', uri(object.key), () => client.send(command));
      return (await unless(changed, put)) ? 'done' : 'changed';
    },
    async remove(key, eTag) {
      const command = new DeleteObjectCommand({ Bucket: bucket, Key: key, IfMatch: eTag });
      const remove = () => callService('s3:DeleteObject', uri(key), () => client.send(command));
      return (await unless(changed, remove)) ? 'done' : 'changed';
    },
  };
}

async function unless<T>(serviceCodes: readonly string[], call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ServiceError && serviceCodes.includes(error.serviceCode)) return undefined;
    throw error;
  }
}
