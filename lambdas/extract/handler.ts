import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readEnvironment } from '../../lib/pipeline/environment.ts';
import { clientSettings } from '../aws/client-settings.ts';
import { secretsManager } from '../aws/secrets.ts';
import { dynamodbWatermarkStore } from '../aws/watermark-store.ts';
import { landingPortsOf } from '../ingest/landing-edge.ts';
import { emitMetrics } from '../observe/metrics.ts';
import { logger, observed, tracer } from '../observe/observed.ts';
import { extract } from './extract.ts';

const environment = readEnvironment('extract', process.env);
const settings = {
  dataset: environment.MILLRACE_DATASET,
  codec: environment.MILLRACE_CODEC,
  source: environment.MILLRACE_REST,
  secretArn: environment.MILLRACE_SECRET_ARN,
  pagesAtMost: 200,
};
const ports = {
  ...landingPortsOf(environment),
  watermarks: dynamodbWatermarkStore(
    environment.MILLRACE_STATE_TABLE,
    tracer.captureAWSv3Client(new DynamoDBClient(clientSettings)),
  ),
  secrets: secretsManager(tracer.captureAWSv3Client(new SecretsManagerClient(clientSettings))),
  fetch,
  sleep: (milliseconds: number) => setTimeout(milliseconds),
  random: Math.random,
  now: () => new Date(),
};

/** On its schedule: what is new at a REST source becomes objects in the lake. */
export const handler = observed('extract', async (_event: unknown, context) => {
  const outcome = await extract(settings, {
    ...ports,
    remainingMilliseconds: () => context.getRemainingTimeInMillis(),
  });
  emitMetrics(settings.dataset, outcome.counts);
  logger.info('pull ended', { dataset: settings.dataset, ...outcome });
  if (outcome.kind === 'failed') throw outcome.error;
});
