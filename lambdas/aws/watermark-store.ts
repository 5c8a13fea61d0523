import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type RestProgress, restProgress } from '../../lib/pipeline/rest-progress.ts';
import { stateKeys } from '../../lib/pipeline/state-items.ts';
import { tableCalls } from './table-calls.ts';

/** How far each dataset has been pulled. Failures are ServiceErrors. */
export interface WatermarkStore {
  read(dataset: string): Promise<RestProgress | undefined>;
  /** Saves the progress unless another pull has got further since: then `overtaken`, and nothing is written. */
  write(dataset: string, progress: RestProgress, previousPull: number): Promise<'written' | 'overtaken'>;
}

/** The state table's items of watermarks. */
export function dynamodbWatermarkStore(table: string, client: DynamoDBClient): WatermarkStore {
  const { get, put } = tableCalls(table, client);
  return {
    async read(dataset) {
      const item = await get(stateKeys.watermark(dataset));
      return item?.progress === undefined ? undefined : restProgress.parse(JSON.parse(String(item.progress)));
    },
    async write(dataset, progress, previousPull) {
      const { pull, watermark } = progress;
      // The watermark and the count stand beside the whole, for the people and queries that look at the table.
      const seen = { pull, ...(watermark !== undefined && { watermark }) };
      const item = { ...stateKeys.watermark(dataset), ...seen, progress: JSON.stringify(progress) };
      const isWritten = await put(item, {
        expression: 'attribute_not_exists(pk) OR #pull = :previousPull',
        names: { '#pull': 'pull' },
        values: { ':previousPull': previousPull },
      });
      return isWritten ? 'written' : 'overtaken';
    },
  };
}
