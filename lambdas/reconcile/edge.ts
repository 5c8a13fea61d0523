import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { readEnvironment } from '../../lib/pipeline/environment.ts';
import { clientSettings } from '../aws/client-settings.ts';
import { dynamodbSourceTable, type SourceTable } from '../aws/source-table.ts';
import { redshiftWarehouse } from '../aws/warehouse.ts';
import { tracer } from '../observe/observed.ts';

/** What the steps of a reconciliation are made with, read once at cold start. */
export function reconcileSettings() {
  const environment = readEnvironment('reconcile', process.env);
  const dynamodb = tracer.captureAWSv3Client(new DynamoDBClient(clientSettings));
  const redshift = tracer.captureAWSv3Client(new RedshiftDataClient(clientSettings));
  return {
    tableNamed: (tableName: string): SourceTable => dynamodbSourceTable(tableName, dynamodb),
    warehouse: redshiftWarehouse(environment.MILLRACE_WAREHOUSE, redshift),
  };
}
