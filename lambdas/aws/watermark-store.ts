import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type RestProgress, restProgress } from '../../lib/pipeline/rest-progress.ts';
import { stateKeys } from '../../lib/pipeline/state-items.ts';
import { callService, ServiceError } from './service-error.ts';

/** How far each dataset has been pulled. Failures are ServiceErrors. */
export interface WatermarkStore {
  read(dataset: string): Promise<RestProgress | undefined>;
  /** Saves the progress unless another pull has got further since: then `overtaken`, and nothing is written. */
  write(dataset: string, progress: RestProgress, previousPull: number): Promise<'written' | 'overtaken'>;
}

/** The state table's items of watermarks. */
export function dynamodbWatermarkStore(table: string, client: DynamoDBClient): WatermarkStore {
  const keyOf = (dataset: string) => {
    const { pk, sk } = stateKeys.watermark(dataset);
    return { pk: { S: pk }, sk: { S: sk } };
  };
  return {
    async read(dataset) {
      const command = new GetItemCommand({ TableName: table, Key: keyOf(dataset), ConsistentRead: true });
      const { Item } = await callService('dynamodb:GetItem', table, () => client.send(command));
      return Item?.progress?.S === undefined ? undefined : restProgress.parse(JSON.parse(Item.progress.S));
    },
    async write(dataset, progress, previousPull) {
      const command = new PutItemCommand({
        TableName: table,
        // The watermark and the count stand beside the whole, for the people and queries that look at the table.
        Item: {
          ...keyOf(dataset),
          pull: { N: String(progress.pull) },
          progress: { S: JSON.stringify(progress) },
          ...(progress.watermark !== undefined && { watermark: { S: progress.watermark } }),
        },
        ConditionExpression: 'attribute_not_exists(pk) OR #pull = :previousPull',
        ExpressionAttributeNames: { '#pull': 'pull' },
        ExpressionAttributeValues: { ':previousPull': { N: String(previousPull) } },
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
