import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type Update,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { type ReloadTable, reloadProgress } from '../../lib/pipeline/reload.ts';
import {
  type DatabaseTable,
  type InboxTable,
  laneState,
  modelState,
  pendingObject,
  type StateTable,
  settledObject,
  stateKeys,
  touchedDataset,
} from '../../lib/pipeline/state-items.ts';
import type { Holder } from '../../lib/pipeline/statements/fence.ts';
import { callService, ServiceError } from './service-error.ts';

type Item = Record<string, AttributeValue>;
type Scalar = string | number;
interface Key {
  readonly pk: string;
  readonly sk: string;
}
/** A write of a run that has the lane, without the table's name. */
type HeldWrite = { readonly Put: { readonly Item: Item } } | { readonly Update: Omit<Update, 'TableName'> };

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
export function dynamodbStateTable(table: string, client: DynamoDBClient): StateTable & ReloadTable {
  const calls = tableCalls(table, client);
  return { ...inbox(calls), ...lanes(calls), ...touches(calls), ...reloads(calls), ...databases(calls) };
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
    /** The write, if the lane is at the holder's generation and the write's own condition holds; otherwise nothing. */
    async whileHeld({ lane, generation }: Holder, write: HeldWrite) {
      const Key = marshal({ ...stateKeys.lane(lane) });
      const condition = {
        ConditionExpression: 'generation = :mine',
        ExpressionAttributeValues: marshal({ ':mine': generation }),
      };
      const command = new TransactWriteItemsCommand({
        TransactItems: [
          { ConditionCheck: { TableName, Key, ...condition } },
          'Put' in write ? { Put: { TableName, ...write.Put } } : { Update: { TableName, ...write.Update } },
        ],
      });
      await unlessRefused(() => callService('dynamodb:TransactWriteItems', TableName, () => client.send(command)));
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

function inbox({
  get,
  put,
  query,
  remove,
  update,
  whileHeld,
}: TableCalls): Pick<
  InboxTable,
  'addPending' | 'pending' | 'findPending' | 'findSettled' | 'settle' | 'limitLoad' | 'markFailed'
> {
  return {
    async addPending(lane, object) {
      const isNew = { expression: 'attribute_not_exists(pk) OR eTag <> :eTag', values: { ':eTag': object.eTag } };
      return (await put({ ...stateKeys.pending(lane, object), ...object }, isNew)) ? 'added' : 'known';
    },
    async pending(lane, dataset, limit) {
      const { pk, sk } = stateKeys.pending(lane, { dataset, key: '' });
      return (await query(pk, sk, limit)).map((item) => pendingObject.parse(item));
    },
    async findPending(lane, object) {
      const item = await get(stateKeys.pending(lane, object));
      return item && pendingObject.parse(item);
    },
    async findSettled(object) {
      const item = await get(stateKeys.settled(object));
      return item && settledObject.parse(item);
    },
    async settle(lane, object, settled) {
      await put({ ...stateKeys.settled(object), ...settled });
      await remove(stateKeys.pending(lane, object), 'eTag = :eTag', { ':eTag': settled.eTag });
    },
    async limitLoad(lane, object, loadObjectsAtMost) {
      const change = { UpdateExpression: 'SET loadObjectsAtMost = :most', ConditionExpression: 'eTag = :eTag' };
      await update(stateKeys.pending(lane, object), change, { ':most': loadObjectsAtMost, ':eTag': object.eTag });
    },
    async markFailed(holder, object, reason) {
      const Update = {
        Key: marshal({ ...stateKeys.pending(holder.lane, object) }),
        UpdateExpression: 'SET attempts = attempts + :one, lastReason = :reason',
        ConditionExpression: 'eTag = :eTag',
        ExpressionAttributeValues: marshal({ ':one': 1, ':reason': reason, ':eTag': object.eTag }),
      };
      await whileHeld(holder, { Update });
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

/** More datasets than a stack has. */
const datasetsAtMost = 10_000;

function touches({ put, query, remove }: TableCalls): Pick<InboxTable, 'touch' | 'touched' | 'clearTouched'> {
  return {
    async touch(lane, touched) {
      await put({ ...stateKeys.touched(lane, touched.dataset), ...touched });
    },
    async touched(lane) {
      const { pk, sk } = stateKeys.touched(lane, '');
      return (await query(pk, sk, datasetsAtMost)).map((item) => touchedDataset.parse(item));
    },
    async clearTouched(lane, { dataset, stamp }) {
      await remove(stateKeys.touched(lane, dataset), 'stamp = :stamp', { ':stamp': stamp });
    },
  };
}

function reloads({ get, put }: TableCalls): ReloadTable {
  return {
    async readReload(of) {
      const item = await get(stateKeys.reload(of));
      return item && reloadProgress.parse(item);
    },
    async noteReload(progress) {
      const isOurs = {
        expression: 'attribute_not_exists(pk) OR generation <= :mine',
        values: { ':mine': progress.generation },
      };
      return (await put({ ...stateKeys.reload(progress), ...progress }, isOurs)) !== undefined;
    },
  };
}

/** More models than a database has. */
const modelsAtMost = 10_000;

function databases({ get, query, whileHeld }: TableCalls): DatabaseTable {
  return {
    async preparedHash(database) {
      const item = await get(stateKeys.prepared(database));
      return item?.hash === undefined ? undefined : String(item.hash);
    },
    async notePrepared(database, hash, holder) {
      await whileHeld(holder, { Put: { Item: marshal({ ...stateKeys.prepared(database), hash }) } });
    },
    async models(database) {
      const { pk, sk } = stateKeys.model(database, '');
      return (await query(pk, sk, modelsAtMost)).map((item) => modelState.parse(item));
    },
    async noteModel(database, state, holder) {
      await whileHeld(holder, { Put: { Item: marshal({ ...stateKeys.model(database, state.model), ...state }) } });
    },
  };
}
