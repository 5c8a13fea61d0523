import { z } from 'zod';
import { ServiceError } from '../service.ts';
import type { DynamoDbService } from './dynamodb-service.ts';

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const projection = z.strictObject({ ProjectionType: z.string(), NonKeyAttributes: z.array(z.string()).optional() });
const index = z.strictObject({ IndexName: z.string(), KeySchema: keySchema, Projection: projection });
const descriptive = z.unknown().optional();

/** A table as CloudFormation declares it. Capacity and encryption change nothing that a caller can see here. */
export const tableProperties = z.strictObject({
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z.array(index).optional(),
  LocalSecondaryIndexes: z.array(index).optional(),
  StreamSpecification: z
    .strictObject({ StreamViewType: z.enum(['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY']) })
    .optional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string().optional(), Enabled: z.boolean() }).optional(),
  /** Only a table that has it is exported. */
  PointInTimeRecoverySpecification: z
    .strictObject({ PointInTimeRecoveryEnabled: z.boolean(), RecoveryPeriodInDays: descriptive })
    .optional(),
  BillingMode: descriptive,
  ProvisionedThroughput: descriptive,
  OnDemandThroughput: descriptive,
  ContributorInsightsSpecification: descriptive,
  SSESpecification: descriptive,
  DeletionProtectionEnabled: descriptive,
  TableClass: descriptive,
  Tags: descriptive,
});
export type TableProperties = z.infer<typeof tableProperties>;

const described = z.object({
  Table: z.object({
    KeySchema: keySchema,
    StreamSpecification: z.object({ StreamEnabled: z.boolean(), StreamViewType: z.string().optional() }).optional(),
  }),
});
const timeToLive = z.object({ TimeToLiveDescription: z.object({ TimeToLiveStatus: z.string() }) });

/** Creates the table where it is absent; switches stream and expiry on where they are wanted and off. */
export async function ensureTable(dynamodb: DynamoDbService, name: string, wanted: TableProperties): Promise<void> {
  const stream = wanted.StreamSpecification && { StreamEnabled: true, ...wanted.StreamSpecification };
  const existing = await describe(dynamodb, name);
  if (!existing) await dynamodb.call('CreateTable', createInput(name, wanted, stream));
  else if (JSON.stringify(existing.KeySchema) !== JSON.stringify(wanted.KeySchema)) {
    const message = `table ${name} on disk has the key ${JSON.stringify(existing.KeySchema)}, the template another: begin anew (--fresh)`;
    throw new ServiceError('ResourceInUseException', message);
  } else if (stream && !existing.StreamSpecification?.StreamEnabled) {
    await dynamodb.call('UpdateTable', { TableName: name, StreamSpecification: stream });
  }
  await describe(dynamodb, name);
  if (wanted.TimeToLiveSpecification?.Enabled) await ensureExpiry(dynamodb, name, wanted.TimeToLiveSpecification);
}

async function describe(dynamodb: DynamoDbService, name: string) {
  try {
    return described.parse(await dynamodb.call('DescribeTable', { TableName: name })).Table;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

function createInput(name: string, wanted: TableProperties, stream: object | undefined): object {
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: wanted.AttributeDefinitions,
    KeySchema: wanted.KeySchema,
    GlobalSecondaryIndexes: wanted.GlobalSecondaryIndexes,
    LocalSecondaryIndexes: wanted.LocalSecondaryIndexes,
    StreamSpecification: stream,
  };
}

async function ensureExpiry(dynamodb: DynamoDbService, TableName: string, specification: object): Promise<void> {
  const { TimeToLiveDescription } = timeToLive.parse(await dynamodb.call('DescribeTimeToLive', { TableName }));
  if (TimeToLiveDescription.TimeToLiveStatus === 'ENABLED') return;
  await dynamodb.call('UpdateTimeToLive', { TableName, TimeToLiveSpecification: specification });
}
