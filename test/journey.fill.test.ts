import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CreateTableCommand, DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { stackOutputs } from '../lib/pipeline/outputs.ts';
import { instantOf } from '../lib/pipeline/snapshot-position.ts';
import { serviceName } from '../lib/stages/context.ts';
import { DynoxideProcess } from '../local/cloud/dynamodb/dynoxide-process.ts';
import { agrees } from '../local/summary/summary.ts';
import { beginJourney, type Journey, type SynthesizedDemo, synthesizeDemo } from './factories/journey.ts';
import { aChange, aTableExport } from './factories/table-export.ts';

const aTournament = (id: string, round: string, more = {}) => ({
  tournamentId: { S: id },
  round: { N: round },
  ...more,
});

let demo: SynthesizedDemo;
let journey: Journey;
let folder: string;
let client: DynamoDBClient;
let TableName: string;
beforeAll(async () => {
  demo = await synthesizeDemo();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-fill-'));
  TableName = tableNameIn(demo);
  await writeBeforeTheStream();
  journey = await beginJourney(demo, folder);
  client = new DynamoDBClient(journey.platform.clientOptions);
}, 120_000);
afterAll(async () => {
  await journey?.end();
  demo?.remove();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** What the stack will call the table. */
function tableNameIn({ config, synthesis }: SynthesizedDemo): string {
  const { Resources } = JSON.parse(fs.readFileSync(synthesis.templatePath, 'utf8')) as {
    Resources: Record<string, { Type: string; Properties?: { StreamSpecification?: unknown } }>;
  };
  const [logicalId] =
    Object.entries(Resources).find(
      ([, { Type, Properties }]) => Type === 'AWS::DynamoDB::Table' && Properties?.StreamSpecification,
    ) ?? [];
  return `Millrace-${serviceName(config)}-${logicalId}`.toLowerCase();
}

/** The table had items before it had a stream. */
async function writeBeforeTheStream(): Promise<void> {
  const dynoxide = new DynoxideProcess(path.join(folder, 'cloud', 'dynamodb'), () => undefined);
  const endpoint = `http://127.0.0.1:${await dynoxide.port()}`;
  const direct = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  await direct.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'tournamentId', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'tournamentId', KeyType: 'HASH' }],
    }),
  );
  const items = ['old', 'changed', 'deleted', 'changed-while'].map((id) => aTournament(id, '1'));
  const tooLong = aTournament('too-long', '1', { notes: { S: 'x'.repeat(66_000) } });
  const precise = aTournament('precise', '12345678901234567890123456789012345678');
  for (const Item of [...items, tooLong, precise]) await direct.send(new PutItemCommand({ TableName, Item }));
  direct.destroy();
  await dynoxide.close();
}

const put = (id: string, round: string) => client.send(new PutItemCommand({ TableName, Item: aTournament(id, round) }));

async function startFill(input: object): Promise<string> {
  const states = new SFNClient(journey.platform.clientOptions);
  const stateMachineArn = journey.platform.output(stackOutputs.fillStateMachineArn);
  const { executionArn = '' } = await states.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return executionArn;
}

async function ended(executionArn: string): Promise<unknown> {
  await journey.platform.idle();
  const states = new SFNClient(journey.platform.clientOptions);
  const { status, error, cause } = await states.send(new DescribeExecutionCommand({ executionArn }));
  return { status, error, cause };
}

const latest = () =>
  journey.rows(`SELECT "_key", "_op", JSON_SERIALIZE(b."payload"."round") FROM "latest"."brackets" b ORDER BY 1`);
const key = (id: string) => JSON.stringify({ tournamentId: id });

test('given items that were never in the stream, when a fill runs beside it, then latest is the table', async () => {
  await put('changed', '2');
  await client.send(new DeleteItemCommand({ TableName, Key: { tournamentId: { S: 'deleted' } } }));
  const execution = await startFill({ dataset: 'brackets', id: 'first', kind: 'full' });
  await put('changed-while', '2');
  await put('new', '1');
  expect(await ended(execution)).toEqual({ status: 'SUCCEEDED' });
  expect(await latest()).toEqual([
    [key('changed'), 'update', '2'],
    [key('changed-while'), 'update', '2'],
    [key('new'), 'insert', '1'],
    [key('old'), 'snapshot', '1'],
    [key('precise'), 'snapshot', '12345678901234567890123456789012345678'],
  ]);
  const { datasets } = await journey.platform.summary();
  const brackets = datasets.find(({ dataset }) => dataset === 'brackets');
  expect(brackets && [agrees(brackets), brackets.quarantined]).toEqual([true, { STRING_TOO_LONG: 1 }]);
}, 120_000);

