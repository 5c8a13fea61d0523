import { setTimeout } from 'node:timers/promises';
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  type RedshiftDataClient,
  type SqlParameter,
} from '@aws-sdk/client-redshift-data';
import type { WarehouseTarget } from '../../lib/pipeline/environment.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { ResultRows } from '../../lib/pipeline/work.ts';
import { statementRows } from './data-api.ts';
import { callService } from './service-error.ts';

/** Asks the warehouse one thing and waits for the answer: rows as text. `parameters` are the statement's `:names`, none empty. */
export type AskWarehouse = (sql: string, parameters: Readonly<Record<string, string>>) => Promise<ResultRows>;

const lookEveryMilliseconds = 250;

export function dataApiQuestions(target: WarehouseTarget, client: RedshiftDataClient): AskWarehouse {
  return async (Sql, parameters) => {
    const command = new ExecuteStatementCommand({
      Sql,
      Parameters: Object.entries(parameters).map(([name, value]): SqlParameter => ({ name, value })),
      Database: target.database,
      SecretArn: target.secretArn,
      WorkgroupName: target.workgroupName,
      ClusterIdentifier: target.clusterIdentifier,
    });
    const { Id = '' } = await callService('redshift-data:ExecuteStatement', target.database, () =>
      client.send(command),
    );
    const { Status, Error: error } = await ended(client, Id);
    if (Status === 'FINISHED') return statementRows(client, Id);
    throw new MillraceError('STATEMENT_FAILED', `the warehouse refused: ${error ?? Status}\n${Sql}`, {
      retryable: true,
    });
  };
}

async function ended(client: RedshiftDataClient, Id: string) {
  for (;;) {
    const command = new DescribeStatementCommand({ Id });
    const described = await callService('redshift-data:DescribeStatement', Id, () => client.send(command));
    if (['FINISHED', 'FAILED', 'ABORTED'].includes(described.Status ?? '')) return described;
    await setTimeout(lookEveryMilliseconds);
  }
}
