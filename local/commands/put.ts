import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { putItems, putRecords } from '../front-door.ts';
import { type FrontDoor, type RunningInstance, requireRunning } from '../running.ts';
import { unknownDataset } from './dataset.ts';
import { readLines } from './input.ts';

function frontDoorOf(instance: RunningInstance, dataset: string): FrontDoor {
  const door = instance.frontDoors[dataset];
  if (door) return door;
  throw unknownDataset('the running pipeline', dataset, Object.keys(instance.frontDoors));
}

/** A table takes objects only, so a line that is not one is refused here, with its number; a stream takes any bytes. */
function objectTexts(lines: readonly Buffer[]): string[] {
  return lines.map((line, index) => {
    const text = line.toString('utf8');
    try {
      const value = JSON.parse(text) as unknown;
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) return text;
    } catch (cause) {
      throw new MillraceError('NOT_JSON', `line ${index + 1} is not JSON: ${(cause as Error).message}`, { cause });
    }
    throw new MillraceError('NOT_AN_OBJECT', `line ${index + 1} is JSON, but not an object`);
  });
}

/** One call a line; a line that is refused says which it was, and that those before it are in. */
async function oneByOne(texts: readonly string[], send: (text: string) => Promise<void>): Promise<void> {
  for (const [index, text] of texts.entries()) {
    try {
      await send(text);
    } catch (cause) {
      const before = index > 0 ? ` (the ${index} before it are in)` : '';
      throw new MillraceError('REFUSED', `line ${index + 1} was refused: ${(cause as Error).message}${before}`, {
        cause,
      });
    }
  }
}

type RestDoor = Extract<FrontDoor, { kind: 'rest' }>;

async function post(door: RestDoor, texts: readonly string[]): Promise<void> {
  const { url, token } = door;
  if (!url) {
    throw new MillraceError('PULLED', 'this dataset is pulled from a REST API of somebody else: put the rows in there');
  }
  await oneByOne(texts, async (body) => {
    const response = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body });
    if (!response.ok)
      throw new MillraceError('REFUSED', `${url} answered ${response.status}: ${await response.text()}`);
  });
}

/** `millrace put`: sends each line through the door that the source's own systems use. */
export async function put(dataset: string, file: string, options: { stateDirectory: string }): Promise<void> {
  const instance = requireRunning(options.stateDirectory);
  const door = frontDoorOf(instance, dataset);
  const lines = await readLines(file);
  const clientOptions = { endpoint: instance.endpoint, region: instance.region, credentials: instance.credentials };
  if (door.kind === 'dynamodb') {
    const client = new DynamoDBClient(clientOptions);
    await oneByOne(objectTexts(lines), (text) => putItems(client, door.tableName, [text]));
  } else if (door.kind === 'kinesis') {
    const records = lines.map((data) => ({ data, partitionKey: randomUUID() }));
    await putRecords(new KinesisClient(clientOptions), door.streamName, records);
  } else {
    await post(door, objectTexts(lines));
  }
  process.stdout.write(`${lines.length} ${lines.length === 1 ? 'record' : 'records'} put into ${dataset}\n`);
}
