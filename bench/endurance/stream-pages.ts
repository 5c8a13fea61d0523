import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  type AttributeValue,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand as GetTableRecordsCommand,
  GetShardIteratorCommand as GetTableShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis';
import type { ClientOptions } from '../../local/front-door.ts';

/** A record as the source itself holds it. `id` is what `raw` must know it by. */
export interface LineInStream {
  readonly id: string;
  readonly position: string;
  readonly data: Uint8Array;
}

/** A change as the table's stream holds it; without a new image the item was deleted. */
export interface ChangeInStream {
  readonly id: string;
  readonly position: string;
  readonly image?: Record<string, AttributeValue>;
  readonly key: string;
}

/** Everything in a Kinesis stream, shard after shard, a page at a time. */
export async function* linesOf(options: ClientOptions, StreamName: string): AsyncGenerator<LineInStream[]> {
  const client = new KinesisClient(options);
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
  for (const { ShardId } of Shards) {
    const start = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let { ShardIterator } = await client.send(new GetShardIteratorCommand(start));
    while (ShardIterator) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator }));
      const records = page.Records ?? [];
      yield records.map(({ SequenceNumber: sequence = '', Data = new Uint8Array() }) => ({
        id: `${ShardId}:${sequence}`,
        position: sequence,
        data: Data,
      }));
      ShardIterator = records.length === 0 && !page.MillisBehindLatest ? undefined : page.NextShardIterator;
    }
  }
  client.destroy();
}

/** Everything in a table's stream. A local shard has no end, so an empty page is taken for it. */
export async function* changesOf(
  options: ClientOptions,
  TableName: string,
  keyName: string,
): AsyncGenerator<ChangeInStream[]> {
  const client = new DynamoDBStreamsClient(options);
  const StreamArn = await streamArnOf(options, TableName);
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
  for (const { ShardId } of StreamDescription?.Shards ?? []) {
    const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let { ShardIterator } = await client.send(new GetTableShardIteratorCommand(start));
    while (ShardIterator) {
      const page = await client.send(new GetTableRecordsCommand({ ShardIterator }));
      const records = page.Records ?? [];
      if (records.length === 0) break;
      yield records.map(({ eventID = '', dynamodb = {} }) => ({
        id: eventID,
        position: dynamodb.SequenceNumber ?? '',
        key: dynamodb.Keys?.[keyName]?.S ?? '',
        ...(dynamodb.NewImage && { image: dynamodb.NewImage }),
      }));
      ShardIterator = page.NextShardIterator;
    }
  }
  client.destroy();
}

async function streamArnOf(options: ClientOptions, TableName: string): Promise<string> {
  const client = new DynamoDBClient(options);
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  client.destroy();
  return Table?.LatestStreamArn ?? '';
}
