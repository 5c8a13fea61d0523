import { setTimeout } from 'node:timers/promises';
import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import type { WarehouseTarget } from '../../lib/pipeline/environment.ts';
import type { Decision, ResultRows } from '../../lib/pipeline/work.ts';
import { redshiftDataApi, statementRows } from './data-api.ts';
import { callService, ServiceError } from './service-error.ts';

/** A batch as a decision asks for it. */
export type Batch = Pick<
  Extract<Decision, { kind: 'submit' }>,
  'statements' | 'reads' | 'clientToken' | 'statementName'
>;
export type BatchEnding =
  | { readonly outcome: 'finished'; readonly results: ResultRows[] }
  | { readonly outcome: 'failed'; readonly error: string };

/** The warehouse as work is driven against it: a batch is one transaction, submitted and waited for. */
export interface BatchWarehouse {
  run(batch: Batch): Promise<BatchEnding>;
}

const longestPauseMilliseconds = 2_000;
const ended = new Set(['FINISHED', 'FAILED', 'ABORTED']);

/** Through the Data API, as the user whose secret the stack has; the first look comes after the pause, later ones more seldom. */
export function redshiftBatches(
  target: Omit<WarehouseTarget, 'copyRoleArn'>,
  client: RedshiftDataClient,
  firstPauseMilliseconds = 100,
): BatchWarehouse {
  const dataApi = redshiftDataApi(client);
  return {
    async run({ statements, reads, clientToken, statementName }) {
      const command = new BatchExecuteStatementCommand({
        Sqls: [...statements],
        Database: target.database,
        SecretArn: target.secretArn,
        WorkgroupName: target.workgroupName,
        ClusterIdentifier: target.clusterIdentifier,
        ClientToken: clientToken,
        StatementName: statementName,
      });
      try {
        const action = 'redshift-data:BatchExecuteStatement';
        const { Id = '' } = await callService(action, statementName, () => client.send(command));
        const status = await endOf(Id, client, firstPauseMilliseconds);
        if (status === 'FINISHED') {
          return {
            outcome: 'finished',
            results: await Promise.all(reads.map((n) => statementRows(client, `${Id}:${n}`))),
          };
        }
        return {
          outcome: 'failed',
          error: (await dataApi.error(Id)) ?? `the statement is ${status} and says nothing more`,
        };
      } catch (error) {
        // What may pass is for the decisions to try again, as where the state machine submits.
        if (error instanceof ServiceError && error.retryable) return { outcome: 'failed', error: error.message };
        throw error;
      }
    },
  };
}

async function endOf(Id: string, client: RedshiftDataClient, firstPauseMilliseconds: number): Promise<string> {
  for (let pause = firstPauseMilliseconds; ; pause = Math.min(1.5 * pause, longestPauseMilliseconds)) {
    const command = new DescribeStatementCommand({ Id });
    const { Status = '' } = await callService('redshift-data:DescribeStatement', Id, () => client.send(command));
    if (ended.has(Status)) return Status;
    await setTimeout(pause);
  }
}
