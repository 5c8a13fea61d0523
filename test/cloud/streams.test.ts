import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { dynamodbModule } from '../../local/cloud/dynamodb/index.ts';
import { kinesisModule } from '../../local/cloud/kinesis/index.ts';
import { s3Module } from '../../local/cloud/s3/index.ts';
import { sqsModule } from '../../local/cloud/sqs/index.ts';
import { streamsModule } from '../../local/cloud/streams/index.ts';
import { type Bench, type BenchOptions, closeBenches, openBench, until } from './sources-bench.ts';

afterEach(closeBenches);

const allow = (Action: string | string[], Resource: string) => ({ Effect: 'Allow', Action, Resource });
const everything = [allow(['dynamodb:*', 'kinesis:*', 'sqs:*', 's3:*'], '*')];
const table = {
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
};
const mapping = 'AWS::Lambda::EventSourceMapping';

interface Sight {
  Records: {
    dynamodb?: { Keys: { id: { S: string } } };
    kinesis?: { data: string; sequenceNumber: string };
    body?: string;
    messageId?: string;
  }[];
}

async function open(functions: BenchOptions['functions'], more: Partial<BenchOptions> = {}): Promise<Bench> {
  const modules = [dynamodbModule, kinesisModule, sqsModule, s3Module, streamsModule];
  return openBench({ modules, functions, speed: { waitScale: 0.001, batchingWindowScale: 0.01 }, ...more });
}

const keysOf = (event: Sight) => event.Records.map((record) => record.dynamodb?.Keys.id.S ?? '');
const put = (client: DynamoDBClient, TableName: string, id: string, more: object = {}) =>
  client.send(new PutItemCommand({ TableName, Item: { id: { S: id }, ...more } }));

async function tableMapping(bench: Bench, properties: object = {}) {
  await bench.role('IngestRole', everything);
  const created = await bench.create('Brackets', 'AWS::DynamoDB::Table', table);
  const EventSourceArn = created.physical.attributes.StreamArn;
  const common = { FunctionName: 'Ingest', EventSourceArn, StartingPosition: 'TRIM_HORIZON', BatchSize: 100 };
  await bench.create('Mapping', mapping, { ...common, ...properties });
  return { TableName: created.physical.ref, client: new DynamoDBClient(bench.client), EventSourceArn };
}

test('writes reach the function as Lambda would hand them over, and idle() waits for them', async () => {
  const seen: unknown[] = [];
  const bench = await open({ Ingest: (event: Sight) => void seen.push(...event.Records) });
  const { TableName, client, EventSourceArn } = await tableMapping(bench, { MaximumBatchingWindowInSeconds: 1 });
  await bench.start();
  await put(client, TableName, 'a', {
    raw: { B: Buffer.from('hey') },
    n: { N: '1' },
    deep: { M: { list: { L: [{ BS: [Buffer.from('x')] }] } } },
  });
  await client.send(new DeleteItemCommand({ TableName, Key: { id: { S: 'a' } } }));
  await bench.idle();
  const NewImage = {
    id: { S: 'a' },
    n: { N: '1' },
    raw: { B: 'aGV5' },
    deep: { M: { list: { L: [{ BS: ['eA=='] }] } } },
  };
  expect(seen).toMatchObject([
    {
      eventName: 'INSERT',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      eventSourceARN: EventSourceArn,
      dynamodb: { ApproximateCreationDateTime: expect.any(Number), NewImage, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    },
    { eventName: 'REMOVE', dynamodb: { OldImage: NewImage } },
  ]);
});

test('a poison record is isolated and kept in S3 with its content; the others arrive, in order', async () => {
  const seen: string[] = [];
  const bench = await open({
    Ingest: (event: Sight) => {
      if (keysOf(event).includes('poison')) throw new Error('cannot');
      seen.push(...keysOf(event));
    },
  });
  const bucket = await bench.create('Lake', 'AWS::S3::Bucket', {});
  const DestinationConfig = { OnFailure: { Destination: bucket.physical.attributes.Arn } };
  const failing = { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 2, DestinationConfig };
  const { TableName, client } = await tableMapping(bench, failing);
  for (const id of ['a', 'b', 'poison', 'c', 'd']) await put(client, TableName, id);
  await bench.start();
  await bench.idle();
  expect(seen).toEqual(['a', 'b', 'c', 'd']);
  const s3 = new S3Client({ ...bench.client, forcePathStyle: true });
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: bucket.physical.ref }));
  expect(Contents).toHaveLength(1);
  expect(Contents?.[0]?.Key).toMatch(
    /^aws\/lambda\/[0-9a-f-]{36}\/shardId-\S+\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT[\d.]+-/,
  );
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket.physical.ref, Key: Contents?.[0]?.Key }));
  const record = JSON.parse((await Body?.transformToString()) ?? '') as { payload: string };
  expect(record).toMatchObject({
    requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 },
    DDBStreamBatchInfo: { batchSize: 1 },
  });
  expect(keysOf(JSON.parse(record.payload) as Sight)).toEqual(['poison']);
});

