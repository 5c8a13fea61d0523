import {
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-kinesis';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { ClientOptions } from '../front-door.ts';

/** The shape in which Lambda hands Kinesis records to a function. Source: Lambda developer guide, "Using Lambda with Kinesis". */
function lambdaRecord(record: StreamRecord, shardId: string, streamArn: string, region: string): object {
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.PartitionKey,
      sequenceNumber: record.SequenceNumber,
      data: Buffer.from(record.Data ?? []).toString('base64'),
      approximateArrivalTimestamp: (record.ApproximateArrivalTimestamp?.getTime() ?? 0) / 1000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardId}:${record.SequenceNumber}`,
    eventName: 'aws:kinesis:record',
    awsRegion: region,
    eventSourceARN: streamArn,
  };
}

/**
 * The first records of a shard as an event of their own, cut differently from the first delivery: what Lambda
 * sends again after a function landed a batch but was killed before it could say so.
 */
export async function redelivery(options: ClientOptions, streamName: string, most: number): Promise<object> {
  const client = new KinesisClient(options);
  const target = { StreamName: streamName };
  const { StreamDescriptionSummary: stream } = await client.send(new DescribeStreamSummaryCommand(target));
  const { Shards: shards } = await client.send(new ListShardsCommand(target));
  for (const { ShardId } of shards ?? []) {
    const start = { ...target, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(start));
    const { Records: records } = await client.send(new GetRecordsCommand({ ShardIterator, Limit: most }));
    if (!records || records.length < most) continue;
    client.destroy();
    const arn = stream?.StreamARN ?? '';
    return { Records: records.map((record) => lambdaRecord(record, ShardId ?? '', arn, options.region)) };
  }
  client.destroy();
  throw new MillraceError('TOO_FEW_RECORDS', `no shard of ${streamName} has ${most} records to deliver again`);
}
