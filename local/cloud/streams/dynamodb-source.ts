import {
  type _Record,
  type AttributeValue,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  type DynamoDBStreamsClientConfig,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { SourceRecord, SourceShard, StartAt, StreamSource } from './source.ts';

/** GetRecords of DynamoDB Streams takes no more. */
const maximumRead = 1000;

/** Reads a DynamoDB stream as Lambda's poller does. */
export class DynamoDbSource implements StreamSource {
  readonly streamArn: string;
  readonly batchInfoName = 'DDBStreamBatchInfo';
  readonly needs: StreamSource['needs'];
  readonly #client: DynamoDBStreamsClient;

  constructor(streamArn: string, configuration: DynamoDBStreamsClientConfig) {
    this.streamArn = streamArn;
    const reading = ['dynamodb:DescribeStream', 'dynamodb:GetShardIterator', 'dynamodb:GetRecords'];
    const anyStream = streamArn.replace(/\/stream\/.*$/, '/stream/*');
    this.needs = [
      ...reading.map((action) => ({ action, resourceArn: streamArn })),
      { action: 'dynamodb:ListStreams', resourceArn: anyStream },
    ];
    this.#client = new DynamoDBStreamsClient(configuration);
  }

  async shards(): Promise<SourceShard[]> {
    const shards: SourceShard[] = [];
    let ExclusiveStartShardId: string | undefined;
    do {
      const command = new DescribeStreamCommand({ StreamArn: this.streamArn, ExclusiveStartShardId });
      const { StreamDescription } = await this.#client.send(command);
      for (const { ShardId, ParentShardId } of StreamDescription?.Shards ?? []) {
        shards.push({ id: ShardId ?? '', parentId: ParentShardId });
      }
      ExclusiveStartShardId = StreamDescription?.LastEvaluatedShardId;
    } while (ExclusiveStartShardId);
    return shards;
  }

  async iterator(shardId: string, start: StartAt): Promise<string> {
    const input = { StreamArn: this.streamArn, ShardId: shardId };
    const after = start.kind === 'after';
    const command = after
      ? new GetShardIteratorCommand({
          ...input,
          ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
          SequenceNumber: start.sequenceNumber,
        })
      : new GetShardIteratorCommand({
          ...input,
          ShardIteratorType: start.kind === 'latest' ? 'LATEST' : 'TRIM_HORIZON',
        });
    return (await this.#client.send(command)).ShardIterator ?? '';
  }

  async read(_shardId: string, iterator: string, limit: number): Promise<{ records: SourceRecord[]; next?: string }> {
    const command = new GetRecordsCommand({ ShardIterator: iterator, Limit: Math.min(limit, maximumRead) });
    const { Records = [], NextShardIterator } = await this.#client.send(command);
    return { records: Records.map((record) => dynamodbRecord(record, this.streamArn)), next: NextShardIterator };
  }

  close(): void {
    this.#client.destroy();
  }
}

/** A stream record as a function gets it: times are seconds, binary is base64, the stream's ARN is with it. */
export function dynamodbRecord(record: _Record, eventSourceARN: string): SourceRecord {
  const { dynamodb = {}, userIdentity, ...head } = record;
  const { ApproximateCreationDateTime: createdAt, Keys, NewImage, OldImage, ...rest } = dynamodb;
  const event = {
    ...head,
    dynamodb: {
      ...(createdAt && { ApproximateCreationDateTime: createdAt.getTime() / 1000 }),
      ...(Keys && { Keys: plainImage(Keys) }),
      ...(NewImage && { NewImage: plainImage(NewImage) }),
      ...(OldImage && { OldImage: plainImage(OldImage) }),
      ...rest,
    },
    ...(userIdentity && { userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId } }),
    eventSourceARN,
  };
  return {
    sequenceNumber: dynamodb.SequenceNumber ?? '',
    arrivedAt: createdAt?.getTime() ?? 0,
    event,
    sizeBytes: JSON.stringify(event).length,
  };
}

type Plain = string | boolean | string[] | Plain[] | { [name: string]: Plain };

function plainImage(image: Record<string, AttributeValue>): Record<string, Plain> {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: AttributeValue): Plain {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.L !== undefined) return { L: value.L.map(plainValue) };
  if (value.M !== undefined) return { M: plainImage(value.M) };
  return Object.fromEntries(Object.entries(value)) as { [name: string]: Plain };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
