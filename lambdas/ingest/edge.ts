import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { readEnvironment } from '../../lib/pipeline/environment.ts';
import { clientSettings } from '../aws/client-settings.ts';
import { s3ObjectStore } from '../aws/object-store.ts';
import { sqsQueue } from '../aws/queue.ts';
import { emitMetrics } from '../observe/metrics.ts';
import { logger, observed, tracer } from '../observe/observed.ts';
import type { IngestOutcome, IngestPorts, StreamResponse } from './ingest.ts';

/** What both ingest functions are at their edge: environment, lake, metrics and one log line a batch. */
export function ingestHandler(ingest: (event: unknown, ports: IngestPorts) => Promise<IngestOutcome>) {
  const environment = readEnvironment('ingest', process.env);
  const ports: IngestPorts = {
    dataset: environment.MILLRACE_DATASET,
    codec: environment.MILLRACE_CODEC,
    lakeBucket: environment.MILLRACE_LAKE_BUCKET,
    lake: s3ObjectStore(environment.MILLRACE_LAKE_BUCKET, tracer.captureAWSv3Client(new S3Client(clientSettings))),
    queue: sqsQueue(environment.MILLRACE_REGISTER_QUEUE_URL, tracer.captureAWSv3Client(new SQSClient(clientSettings))),
    nowMilliseconds: Date.now,
  };
  return observed('ingest', async (event: unknown): Promise<StreamResponse> => {
    const outcome = await ingest(event, ports);
    if (outcome.kind === 'retry') {
      logger.warn('the lake did not take the batch; it will be delivered again', { error: outcome.error });
      return outcome.response;
    }
    emitMetrics(ports.dataset, outcome.counts);
    const level = outcome.counts.RecordsQuarantined > 0 ? 'warn' : 'info';
    logger[level]('batch landed', { dataset: ports.dataset, ...outcome.counts });
    return outcome.response;
  });
}
