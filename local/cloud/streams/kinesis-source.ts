import {
  type _Record,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  type KinesisClientConfig,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import type { SourceRecord, SourceShard, StartAt, StreamSource } from './source.ts';

/** Reads a Kinesis stream as Lambda's poller does (shared throughput). */
export class KinesisSource implements StreamSource {
  readonly streamArn: string;
  readonly batchInfoName = 'KinesisBatchInfo';
  readonly needs: StreamSource['needs'];
  readonly #client: KinesisClient;
  readonly #roleArn: string;

  constructor(streamArn: string, roleArn: string, configuration: KinesisClientConfig) {
    this.streamArn = streamArn;
    const actions = ['DescribeStream', 'DescribeStreamSummary', 'GetShardIterator', 'GetRecords', 'ListShards'];
    this.needs = actions.map((action) => ({ action: `kinesis:${action}`, resourceArn: streamArn }));
    this.#roleArn = roleArn;
    this.#client = new KinesisClient(configuration);
  }

  async shards(): Promise<SourceShard[]> {
    const shards: SourceShard[] = [];
    let NextToken: string | undefined;
    do {
      const input = NextToken ? { NextToken } : { StreamARN: this.streamArn };
      const answer = await this.#client.send(new ListShardsCommand(input));
      for (const { ShardId, ParentShardId } of answer.Shards ?? []) {
        shards.push({ id: ShardId ?? '', parentId: ParentShardId });
      }
      ({ NextToken } = answer);
    } while (NextToken);
    return shards;
  }

  async iterator(shardId: string, start: StartAt): Promise<string> {
    const input = { StreamARN: this.streamArn, ShardId: shardId, ...iteratorStart(start) };
    return (await this.#client.send(new GetShardIteratorCommand(input))).ShardIterator ?? '';
  }

  async read(shardId: string, iterator: string, limit: number): Promise<{ records: SourceRecord[]; next?: string }> {
    const input = { ShardIterator: iterator, Limit: limit, StreamARN: this.streamArn };
    const { Records = [], NextShardIterator } = await this.#client.send(new GetRecordsCommand(input));
    return { records: Records.map((record) => this.#record(record, shardId)), next: NextShardIterator };
  }

  close(): void {
    this.#client.destroy();
  }

  #record(record: _Record, shardId: string): SourceRecord {
    const { SequenceNumber: sequenceNumber = '', Data = new Uint8Array(), PartitionKey = '' } = record;
    const arrivedAt = record.ApproximateArrivalTimestamp?.getTime() ?? 0;
    const data = Buffer.from(Data).toString('base64');
    const event = {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: PartitionKey,
        sequenceNumber,
        data,
        approximateArrivalTimestamp: arrivedAt / 1000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: this.#roleArn,
      awsRegion: this.streamArn.split(':')[3] ?? '',
      eventSourceARN: this.streamArn,
    };
    return { sequenceNumber, arrivedAt, event, sizeBytes: data.length + 500 };
  }
}

function iteratorStart(start: StartAt) {
  switch (start.kind) {
    case 'after':
      return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: start.sequenceNumber } as const;
    case 'timestamp':
      return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: start.at } as const;
    case 'latest':
      return { ShardIteratorType: 'LATEST' } as const;
    case 'trimHorizon':
      return { ShardIteratorType: 'TRIM_HORIZON' } as const;
  }
}
