import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { type BatchWarehouse, redshiftBatches } from '../../lambdas/aws/batch-warehouse.ts';
import { dynamodbStateTable } from '../../lambdas/aws/state-table.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { preparationOf, type Surroundings } from '../../lib/pipeline/next.ts';
import { stackOutputs } from '../../lib/pipeline/outputs.ts';
import { preparationHash } from '../../lib/pipeline/statements/prepare.ts';
import { firstPauseMilliseconds, type Operator } from '../commands/operator.ts';
import { drive } from './drive.ts';
import type { DeskProject } from './project.ts';

/** The warehouse of a stack, as the desk works in it. */
export interface DeskWarehouse {
  readonly batches: BatchWarehouse;
  /** The hash of what the refresh has prepared the database with, if it has. */
  preparedHash(): Promise<string | undefined>;
  close(): void;
}

/** Reaches the stack's warehouse through the Data API, with the credentials of whoever is at the desk. */
export function openDeskWarehouse(operator: Operator): DeskWarehouse {
  const client = new RedshiftDataClient(operator.clientOptions);
  const dynamodb = new DynamoDBClient(operator.clientOptions);
  return {
    batches: redshiftBatches(operator.target, client, firstPauseMilliseconds(operator.clientOptions)),
    preparedHash: () =>
      dynamodbStateTable(operator.output(stackOutputs.stateTableName), dynamodb).preparedHash(operator.target.database),
    close: () => {
      client.destroy();
      dynamodb.destroy();
    },
  };
}

/** What decisions about a project's models are made from; nothing is loaded at the desk, so there is no lake. */
export function surroundingsOf({ datasets, models, functions, config }: DeskProject): Surroundings {
  const nowMilliseconds = Date.now();
  return { datasets, models, functions, readers: config.readers, lakeBucket: '', copyRoleArn: '', nowMilliseconds };
}

/**
 * Makes what models need before they are built (schemas, functions, books), unless the database has been prepared with just
 * that; the hash of what it has now.
 */
export async function prepareDatabase(
  surroundings: Surroundings,
  { batches }: Pick<DeskWarehouse, 'batches'>,
  execution: string,
  preparedHash: string | undefined,
): Promise<string> {
  const hash = preparationHash(preparationOf(surroundings));
  if (hash === preparedHash) return hash;
  const outcome = await drive({ kind: 'prepare', execution, hash }, surroundings, batches);
  if (outcome.kind === 'prepared') return hash;
  const reason = outcome.kind === 'failed' ? outcome.reason : outcome.kind;
  throw new MillraceError('NOT_PREPARED', `the database could not be prepared for the models: ${reason}`);
}
