import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type ReloadTable, reloadProgress } from '../../lib/pipeline/reload.ts';
import {
  type DatabaseTable,
  type InboxTable,
  laneState,
  type ModelState,
  modelState,
  pendingObject,
  type StateTable,
  settledObject,
  stateKeys,
  type TouchedSource,
  touchedSource,
} from '../../lib/pipeline/state-items.ts';
import { marshal, type TableCalls, tableCalls } from './table-calls.ts';

/** The state table in DynamoDB. Failures are ServiceErrors, except conditions, which are answers. */
export function dynamodbStateTable(table: string, client: DynamoDBClient): StateTable & ReloadTable {
  const calls = tableCalls(table, client);
  return {
    ...inbox(calls),
    ...ledger(calls),
    ...lanes(calls),
    ...touches(calls),
    ...reloads(calls),
    ...databases(calls),
  };
}

function inbox({
  get,
  put,
  query,
  update,
  whileHeld,
}: TableCalls): Pick<InboxTable, 'addPending' | 'pending' | 'findPending' | 'limitLoad' | 'markFailed'> {
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

function ledger({ get, put, remove, select }: TableCalls): Pick<InboxTable, 'findSettled' | 'withdrawn' | 'settle'> {
  return {
    async findSettled(object) {
      const item = await get(stateKeys.settled(object));
      return item && settledObject.parse(item);
    },
    async withdrawn(dataset, { from, to }) {
      const { pk } = stateKeys.settled({ dataset, key: '' });
      const items = await select(
        { KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to', FilterExpression: 'outcome <> :loaded' },
        { ':pk': pk, ':from': from, ':to': to, ':loaded': 'loaded' },
      );
      return items.map(({ sk, eTag }) => ({ key: String(sk), eTag: String(eTag) }));
    },
    async settle(lane, object, settled) {
      await put({ ...stateKeys.settled(object), ...settled });
      await remove(stateKeys.pending(lane, object), 'eTag = :eTag', { ':eTag': settled.eTag });
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

function touches({
  put,
  query,
  whileHeld,
}: TableCalls): Pick<InboxTable, 'touch' | 'touchAll' | 'touched' | 'clearTouched'> {
  return {
    async touch(lane, touched) {
      await put({ ...stateKeys.touched(lane, touched.source), ...touched });
    },
    async touchAll(holder, lane, touched) {
      const item = (one: TouchedSource) => marshal({ ...stateKeys.touched(lane, one.source), ...one });
      await whileHeld(holder, ...touched.map((one) => ({ Put: { Item: item(one) } })));
    },
    async touched(lane, limit) {
      const { pk, sk } = stateKeys.touched(lane, '');
      return (await query(pk, sk, limit)).map((item) => touchedSource.parse(item));
    },
    async clearTouched(holder, { source, stamp }) {
      const Delete = {
        Key: marshal({ ...stateKeys.touched(holder.lane, source) }),
        ConditionExpression: 'stamp = :stamp',
        ExpressionAttributeValues: marshal({ ':stamp': stamp }),
      };
      await whileHeld(holder, { Delete });
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
    async noteModels(database, states, holder) {
      const item = ({ published, ...state }: ModelState) =>
        marshal({ ...stateKeys.model(database, state.model), ...state, ...(published !== undefined && { published }) });
      await whileHeld(holder, ...states.map((state) => ({ Put: { Item: item(state) } })));
    },
  };
}
