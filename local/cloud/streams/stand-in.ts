import { z } from 'zod';
import { DynamoDbService } from '../dynamodb/dynamodb-service.ts';
import { ensureTable, tableProperties } from '../dynamodb/tables.ts';
import { KinesisService } from '../kinesis/kinesis-service.ts';
import type { CloudContext } from '../resource.ts';

/** What a mapping says of a source that is not in the template, so that this machine can have one like it. */
const standIn = z.strictObject({
  type: z.enum(['AWS::DynamoDB::Table', 'AWS::Kinesis::Stream']),
  name: z.string(),
  streamArn: z.string(),
  partitionKey: z.string().optional(),
  sortKey: z.string().optional(),
});

/** Creates the table or stream that stands in for one that exists on AWS; it answers to the ARN of the real one. */
export async function createStandIn(metadata: Readonly<Record<string, unknown>>, context: CloudContext): Promise<void> {
  if (metadata['millrace:standIn'] === undefined) return;
  const { type, name, streamArn, partitionKey, sortKey } = standIn.parse(metadata['millrace:standIn']);
  if (type === 'AWS::Kinesis::Stream') {
    const settings = { mode: 'PROVISIONED', shardCount: 1, retentionHours: 24, maximumRecordBytes: 1_048_576 } as const;
    context.services.of(KinesisService).declare({ name, arn: streamArn, ...settings });
    return;
  }
  const keys = [partitionKey ?? 'id', ...(sortKey === undefined ? [] : [sortKey])];
  const dynamodb = context.services.of(DynamoDbService);
  dynamodb.standInFor(name, streamArn);
  const declared = tableProperties.parse({
    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  await ensureTable(dynamodb, name, declared);
}
