import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { readEnvironment } from '../../lib/pipeline/environment.ts';
import { clientSettings } from '../aws/client-settings.ts';
import { dynamodbRepairStore } from '../aws/repair-store.ts';
import { dynamodbSourceTable, type SourceTable } from '../aws/source-table.ts';
import { redshiftWarehouse } from '../aws/warehouse.ts';
import { landingPortsOf } from '../ingest/landing-edge.ts';
import { tracer } from '../observe/observed.ts';

/** What the steps of a repair are made with, read once at cold start. */
export function repairSettings() {
  const environment = readEnvironment('repair', process.env);
  const dynamodb = tracer.captureAWSv3Client(new DynamoDBClient(clientSettings));
  const redshift = tracer.captureAWSv3Client(new RedshiftDataClient(clientSettings));
  return {
    codec: environment.MILLRACE_CODEC,
    tableNamed: (tableName: string): SourceTable => dynamodbSourceTable(tableName, dynamodb),
    warehouse: redshiftWarehouse(environment.MILLRACE_WAREHOUSE, redshift),
    ...landingPortsOf(environment),
    repairs: dynamodbRepairStore(environment.MILLRACE_STATE_TABLE, dynamodb),
  };
}
