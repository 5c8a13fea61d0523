import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket, type LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { abandonedPrefix, lakePrefixes } from '../pipeline/names.ts';
import { stackOutputs } from '../pipeline/outputs.ts';
import type { StageContext } from './context.ts';
import { accept } from './grant.ts';
import { stackOutput } from './output.ts';

/** Manifests are read once, by the load that wrote them; a month is for looking back. */
const manifestRetentionDays = 30;
/** Exports are read once, by the fill that asked for them; a month is for taking a fill up again, and for looking back. */
const exportRetentionDays = 30;
/** How long an overwritten or deleted object can be brought back. */
const undoDays = 7;

/**
 * The bucket between the sources and the warehouse.
 *
 * Encrypted with S3's own keys: everyone who may read the bucket would need the KMS key as well, so a key would add requests
 * that cost money, and no boundary. Versioned: a retry overwrites its own object with the same content, and a slip can be undone.
 */
export class Lake extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, context: StageContext) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      versioned: true,
      lifecycleRules: lifecycle(context),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // On the L1: the L2's flag brings a custom resource, a function and a role that may change any bucket's notifications.
    const bucket = this.bucket.node.defaultChild as CfnBucket;
    bucket.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    accept(
      this.bucket,
      'AwsSolutions-S1',
      "Its readers and writers are this stack's roles, each bound to its prefix; who read what is CloudTrail's to record",
    );
    stackOutput(this, stackOutputs.lakeBucketName, this.bucket.bucketName, 'The lake');
  }

  /** ARN of a dataset's objects under a prefix. */
  objectsArn(prefix: keyof typeof lakePrefixes, dataset = ''): string {
    return this.bucket.arnForObjects(`${lakePrefixes[prefix]}${dataset && `${dataset}/`}*`);
  }
}

function lifecycle({ config }: StageContext): LifecycleRule[] {
  const expire = (id: string, prefix: string, days: number) => ({ id, prefix, expiration: Duration.days(days) });
  const { rawRetentionDays, quarantineRetentionDays } = config.lake;
  return [
    expire('raw', lakePrefixes.raw, rawRetentionDays),
    expire('quarantine', lakePrefixes.quarantine, quarantineRetentionDays),
    expire('dropped', lakePrefixes.dropped, quarantineRetentionDays),
    expire('abandoned', abandonedPrefix, quarantineRetentionDays),
    expire('manifests', lakePrefixes.manifests, manifestRetentionDays),
    expire('exports', lakePrefixes.exports, exportRetentionDays),
    {
      id: 'undo',
      noncurrentVersionExpiration: Duration.days(undoDays),
      abortIncompleteMultipartUploadAfter: Duration.days(1),
      expiredObjectDeleteMarker: true,
    },
  ];
}
