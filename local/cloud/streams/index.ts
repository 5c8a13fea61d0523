import { createHash } from 'node:crypto';
import { MillraceError } from '../../../lib/pipeline/error.ts';
import { LambdaService } from '../lambda/service.ts';
import { type CloudContext, type CloudModule, type Physical, resourceType } from '../resource.ts';
import { SqsService } from '../sqs/sqs-service.ts';
import { type MappingProperties, mappingProperties } from './mapping-properties.ts';
import { QueuePoller } from './queue-poller.ts';
import { createStandIn } from './stand-in.ts';
import { type Consumer, openStreamMapping } from './stream-mapping.ts';

const mapping = resourceType({
  type: 'AWS::Lambda::EventSourceMapping',
  properties: mappingProperties,
  async create({ logicalId, properties, metadata }, context) {
    await createStandIn(metadata, context);
    const { settings } = context.services.of(LambdaService).find(properties.FunctionName).function;
    const consumer = {
      logicalId,
      id: mappingId(logicalId, context),
      functionArn: settings.arn,
      roleArn: settings.roleArn,
    };
    const isQueue = properties.EventSourceArn.includes(':sqs:');
    const poller = isQueue
      ? openQueueMapping(consumer, properties, settings.timeoutSeconds, context)
      : openStreamMapping(consumer, properties, context);
    const arn = context.arn('lambda', `event-source-mapping:${consumer.id}`);
    const enabled = properties.Enabled ? poller : {};
    return { ref: consumer.id, attributes: { Id: consumer.id, EventSourceMappingArn: arn, Arn: arn }, ...enabled };
  },
});

/** A UUID that a restart keeps. */
function mappingId(logicalId: string, context: CloudContext): string {
  const digest = createHash('md5').update(`${context.stackName}/${logicalId}`).digest('hex');
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function openQueueMapping(
  consumer: Consumer,
  properties: MappingProperties,
  timeoutSeconds: number,
  context: CloudContext,
): Pick<Physical, 'start' | 'stop'> {
  const sqs = context.services.of(SqsService);
  const queueName = sqs.nameOf(properties.EventSourceArn);
  const { visibilityTimeoutSeconds } = sqs.settings(queueName);
  if (visibilityTimeoutSeconds < timeoutSeconds) {
    const message = `${consumer.logicalId}: the queue's visibility timeout (${visibilityTimeoutSeconds} s) is less than the function's timeout (${timeoutSeconds} s), which AWS refuses`;
    throw new MillraceError('BAD_EVENT_SOURCE', message);
  }
  const poller = new QueuePoller({
    context,
    sqs,
    queueName,
    functionArn: consumer.functionArn,
    roleArn: consumer.roleArn,
    batchSize: properties.BatchSize ?? 10,
    batchingWindowMilliseconds: properties.MaximumBatchingWindowInSeconds * 1000 * context.speed.batchingWindowScale,
    reportsFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    concurrency: 2,
  });
  return {
    start: async () => {
      const principal = { kind: 'role', roleArn: consumer.roleArn } as const;
      for (const action of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']) {
        sqs.authorize(principal, action, queueName);
      }
      poller.start();
    },
    stop: () => poller.stop(),
  };
}

/** Event source mappings: what brings streams and queues to functions. */
export const streamsModule: CloudModule = { resourceTypes: [mapping] };
