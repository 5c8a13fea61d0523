import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { dynamodbModule } from '../../local/cloud/dynamodb/index.ts';
import { kinesisModule } from '../../local/cloud/kinesis/index.ts';
import { sqsModule } from '../../local/cloud/sqs/index.ts';
import { streamsModule } from '../../local/cloud/streams/index.ts';
import { closeBenches } from './sources-bench.ts';
import { openSources } from './sources-under-fire.ts';

afterEach(closeBenches);

const root = path.join(import.meta.dirname, '../..');
const url = (file: string) => JSON.stringify(pathToFileURL(path.join(root, file)).href);

/** Writes to all three sources for ever, and says what was acknowledged. */
const writer = (directory: string) => `
  const [{ dynamodbModule }, { kinesisModule }, { sqsModule }, { streamsModule }, { openSources }] = await Promise.all([
    import(${url('local/cloud/dynamodb/index.ts')}), import(${url('local/cloud/kinesis/index.ts')}),
    import(${url('local/cloud/sqs/index.ts')}), import(${url('local/cloud/streams/index.ts')}),
    import(${url('test/cloud/sources-under-fire.ts')})]);
  const modules = [dynamodbModule, kinesisModule, sqsModule, streamsModule];
  const sources = await openSources(modules, ${JSON.stringify(directory)});
  for (let round = 0; ; round++) await sources.write(round, (line) => console.log(line));`;

async function writeUntilKilled(directory: string, lines: number): Promise<string[]> {
  const node = path.join(root, 'node_modules/.bin/node');
  const child = spawn(node, ['--input-type=module', '-e', writer(directory)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === lines) child.kill('SIGKILL');
  }
  return acknowledged;
}

test('after kill -9 every acknowledged record has been, or is still, delivered; in order, and hardly any twice', async () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-fire-'));
  const acknowledged = [...(await writeUntilKilled(directory, 60)), ...(await writeUntilKilled(directory, 90))];
  const { bench, delivered } = await openSources([dynamodbModule, kinesisModule, sqsModule, streamsModule], directory);
  await bench.idle(20_000);
  const seen = delivered();
  expect(acknowledged.filter((line) => !seen.includes(line))).toEqual([]);
  for (const source of ['table', 'stream']) {
    const lines = seen.filter((line) => line.startsWith(source));
    const firsts = lines.filter((line, index) => lines.indexOf(line) === index).map((line) => line.split(' ')[1]);
    expect(firsts).toEqual([...firsts].sort());
    // What was in the function at the kill is all that may come twice: a batch for each kill.
    expect(lines.length - firsts.length).toBeLessThanOrEqual(2 * 10);
  }
});
