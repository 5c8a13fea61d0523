import { z } from 'zod';
import { type Principal, ServiceError } from '../service.ts';
import { type Operation, operation } from '../storage/operations.ts';
import type { KinesisService, StartingPoint } from './kinesis-service.ts';
import type { StreamDescription } from './stream-store.ts';

const reference = {
  StreamName: z.string().optional(),
  StreamARN: z.string().optional(),
  StreamId: z.string().optional(),
};
const page = { NextToken: z.string().optional(), MaxResults: z.number().optional(), Limit: z.number().optional() };
const entry = {
  Data: z.string(),
  PartitionKey: z.string().min(1).max(256),
  ExplicitHashKey: z.string().optional(),
};

const iteratorInput = z.object({
  ...reference,
  ShardId: z.string(),
  ShardIteratorType: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER', 'AT_TIMESTAMP']),
  StartingSequenceNumber: z.string().optional(),
  Timestamp: z.number().optional(),
});

/** One PutRecords call: 500 records, 10 MiB with partition keys. (Kinesis API reference, PutRecords.) */
const maximumCallBytes = 10 * 1024 * 1024;

export function kinesisOperations(kinesis: KinesisService): Record<string, Operation> {
  const at = (action: string, input: { StreamName?: string; StreamARN?: string }, principal: Principal) => {
    const stream = kinesis.stream(input);
    kinesis.authorizer.authorize(principal, `kinesis:${action}`, kinesis.arnOf(stream.name));
    return stream;
  };
  return {
    PutRecord: operation(
      z.object({ ...reference, ...entry, SequenceNumberForOrdering: z.string().optional() }),
      (input, principal) => kinesis.put(at('PutRecord', input, principal), [input])[0],
    ),
    PutRecords: operation(
      z.object({ ...reference, Records: z.array(z.object(entry)).min(1).max(500) }),
      (input, principal) => {
        const stream = at('PutRecords', input, principal);
        const sizeBytes = input.Records.reduce(
          (sum, { Data, PartitionKey }) => sum + (Data.length * 3) / 4 + PartitionKey.length,
          0,
        );
        if (sizeBytes > maximumCallBytes) {
          throw new ServiceError(
            'InvalidArgumentException',
            `the records have ${Math.ceil(sizeBytes)} bytes; a call takes at most ${maximumCallBytes}`,
          );
        }
        return { FailedRecordCount: 0, Records: kinesis.put(stream, input.Records) };
      },
    ),
    GetShardIterator: operation(iteratorInput, (input, principal) => {
      const stream = at('GetShardIterator', input, principal);
      return { ShardIterator: kinesis.iterator(stream, input.ShardId, startingPoint(input)) };
    }),
    GetRecords: operation(
      z.object({
        ShardIterator: z.string(),
        StreamARN: z.string().optional(),
        Limit: z.number().int().min(1).max(10_000).default(10_000),
      }),
      (input, principal) => {
        at('GetRecords', { StreamName: kinesis.streamOf(input.ShardIterator).name }, principal);
        return kinesis.read(input.ShardIterator, input.Limit);
      },
    ),
    ...describing(kinesis, at),
  };
}

type At = (
  action: string,
  input: { StreamName?: string; StreamARN?: string },
  principal: Principal,
) => StreamDescription;

function describing(kinesis: KinesisService, at: At): Record<string, Operation> {
  return {
    DescribeStream: operation(
      z.object({ ...reference, ...page, ExclusiveStartShardId: z.string().optional() }),
      (input, principal) => {
        const stream = at('DescribeStream', input, principal);
        const Shards = kinesis.shards(stream);
        return { StreamDescription: { ...summary(kinesis, stream), Shards, HasMoreShards: false } };
      },
    ),
    DescribeStreamSummary: operation(z.object(reference), (input, principal) => {
      const stream = at('DescribeStreamSummary', input, principal);
      return {
        StreamDescriptionSummary: { ...summary(kinesis, stream), OpenShardCount: stream.shardCount, ConsumerCount: 0 },
      };
    }),
    ListShards: operation(
      z.object({
        ...reference,
        ...page,
        ExclusiveStartShardId: z.string().optional(),
        ShardFilter: z.unknown().optional(),
      }),
      (input, principal) => ({
        Shards: kinesis.shards(at('ListShards', input, principal)),
      }),
    ),
    ListStreams: operation(
      z.object({ ...page, ExclusiveStartStreamName: z.string().optional() }),
      (_input, principal) => {
        kinesis.authorizer.authorize(principal, 'kinesis:ListStreams', '*');
        return { StreamNames: kinesis.names(), HasMoreStreams: false };
      },
    ),
    CreateStream: operation(
      z.object({ StreamName: z.string(), ShardCount: z.number().int().min(1).default(1) }),
      (input, principal) => {
        kinesis.authorizer.authorize(principal, 'kinesis:CreateStream', kinesis.arnOf(input.StreamName));
        if (kinesis.exists(input.StreamName)) {
          throw new ServiceError('ResourceInUseException', `Stream ${input.StreamName} already exists.`);
        }
        const defaults = { mode: 'PROVISIONED', retentionHours: 24, maximumRecordBytes: 1_048_576 } as const;
        kinesis.declare({ name: input.StreamName, shardCount: input.ShardCount, ...defaults });
      },
    ),
  };
}

function summary(kinesis: KinesisService, stream: StreamDescription) {
  return {
    StreamName: stream.name,
    StreamARN: kinesis.arnOf(stream.name),
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: stream.mode },
    RetentionPeriodHours: stream.retentionHours,
    StreamCreationTimestamp: stream.createdAt / 1000,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
    MaxRecordSizeInKiB: stream.maximumRecordBytes / 1024,
  };
}

function startingPoint(input: z.infer<typeof iteratorInput>): StartingPoint {
  const { ShardIteratorType: type, StartingSequenceNumber, Timestamp } = input;
  if (type === 'TRIM_HORIZON' || type === 'LATEST') return { type };
  if (type === 'AT_TIMESTAMP') {
    if (Timestamp === undefined) throw new ServiceError('InvalidArgumentException', 'AT_TIMESTAMP needs a Timestamp.');
    return { type, timestampMilliseconds: Timestamp * 1000 };
  }
  if (StartingSequenceNumber === undefined) {
    throw new ServiceError('InvalidArgumentException', `${type} needs a StartingSequenceNumber.`);
  }
  return { type, sequenceNumber: StartingSequenceNumber };
}
