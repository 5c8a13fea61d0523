import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type RepairProgress, repairProgress } from '../../lib/pipeline/repair-progress.ts';
import { stateKeys } from '../../lib/pipeline/state-items.ts';
import { callService, ServiceError } from './service-error.ts';

/** How far the repair of each dataset is; there is one at a time. Failures are ServiceErrors. */
export interface RepairStore {
  read(dataset: string): Promise<RepairProgress | undefined>;
  /** Writes what follows `before`, unless another execution has it or has gone on since: then `overtaken`. */
  write(progress: RepairProgress, before: RepairProgress | undefined): Promise<'written' | 'overtaken'>;
}

const keyOf = (dataset: string) => {
  const { pk, sk } = stateKeys.repair(dataset);
  return { pk: { S: pk }, sk: { S: sk } };
};

/** The state table's items of repairs. */
export function dynamodbRepairStore(table: string, client: DynamoDBClient): RepairStore {
  return {
    async read(dataset) {
      const command = new GetItemCommand({ TableName: table, Key: keyOf(dataset), ConsistentRead: true });
      const { Item } = await callService('dynamodb:GetItem', table, () => client.send(command));
      return Item?.progress?.S === undefined ? undefined : repairProgress.parse(JSON.parse(Item.progress.S));
    },
    async write(progress, before) {
      const command = new PutItemCommand({
        TableName: table,
        // What is compared and what people look for stands beside the whole.
        Item: {
          ...keyOf(progress.dataset),
          execution: { S: progress.execution },
          page: { N: String(progress.page) },
          status: { S: progress.status },
          progress: { S: JSON.stringify(progress) },
        },
        ...(before ? unchangedSince(before) : { ConditionExpression: 'attribute_not_exists(pk)' }),
      });
      try {
        await callService('dynamodb:PutItem', table, () => client.send(command));
        return 'written';
      } catch (error) {
        if (error instanceof ServiceError && error.serviceCode === 'ConditionalCheckFailedException')
          return 'overtaken';
        throw error;
      }
    },
  };
}

function unchangedSince({ execution, page }: RepairProgress) {
  return {
    ConditionExpression: 'execution = :execution AND #page = :page',
    ExpressionAttributeNames: { '#page': 'page' },
    ExpressionAttributeValues: { ':execution': { S: execution }, ':page': { N: String(page) } },
  };
}
