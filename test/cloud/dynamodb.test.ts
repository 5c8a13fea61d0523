import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  BatchWriteItemCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { findDynoxide } from '../../local/cloud/dynamodb/dynoxide-process.ts';
import { needsOf } from '../../local/cloud/dynamodb/grants.ts';
import { dynamodbModule } from '../../local/cloud/dynamodb/index.ts';
import { type Bench, closeBenches, openBench, until } from './sources-bench.ts';

afterEach(closeBenches);

const brackets = {
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  BillingMode: 'PAY_PER_REQUEST',
};

async function openTable(bench?: Bench) {
  const opened = bench ?? (await openBench({ modules: [dynamodbModule] }));
  const { physical } = await opened.create('Brackets', 'AWS::DynamoDB::Table', brackets);
  const { Arn, StreamArn } = physical.attributes as { Arn: string; StreamArn: string };
  return { bench: opened, TableName: physical.ref, Arn, StreamArn, client: new DynamoDBClient(opened.client) };
}

async function readStream(
  client: DynamoDBStreamsClient,
  StreamArn: string,
  more: object = { ShardIteratorType: 'TRIM_HORIZON' },
) {
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
  const [shard] = StreamDescription?.Shards ?? [];
  const input = { StreamArn, ShardId: shard?.ShardId, ...more } as never;
  const { ShardIterator } = await client.send(new GetShardIteratorCommand(input));
  const { Records } = await client.send(new GetRecordsCommand({ ShardIterator }));
  return { shard, records: Records ?? [] };
}

test('dynoxide finds the next stream records, and the last, without reading all of them', async () => {
  const { bench } = await openTable();
  const database = new DatabaseSync(path.join(bench.stateDirectory, 'dynamodb', 'dynamodb.sqlite'), { readOnly: true });
  const plan = (sql: string) =>
    database
      .prepare(`explain query plan ${sql}`)
      .all()
      .map(({ detail }) => String(detail));
  // As dynoxide writes them: an index helps only an expression that is spelled as it is.
  const last =
    'SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = ?1';
  const next = `SELECT new_image FROM _stream_records WHERE table_name = ?1 AND shard_id = ?2
    AND CAST(sequence_number AS INTEGER) > ?3 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT ?4`;
  expect(plan(last)).toEqual([expect.stringContaining('COVERING INDEX millrace_stream_records')]);
  expect(plan(next)).toEqual([expect.stringContaining('INDEX millrace_stream_records (table_name=? AND <expr>>?)')]);
  database.close();
});

test('a table has ARNs of this region and account, and its stream tells each write once', async () => {
  const { bench, client, TableName, Arn, StreamArn } = await openTable();
  expect(Arn).toBe(`arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`);
  expect(StreamArn.startsWith(`${Arn}/stream/`)).toBe(true);
  const n = '12345678901234567890123456789012345678';
  for (const id of ['a', 'b'])
    await client.send(new PutItemCommand({ TableName: Arn, Item: { id: { S: id }, n: { N: n } } }));
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect([Table?.TableArn, Table?.LatestStreamArn]).toEqual([Arn, StreamArn]);
  const streams = new DynamoDBStreamsClient(bench.client);
  const { shard, records } = await readStream(streams, StreamArn);
  expect(shard?.SequenceNumberRange?.EndingSequenceNumber).toBeUndefined();
  expect(records.map((record) => record.dynamodb?.NewImage?.n?.N)).toEqual([n, n]);
  expect(records[0]).toMatchObject({ awsRegion: 'us-east-1', eventID: expect.stringMatching(/^[0-9a-f]{32}$/) });
  const SequenceNumber = records[0]?.dynamodb?.SequenceNumber;
  expect(SequenceNumber).toMatch(/^\d{21}$/);
  const later = await readStream(streams, StreamArn, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber });
  expect(later.records.map((record) => record.dynamodb?.Keys?.id?.S)).toEqual(['b']);
});

