import {
  type AttributeValue,
  type Delete,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type Update,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { stateKeys } from '../../lib/pipeline/state-items.ts';
import type { Holder } from '../../lib/pipeline/statements/fence.ts';
import { callService, ServiceError } from './service-error.ts';

type Item = Record<string, AttributeValue>;
type Scalar = string | number;
interface Key {
  readonly pk: string;
  readonly sk: string;
}
/** What must hold of the item that a write is for. */
interface Condition {
  readonly expression: string;
  readonly values?: Record<string, Scalar>;
  readonly names?: Record<string, string>;
}
/** A write of a run that has the lane, without the table's name. */
type HeldWrite =
  | { readonly Put: { readonly Item: Item } }
  | { readonly Update: Omit<Update, 'TableName'> }
  | { readonly Delete: Omit<Delete, 'TableName'> };

/** Items here are flat: text and whole numbers. */
export function marshal(values: Readonly<Record<string, Scalar>>): Item {
  const attribute = (value: Scalar): AttributeValue =>
    typeof value === 'number' ? { N: String(value) } : { S: value };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, attribute(value)]));
}

function unmarshal(item: Item): Record<string, Scalar | undefined> {
  return Object.fromEntries(Object.entries(item).map(([name, { N, S }]) => [name, N === undefined ? S : Number(N)]));
}

export type TableCalls = ReturnType<typeof tableCalls>;

/** The operations used, each with the one condition it may be refused by: then it answers undefined or false. */
export function tableCalls(table: string, client: DynamoDBClient) {
  return { ...reads(table, client), ...writes(table, client), ...heldWrites(table, client) };
}

function reads(TableName: string, client: DynamoDBClient) {
  const select = async (
    conditions: Pick<QueryCommandInput, 'KeyConditionExpression' | 'FilterExpression'>,
    values: Record<string, Scalar>,
    limit?: number,
  ) => {
    const items: Record<string, Scalar | undefined>[] = [];
    let ExclusiveStartKey: Item | undefined;
    do {
      const command = new QueryCommand({
        ...{ TableName, ...conditions, ConsistentRead: true, ExclusiveStartKey },
        ExpressionAttributeValues: marshal(values),
        ...(limit !== undefined && { Limit: limit - items.length }),
      });
      const page = await callService('dynamodb:Query', TableName, () => client.send(command));
      items.push(...(page.Items ?? []).map(unmarshal));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey && items.length < (limit ?? Number.POSITIVE_INFINITY));
    return items;
  };
  return {
    async get(key: Key) {
      const command = new GetItemCommand({ TableName, Key: marshal({ ...key }), ConsistentRead: true });
      const { Item } = await callService('dynamodb:GetItem', TableName, () => client.send(command));
      return Item && unmarshal(Item);
    },
    query: (pk: string, prefix: string, limit: number) =>
      select(
        { KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)' },
        { ':pk': pk, ':prefix': prefix },
        limit,
      ),
    /** Items of a part of the table, by a condition on the keys and maybe one on the rest. */
    select,
  };
}

function writes(TableName: string, client: DynamoDBClient) {
  return {
    async put(item: Record<string, Scalar>, condition?: Condition) {
      const command = new PutItemCommand({
        TableName,
        Item: marshal(item),
        ConditionExpression: condition?.expression,
        ExpressionAttributeNames: condition?.names,
        ExpressionAttributeValues: condition?.values && marshal(condition.values),
      });
      return unlessRefused(() => callService('dynamodb:PutItem', TableName, () => client.send(command)));
    },
    async update(
      key: Key,
      change: Pick<UpdateItemCommandInput, 'UpdateExpression' | 'ConditionExpression'>,
      values: Record<string, Scalar>,
    ) {
      const command = new UpdateItemCommand({
        TableName,
        Key: marshal({ ...key }),
        ...change,
        ExpressionAttributeValues: marshal(values),
        ReturnValues: 'ALL_NEW',
      });
      const result = await unlessRefused(() =>
        callService('dynamodb:UpdateItem', TableName, () => client.send(command)),
      );
      return result?.Attributes && unmarshal(result.Attributes);
    },
    async remove(key: Key, expression: string, values: Record<string, Scalar>) {
      const command = new DeleteItemCommand({
        TableName,
        Key: marshal({ ...key }),
        ConditionExpression: expression,
        ExpressionAttributeValues: marshal(values),
      });
      return unlessRefused(() => callService('dynamodb:DeleteItem', TableName, () => client.send(command)));
    },
  };
}

/** DynamoDB takes a hundred items in a transaction; one is the lane's. */
const writesOfATransaction = 99;

function heldWrites(TableName: string, client: DynamoDBClient) {
  return {
    /**
     * The writes, if the lane is at the holder's generation and their own conditions hold; otherwise nothing. More than a
     * transaction takes are several, one after the other: transactions on the lane's item at the same time cancel each other.
     */
    async whileHeld({ lane, generation }: Holder, ...writes: readonly HeldWrite[]) {
      const Key = marshal({ ...stateKeys.lane(lane) });
      const condition = {
        ConditionExpression: 'generation = :mine',
        ExpressionAttributeValues: marshal({ ':mine': generation }),
      };
      for (let start = 0; start < writes.length; start += writesOfATransaction) {
        const items = writes.slice(start, start + writesOfATransaction).map((write) => heldItem(TableName, write));
        const command = new TransactWriteItemsCommand({
          TransactItems: [{ ConditionCheck: { TableName, Key, ...condition } }, ...items],
        });
        await unlessRefused(() => callService('dynamodb:TransactWriteItems', TableName, () => client.send(command)));
      }
    },
  };
}

function heldItem(TableName: string, write: HeldWrite): TransactWriteItem {
  if ('Put' in write) return { Put: { TableName, ...write.Put } };
  if ('Update' in write) return { Update: { TableName, ...write.Update } };
  return { Delete: { TableName, ...write.Delete } };
}

async function unlessRefused<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ServiceError && isRefusal(error)) return undefined;
    throw error;
  }
}

/** A condition did not hold: of one write, or of a transaction and nothing else (a conflict, a throttle) went wrong in it. */
function isRefusal({ serviceCode, cause }: ServiceError): boolean {
  if (serviceCode === 'ConditionalCheckFailedException') return true;
  const reasons = cause instanceof TransactionCanceledException ? (cause.CancellationReasons ?? []) : [];
  const codes = new Set(reasons.map(({ Code }) => Code).filter((code) => code !== 'None'));
  return codes.size === 1 && codes.has('ConditionalCheckFailed');
}
