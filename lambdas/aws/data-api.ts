import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  type Field,
  GetStatementResultCommand,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import type { WarehouseTarget } from '../../lib/pipeline/environment.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { Decision, ResultRows } from '../../lib/pipeline/work.ts';
import { callService } from './service-error.ts';

/** Statements that have been submitted, asked about afterwards. Failures are ServiceErrors. */
export interface DataApi {
  /** Why a statement failed, or undefined where it says nothing. */
  error(statementId: string): Promise<string | undefined>;
  /** The rows of one statement of a batch, counted from 1; all of them, as text. */
  rows(statementId: string, statement: number): Promise<ResultRows>;
}

export type Batch = Pick<Extract<Decision, { kind: 'submit' }>, 'statements' | 'clientToken' | 'statementName'>;

/** The same, for who also sends them. */
export interface StatementRunner extends DataApi {
  /** Answers with the statement's id; a batch with the same token is the same statement. */
  submit(batch: Batch): Promise<string>;
  /** As the Data API spells it: `STARTED`, `FINISHED`, … */
  status(statementId: string): Promise<string>;
}

export function redshiftStatementRunner(
  { database, secretArn, workgroupName, clusterIdentifier }: Omit<WarehouseTarget, 'copyRoleArn'>,
  client: RedshiftDataClient,
): StatementRunner {
  return {
    ...redshiftDataApi(client),
    async submit({ statements, clientToken, statementName }) {
      const command = new BatchExecuteStatementCommand({
        ...{ Database: database, SecretArn: secretArn },
        ...{ WorkgroupName: workgroupName, ClusterIdentifier: clusterIdentifier },
        ...{ Sqls: [...statements], ClientToken: clientToken, StatementName: statementName },
      });
      const { Id } = await callService('redshift-data:BatchExecuteStatement', statementName, () =>
        client.send(command),
      );
      if (!Id)
        throw new MillraceError(
          'NO_STATEMENT',
          `redshift-data:BatchExecuteStatement of ${statementName} answered without an id`,
        );
      return Id;
    },
    async status(statementId) {
      const command = new DescribeStatementCommand({ Id: statementId });
      const { Status = '' } = await callService('redshift-data:DescribeStatement', statementId, () =>
        client.send(command),
      );
      return Status;
    },
  };
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
