import {
  DescribeStatementCommand,
  type Field,
  GetStatementResultCommand,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import type { ResultRows } from '../../lib/pipeline/work.ts';
import { callService } from './service-error.ts';

/** Statements that have been submitted, asked about afterwards. Failures are ServiceErrors. */
export interface DataApi {
  /** Why a statement failed, or undefined where it says nothing. */
  error(statementId: string): Promise<string | undefined>;
  /** The rows of one statement of a batch, counted from 1; all of them, as text. */
  rows(statementId: string, statement: number): Promise<ResultRows>;
}

export function redshiftDataApi(client: RedshiftDataClient): DataApi {
  return {
    async error(statementId) {
      const command = new DescribeStatementCommand({ Id: statementId });
      const described = await callService('redshift-data:DescribeStatement', statementId, () => client.send(command));
      const inBatch = described.SubStatements?.find(({ Error: error }) => error)?.Error;
      return described.Error || inBatch || undefined;
    },
    rows: (statementId, statement) => statementRows(client, `${statementId}:${statement}`),
  };
}

/** The rows of a statement (of a batch: its id, `:` and its place, counted from 1), all of them, as text. */
export async function statementRows(client: RedshiftDataClient, Id: string): Promise<ResultRows> {
  const rows: ResultRows = [];
  let NextToken: string | undefined;
  do {
    const command = new GetStatementResultCommand({ Id, NextToken });
    const page = await callService('redshift-data:GetStatementResult', Id, () => client.send(command));
    rows.push(...(page.Records ?? []).map((record) => record.map(textOf)));
    NextToken = page.NextToken;
  } while (NextToken);
  return rows;
}

function textOf(field: Field): string | null {
  if (field.isNull) return null;
  const value = field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue;
  return value === undefined ? null : String(value);
}
