import { z } from 'zod';
import { type CloudModule, resourceType } from '../resource.ts';
import { KinesisService } from './kinesis-service.ts';

/** What an on-demand stream of AWS starts with. */
const onDemandShards = 4;

const stream = resourceType({
  type: 'AWS::Kinesis::Stream',
  properties: z.strictObject({
    Name: z.string().optional(),
    ShardCount: z.coerce.number().int().min(1).optional(),
    RetentionPeriodHours: z.coerce.number().int().min(24).max(8760).default(24),
    StreamModeDetails: z.strictObject({ StreamMode: z.enum(['PROVISIONED', 'ON_DEMAND']) }).optional(),
    MaxRecordSizeInKiB: z.coerce.number().int().min(1024).max(10_240).default(1024),
    // Encryption and metrics change nothing that a caller can see.
    StreamEncryption: z.strictObject({ EncryptionType: z.string(), KeyId: z.string() }).optional(),
    DesiredShardLevelMetrics: z.array(z.string()).optional(),
    Tags: z.unknown().optional(),
  }),
  async create({ logicalId, properties }, context) {
    const name = properties.Name ?? context.physicalName(logicalId, 128);
    const kinesis = context.services.of(KinesisService);
    const mode = properties.StreamModeDetails?.StreamMode ?? 'PROVISIONED';
    kinesis.declare({
      name,
      mode,
      shardCount: properties.ShardCount ?? (mode === 'ON_DEMAND' ? onDemandShards : 1),
      retentionHours: properties.RetentionPeriodHours,
      maximumRecordBytes: properties.MaxRecordSizeInKiB * 1024,
    });
    return { ref: name, attributes: { Arn: kinesis.arnOf(name) } };
  },
});

/** Kinesis Data Streams. */
export const kinesisModule: CloudModule = {
  resourceTypes: [stream],
  async openServices(context) {
    return [new KinesisService(context)];
  },
};
