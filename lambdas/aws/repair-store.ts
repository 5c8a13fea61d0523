import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type RepairProgress, repairProgress } from '../../lib/pipeline/repair-progress.ts';
import { stateKeys } from '../../lib/pipeline/state-items.ts';
import { tableCalls } from './table-calls.ts';

/** How far the repair of each dataset is; there is one at a time. Failures are ServiceErrors. */
export interface RepairStore {
  read(dataset: string): Promise<RepairProgress | undefined>;
  /** Writes what follows `before`, unless another execution has it or has gone on since: then `overtaken`. */
  write(progress: RepairProgress, before: RepairProgress | undefined): Promise<'written' | 'overtaken'>;
}

/** The state table's items of repairs. */
export function dynamodbRepairStore(table: string, client: DynamoDBClient): RepairStore {
  const { get, put } = tableCalls(table, client);
  return {
    async read(dataset) {
      const item = await get(stateKeys.repair(dataset));
      return item?.progress === undefined ? undefined : repairProgress.parse(JSON.parse(String(item.progress)));
    },
    async write(progress, before) {
      const { dataset, execution, page, status } = progress;
      // What is compared and what people look for stands beside the whole.
      const item = { ...stateKeys.repair(dataset), execution, page, status, progress: JSON.stringify(progress) };
      const isWritten = await put(item, before ? unchangedSince(before) : { expression: 'attribute_not_exists(pk)' });
      return isWritten ? 'written' : 'overtaken';
    },
  };
}

function unchangedSince({ execution, page }: RepairProgress) {
  return {
    expression: 'execution = :execution AND #page = :page',
    names: { '#page': 'page' },
    values: { ':execution': execution, ':page': page },
  };
}
