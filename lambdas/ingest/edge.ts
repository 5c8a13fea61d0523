import { readEnvironment } from '../../lib/pipeline/environment.ts';
import { emitMetrics } from '../observe/metrics.ts';
import { logger, observed } from '../observe/observed.ts';
import type { IngestOutcome, IngestPorts, StreamResponse } from './ingest.ts';
import { landingPortsOf } from './landing-edge.ts';

/** What both ingest functions are at their edge: environment, lake, metrics and one log line a batch. */
export function ingestHandler(ingest: (event: unknown, ports: IngestPorts) => Promise<IngestOutcome>) {
  const environment = readEnvironment('ingest', process.env);
  const ports: IngestPorts = {
    dataset: environment.MILLRACE_DATASET,
    codec: environment.MILLRACE_CODEC,
    ...landingPortsOf(environment),
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
