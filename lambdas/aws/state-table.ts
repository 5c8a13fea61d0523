import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import {
  type DatabaseTable,
  type InboxTable,
  laneState,
  modelState,
  pendingObject,
  type StateTable,
  stateKeys,
} from '../../lib/pipeline/state-items.ts';
import { callService, ServiceError } from './service-error.ts';

type Item = Record<string, AttributeValue>;
type Scalar = string | number;
interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Items here are flat: text and whole numbers. */
function marshal(values: Readonly<Record<string, Scalar>>): Item {
  const attribute = (value: Scalar): AttributeValue =>
    typeof value === 'number' ? { N: String(value) } : { S: value };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, attribute(value)]));
}

function unmarshal(item: Item): Record<string, Scalar | undefined> {
  return Object.fromEntries(Object.entries(item).map(([name, { N, S }]) => [name, N === undefined ? S : Number(N)]));
}

/** The state table in DynamoDB. Failures are ServiceErrors, except conditions, which are answers. */
export function dynamodbStateTable(table: string, client: DynamoDBClient): StateTable {
  const calls = tableCalls(table, client);
  return { ...inbox(calls), ...lanes(calls), ...databases(calls) };
}

export type TableCalls = ReturnType<typeof tableCalls>;

/** The operations used, each with the one condition it may be refused by: then it answers undefined or false. */
export function tableCalls(TableName: string, client: DynamoDBClient) {
  return {
    async get(key: Key) {
      const command = new GetItemCommand({ TableName, Key: marshal({ ...key }), ConsistentRead: true });
      const { Item } = await callService('dynamodb:GetItem', TableName, () => client.send(command));
      return Item && unmarshal(Item);
    },
    async put(item: Record<string, Scalar>, condition?: { expression: string; values?: Record<string, Scalar> }) {
      const command = new PutItemCommand({
        TableName,
        Item: marshal(item),
        ConditionExpression: condition?.expression,
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
    async query(pk: string, prefix: string, limit: number) {
      const items: Record<string, Scalar | undefined>[] = [];
      let ExclusiveStartKey: Item | undefined;
      do {
        const command = new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: marshal({ ':pk': pk, ':prefix': prefix }),
          ConsistentRead: true,
          Limit: limit - items.length,
          ExclusiveStartKey,
        });
        const page = await callService('dynamodb:Query', TableName, () => client.send(command));
        items.push(...(page.Items ?? []).map(unmarshal));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey && items.length < limit);
      return items;
    },
  };
}

async function unlessRefused<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ServiceError && error.serviceCode === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
}

function inbox({
  put,
  query,
  remove,
  update,
}: TableCalls): Pick<InboxTable, 'addPending' | 'pending' | 'removePending' | 'markFailed'> {
  return {
    async addPending(lane, object) {
      const isNew = { expression: 'attribute_not_exists(pk) OR eTag <> :eTag', values: { ':eTag': object.eTag } };
      return (await put({ ...stateKeys.pending(lane, object), ...object }, isNew)) ? 'added' : 'known';
    },
    async pending(lane, dataset, limit) {
      const { pk, sk } = stateKeys.pending(lane, { dataset, key: '' });
      return (await query(pk, sk, limit)).map((item) => pendingObject.parse(item));
    },
    async removePending(lane, object) {
      await remove(stateKeys.pending(lane, object), 'eTag = :eTag', { ':eTag': object.eTag });
    },
    async markFailed(lane, object, reason) {
      const change = {
        UpdateExpression: 'SET attempts = attempts + :one, lastReason = :reason',
        ConditionExpression: 'eTag = :eTag',
      };
      await update(stateKeys.pending(lane, object), change, { ':one': 1, ':reason': reason, ':eTag': object.eTag });
    },
  };
}

function lanes({
  get,
  put,
  update,
}: TableCalls): Pick<InboxTable, 'readLane' | 'openLane' | 'takeLane' | 'advanceLane'> {
  return {
    async readLane(lane) {
      const item = await get(stateKeys.lane(lane));
      return item && laneState.parse(item);
    },
    async openLane(lane, generation) {
      const item = { ...stateKeys.lane(lane), generation, deadRuns: 0, deadAtMilliseconds: 0 };
      await put(item, { expression: 'attribute_not_exists(pk)' });
    },
    async takeLane(lane, generation) {
      const change = { UpdateExpression: 'SET running = :mine', ConditionExpression: 'generation = :mine' };
      const item = await update(stateKeys.lane(lane), change, { ':mine': generation });
      return item && laneState.parse(item);
    },
    async advanceLane(lane, from, { deadRuns, deadAtMilliseconds }) {
      const change = {
        UpdateExpression: 'SET generation = :next, deadRuns = :dead, deadAtMilliseconds = :deadAt REMOVE running',
        ConditionExpression: 'generation = :from',
      };
      const values = { ':next': from + 1, ':from': from, ':dead': deadRuns, ':deadAt': deadAtMilliseconds };
      return (await update(stateKeys.lane(lane), change, values)) !== undefined;
    },
  };
}

/** More models than a database has. */
const modelsAtMost = 10_000;

function databases({ get, put, query }: TableCalls): DatabaseTable {
  return {
    async preparedHash(database) {
      const item = await get(stateKeys.prepared(database));
      return item?.hash === undefined ? undefined : String(item.hash);
    },
    async notePrepared(database, hash) {
      await put({ ...stateKeys.prepared(database), hash });
    },
    async models(database) {
      const { pk, sk } = stateKeys.model(database, '');
      return (await query(pk, sk, modelsAtMost)).map((item) => modelState.parse(item));
    },
    async noteModel(database, state) {
      await put({ ...stateKeys.model(database, state.model), ...state });
    },
  };
}