test('given a fill that has ended, when it is asked for again, then nothing is written twice', async () => {
  const before = await journey.rows('SELECT COUNT(*) FROM "raw"."brackets"');
  expect(await ended(await startFill({ dataset: 'brackets', id: 'first', kind: 'full' }))).toEqual({
    status: 'SUCCEEDED',
  });
  expect(await journey.rows('SELECT COUNT(*) FROM "raw"."brackets"')).toEqual(before);
}, 120_000);

test('given the local DynamoDB, when an incremental export is asked for, then it is refused and the dataset is free', async () => {
  const toSeconds = Math.floor(Date.now() / 1000) - 1;
  const window = { kind: 'incremental', fromSeconds: toSeconds - 3600, toSeconds };
  expect(await ended(await startFill({ dataset: 'brackets', id: 'window', ...window }))).toMatchObject({
    status: 'FAILED',
    cause: expect.stringContaining('keeps no history of its tables'),
  });
  expect(await ended(await startFill({ dataset: 'brackets', id: 'second', kind: 'full' }))).toMatchObject({
    status: 'SUCCEEDED',
  });
  expect(await latest()).toHaveLength(5);
}, 120_000);

test('given a gap in the stream, when an incremental export is converted, then only what differs is written', async () => {
  const keys = (id: string) => ({ tournamentId: { S: id } });
  const now = BigInt(Date.now()) * 1000n;
  const hour = 3_600_000_000n;
  const window = { kind: 'incremental', from: instantOf(now - hour), to: instantOf(now + 2n * hour) } as const;
  // `old` is as the snapshot has it, `new` was written before what the stream told, `lost` never came.
  const lines = [
    aChange(keys('old'), { newImage: aTournament('old', '1.0') }, now + hour),
    aChange(keys('new'), { newImage: aTournament('new', '0') }, now - hour),
    aChange(keys('changed'), { newImage: aTournament('changed', '3') }, now + hour),
    aChange(keys('lost'), { newImage: aTournament('lost', '1') }, now),
    aChange(keys('precise'), {}, now + hour),
  ];
  const eTagOf = (body: Uint8Array) => createHash('md5').update(body).digest('hex');
  const { objects, manifestKey, exportArn } = aTableExport(window, [lines], { eTagOf });
  const s3 = new S3Client({ ...journey.platform.clientOptions, forcePathStyle: true });
  const Bucket = journey.platform.output(stackOutputs.lakeBucketName);
  for (const [Key, Body] of objects) await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const exported = { exportArn, keyNames: ['tournamentId'] };
  const state = { dataset: 'brackets', id: 'gap', kind: 'incremental', export: exported, manifestKey };
  await convert({ ...state, group: { from: 0, to: 1 } });
  await journey.platform.idle();
  expect(await latest()).toEqual([
    [key('changed'), 'snapshot', '3'],
    [key('changed-while'), 'update', '2'],
    [key('lost'), 'snapshot', '1'],
    [key('new'), 'insert', '1'],
    [key('old'), 'snapshot', '1'],
  ]);
}, 120_000);

/** Asks the function as the state machine does. */
async function convert(state: object): Promise<void> {
  const { resources } = journey.platform.cloud;
  const found = resources.find(({ type, logicalId }) => /::Function$/.test(type) && /^FillConvert/.test(logicalId));
  const lambda = new LambdaClient(journey.platform.clientOptions);
  const FunctionName = found?.physical.ref ?? '';
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(state)) }),
  );
  expect([FunctionError, Buffer.from(Payload ?? []).toString('utf8')]).toEqual([
    undefined,
    JSON.stringify({ from: 1, to: 1, done: true }),
  ]);
}
