import { z } from 'zod';

const whole = z.coerce.number().int();

/** An event source mapping as CloudFormation declares it: streams of DynamoDB and Kinesis, queues of SQS. */
export const mappingProperties = z.strictObject({
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  Enabled: z.boolean().default(true),
  BatchSize: whole.min(1).max(10_000).optional(),
  MaximumBatchingWindowInSeconds: whole.min(0).max(300).default(0),
  BisectBatchOnFunctionError: z.boolean().default(false),
  MaximumRetryAttempts: whole.min(-1).max(10_000).default(-1),
  MaximumRecordAgeInSeconds: whole.min(-1).max(604_800).default(-1),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  DestinationConfig: z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }).optional() }).optional(),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']).optional(),
  StartingPositionTimestamp: z.coerce.number().optional(),
  // More batches of a shard at once: order within a key is the same, and this machine has no use for more.
  ParallelizationFactor: whole.min(1).max(10).optional(),
  ScalingConfig: z.strictObject({ MaximumConcurrency: whole.min(2).optional() }).optional(),
  Tags: z.unknown().optional(),
});
export type MappingProperties = z.infer<typeof mappingProperties>;
