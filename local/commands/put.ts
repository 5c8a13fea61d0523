import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { putItems, putRecords } from '../front-door.ts';
import { type FrontDoor, type RunningInstance, requireRunning } from '../running.ts';
import { readLines } from './input.ts';

function frontDoorOf(instance: RunningInstance, dataset: string): FrontDoor {
  const door = instance.frontDoors[dataset];
  if (door) return door;
  const known = Object.keys(instance.frontDoors).join(', ');
  throw new MillraceError('UNKNOWN_DATASET', `there is no dataset ${JSON.stringify(dataset)}: one of ${known}`);
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

async function post(door: { url?: string | undefined; token?: string | undefined }, texts: string[]): Promise<void> {
  if (!door.url) {
    throw new MillraceError('PULLED', 'this dataset is pulled from a REST API of somebody else: put the rows in there');
  }
  for (const text of texts) {
    const response = await fetch(door.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${door.token}` },
      body: text,
    });
    if (!response.ok)
      throw new MillraceError('REFUSED', `${door.url} answered ${response.status}: ${await response.text()}`);
  }
}

/** `millrace put`: sends each line through the door that the source's own systems use. */
export async function put(dataset: string, file: string, options: { stateDirectory: string }): Promise<void> {
  const instance = requireRunning(options.stateDirectory);
  const door = frontDoorOf(instance, dataset);
  const lines = await readLines(file);
  const clientOptions = { endpoint: instance.endpoint, region: instance.region, credentials: instance.credentials };
  if (door.kind === 'dynamodb') {
    await putItems(new DynamoDBClient(clientOptions), door.tableName, objectTexts(lines));
  } else if (door.kind === 'kinesis') {
    const records = lines.map((data) => ({ data, partitionKey: randomUUID() }));
    await putRecords(new KinesisClient(clientOptions), door.streamName, records);
  } else {
    await post(door, objectTexts(lines));
  }
  process.stdout.write(`${lines.length} ${lines.length === 1 ? 'record' : 'records'} put into ${dataset}\n`);
}
