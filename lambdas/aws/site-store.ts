import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type ObjectListing, type ObjectStore, s3ObjectStore } from './object-store.ts';
import { callService } from './service-error.ts';

/** The site's bucket. Failures are ServiceErrors. */
export interface SiteStore extends Pick<ObjectStore, 'get'>, ObjectListing {
  put(file: { readonly path: string; readonly contentType: string; readonly body: string }): Promise<void>;
  remove(path: string): Promise<void>;
}

/** Browsers and caches ask whether a file is still the one they have, and are answered without its body if it is. */
const cacheControl = 'no-cache';

export function s3SiteStore(bucket: string, client: S3Client): SiteStore {
  const { get, list } = s3ObjectStore(bucket, client);
  return {
    get,
    list,
    async put({ path, contentType, body }) {
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: path,
        Body: body,
        ContentType: contentType,
        CacheControl: cacheControl,
      });
      await callService('s3:PutObject', `s3://${bucket}/${path}`, () => client.send(command));
    },
    async remove(path) {
      const command = new DeleteObjectCommand({ Bucket: bucket, Key: path });
      await callService('s3:DeleteObject', `s3://${bucket}/${path}`, () => client.send(command));
    },
  };
}
