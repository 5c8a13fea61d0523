import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand as GetTableRecordsCommand,
  GetShardIteratorCommand as GetTableShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis';
import type { ClientOptions } from '../front-door.ts';

/** How far a source was counted: records so far, and the last sequence number of each shard. */
export interface Counted {
  readonly count: number;
  readonly lastSequenceNumbers: Readonly<Record<string, string>>;
}

export const nothingCounted: Counted = { count: 0, lastSequenceNumbers: {} };

/** One page of a shard: sequence numbers and how many records each stands for, and how to go on. */
interface Page {
  readonly records: readonly { sequenceNumber: string; count: number }[];
  readonly next?: string | undefined;
  readonly isLast: boolean;
}

/** Reads a source of one kind. */
interface Reader {
  shardIds(): Promise<string[]>;
  iterator(shardId: string, after: string | undefined): Promise<string | undefined>;
  page(iterator: string): Promise<Page>;
}

/** Counts on from where it left off; asks the source itself, nothing that Millrace wrote. */
async function countOn(reader: Reader, from: Counted): Promise<Counted> {
  let count = from.count;
  const last: Record<string, string> = { ...from.lastSequenceNumbers };
  for (const shardId of await reader.shardIds()) {
    let iterator = await reader.iterator(shardId, last[shardId]);
    while (iterator) {
      const page: Page = await reader.page(iterator);
      for (const record of page.records) {
        count += record.count;
        last[shardId] = record.sequenceNumber;
      }
      iterator = page.isLast ? undefined : page.next;
    }
  }
  return { count, lastSequenceNumbers: last };
}

const iteratorFor = (after: string | undefined) =>
  after
    ? ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after, StartingSequenceNumber: after } as const)
    : ({ ShardIteratorType: 'TRIM_HORIZON' } as const);

/** Records of a Kinesis stream; `recordsIn` says how many user records a payload holds (KPL packs several into one). */
export async function countStream(
  options: ClientOptions,
  streamName: string,
  recordsIn: (data: Uint8Array) => number,
  from: Counted,
): Promise<Counted> {
  const client = new KinesisClient(options);
  const reader: Reader = {
    shardIds: async () => {
      const answer = await client.send(new ListShardsCommand({ StreamName: streamName }));
      return (answer.Shards ?? []).flatMap((shard) => (shard.ShardId ? [shard.ShardId] : []));
    },
    iterator: async (ShardId, after) =>
      (await client.send(new GetShardIteratorCommand({ StreamName: streamName, ShardId, ...iteratorFor(after) })))
        .ShardIterator,
    page: async (ShardIterator) => {
      const answer = await client.send(new GetRecordsCommand({ ShardIterator }));
      const records = (answer.Records ?? []).map((record) => ({
        sequenceNumber: record.SequenceNumber ?? '',
        count: recordsIn(record.Data ?? new Uint8Array()),
      }));
      return { records, next: answer.NextShardIterator, isLast: records.length === 0 && !answer.MillisBehindLatest };
    },
  };
  try {
    return await countOn(reader, from);
  } finally {
    client.destroy();
  }
}

/** Changes in a DynamoDB table's stream. */
export async function countTableStream(options: ClientOptions, streamArn: string, from: Counted): Promise<Counted> {
  const client = new DynamoDBStreamsClient(options);
  const reader: Reader = {
    shardIds: async () => {
      const answer = await client.send(new DescribeStreamCommand({ StreamArn: streamArn }));
      return (answer.StreamDescription?.Shards ?? []).flatMap((shard) => (shard.ShardId ? [shard.ShardId] : []));
    },
    iterator: async (ShardId, after) =>
      (await client.send(new GetTableShardIteratorCommand({ StreamArn: streamArn, ShardId, ...iteratorFor(after) })))
        .ShardIterator,
    page: async (ShardIterator) => {
      const answer = await client.send(new GetTableRecordsCommand({ ShardIterator }));
      const records = (answer.Records ?? []).map((record) => ({
        sequenceNumber: record.dynamodb?.SequenceNumber ?? '',
        count: 1,
      }));
      return { records, next: answer.NextShardIterator, isLast: records.length === 0 };
    },
  };
  try {
    return await countOn(reader, from);
  } finally {
    client.destroy();
  }
}
