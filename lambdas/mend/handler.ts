import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { readEnvironment } from '../../lib/pipeline/environment.ts';
import { refusedLoad } from '../../lib/pipeline/work.ts';
import { clientSettings } from '../aws/client-settings.ts';
import { s3ObjectStore } from '../aws/object-store.ts';
import { dynamodbStateTable } from '../aws/state-table.ts';
import { emitMetrics } from '../observe/metrics.ts';
import { logger, observed, tracer } from '../observe/observed.ts';
import { mend } from './mend.ts';

const environment = readEnvironment('mend', process.env);
const ports = {
  table: dynamodbStateTable(
    environment.MILLRACE_STATE_TABLE,
    tracer.captureAWSv3Client(new DynamoDBClient(clientSettings)),
  ),
  lake: s3ObjectStore(environment.MILLRACE_LAKE_BUCKET, tracer.captureAWSv3Client(new S3Client(clientSettings))),
  nowMilliseconds: Date.now,
};

/** Sets aside what the warehouse refuses of a load, and lets the rest be loaded. */
export const handler = observed('mend', async (event: unknown) => {
  const refused = refusedLoad.parse(event);
  const { outcome, recordsSetAside } = await mend(refused, ports);
  if (recordsSetAside > 0) emitMetrics(refused.work.dataset, { RecordsQuarantined: recordsSetAside });
  logger.warn('a load was refused', { ...outcome, recordsSetAside });
  return outcome;
});
