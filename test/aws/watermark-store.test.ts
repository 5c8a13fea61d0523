import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbWatermarkStore, type WatermarkStore } from '../../lambdas/aws/watermark-store.ts';
import { MemoryWatermarks } from '../factories/memory-watermarks.ts';

/** dynoxide, a DynamoDB for laptops; undefined where no build of it exists for this machine. */
function dynoxide(): string | undefined {
  try {
    return require.resolve('@dynoxide/linux-x64/dynoxide');
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function createStateTable(client: DynamoDBClient, deadline: number): Promise<void> {
  const command = new CreateTableCommand({
    TableName: 'state',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  });
  for (;;) {
    try {
      await client.send(command);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await setTimeout(20);
    }
  }
}

/** What both stores promise: the tests of the extractor stand on the second, the functions on the first. */
function contract(open: () => WatermarkStore): void {
  test('knows nothing of a dataset at first, then what was written', async () => {
    const store = open();
    expect(await store.read('fresh')).toBeUndefined();
    const progress = {
      watermark: '2026-11-20T10:00:00Z',
      pull: 1,
      seen: ['p é'],
      chain: { cursor: 'c', isAscending: true, lastPosition: '' },
    };
    expect(await store.write('fresh', progress, 0)).toBe('written');
    expect(await store.read('fresh')).toEqual(progress);
  });

  test('lets one of two writers go on, whoever comes first', async () => {
    const store = open();
    await store.write('busy', { pull: 1, seen: [] }, 0);
    const outcomes = await Promise.all(
      ['a', 'b'].map((watermark) => store.write('busy', { watermark, pull: 2, seen: [] }, 1)),
    );
    expect(outcomes.sort()).toEqual(['overtaken', 'written']);
    expect(await store.write('busy', { pull: 2, seen: [] }, 1)).toBe('overtaken');
  });
}

describe('the memory store', () => {
  const store = new MemoryWatermarks();
  contract(() => store);
});

const binary = dynoxide();
(binary ? describe : describe.skip)('the DynamoDB store', () => {
  let server: ChildProcess;
  let client: DynamoDBClient;

  beforeAll(async () => {
    const port = await freePort();
    server = spawn(binary as string, ['--port', String(port)], { stdio: 'ignore' });
    client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    });
    await createStateTable(client, Date.now() + 10_000);
  });
  afterAll(async () => {
    client.destroy();
    server.kill();
    await new Promise((resolve) => server.once('exit', resolve));
  });

  contract(() => dynamodbWatermarkStore('state', client));

  test('names the action and the table when a call fails', async () => {
    const store = dynamodbWatermarkStore('absent', client);
    await expect(store.read('x')).rejects.toMatchObject({
      retryable: false,
      message: expect.stringMatching(/^dynamodb:GetItem on absent: /),
    });
  });
});
