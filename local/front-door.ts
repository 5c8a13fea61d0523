import { type AttributeValue, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import { marshall, type NativeAttributeValue, NumberValueImpl } from '@aws-sdk/util-dynamodb';
import type { Config, Source } from '../lib/config/config.ts';
import { MillraceError } from '../lib/pipeline/error.ts';
import { frontDoorOutput } from '../lib/pipeline/outputs.ts';
import type { FrontDoor } from './running.ts';

/** What an AWS SDK client needs to talk to the local cloud as the owner of this laptop. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
/** `context.source` is in Node 24, but not yet in TypeScript's library. */
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown;

/** A JSON object as a DynamoDB item; numbers keep their digits. */
export function itemFromJson(text: string): Record<string, AttributeValue> {
  const value = parseWithSource(text, (_key, parsed, context) =>
    typeof parsed === 'number' && context.source ? NumberValueImpl.from(context.source) : parsed,
  );
  if (value === null || typeof value !== 'object' || Array.isArray(value) || value instanceof NumberValueImpl) {
    throw new MillraceError('NOT_AN_OBJECT', 'a DynamoDB item is a JSON object');
  }
  return marshall(value as Record<string, NativeAttributeValue>);
}

/** PutItem, once per JSON object. */
export async function putItems(client: DynamoDBClient, tableName: string, texts: readonly string[]): Promise<void> {
  for (const text of texts) await client.send(new PutItemCommand({ TableName: tableName, Item: itemFromJson(text) }));
}

const kinesisBatchRecords = 500;
const kinesisBatchBytes = 5 * 1024 * 1024;

/** Cuts records into calls that PutRecords takes: at most 500 records and 5 MiB, unless one record alone is larger. */
export function putRecordsBatches<R extends { data: Uint8Array }>(records: readonly R[]): R[][] {
  const batches: R[][] = [];
  let sizeBytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const batch = batches.at(-1);
    if (!batch || batch.length === kinesisBatchRecords || sizeBytes + record.data.length > kinesisBatchBytes) {
      batches.push([record]);
      sizeBytes = record.data.length;
    } else {
      batch.push(record);
      sizeBytes += record.data.length;
    }
  }
  return batches;
}

/** PutRecords; what the stream throttles is sent again, a bounded number of times. */
export async function putRecords(
  client: KinesisClient,
  streamName: string,
  records: readonly { data: Uint8Array; partitionKey: string }[],
): Promise<void> {
  for (const batch of putRecordsBatches(records)) {
    let entries: PutRecordsRequestEntry[] = batch.map((r) => ({ Data: r.data, PartitionKey: r.partitionKey }));
    for (let attempt = 1; entries.length > 0; attempt += 1) {
      const answer = await client.send(new PutRecordsCommand({ StreamName: streamName, Records: entries }));
      entries = entries.filter((_, index) => answer.Records?.[index]?.ErrorCode);
      if (entries.length > 0 && attempt === 5) {
        throw new MillraceError(
          'STREAM_THROTTLED',
          `${streamName}: ${entries.length} records refused after 5 attempts`,
          {
            retryable: true,
          },
        );
      }
    }
  }
}

/** `arn:aws:kinesis:eu-west-1:1:stream/logs` → `logs`. */
const streamNameOf = (streamArn: string): string => streamArn.split('/')[1] ?? streamArn;

function frontDoor(dataset: string, source: Source, outputs: Readonly<Record<string, string>>): FrontDoor {
  const made = outputs[frontDoorOutput(dataset, source.kind)] ?? '';
  switch (source.kind) {
    case 'dynamodb':
      return { kind: 'dynamodb', tableName: 'create' in source.table ? made : source.table.tableName };
    case 'kinesis':
      return { kind: 'kinesis', streamName: 'create' in source.stream ? made : streamNameOf(source.stream.streamArn) };
    case 'rest':
      return { kind: 'rest' };
  }
}

/** Where records of each dataset go in: what the stack made, or what the configuration names. */
export function frontDoors(config: Config, outputs: Readonly<Record<string, string>>): Record<string, FrontDoor> {
  return Object.fromEntries(
    Object.entries(config.datasets).map(([name, { source }]) => [name, frontDoor(name, source, outputs)]),
  );
}
