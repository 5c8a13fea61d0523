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

type Reference = { StreamName?: string; StreamARN?: string };
/** The stream that a call names, after the caller has been authorized for it. */
type At = (action: string, input: Reference, principal: Principal) => StreamDescription;

export function kinesisOperations(kinesis: KinesisService): Record<string, Operation> {
  const at: At = (action, input, principal) => {
    const stream = kinesis.stream(input);
    kinesis.authorizer.authorize(principal, `kinesis:${action}`, kinesis.arnOf(stream.name));
    return stream;
  };
  return { ...writing(kinesis, at), ...reading(kinesis, at), ...describing(kinesis, at), ...managing(kinesis) };
}

const putRecordInput = z.object({ ...reference, ...entry, SequenceNumberForOrdering: z.string().optional() });
const putRecordsInput = z.object({ ...reference, Records: z.array(z.object(entry)).min(1).max(500) });

function writing(kinesis: KinesisService, at: At): Record<string, Operation> {
  return {
    PutRecord: operation(
      putRecordInput,
      (input, principal) => kinesis.put(at('PutRecord', input, principal), [input])[0],
    ),
    PutRecords: operation(putRecordsInput, (input, principal) => {
      const stream = at('PutRecords', input, principal);
      const sizes = input.Records.map(
        ({ Data, PartitionKey }) => (Data.length * 3) / 4 + Buffer.byteLength(PartitionKey),
      );
      const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
      if (sizeBytes > maximumCallBytes) {
        const message = `the records have ${Math.ceil(sizeBytes)} bytes; a call takes at most ${maximumCallBytes}`;
        throw new ServiceError('InvalidArgumentException', message);
      }
      return { FailedRecordCount: 0, Records: kinesis.put(stream, input.Records) };
    }),
  };
}

const getRecordsInput = z.object({
  ShardIterator: z.string(),
  StreamARN: z.string().optional(),
  Limit: z.number().int().min(1).max(10_000).default(10_000),
});

function reading(kinesis: KinesisService, at: At): Record<string, Operation> {
  return {
    GetShardIterator: operation(iteratorInput, (input, principal) => {
      const stream = at('GetShardIterator', input, principal);
      return { ShardIterator: kinesis.iterator(stream, input.ShardId, startingPoint(input)) };
    }),
    GetRecords: operation(getRecordsInput, (input, principal) => {
      at('GetRecords', { StreamName: kinesis.streamOf(input.ShardIterator).name }, principal);
      return kinesis.read(input.ShardIterator, input.Limit);
    }),
  };
}

const describeInput = z.object({ ...reference, ...page, ExclusiveStartShardId: z.string().optional() });
const listShardsInput = describeInput.extend({ ShardFilter: z.unknown().optional() });

function describing(kinesis: KinesisService, at: At): Record<string, Operation> {
  return {
    DescribeStream: operation(describeInput, (input, principal) => {
      const stream = at('DescribeStream', input, principal);
      const Shards = kinesis.shards(stream);
      return { StreamDescription: { ...summary(kinesis, stream), Shards, HasMoreShards: false } };
    }),
    DescribeStreamSummary: operation(z.object(reference), (input, principal) => {
      const stream = at('DescribeStreamSummary', input, principal);
      const counts = { OpenShardCount: stream.shardCount, ConsumerCount: 0 };
      return { StreamDescriptionSummary: { ...summary(kinesis, stream), ...counts } };
    }),
    ListShards: operation(listShardsInput, (input, principal) => ({
      Shards: kinesis.shards(at('ListShards', input, principal)),
    })),
  };
}

const listStreamsInput = z.object({ ...page, ExclusiveStartStreamName: z.string().optional() });
const createInput = z.object({ StreamName: z.string(), ShardCount: z.number().int().min(1).default(1) });

function managing(kinesis: KinesisService): Record<string, Operation> {
  return {
    ListStreams: operation(listStreamsInput, (_input, principal) => {
      kinesis.authorizer.authorize(principal, 'kinesis:ListStreams', '*');
      return { StreamNames: kinesis.names(), HasMoreStreams: false };
    }),
    CreateStream: operation(createInput, ({ StreamName: name, ShardCount: shardCount }, principal) => {
      kinesis.authorizer.authorize(principal, 'kinesis:CreateStream', kinesis.arnOf(name));
      if (kinesis.exists(name)) throw new ServiceError('ResourceInUseException', `Stream ${name} already exists.`);
      kinesis.declare({ name, shardCount, mode: 'PROVISIONED', retentionHours: 24, maximumRecordBytes: 1_048_576 });
    }),
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
