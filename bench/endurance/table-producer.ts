import { BatchWriteItemCommand, DeleteItemCommand, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { ClientOptions } from '../../local/front-door.ts';
import { Random } from '../../test/simulation/random.ts';
import { sendSurely } from './sending.ts';
import { itemOf, keyOf, prizeOf } from './table-items.ts';

/** How a key stands after its last write. `version` is the last that can be loaded; 0 before the first. */
export interface KeyState {
  /** What `latest` must hold: that version, or nothing. */
  version: number;
  isThere: boolean;
  /** What the table itself holds: an item that cannot be loaded is there as well. */
  isInTable: boolean;
  /** Changes that the table's stream must tell at least. */
  changes: number;
}

type Write = { readonly key: number; readonly version: number; readonly kind: 'put' | 'bad' | 'update' | 'delete' };

/** The most that BatchWriteItem takes. */
const writesOfABatch = 25;
const writers = 4;
const keysOfAWriter = 500;

/**
 * Writes to the table, each key by one writer alone and one write at a time, so that the last write is known. A write without an
 * answer is sent again: it is of a version, so it leaves the same item however often it is carried out.
 */
export class TableProducer {
  readonly count: number;
  readonly keys: readonly KeyState[];
  readonly #poison: number;
  readonly #seed: number;
  #begun = 0;
  sent = 0;
  /** Writes that were sent again after an attempt without an answer, each time counted: as many more changes the stream may tell. */
  repeatedWrites = 0;

  constructor(options: { count: number; seed: number; poison: number }) {
    this.count = options.count;
    this.#seed = options.seed;
    this.#poison = options.poison;
    const untouched = (): KeyState => ({ version: 0, isThere: false, isInTable: false, changes: 0 });
    this.keys = Array.from({ length: writers * keysOfAWriter }, untouched);
  }

  async run(options: ClientOptions, tableName: string, pace: () => Promise<void>): Promise<void> {
    const client = new DynamoDBClient({ ...options, maxAttempts: 1 });
    await Promise.all(Array.from({ length: writers }, (_, writer) => this.#work(client, tableName, writer, pace)));
    client.destroy();
  }

  async #work(client: DynamoDBClient, TableName: string, writer: number, pace: () => Promise<void>): Promise<void> {
    const random = new Random(this.#seed * writers + writer);
    while (this.#begun < this.count) {
      await pace();
      const batch = this.#plan(random, writer, writesOfABatch, ['put', 'put', 'put', 'put', 'delete']);
      await this.#send(batch, () => client.send(batchCommand(TableName, batch)));
      for (const write of this.#plan(random, writer, 2, ['update', 'update', 'delete'])) {
        await this.#send([write], () => client.send(singleCommand(TableName, write)));
      }
    }
  }

  /** Writes to as many keys, each another. */
  #plan(random: Random, writer: number, most: number, kinds: readonly ('put' | 'update' | 'delete')[]): Write[] {
    const keys = new Set<number>();
    while (keys.size < Math.min(most, this.count - this.#begun)) {
      keys.add(writer * keysOfAWriter + random.between(0, keysOfAWriter - 1));
    }
    return [...keys].map((key) => {
      this.#begun += 1;
      const kind = kinds[random.between(0, kinds.length - 1)] ?? 'put';
      return { key, version: this.#begun, kind: kind === 'put' && random.chance(this.#poison) ? 'bad' : kind };
    });
  }

  async #send(writes: readonly Write[], send: () => Promise<unknown>): Promise<void> {
    if (writes.length === 0) return;
    const { unanswered } = await sendSurely(async () => {
      const answer = (await send()) as { UnprocessedItems?: object };
      if (Object.keys(answer.UnprocessedItems ?? {}).length > 0) throw new Error('some items were not processed');
    });
    this.repeatedWrites += unanswered * writes.length;
    for (const write of writes) this.#note(write);
    this.sent += writes.length;
  }

  #note({ key, version, kind }: Write): void {
    const state = this.keys[key];
    if (!state) return;
    if (kind !== 'delete' || state.isInTable) state.changes += 1;
    state.isInTable = kind !== 'delete';
    if (kind === 'delete') state.isThere = false;
    else if (kind !== 'bad') Object.assign(state, { version, isThere: true });
  }
}

function batchCommand(tableName: string, writes: readonly Write[]): BatchWriteItemCommand {
  const requests = writes.map(({ key, version, kind }) =>
    kind === 'delete'
      ? { DeleteRequest: { Key: keyOf(key) } }
      : { PutRequest: { Item: itemOf(key, version, kind === 'bad') } },
  );
  return new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } });
}

function singleCommand(TableName: string, { key, version, kind }: Write): DeleteItemCommand | UpdateItemCommand {
  if (kind === 'delete') return new DeleteItemCommand({ TableName, Key: keyOf(key) });
  return new UpdateItemCommand({
    TableName,
    Key: keyOf(key),
    UpdateExpression: 'SET version = :version, #status = :status, prize = :prize REMOVE notes',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':version': { N: String(version) },
      ':status': { S: `v${version}` },
      ':prize': { N: prizeOf(version) },
    },
  });
}
