import { setTimeout } from 'node:timers/promises';
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import type { WarehouseTarget } from '../../lib/pipeline/environment.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { Statement } from '../../lib/pipeline/statements/drift.ts';
import type { ResultRows } from '../../lib/pipeline/work.ts';
import { statementRows } from './data-api.ts';
import { callService } from './service-error.ts';

/** The warehouse, asked and waited for: for short statements of functions that go on with the answer. */
export interface Warehouse {
  /** The rows of a statement, as text. Throws STATEMENT_FAILED, NOT_LOADED_YET or a ServiceError. */
  query(statement: Statement): Promise<ResultRows>;
}

const longestPauseMilliseconds = 2_000;
const ended = new Set(['FINISHED', 'FAILED', 'ABORTED']);
const missingRelation = /relation .* does not exist|schema .* does not exist/i;

/**
 * The warehouse through the Data API, as the user whose secret the stack has; the first look comes after the pause, later ones
 * more seldom.
 */
export function redshiftWarehouse(
  target: Omit<WarehouseTarget, 'copyRoleArn'>,
  client: RedshiftDataClient,
  firstPauseMilliseconds = 100,
): Warehouse {
  return {
    async query(statement) {
      const { id, hasRows } = await runStatement(target, client, statement, firstPauseMilliseconds);
      return hasRows ? statementRows(client, id) : [];
    },
  };
}

/** Runs one statement to its end, in no transaction but its own. Throws as `query` does. */
export async function runStatement(
  target: Omit<WarehouseTarget, 'copyRoleArn'>,
  client: RedshiftDataClient,
  { sql, parameters }: Statement,
  firstPauseMilliseconds: number,
): Promise<{ id: string; hasRows: boolean }> {
  const Parameters = Object.entries(parameters).map(([name, value]) => ({ name, value }));
  const command = new ExecuteStatementCommand({
    Sql: sql,
    Database: target.database,
    SecretArn: target.secretArn,
    WorkgroupName: target.workgroupName,
    ClusterIdentifier: target.clusterIdentifier,
    ...(Parameters.length > 0 && { Parameters }),
  });
  const { Id = '' } = await callService('redshift-data:ExecuteStatement', sql.slice(0, 60), () => client.send(command));
  const described = await endOf(Id, client, firstPauseMilliseconds);
  if (described.Status !== 'FINISHED') throw failureOf(described.Error ?? described.Status ?? '', sql);
  return { id: Id, hasRows: described.HasResultSet ?? false };
}

/** Waits without a limit of its own: the function's timeout is one, and the retry submits the statement again. */
async function endOf(Id: string, client: RedshiftDataClient, firstPauseMilliseconds: number) {
  for (let pause = firstPauseMilliseconds; ; pause = Math.min(2 * pause, longestPauseMilliseconds)) {
    const command = new DescribeStatementCommand({ Id });
    const described = await callService('redshift-data:DescribeStatement', Id, () => client.send(command));
    if (ended.has(described.Status ?? '')) return described;
    await setTimeout(pause);
  }
}

function failureOf(error: string, sql: string): MillraceError {
  if (missingRelation.test(error)) {
    return new MillraceError('NOT_LOADED_YET', `${error}: the dataset has no tables before its first load`);
  }
  return new MillraceError('STATEMENT_FAILED', `the warehouse refused: ${error}\n${sql}`, { retryable: true });
}
