import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { BusEvent, CloudModule } from '../../local/cloud/resource.ts';
import { clientOf, writeStack } from './stack-on-disk.ts';

const root = join(import.meta.dirname, '../..');
const url = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href);

/** Puts objects under a few keys for ever, and says which it was told are stored. Its bus never answers. */
const writer = (templatePath: string, directory: string) => `
  import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
  const { startCloud } = await import(${url('local/cloud/cloud.ts')});
  const bus = { signingName: 'events', handle: async () => ({ status: 200 }), deliver: () => new Promise(() => {}) };
  const cloud = await startCloud({
    templatePath: ${JSON.stringify(templatePath)}, assetsDirectory: ${JSON.stringify(directory)}, port: 0,
    stateDirectory: ${JSON.stringify(join(directory, 'state'))}, modules: [{ resourceTypes: [], openServices: async () => [bus] }],
  });
  const { endpoint, region, credentials } = cloud;
  const s3 = new S3Client({ endpoint, region, credentials });
  for (let round = 0; ; round++) {
    await Promise.all(['a', 'b', 'c'].map(async (Key) => {
      await s3.send(new PutObjectCommand({ Bucket: cloud.outputs.Lake, Key, Body: String(round).repeat(20_000) }));
      console.log(Key + ' ' + round);
    }));
  }`;

async function writeUntilKilled(child: ChildProcess, lines: number): Promise<Map<string, number>> {
  const acknowledged = new Map<string, number>();
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const [key = '', round] = line.split(' ');
    acknowledged.set(key, Number(round));
    seen += 1;
    if (seen === lines) child.kill('SIGKILL');
  }
  return acknowledged;
}

test('kill -9 leaves every acknowledged object whole, and its event still to come', async () => {
  const events = { NotificationConfiguration: { EventBridgeConfiguration: {} } };
  const stack = writeStack({
    Resources: { Lake: { Type: 'AWS::S3::Bucket', Properties: events } },
    Outputs: { Lake: { Value: { Ref: 'Lake' } } },
  });
  const script = writer(stack.templatePath, stack.directory);
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const acknowledged = await writeUntilKilled(child, 100);
  await closed;
  expect(acknowledged.size).toBe(3);

  const delivered: BusEvent[] = [];
  const bus = {
    signingName: 'events',
    handle: async () => ({ status: 200 }),
    deliver: async (event: BusEvent) => void delivered.push(event),
  };
  const busModule: CloudModule = { resourceTypes: [], openServices: async () => [bus] };
  const cloud = await stack.start({ modules: [busModule] });
  const s3 = new S3Client(clientOf(cloud));
  for (const [Key, round] of acknowledged) {
    const answer = await s3.send(new GetObjectCommand({ Bucket: cloud.outputs.Lake, Key }));
    const text = (await answer.Body?.transformToString()) ?? '';
    const stored = [round, round + 1].find((candidate) => text === String(candidate).repeat(20_000));
    expect(stored).toBeDefined();
  }
  await cloud.idle();
  const told = delivered.map(({ detail }) => (detail.object as { key: string }).key).sort();
  await cloud.close();
  stack.remove();
  expect(told).toEqual(['a', 'b', 'c']);
});
