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

const firstPauseMilliseconds = 100;
const longestPauseMilliseconds = 2_000;
const ended = new Set(['FINISHED', 'FAILED', 'ABORTED']);
const missingRelation = /relation .* does not exist|schema .* does not exist/i;

/** The warehouse through the Data API, as the user whose secret the stack has. */
export function redshiftWarehouse(target: Omit<WarehouseTarget, 'copyRoleArn'>, client: RedshiftDataClient): Warehouse {
  return {
    async query({ sql, parameters }) {
      const Parameters = Object.entries(parameters).map(([name, value]) => ({ name, value }));
      const command = new ExecuteStatementCommand({
        Sql: sql,
        Database: target.database,
        SecretArn: target.secretArn,
        WorkgroupName: target.workgroupName,
        ClusterIdentifier: target.clusterIdentifier,
        ...(Parameters.length > 0 && { Parameters }),
      });
      const { Id = '' } = await callService('redshift-data:ExecuteStatement', sql.slice(0, 60), () =>
        client.send(command),
      );
      const described = await endOf(Id, client);
      if (described.Status !== 'FINISHED') throw failureOf(described.Error ?? described.Status ?? '', sql);
      return described.HasResultSet ? statementRows(client, Id) : [];
    },
  };
}

/** Waits without a limit of its own: the function's timeout is one, and the retry submits the statement again. */
async function endOf(Id: string, client: RedshiftDataClient) {
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
