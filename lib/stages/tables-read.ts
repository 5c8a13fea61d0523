import { defaultSampledKeys } from '../config/schema.ts';
import { type CountableDataset, tableSubstitution } from '../pipeline/machines/which-table.ts';
import type { Grant } from './grant.ts';
import type { SourcedDataset } from './sources.ts';

/** A table that is read as a whole, beside its stream. */
export interface ReadTable extends CountableDataset {
  readonly tableName: string;
  readonly tableArn: string;
}

/** The datasets that can be counted: those from DynamoDB tables. */
export function readTables(datasets: readonly SourcedDataset[]): ReadTable[] {
  return datasets.flatMap(({ name, dataset, door }) => {
    if (door.kind !== 'dynamodb') return [];
    const { freshnessSeconds, reconcile } = dataset;
    const sampledKeys = reconcile?.sampledKeys ?? defaultSampledKeys;
    return [{ name, freshnessSeconds, sampledKeys, tableArn: door.tableArn, tableName: door.tableName }];
  });
}

/** What the machines' definitions call the tables. */
export function tableNames(tables: readonly ReadTable[]): Record<string, string> {
  return Object.fromEntries(tables.map((table) => [tableSubstitution(table), table.tableName]));
}

/** Calls on the tables themselves. */
export function onTables(tables: readonly ReadTable[], ...actions: string[]): Grant {
  return {
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: tables.map(({ tableArn }) => tableArn),
  };
}
