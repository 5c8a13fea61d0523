import { z } from 'zod';

/** What a call needs: an action on a table, on one of its indexes, on its stream, or on no resource in particular. */
export interface Need {
  readonly action: string;
  readonly on:
    | { readonly kind: 'table'; readonly table: string; readonly index?: string }
    | { readonly kind: 'stream'; readonly table: string }
    /** All streams of a table, or of all tables (`*`). */
    | { readonly kind: 'streams'; readonly table: string }
    | { readonly kind: 'export'; readonly table: string; readonly exportId: string }
    | { readonly kind: 'any' };
}

const tableCall = z.object({ TableName: z.string(), IndexName: z.string().optional() });
const byTable = z.object({ RequestItems: z.record(z.string(), z.unknown()) });
const one = z.object({ TableName: z.string() });
const transactWrite = z.object({
  TransactItems: z.array(
    z.object({
      Put: one.optional(),
      Update: one.optional(),
      Delete: one.optional(),
      ConditionCheck: one.optional(),
    }),
  ),
});
const transactGet = z.object({ TransactItems: z.array(z.object({ Get: one })) });
const transactActions = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

const exportCall = z.object({ TableArn: z.string() });
const describeExportCall = z.object({ ExportArn: z.string() });

const tableOperations = new Set([
  ...['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan', 'DescribeTable', 'CreateTable', 'UpdateTable'],
  ...['DeleteTable', 'DescribeTimeToLive', 'UpdateTimeToLive'],
]);

/** The last part of `arn:…:table/Orders` or of `arn:…:table/Orders/stream/…`; a plain name as it is. */
export function tableNameOf(reference: string): string {
  return /:table\/([^/]+)/.exec(reference)?.[1] ?? reference;
}

/**
 * What IAM asks for a call, as the service authorization reference of DynamoDB lists it; undefined for operations that
 * are not mapped (PartiQL, backups, global tables): only the owner may call them.
 */
export function needsOf(operation: string, body: unknown): readonly Need[] | undefined {
  if (tableOperations.has(operation)) {
    const { TableName, IndexName } = tableCall.parse(body);
    return [{ action: operation, on: { kind: 'table', table: tableNameOf(TableName), index: IndexName } }];
  }
  if (operation === 'BatchGetItem' || operation === 'BatchWriteItem') {
    const tables = Object.keys(byTable.parse(body).RequestItems);
    return tables.map((table) => ({ action: operation, on: { kind: 'table', table: tableNameOf(table) } }));
  }
  if (operation === 'TransactWriteItems') return transactNeeds(transactWrite.parse(body).TransactItems);
  if (operation === 'TransactGetItems') {
    const { TransactItems } = transactGet.parse(body);
    return TransactItems.map(({ Get }) => ({
      action: 'GetItem',
      on: { kind: 'table', table: tableNameOf(Get.TableName) },
    }));
  }
  if (operation === 'ExportTableToPointInTime') {
    const { TableArn } = exportCall.parse(body);
    return [{ action: operation, on: { kind: 'table', table: tableNameOf(TableArn) } }];
  }
  if (operation === 'DescribeExport') {
    const { ExportArn } = describeExportCall.parse(body);
    const exportId = ExportArn.split('/export/')[1] ?? '';
    return [{ action: operation, on: { kind: 'export', table: tableNameOf(ExportArn), exportId } }];
  }
  if (operation === 'ListTables' || operation === 'ListExports') return [{ action: operation, on: { kind: 'any' } }];
  return undefined;
}

function transactNeeds(items: z.infer<typeof transactWrite>['TransactItems']): Need[] {
  return items.flatMap((item) =>
    Object.entries(transactActions).flatMap(([kind, action]): Need[] => {
      const table = item[kind as keyof typeof transactActions]?.TableName;
      return table === undefined ? [] : [{ action, on: { kind: 'table', table: tableNameOf(table) } }];
    }),
  );
}

const streamCall = z.object({ StreamArn: z.string() });
const listCall = z.object({ TableName: z.string().optional() });
const iteratorCall = z.object({ ShardIterator: z.string() });

/** The same for DynamoDB Streams. */
export function streamNeedsOf(operation: string, body: unknown): readonly Need[] | undefined {
  if (operation === 'ListStreams') {
    const { TableName } = listCall.parse(body);
    return [
      { action: operation, on: { kind: 'streams', table: TableName === undefined ? '*' : tableNameOf(TableName) } },
    ];
  }
  if (operation === 'GetRecords') {
    const table = tableOfIterator(iteratorCall.parse(body).ShardIterator);
    return [{ action: operation, on: { kind: 'stream', table } }];
  }
  if (operation !== 'DescribeStream' && operation !== 'GetShardIterator') return undefined;
  return [{ action: operation, on: { kind: 'stream', table: tableNameOf(streamCall.parse(body).StreamArn) } }];
}

/** dynoxide's iterators are JSON in base64 that names the table. */
function tableOfIterator(iterator: string): string {
  try {
    const { table_name } = JSON.parse(Buffer.from(iterator, 'base64').toString('utf8')) as { table_name?: unknown };
    if (typeof table_name === 'string') return table_name;
  } catch {
    // Falls through: dynoxide refuses it in its own words.
  }
  return '';
}

/** Tables that a call may have written to. */
export function writtenTables(operation: string, body: unknown): string[] {
  const writes = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems'];
  if (!writes.includes(operation)) return [];
  const tables = (needsOf(operation, body) ?? []).map(({ on }) => (on.kind === 'table' ? on.table : ''));
  return [...new Set(tables)];
}
