import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbStateTable } from '../../lambdas/aws/state-table.ts';
import { type SettledObject, type StateTable, settledNow } from '../../lib/pipeline/state-items.ts';
import { DynoxideProcess } from '../../local/cloud/dynamodb/dynoxide-process.ts';
import { MemoryStateTable } from '../factories/memory-state-table.ts';
import { aPendingObject, noon } from '../factories/pipeline.ts';

/** What both tables promise: the simulation stands on the second, the functions on the first. */
function contract(open: () => StateTable): void {
  const object = aPendingObject();
  const current = { lane: 'main', generation: 18 };
  const stale = { lane: 'main', generation: 17 };

  it('takes notes from the run that has the lane, and none from one that had it', async () => {
    const table = open();
    await table.openLane('main', 18);
    await table.addPending('main', object);

    await table.notePrepared('prod', 'new', current);
    await table.notePrepared('prod', 'old', stale);
    await table.noteModels('prod', [{ model: 'mart.a', definition: 'new', outcome: 'published' }], current);
    await table.noteModels('prod', [{ model: 'mart.a', definition: 'old', outcome: 'failed' }], stale);
    await table.markFailed(current, object, 'broken');
    await table.markFailed(stale, object, 'stale');
    await table.markFailed(current, { ...object, eTag: 'changed since' }, 'broken');

    expect(await table.preparedHash('prod')).toBe('new');
    expect(await table.models('prod')).toMatchObject([{ definition: 'new', outcome: 'published' }]);
    expect(await table.pending('main', 'brackets', 5)).toMatchObject([{ attempts: 1 }]);
  });

  it('forgets that a dataset was touched for the run that has the lane, unless it was touched again since', async () => {
    const table = open();
    await table.openLane('main', 18);
    const touched = { source: 'brackets', stamp: 'first' };
    await table.touch('main', touched);

    await table.clearTouched(stale, touched);
    await table.clearTouched(current, { ...touched, stamp: 'of before' });
    expect(await table.touched('main', 5)).toMatchObject([touched]);

    await table.clearTouched(current, touched);
    expect(await table.touched('main', 5)).toEqual([]);
  });

  it('notes as many models and touched sources at once as there are, from the run that has the lane', async () => {
    const table = open();
    await table.openLane('main', 18);
    const names = Array.from({ length: 120 }, (_, n) => `mart.m${String(n).padStart(3, '0')}`);
    const states = (definition: string) =>
      names.map((model) => ({ model, definition, outcome: 'published' as const, published: definition }));

    await table.noteModels('dev', states('new'), current);
    await table.noteModels('dev', states('old'), stale);
    const touches = names.map((source) => ({ source, stamp: 'first' }));
    await table.touchAll(current, 'slow', touches);
    await table.touchAll(stale, 'slow', [{ source: 'brackets', stamp: 'second' }]);

    expect(await table.models('dev')).toEqual(states('new'));
    expect(await table.touched('slow', 200)).toEqual(touches);
    expect(await table.touched('slow', 7)).toHaveLength(7);
    expect(await table.touched('main', 7)).toEqual([]);
  });

  it('tells what of a range of keys was mended or set aside, for good', async () => {
    const table = open();
    const of = async (key: string, outcome: SettledObject['outcome']) =>
      table.settle('main', { ...object, key }, settledNow({ eTag: `of ${key}`, outcome, loadId: 'one' }, noon));
    await of('1', 'setAside');
    await of('2', 'mended');
    await of('3', 'loaded');
    await of('4', 'setAside');
    await of('5', 'mended');

    expect(await table.withdrawn('brackets', { from: '2', to: '4' })).toEqual([
      { key: '2', eTag: 'of 2' },
      { key: '4', eTag: 'of 4' },
    ]);
    expect(await table.findSettled({ dataset: 'brackets', key: '2' })).not.toHaveProperty('expiresAtSeconds');
    expect(await table.findSettled({ dataset: 'brackets', key: '3' })).toHaveProperty('expiresAtSeconds');
  });
}

describe('the state table in memory', () => contract(() => new MemoryStateTable()));

describe('the state table in DynamoDB', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'state-table-'));
  const server = new DynoxideProcess(directory, () => undefined);
  let client: DynamoDBClient;

  beforeAll(async () => {
    const endpoint = `http://127.0.0.1:${await server.port()}`;
    client = new DynamoDBClient({
      endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    const [pk, sk] = ['pk', 'sk'];
    await client.send(
      new CreateTableCommand({
        TableName: 'state',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [pk, sk].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: [
          { AttributeName: pk, KeyType: 'HASH' },
          { AttributeName: sk, KeyType: 'RANGE' },
        ],
      }),
    );
  });
  afterAll(async () => {
    client.destroy();
    await server.close();
    fs.rmSync(directory, { recursive: true });
  });

  contract(() => dynamodbStateTable('state', client));
});
