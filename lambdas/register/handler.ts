import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { datasetPlanList, laneList, readEnvironment } from '../../lib/pipeline/environment.ts';
import { mainLane } from '../../lib/pipeline/lane.ts';
import { readRegisterMessage } from '../../lib/pipeline/register-message.ts';
import { clientSettings } from '../aws/client-settings.ts';
import { stepFunctionsExecutions } from '../aws/executions.ts';
import { dynamodbStateTable } from '../aws/state-table.ts';
import { readBundled } from '../bundled.ts';
import { emitMetricsOf } from '../observe/metrics.ts';
import { logger, observed, tracer } from '../observe/observed.ts';
import { register } from './register.ts';

const environment = readEnvironment('register', process.env);
const datasets = readBundled('datasets', datasetPlanList).map(({ name }) => name);
const lanes = readBundled('lanes', laneList);
const known = { datasets: new Set(datasets), lanes: new Set(lanes) };
const ports = {
  table: dynamodbStateTable(
    environment.MILLRACE_STATE_TABLE,
    tracer.captureAWSv3Client(new DynamoDBClient(clientSettings)),
  ),
  executions: stepFunctionsExecutions(
    environment.MILLRACE_STATE_MACHINE_ARN,
    tracer.captureAWSv3Client(new SFNClient(clientSettings)),
  ),
  datasets,
  lanes,
  nowMilliseconds: Date.now,
};

async function work({ messageId, body }: SQSRecord): Promise<string | undefined> {
  const message = readRegisterMessage(body, known);
  if (message.kind === 'ignored') {
    logger.warn('ignored a message', { messageId, reason: message.reason });
    emitMetricsOf('lane', mainLane, { MessagesIgnored: 1 });
  }
  try {
    const registered = await register(message, ports);
    if (registered.kind === 'eventLost') {
      logger.warn('no event told of an object', { messageId, dataset: registered.dataset, body });
      emitMetricsOf('lane', mainLane, { EventsLost: 1 });
    }
    return undefined;
  } catch (error) {
    logger.error('a message must come again', { messageId, error: error as Error });
    return messageId;
  }
}

/** The register queue: objects in the lake, runs that died, lanes that are not empty. */
export const handler = observed('register', async (event: SQSEvent): Promise<SQSBatchResponse> => {
  const failed = (await Promise.all(event.Records.map(work))).filter((id) => id !== undefined);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
});