test('a reported failure is the checkpoint: nothing before it comes again, all after it does', async () => {
  const calls: string[][] = [];
  const bench = await open({
    Logs: (event: Sight) => {
      calls.push(event.Records.map(({ kinesis }) => Buffer.from(kinesis?.data ?? '', 'base64').toString()));
      if (calls.length > 1) return undefined;
      return {
        batchItemFailures: [3, 2].map((index) => ({ itemIdentifier: event.Records[index]?.kinesis?.sequenceNumber })),
      };
    },
  });
  await bench.role('LogsRole', everything);
  const stream = await bench.create('Stream', 'AWS::Kinesis::Stream', { ShardCount: 1 });
  const EventSourceArn = stream.physical.attributes.Arn;
  await bench.create('Mapping', mapping, {
    FunctionName: 'Logs',
    EventSourceArn,
    StartingPosition: 'TRIM_HORIZON',
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
  const kinesis = new KinesisClient(bench.client);
  const Records = ['a', 'b', 'c', 'd'].map((value) => ({ Data: Buffer.from(value), PartitionKey: 'k' }));
  await kinesis.send(new PutRecordsCommand({ StreamName: stream.physical.ref, Records }));
  await bench.start();
  await bench.idle();
  kinesis.destroy();
  expect(calls).toEqual([
    ['a', 'b', 'c', 'd'],
    ['c', 'd'],
  ]);
});

test('what was delivered is not delivered again after a restart, what came meanwhile is', async () => {
  const seen: string[] = [];
  const functions = { Ingest: (event: Sight) => void seen.push(...keysOf(event)) };
  const first = await open(functions);
  const { TableName, client } = await tableMapping(first);
  await put(client, TableName, 'before');
  await first.start();
  await first.idle();
  const { stateDirectory } = first;
  await first.close();
  const second = await open(functions, { stateDirectory });
  const again = await tableMapping(second);
  await put(again.client, again.TableName, 'after');
  await second.start();
  await second.idle();
  expect(seen).toEqual(['before', 'after']);
});

test('a role that may not read the stream ends the start, naming the grant', async () => {
  const bench = await open({ Ingest: () => undefined });
  const created = await bench.create('Brackets', 'AWS::DynamoDB::Table', table);
  const EventSourceArn = created.physical.attributes.StreamArn as string;
  await bench.role('IngestRole', [allow(['dynamodb:DescribeStream', 'dynamodb:GetShardIterator'], EventSourceArn)]);
  await bench.create('Mapping', mapping, { FunctionName: 'Ingest', EventSourceArn, StartingPosition: 'TRIM_HORIZON' });
  await expect(bench.start()).rejects.toThrow(`dynamodb:GetRecords on resource: ${EventSourceArn}`);
});

test('a table that exists elsewhere has a stand-in here, under its own ARN', async () => {
  const seen: unknown[] = [];
  const bench = await open({ Ingest: (event: Sight) => void seen.push(...event.Records) });
  const streamArn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/stream/2024-01-01T00:00:00.000';
  await bench.role('IngestRole', [
    allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetShardIterator', 'dynamodb:GetRecords', 'dynamodb:ListStreams'],
      streamArn.replace(/2024.*/, '*'),
    ),
  ]);
  const standIn = { type: 'AWS::DynamoDB::Table', name: 'Orders', streamArn, partitionKey: 'id' };
  const properties = { FunctionName: 'Ingest', EventSourceArn: streamArn, StartingPosition: 'LATEST' };
  await bench.create('Mapping', mapping, properties, { 'millrace:standIn': standIn });
  await bench.start();
  await bench.idle();
  await put(new DynamoDBClient(bench.client), 'Orders', 'x');
  await bench.idle();
  expect(seen).toMatchObject([{ eventSourceARN: streamArn, eventName: 'INSERT' }]);
});

test('a queue: what the function reports comes again, the rest is deleted, poison ends in the dead letters', async () => {
  const calls: string[][] = [];
  const bench = await open(
    {
      Register: (event: Sight) => {
        calls.push(event.Records.map(({ body }) => body ?? ''));
        const failed = event.Records.filter(({ body }) => body === 'poison');
        return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      },
    },
    { speed: { waitScale: 1, batchingWindowScale: 0.01 } },
  );
  await bench.role('RegisterRole', everything);
  const dead = await bench.create('Dead', 'AWS::SQS::Queue', {});
  const RedrivePolicy = { deadLetterTargetArn: dead.physical.attributes.Arn, maxReceiveCount: 2 };
  const queue = await bench.create('Inbox', 'AWS::SQS::Queue', { RedrivePolicy, VisibilityTimeout: 30 });
  const EventSourceArn = queue.physical.attributes.Arn;
  await bench.create('Mapping', mapping, {
    FunctionName: 'Register',
    EventSourceArn,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
  const sqs = new SQSClient(bench.client);
  for (const MessageBody of ['good', 'poison'])
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.physical.ref, MessageBody }));
  await bench.start();
  await until(() => calls.flat().includes('poison'));
  expect(bench.busyLabels()).toEqual(['messages in bench-inbox']);
  expect(calls.flat().sort()).toEqual(['good', 'poison']);
  await bench.close();
  // Who had it in flight is gone: it is in sight again at once, not in half a minute, and this receive is one too many.
  const later = await open(
    { Register: () => ({ batchItemFailures: [{ itemIdentifier: '' }] }) },
    { stateDirectory: bench.stateDirectory },
  );
  await later.role('RegisterRole', everything);
  const deadAgain = await later.create('Dead', 'AWS::SQS::Queue', {});
  await later.create('Inbox', 'AWS::SQS::Queue', { RedrivePolicy: { ...RedrivePolicy, maxReceiveCount: 1 } });
  await later.create('Mapping', mapping, { FunctionName: 'Register', EventSourceArn });
  await later.start();
  await later.idle();
  const found = await new SQSClient(later.client).send(new ReceiveMessageCommand({ QueueUrl: deadAgain.physical.ref }));
  expect(found.Messages?.map(({ Body }) => Body)).toEqual(['poison']);
});

