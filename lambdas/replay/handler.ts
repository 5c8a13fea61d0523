import { S3Client } from '@aws-sdk/client-s3';
import { readEnvironment } from '../../lib/pipeline/environment.ts';
import { replaySources } from '../../lib/pipeline/replay.ts';
import { type ReplayAnswer, replayRequest } from '../../lib/pipeline/replay-request.ts';
import { clientSettings } from '../aws/client-settings.ts';
import { s3RewritableStore } from '../aws/rewritable-store.ts';
import { readBundled } from '../bundled.ts';
import { landingPortsOf } from '../ingest/landing-edge.ts';
import { emitMetrics } from '../observe/metrics.ts';
import { logger, observed, tracer } from '../observe/observed.ts';
import { replay } from './replay.ts';

const environment = readEnvironment('replay', process.env);
const ports = {
  sources: readBundled('sources', replaySources),
  codec: environment.MILLRACE_CODEC,
  ...landingPortsOf(environment),
  lake: s3RewritableStore(environment.MILLRACE_LAKE_BUCKET, tracer.captureAWSv3Client(new S3Client(clientSettings))),
};

/** Somebody at the command line decided what becomes of records that were set aside. */
export const handler = observed('replay', async (event: unknown): Promise<ReplayAnswer> => {
  const request = replayRequest.parse(event);
  const { answer, recordsLanded, bytesLanded } = await replay(request, ports);
  const { action, dataset, objectKey } = request;
  const done = answer.done.length;
  emitMetrics(
    dataset,
    action === 'drop'
      ? { RecordsDropped: done }
      : { RecordsReplayed: done, RecordsLanded: recordsLanded, BytesLanded: bytesLanded },
  );
  logger.info(`${action} ended`, { dataset, objectKey, done, still: answer.still.length });
  return answer;
});
