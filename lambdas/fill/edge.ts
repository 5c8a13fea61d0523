import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { readEnvironment } from '../../lib/pipeline/environment.ts';
import { clientSettings } from '../aws/client-settings.ts';
import { dynamodbFillTable } from '../aws/fill-table.ts';
import { s3ObjectReader } from '../aws/object-reader.ts';
import { s3ObjectStore } from '../aws/object-store.ts';
import { dynamodbTableExports } from '../aws/table-exports.ts';
import { redshiftWarehouse } from '../aws/warehouse.ts';
import { landingPortsOf } from '../ingest/landing-edge.ts';
import { tracer } from '../observe/observed.ts';

/** What every step of the fill is made with, read once at cold start. */
export function fillSettings() {
  const environment = readEnvironment('fill', process.env);
  const bucket = environment.MILLRACE_LAKE_BUCKET;
  const dynamodb = tracer.captureAWSv3Client(new DynamoDBClient(clientSettings));
  const s3 = tracer.captureAWSv3Client(new S3Client(clientSettings));
  return {
    codec: environment.MILLRACE_CODEC,
    table: dynamodbFillTable(environment.MILLRACE_STATE_TABLE, dynamodb),
    exports: () => dynamodbTableExports(bucket, dynamodb),
    ...landingPortsOf(environment),
    lake: { ...s3ObjectStore(bucket, s3), ...s3ObjectReader(bucket, s3) },
    warehouse: () =>
      redshiftWarehouse(
        environment.MILLRACE_WAREHOUSE,
        tracer.captureAWSv3Client(new RedshiftDataClient(clientSettings)),
      ),
  };
}
