import { randomUUID } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { CloudContext } from '../resource.ts';
import { type Discarded, invocationEvent } from './delivery.ts';
import type { StreamSource } from './source.ts';

export interface DestinationOptions {
  readonly context: CloudContext;
  readonly mappingId: string;
  readonly bucket: string;
  readonly functionArn: string;
  readonly roleArn: string;
  readonly source: StreamSource;
}

/** Keeps discarded batches in S3, records included, as the function's role. */
export class FailureDestination {
  readonly #options: DestinationOptions;
  readonly #client: S3Client;

  constructor(options: DestinationOptions) {
    const { context, roleArn } = options;
    this.#options = options;
    const credentials = context.identities.credentialsOf(roleArn);
    this.#client = new S3Client({
      endpoint: context.endpoint,
      region: context.region,
      credentials,
      forcePathStyle: true,
    });
  }

  async keep(discarded: Discarded): Promise<void> {
    const { context, bucket, mappingId } = this.#options;
    const at = new Date(context.clock.now()).toISOString();
    const Key = invocationRecordKey(mappingId, discarded.shardId, at, randomUUID());
    const Body = JSON.stringify(this.#record(discarded, at));
    await this.#client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'application/json' }));
  }

  close(): void {
    this.#client.destroy();
  }

  #record({ shardId, records, condition, invocations, result }: Discarded, at: string): object {
    const { functionArn, source } = this.#options;
    const [first, last] = [records[0], records.at(-1)];
    const functionError = result?.functionError;
    return {
      requestContext: {
        requestId: result?.requestId ?? randomUUID(),
        functionArn,
        condition,
        approximateInvokeCount: invocations,
      },
      ...(result && { responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError } }),
      version: '1.0',
      timestamp: at,
      [source.batchInfoName]: {
        shardId,
        startSequenceNumber: first?.sequenceNumber,
        endSequenceNumber: last?.sequenceNumber,
        approximateArrivalOfFirstRecord: new Date(first?.arrivedAt ?? 0).toISOString(),
        approximateArrivalOfLastRecord: new Date(last?.arrivedAt ?? 0).toISOString(),
        batchSize: records.length,
        streamArn: source.streamArn,
      },
      payload: invocationEvent(records),
    };
  }
}

/**
 * `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<uuid>`.
 * (Lambda developer guide, "Retain discarded records for a DynamoDB event source".)
 */
export function invocationRecordKey(mappingId: string, shardId: string, at: string, id: string): string {
  const [day = '', time = ''] = at.slice(0, 19).split('T');
  return `aws/lambda/${mappingId}/${shardId}/${day.replaceAll('-', '/')}/${day}T${time.replaceAll(':', '.')}-${id}`;
}