test('a run at speed shortens the wait after a failure, which is three minutes on AWS', async () => {
  const calls: string[] = [];
  const bench = await open(
    {
      Register: (event: Sight) => {
        calls.push(...event.Records.map(({ body }) => body ?? ''));
        if (calls.length === 1) throw new Error('killed');
      },
    },
    { speed: { waitScale: 1 / 1_000, batchingWindowScale: 1 } },
  );
  await bench.role('RegisterRole', everything);
  const queue = await bench.create('Inbox', 'AWS::SQS::Queue', { VisibilityTimeout: 180 });
  const EventSourceArn = queue.physical.attributes.Arn;
  await bench.create('Mapping', mapping, { FunctionName: 'Register', EventSourceArn });
  await bench.start();
  const message = { QueueUrl: queue.physical.ref, MessageBody: 'an object' };
  await new SQSClient(bench.client).send(new SendMessageCommand(message));
  await bench.idle();
  expect(calls).toEqual(['an object', 'an object']);
});

test('a queue whose messages would come again before the function ends is refused, as on AWS', async () => {
  const bench = await open({});
  await bench.role('RegisterRole', everything);
  const queue = await bench.create('Inbox', 'AWS::SQS::Queue', { VisibilityTimeout: 5 });
  const refused = bench.create('Mapping', mapping, {
    FunctionName: 'Register',
    EventSourceArn: queue.physical.attributes.Arn,
  });
  await expect(refused).rejects.toThrow(/visibility timeout \(5 s\) is less than the function's timeout \(30 s\)/);
});
