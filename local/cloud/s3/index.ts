import { z } from 'zod';
import { type CloudModule, descriptive, resourceType } from '../resource.ts';
import { S3Service } from './service.ts';

const bucketType = resourceType({
  type: 'AWS::S3::Bucket',
  properties: z.strictObject({
    BucketName: z.string().optional(),
    NotificationConfiguration: z
      .strictObject({
        EventBridgeConfiguration: z
          .strictObject({ EventBridgeEnabled: z.union([z.boolean(), z.enum(['true', 'false'])]).default(true) })
          .optional(),
      })
      .optional(),
    // Only the current version is kept: a request that names a version is refused, so nothing relies on it unseen.
    VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
    BucketEncryption: descriptive,
    LifecycleConfiguration: descriptive,
    IntelligentTieringConfigurations: descriptive,
    OwnershipControls: z
      .strictObject({ Rules: z.array(z.strictObject({ ObjectOwnership: z.literal('BucketOwnerEnforced') })) })
      .optional(),
    PublicAccessBlockConfiguration: descriptive,
    Tags: descriptive,
  }),
  async create({ logicalId, properties }, context) {
    const name = properties.BucketName ?? context.physicalName(logicalId, 63);
    const events = properties.NotificationConfiguration?.EventBridgeConfiguration;
    const eventBridge = events !== undefined && String(events.EventBridgeEnabled) === 'true';
    const bucket = context.services.of(S3Service).addBucket(name, {
      eventBridge,
      versioned: properties.VersioningConfiguration?.Status === 'Enabled',
    });
    return {
      ref: name,
      attributes: {
        Arn: bucket.arn,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${context.region}.amazonaws.com`,
      },
      start: async () => bucket.resume(),
    };
  },
});

const bucketPolicyType = resourceType({
  type: 'AWS::S3::BucketPolicy',
  properties: z.strictObject({ Bucket: z.string(), PolicyDocument: z.record(z.string(), z.unknown()) }),
  async create({ logicalId, properties }, context) {
    const { arn } = context.services.of(S3Service).bucket(properties.Bucket);
    context.identities.attachResourcePolicy(arn, { logicalId, document: properties.PolicyDocument });
    return { ref: logicalId, attributes: {} };
  },
});

export const s3Module: CloudModule = {
  resourceTypes: [bucketType, bucketPolicyType],
  openServices: async (context) => [new S3Service(context)],
};
