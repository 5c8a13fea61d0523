import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { callService, ServiceError } from './service-error.ts';

/** An object that is read piece by piece. */
export interface OpenObject {
  /** Without quotes. */
  readonly eTag: string;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Objects that may be larger than memory. Failures to open are ServiceErrors. */
export interface ObjectReader {
  /** Undefined where there is none. */
  open(key: string): Promise<OpenObject | undefined>;
}

export function s3ObjectReader(bucket: string, client: S3Client): ObjectReader {
  return {
    async open(key) {
      const command = new GetObjectCommand({ Bucket: bucket, Key: key });
      try {
        const { Body, ETag } = await callService('s3:GetObject', `s3://${bucket}/${key}`, () => client.send(command));
        return Body && { eTag: (ETag ?? '').replaceAll('"', ''), body: Body as unknown as AsyncIterable<Uint8Array> };
      } catch (error) {
        if (error instanceof ServiceError && error.serviceCode === 'NoSuchKey') return undefined;
        throw error;
      }
    },
  };
}
