import { type ColumnMetadata, GetStatementResultCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { callService } from '../../lambdas/aws/service-error.ts';
import { runStatement } from '../../lambdas/aws/warehouse.ts';
import { normalisedType } from '../../lib/pipeline/models/column-types.ts';
import type { OutputColumn } from '../../lib/pipeline/models/model.ts';
import { firstPauseMilliseconds, type Operator } from '../commands/operator.ts';

/** The columns that a query answers with, as the Data API tells them; the query's rows are not fetched. */
export async function columnsOfQuery({ clientOptions, target }: Operator, sql: string): Promise<OutputColumn[]> {
  const client = new RedshiftDataClient(clientOptions);
  try {
    const pause = firstPauseMilliseconds(clientOptions) ?? 100;
    const { id: Id } = await runStatement(target, client, { sql, parameters: {} }, pause);
    const command = new GetStatementResultCommand({ Id });
    const { ColumnMetadata = [] } = await callService('redshift-data:GetStatementResult', Id, () =>
      client.send(command),
    );
    return ColumnMetadata.map((column) => ({ name: column.name ?? '', type: typeOf(column) }));
  } finally {
    client.destroy();
  }
}

/** As the catalog spells it: a text's or a number's size is the precision, and the length is always 0. */
function typeOf({ typeName = '', precision = 0, scale = 0, length = 0 }: ColumnMetadata): string {
  const size = length > 0 ? length : precision;
  const sizes = /numeric|decimal/i.test(typeName) ? `(${precision}, ${scale})` : size > 0 ? `(${size})` : '';
  return normalisedType(`${typeName}${sizes}`) ?? normalisedType(typeName) ?? typeName;
}
