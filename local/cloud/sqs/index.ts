import { z } from 'zod';
import { type CloudModule, resourceType } from '../resource.ts';
import { SqsService } from './sqs-service.ts';

const count = z.coerce.number().int();
const redrivePolicy = z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: count.min(1).max(1000) });

const queue = resourceType({
  type: 'AWS::SQS::Queue',
  properties: z.strictObject({
    QueueName: z.string().optional(),
    DelaySeconds: count.min(0).max(900).default(0),
    MaximumMessageSize: count.min(1024).max(1_048_576).default(1_048_576),
    MessageRetentionPeriod: count.min(60).max(1_209_600).default(345_600),
    ReceiveMessageWaitTimeSeconds: count.min(0).max(20).default(0),
    VisibilityTimeout: count.min(0).max(43_200).default(30),
    RedrivePolicy: redrivePolicy.optional(),
    RedriveAllowPolicy: z.record(z.string(), z.unknown()).optional(),
    // Encryption at rest changes nothing that a caller can see.
    KmsMasterKeyId: z.string().optional(),
    KmsDataKeyReusePeriodSeconds: count.optional(),
    SqsManagedSseEnabled: z.boolean().optional(),
    Tags: z.unknown().optional(),
  }),
  async create({ logicalId, properties }, context) {
    const name = properties.QueueName ?? context.physicalName(logicalId, 80);
    const arn = context.arn('sqs', name);
    const sqs = context.services.of(SqsService);
    sqs.declare({
      name,
      arn,
      delaySeconds: properties.DelaySeconds,
      visibilityTimeoutSeconds: properties.VisibilityTimeout,
      retentionSeconds: properties.MessageRetentionPeriod,
      receiveWaitSeconds: properties.ReceiveMessageWaitTimeSeconds,
      maximumMessageBytes: properties.MaximumMessageSize,
      redrive: properties.RedrivePolicy,
    });
    const url = sqs.urlOf(name);
    return { ref: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
  },
});

const queuePolicy = resourceType({
  type: 'AWS::SQS::QueuePolicy',
  properties: z.strictObject({
    PolicyDocument: z.record(z.string(), z.unknown()),
    Queues: z.array(z.string()).min(1),
  }),
  async create({ logicalId, properties }, context) {
    const sqs = context.services.of(SqsService);
    for (const url of properties.Queues) {
      const { arn } = sqs.settings(sqs.nameOf(url));
      context.identities.attachResourcePolicy(arn, { logicalId, document: properties.PolicyDocument });
    }
    return { ref: context.physicalName(logicalId), attributes: { Id: context.physicalName(logicalId) } };
  },
});

/** SQS: queues and their policies. */
export const sqsModule: CloudModule = {
  resourceTypes: [queue, queuePolicy],
  async openServices(context) {
    return [new SqsService(context)];
  },
};
