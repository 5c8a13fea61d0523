import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { readEnvironment } from '../../lib/pipeline/environment.ts';
import { clientSettings } from '../aws/client-settings.ts';
import { s3ObjectStore } from '../aws/object-store.ts';
import { dynamodbStateTable } from '../aws/state-table.ts';
import { tracer } from '../observe/observed.ts';

/** What every step of the reload is made with, read once at cold start. */
export function reloadSettings() {
  const environment = readEnvironment('reload', process.env);
  const bucket = environment.MILLRACE_LAKE_BUCKET;
  return {
    bucket,
    nowMilliseconds: Date.now,
    table: () =>
      dynamodbStateTable(
        environment.MILLRACE_STATE_TABLE,
        tracer.captureAWSv3Client(new DynamoDBClient(clientSettings)),
      ),
    lake: () => s3ObjectStore(bucket, tracer.captureAWSv3Client(new S3Client(clientSettings))),
  };
}