test('each call needs its own grant, on the table, its index or its stream', async () => {
  const { bench, TableName, Arn, StreamArn } = await openTable();
  const role = await bench.role('Writer', [{ Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: Arn }]);
  const options = { ...bench.client, credentials: bench.context.identities.credentialsOf(role) };
  const client = new DynamoDBClient(options);
  await client.send(new PutItemCommand({ TableName, Item: { id: { S: 'a' } } }));
  const get = client.send(new GetItemCommand({ TableName, Key: { id: { S: 'a' } } }));
  await expect(get).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining(`dynamodb:GetItem on resource: ${Arn}`),
  });
  const query = {
    TableName,
    IndexName: 'byDay',
    KeyConditionExpression: 'id = :i',
    ExpressionAttributeValues: { ':i': { S: 'a' } },
  };
  await expect(client.send(new QueryCommand(query))).rejects.toThrow(`${Arn}/index/byDay`);
  const streams = new DynamoDBStreamsClient(options);
  await expect(readStream(streams, StreamArn)).rejects.toThrow(`dynamodb:DescribeStream on resource: ${StreamArn}`);
  const batch = { RequestItems: { [TableName]: [{ PutRequest: { Item: { id: { S: 'b' } } } }] } };
  await expect(client.send(new BatchWriteItemCommand(batch))).rejects.toThrow('dynamodb:BatchWriteItem');
  const remove = {
    TransactItems: [
      { Put: { TableName, Item: { id: { S: 'c' } } } },
      { Delete: { TableName, Key: { id: { S: 'a' } } } },
    ],
  };
  await expect(client.send(new TransactWriteItemsCommand(remove))).rejects.toThrow('dynamodb:DeleteItem');
  await expect(client.send(new ExecuteStatementCommand({ Statement: `select * from "${TableName}"` }))).rejects.toThrow(
    /only the owner/,
  );
});

test('a transaction asks for the action of each of its parts', () => {
  const TransactItems = [
    { Update: { TableName: 'one' } },
    { ConditionCheck: { TableName: 'arn:aws:dynamodb:us-east-1:1:table/two' } },
  ];
  expect(needsOf('TransactWriteItems', { TransactItems })).toEqual([
    { action: 'UpdateItem', on: { kind: 'table', table: 'one' } },
    { action: 'ConditionCheckItem', on: { kind: 'table', table: 'two' } },
  ]);
});

test('items, streams and expiry are there after a restart, and the same table is created over them', async () => {
  const { bench, client, TableName, StreamArn } = await openTable();
  await client.send(new PutItemCommand({ TableName, Item: { id: { S: 'kept' } } }));
  await bench.close();
  const again = await openTable(await openBench({ modules: [dynamodbModule], stateDirectory: bench.stateDirectory }));
  expect(again.StreamArn).toBe(StreamArn);
  const expiring = { ...brackets, TimeToLiveSpecification: { AttributeName: 'at', Enabled: true } };
  for (const _ of [1, 2]) await again.bench.create('Brackets', 'AWS::DynamoDB::Table', expiring);
  const { TimeToLiveDescription } = await again.client.send(new DescribeTimeToLiveCommand({ TableName }));
  expect(TimeToLiveDescription?.AttributeName).toBe('at');
  const { records } = await readStream(new DynamoDBStreamsClient(again.bench.client), StreamArn);
  expect(records).toHaveLength(1);
});

const dynoxidesOver = (directory: string): string[] => {
  const all = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  return all
    .filter((line) => line.includes(directory) && /\d+ \S*dynoxide serve/.test(line))
    .map((line) => line.trim().split(' ')[0] ?? '');
};

test('a dynoxide that dies is started again, and callers hardly notice', async () => {
  const { bench, client, TableName } = await openTable();
  await client.send(new PutItemCommand({ TableName, Item: { id: { S: 'a' } } }));
  const [pid] = dynoxidesOver(bench.stateDirectory);
  process.kill(Number(pid), 'SIGKILL');
  await until(() => bench.events.some((event) => event.kind === 'delivery' && event.from === 'dynoxide'));
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: { id: { S: 'a' } } }));
  expect(Item?.id?.S).toBe('a');
});

test('dynoxide ends with its parent, even by kill -9', async () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-orphan-'));
  const source = path.join(import.meta.dirname, '../../local/cloud/dynamodb/dynoxide-process.ts');
  const program = `const { DynoxideProcess } = await import(${JSON.stringify(source)}); await new DynoxideProcess(${JSON.stringify(directory)}, () => {}).port(); console.log('up'); setInterval(() => {}, 1000);`;
  const node = path.join(import.meta.dirname, '../../node_modules/.bin/node');
  const parent = spawn(node, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => parent.stdout.once('data', resolve));
  expect(dynoxidesOver(directory)).toHaveLength(1);
  parent.kill('SIGKILL');
  await until(() => dynoxidesOver(directory).length === 0);
});

test('without the program the error says what to install', () => {
  expect(() => findDynoxide({ MILLRACE_DYNOXIDE: '/nowhere/dynoxide' })).toThrow(
    /\/nowhere\/dynoxide, which does not exist: install it/,
  );
});
