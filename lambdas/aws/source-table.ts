import { setTimeout } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchGetItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ScanCommand,
  type ScanCommandInput,
} from '@aws-sdk/client-dynamodb';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { KeyTypes, WireItem } from '../../lib/pipeline/source-item.ts';
import { callService } from './service-error.ts';

/** A part of a table, in the order of a scan. */
export interface Scan {
  /** Where the page before ended, as it said; absent: from the beginning. */
  readonly cursor?: string | undefined;
  /** One of so many parts; absent: the whole. */
  readonly segment?: { readonly number: number; readonly of: number };
  readonly limit?: number;
}

/** A DynamoDB table that is read as a whole, beside its stream. Failures are ServiceErrors. */
export interface SourceTable {
  keyTypes(): Promise<KeyTypes>;
  /** Counts a page of at most 1 MB; the last one has no cursor. */
  count(scan: Scan): Promise<{ readonly count: number; readonly cursor: string | undefined }>;
  page(scan: Scan): Promise<{ readonly items: readonly WireItem[]; readonly cursor: string | undefined }>;
  /** Those of the keys that are there: whole, or their key attributes only. */
  byKeys(keys: readonly WireItem[], what: 'items' | 'keys'): Promise<WireItem[]>;
}

type Item = Record<string, AttributeValue>;

/** BatchGetItem takes so many keys. */
const keysAtATime = 100;
const triesAtMost = 8;
const firstPauseMilliseconds = 50;

/** Reads are eventually consistent, at half the price: what was written in the last minutes is the stream's to bring. */
export function dynamodbSourceTable(TableName: string, client: DynamoDBClient): SourceTable {
  const scan = async (part: Scan, more: Partial<ScanCommandInput>) => {
    const command = new ScanCommand({
      TableName,
      Limit: part.limit,
      ...(part.segment && { Segment: part.segment.number, TotalSegments: part.segment.of }),
      ...(part.cursor && { ExclusiveStartKey: fromWire(JSON.parse(part.cursor) as WireItem) }),
      ...more,
    });
    const answer = await callService('dynamodb:Scan', TableName, () => client.send(command));
    const { LastEvaluatedKey: last } = answer;
    return { ...answer, cursor: last && JSON.stringify(toWire(last)) };
  };
  return {
    keyTypes: () => keyTypesOf(TableName, client),
    async count(part) {
      const { Count = 0, cursor } = await scan(part, { Select: 'COUNT' });
      return { count: Count, cursor };
    },
    async page(part) {
      const { Items = [], cursor } = await scan(part, {});
      return { items: Items.map(toWire), cursor };
    },
    async byKeys(keys, what) {
      const found: WireItem[] = [];
      for (let start = 0; start < keys.length; start += keysAtATime) {
        const some = keys.slice(start, start + keysAtATime).map(fromWire);
        found.push(...(await batchGet(TableName, client, some, what)).map(toWire));
      }
      return found;
    },
  };
}

async function keyTypesOf(TableName: string, client: DynamoDBClient): Promise<KeyTypes> {
  const command = new DescribeTableCommand({ TableName });
  const { Table } = await callService('dynamodb:DescribeTable', TableName, () => client.send(command));
  const types = new Map(Table?.AttributeDefinitions?.map((one) => [one.AttributeName, one.AttributeType]));
  const names = Table?.KeySchema?.map(({ AttributeName = '' }) => AttributeName) ?? [];
  return Object.fromEntries(names.map((name) => [name, types.get(name) ?? 'S']));
}

/** Asks again for what the table had no capacity for. */
async function batchGet(
  table: string,
  client: DynamoDBClient,
  keys: readonly Item[],
  what: 'items' | 'keys',
): Promise<Item[]> {
  const names = Object.keys(keys[0] ?? {});
  const projection = {
    ProjectionExpression: names.map((_name, index) => `#key${index}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#key${index}`, name])),
  };
  const found: Item[] = [];
  let left = [...keys];
  for (let number = 1; left.length > 0; number += 1) {
    if (number > triesAtMost) {
      const message = `${table} left ${left.length} keys unread ${triesAtMost} times`;
      throw new MillraceError('SOURCE_TOO_BUSY', message, { retryable: true });
    }
    if (number > 1) await setTimeout(firstPauseMilliseconds * 2 ** number);
    const request = { Keys: left, ...(what === 'keys' && projection) };
    const command = new BatchGetItemCommand({ RequestItems: { [table]: request } });
    const answer = await callService('dynamodb:BatchGetItem', table, () => client.send(command));
    found.push(...(answer.Responses?.[table] ?? []));
    left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return found;
}

/** The SDK gives binary as bytes; the wire, and a stream's event, have base64. */
function toWire(item: object): WireItem {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, wireValue(value)]));
}

function wireValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(wireValue);
  return value !== null && typeof value === 'object' ? toWire(value) : value;
}

/** Keys only: their attributes do not nest. */
function fromWire(item: WireItem): Item {
  const attribute = (value: unknown): unknown => {
    const { B } = value as { readonly B?: string };
    return B === undefined ? value : { B: Buffer.from(B, 'base64') };
  };
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attribute(value)])) as Item;
}
