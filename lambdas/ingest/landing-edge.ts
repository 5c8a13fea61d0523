import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { EnvironmentOf } from '../../lib/pipeline/environment.ts';
import { clientSettings } from '../aws/client-settings.ts';
import { s3ObjectStore } from '../aws/object-store.ts';
import { sqsQueue } from '../aws/queue.ts';
import { tracer } from '../observe/observed.ts';
import type { LandingPorts } from './land.ts';

type LandingEnvironment = Pick<EnvironmentOf<'ingest'>, 'MILLRACE_LAKE_BUCKET' | 'MILLRACE_REGISTER_QUEUE_URL'>;

/** What every function that lands objects is made with, read once at cold start. */
export function landingPortsOf(environment: LandingEnvironment): LandingPorts {
  const { MILLRACE_LAKE_BUCKET: lakeBucket, MILLRACE_REGISTER_QUEUE_URL: queueUrl } = environment;
  return {
    lakeBucket,
    lake: s3ObjectStore(lakeBucket, tracer.captureAWSv3Client(new S3Client(clientSettings))),
    queue: sqsQueue(queueUrl, tracer.captureAWSv3Client(new SQSClient(clientSettings))),
    nowMilliseconds: Date.now,
  };
}
