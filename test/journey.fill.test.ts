import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { stackOutputs } from '../lib/pipeline/outputs.ts';
import { DynamoDbService } from '../local/cloud/dynamodb/dynamodb-service.ts';
import { beginJourney, type Journey, type SynthesizedDemo, synthesizeDemo } from './factories/journey.ts';

let demo: SynthesizedDemo;
let journey: Journey;
let folder: string;
beforeAll(async () => {
  demo = await synthesizeDemo();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-fill-'));
  journey = await beginJourney(demo, folder);
}, 60_000);
afterAll(async () => {
  await journey?.end();
  demo?.remove();
  fs.rmSync(folder, { recursive: true, force: true });
});

async function runFill(input: object): Promise<{ status: string | undefined; error: string | undefined }> {
  const { platform } = journey;
  const states = new SFNClient(platform.clientOptions);
  const stateMachineArn = platform.output(stackOutputs.fillStateMachineArn);
  const { executionArn } = await states.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  await platform.idle();
  const { status, error } = await states.send(new DescribeExecutionCommand({ executionArn }));
  return { status, error };
}

test('items that were never in the stream are filled in, and the stream wins over them', async () => {
  const { platform } = journey;
  console.log(Object.keys(platform.cloud), DynamoDbService.name);
  const client = new DynamoDBClient(platform.clientOptions);
  const TableName = platform.output('BracketsTableName');
  await client.send(new PutItemCommand({ TableName, Item: { tournamentId: { S: 't-1' }, round: { N: '1' } } }));
  await platform.idle();
  expect(await runFill({ dataset: 'brackets', id: 'first', kind: 'full' })).toEqual({ status: 'SUCCEEDED' });
  await client.send(new DeleteItemCommand({ TableName, Key: { tournamentId: { S: 't-1' } } }));
  await platform.idle();
  console.log(await journey.rows('select _key, _op, _position from raw.brackets'));
}, 120_000);
