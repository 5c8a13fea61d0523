import { Rule } from 'aws-cdk-lib/aws-events';
import { CfnPermission, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { writeEnvironment } from '../pipeline/environment.ts';
import { stackOutputs } from '../pipeline/outputs.ts';
import type { StageContext } from './context.ts';
import { accept, type Grant } from './grant.ts';
import { stackOutput } from './output.ts';
import { pipelineFunction } from './pipeline-function.ts';
import type { Warehouse } from './warehouse.ts';

export interface CatalogProps {
  readonly warehouse: Warehouse;
  /** The refresh: when one has ended well, the catalog is written. */
  readonly stateMachineArn: string;
}

/** The catalog: a bucket with a static site, and the function that writes it after each refresh. Who reads it how is the reader's choice. */
export class Catalog extends Construct {
  /** Writes the site. */
  readonly writer: LambdaFunction;

  constructor(scope: Construct, id: string, context: StageContext, props: CatalogProps) {
    super(scope, id);
    const site = this.#site();
    this.writer = pipelineFunction(this, 'Writer', {
      context,
      handler: 'catalog',
      logName: 'catalog',
      description: 'Writes the catalog after a refresh',
      environment: writeEnvironment('catalog', {
        MILLRACE_SITE_BUCKET: site.bucketName,
        MILLRACE_WAREHOUSE: props.warehouse.target,
        MILLRACE_READERS: context.config.readers,
        POWERTOOLS_SERVICE_NAME: context.service,
      }),
      grants: [...props.warehouse.querying, ...writing(site)],
      memoryMegabytes: 1024,
      timeoutSeconds: 120,
    });
    this.#writeAfter(props.stateMachineArn);
    stackOutput(
      this,
      stackOutputs.siteBucketName,
      site.bucketName,
      'The catalog, a static site: index.html is its door',
    );
  }

  /** Not versioned: every file of it is made anew from what the stack and the warehouse have. */
  #site(): Bucket {
    const site = new Bucket(this, 'Site', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [{ id: 'uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      // A bucket that is not empty cannot be deleted with its stack, and a stack that cannot be deleted helps nobody.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    accept(
      site,
      'AwsSolutions-S1',
      "It holds names, descriptions and counts, and no rows; who may read it is the reader's bucket policy or distribution, which logs",
    );
    return site;
  }

  /**
   * By the event that Step Functions sends anyway: the refresh neither waits for the catalog nor fails with it, and where nothing
   * is refreshed nothing runs.
   */
  #writeAfter(stateMachineArn: string): void {
    const rule = new Rule(this, 'RefreshEnded', {
      description: 'Refreshes that ended well',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [stateMachineArn], status: ['SUCCEEDED'] },
      },
    });
    rule.addTarget({ bind: () => ({ arn: this.writer.functionArn }) });
    new CfnPermission(this, 'RefreshEndedMayInvoke', {
      action: 'lambda:InvokeFunction',
      functionName: this.writer.functionArn,
      principal: 'events.amazonaws.com',
      sourceArn: rule.ruleArn,
    });
  }
}

/** It lists to see which files have changed, and to be told of a missing one that it is missing. */
function writing(site: Bucket): Grant[] {
  return [
    { actions: ['s3:GetObject'], resources: [site.arnForObjects('data/observations.json')] },
    {
      actions: ['s3:PutObject'],
      resources: [site.arnForObjects('*')],
      because: 'The site has a file for each model, and the bucket nothing but the site',
    },
    {
      actions: ['s3:DeleteObject'],
      resources: [site.arnForObjects('data/*')],
      because: 'Files of models that are no more go; they are all under this prefix',
    },
    { actions: ['s3:ListBucket'], resources: [site.bucketArn] },
  ];
}
