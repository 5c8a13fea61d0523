import fs from 'node:fs';
import path from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { CloudModule } from '../../local/cloud/resource.ts';
import { type Bench, openBench } from './sources-bench.ts';

export interface Sources {
  readonly bench: Bench;
  /** Writes one record to each source, and tells each that is acknowledged. */
  write(round: number, acknowledged: (line: string) => void): Promise<void>;
  /** What functions have been given, in this and in earlier processes, in order. */
  delivered(): string[];
}

interface Given {
  Records: { dynamodb?: { Keys: { id: { S: string } } }; kinesis?: { data: string }; body?: string }[];
}

/** A table, a stream and a queue, each mapped to a function that notes what it gets in a file. */
export async function openSources(modules: readonly CloudModule[], directory: string): Promise<Sources> {
  const file = path.join(directory, 'delivered.txt');
  const note = (event: Given) => {
    const texts = event.Records.map(
      ({ dynamodb, kinesis, body }) =>
        dynamodb?.Keys.id.S ?? body ?? Buffer.from(kinesis?.data ?? '', 'base64').toString(),
    );
    fs.appendFileSync(file, texts.map((text) => `${text}\n`).join(''));
  };
  // A message in flight at the kill would be out of sight for half a minute: time runs faster here.
  const start = Date.now();
  const now = () => start + (Date.now() - start) * 60;
  const bench = await openBench({
    modules,
    stateDirectory: path.join(directory, 'state'),
    functions: { Note: note },
    now,
  });
  await bench.role('NoteRole', [{ Effect: 'Allow', Action: ['dynamodb:*', 'kinesis:*', 'sqs:*'], Resource: '*' }]);
  const table = await bench.create('Table', 'AWS::DynamoDB::Table', {
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
  });
  const stream = await bench.create('Stream', 'AWS::Kinesis::Stream', { ShardCount: 1 });
  const queue = await bench.create('Queue', 'AWS::SQS::Queue', { VisibilityTimeout: 30 });
  const follow = { FunctionName: 'Note', BatchSize: 10 };
  const streams = [table.physical.attributes.StreamArn, stream.physical.attributes.Arn];
  for (const [index, EventSourceArn] of streams.entries()) {
    const properties = { ...follow, EventSourceArn, StartingPosition: 'TRIM_HORIZON' };
    await bench.create(`Mapping${index}`, 'AWS::Lambda::EventSourceMapping', properties);
  }
  const properties = { ...follow, EventSourceArn: queue.physical.attributes.Arn };
  await bench.create('QueueMapping', 'AWS::Lambda::EventSourceMapping', properties);
  await bench.start();
  const writers = writersOf(bench, table.physical.ref, stream.physical.ref, queue.physical.ref);
  return {
    bench,
    async write(round, acknowledged) {
      const id = `${Date.now()}-${String(round).padStart(6, '0')}`;
      for (const [name, write] of Object.entries(writers)) {
        await write(`${name} ${id}`);
        acknowledged(`${name} ${id}`);
      }
    },
    delivered: () => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trimEnd().split('\n') : []),
  };
}

function writersOf(bench: Bench, TableName: string, StreamName: string, QueueUrl: string) {
  const dynamodb = new DynamoDBClient(bench.client);
  const kinesis = new KinesisClient(bench.client);
  const sqs = new SQSClient(bench.client);
  return {
    table: (id: string) => dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: id } } })),
    stream: (id: string) =>
      kinesis.send(new PutRecordCommand({ StreamName, Data: Buffer.from(id), PartitionKey: 'k' })),
    queue: (id: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: id })),
  };
}
