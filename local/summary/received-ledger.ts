import fs from 'node:fs';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { openKinesisData } from '../../lib/pipeline/kinesis-aggregate.ts';
import type { ClientOptions } from '../front-door.ts';
import type { FrontDoor } from '../running.ts';
import { type Counted, countStream, countTableStream, nothingCounted } from './received.ts';

const ledgerFile = z.record(
  z.string(),
  z.object({ count: z.number(), lastSequenceNumbers: z.record(z.string(), z.string()) }),
);

/** User records in a Kinesis payload; one that is broken is still one that came in. */
function recordsIn(data: Uint8Array): number {
  const content = openKinesisData(data);
  return content.kind === 'aggregate' ? content.records.length : 1;
}

async function streamArnOf(options: ClientOptions, tableName: string): Promise<string> {
  const client = new DynamoDBClient(options);
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  client.destroy();
  return Table?.LatestStreamArn ?? '';
}

/**
 * How many records each source delivered, counted at the source. Streams forget after a day, so the count and how far it
 * went are kept in a file, and counting goes on from there.
 */
export class ReceivedLedger {
  readonly #file: string;
  readonly #doors: Readonly<Record<string, FrontDoor>>;
  readonly #options: ClientOptions;
  readonly #counters = new Map<string, () => Promise<number>>();
  readonly #counted: Record<string, Counted>;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(file: string, doors: Readonly<Record<string, FrontDoor>>, options: ClientOptions) {
    this.#file = file;
    this.#doors = doors;
    this.#options = options;
    this.#counted = fs.existsSync(file) ? ledgerFile.parse(JSON.parse(fs.readFileSync(file, 'utf8'))) : {};
  }

  /** For a source that only its owner can count. */
  countBy(dataset: string, count: () => Promise<number>): void {
    this.#counters.set(dataset, count);
  }

  /** Undefined where nobody can say: an API of somebody else. One count at a time, or records would count twice. */
  received(dataset: string): Promise<number | undefined> {
    const next = this.#turn.then(() => this.#count(dataset));
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async #count(dataset: string): Promise<number | undefined> {
    const counter = this.#counters.get(dataset);
    const door = this.#doors[dataset];
    if (counter) return counter();
    if (!door || door.kind === 'rest') return undefined;
    const from = this.#counted[dataset] ?? nothingCounted;
    const counted =
      door.kind === 'kinesis'
        ? await countStream(this.#options, door.streamName, recordsIn, from)
        : await countTableStream(this.#options, await streamArnOf(this.#options, door.tableName), from);
    this.#counted[dataset] = counted;
    fs.writeFileSync(`${this.#file}.next`, JSON.stringify(this.#counted));
    fs.renameSync(`${this.#file}.next`, this.#file);
    return counted.count;
  }
}
