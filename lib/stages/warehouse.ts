import { CfnNamespace, CfnWorkgroup } from 'aws-cdk-lib/aws-redshiftserverless';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Warehouse as WarehouseConfig } from '../config/config.ts';
import type { WarehouseTarget } from '../pipeline/environment.ts';
import type { WarehouseKind } from '../pipeline/machines/work-loop.ts';
import { lakePrefixes } from '../pipeline/names.ts';
import { stackOutputs } from '../pipeline/outputs.ts';
import type { StageContext } from './context.ts';
import { accept, describingStatements, type Grant, readingStatements, roleWith } from './grant.ts';
import type { Lake } from './lake.ts';
import { stackOutput } from './output.ts';

/** The user that owns what the pipeline makes. */
const adminUsername = 'millrace';

/** Where the data is queried: a Redshift Serverless workgroup of its own, or a workgroup or cluster that exists. */
export class Warehouse extends Construct {
  /** How the Data API reaches it. */
  readonly target: WarehouseTarget;
  readonly warehouseKind: WarehouseKind;
  /** What state machines that submit statements need to be told. */
  readonly substitutions: Readonly<Record<string, string | undefined>>;
  /** What they may do with it: the Data API reads the secret as them. */
  readonly submitting: readonly Grant[];
  /** What a function may do that sends batches, and asks later what they answered. */
  readonly running: readonly Grant[];
  /** What a function may do that asks it and waits for the answer. */
  readonly querying: readonly Grant[];

  constructor(scope: Construct, id: string, context: StageContext, lake: Lake) {
    super(scope, id);
    const database = context.config.environment;
    const { target, arn } = this.#open(context, context.config.warehouse, lake);
    this.target = { ...target, database };
    this.warehouseKind = target.workgroupName ? 'workgroup' : 'cluster';
    this.substitutions = {
      Database: database,
      SecretArn: target.secretArn,
      WorkgroupName: this.target.workgroupName,
      ClusterIdentifier: this.target.clusterIdentifier,
    };
    const readingTheSecret = { actions: ['secretsmanager:GetSecretValue'], resources: [target.secretArn] };
    this.submitting = [
      { actions: ['redshift-data:BatchExecuteStatement'], resources: [arn] },
      describingStatements,
      readingTheSecret,
    ];
    this.running = [
      { actions: ['redshift-data:BatchExecuteStatement'], resources: [arn] },
      readingStatements,
      readingTheSecret,
    ];
    this.querying = [
      { actions: ['redshift-data:ExecuteStatement'], resources: [arn] },
      readingStatements,
      readingTheSecret,
    ];
    const { workgroupName, clusterIdentifier } = this.target;
    if (workgroupName) stackOutput(this, stackOutputs.workgroupName, workgroupName, 'The workgroup of the warehouse');
    if (clusterIdentifier)
      stackOutput(this, stackOutputs.clusterIdentifier, clusterIdentifier, 'The cluster of the warehouse');
    stackOutput(this, stackOutputs.database, database, 'The database of this environment');
    stackOutput(this, stackOutputs.adminSecretArn, target.secretArn, 'User and password the pipeline connects with');
  }

  #open(context: StageContext, warehouse: WarehouseConfig, lake: Lake) {
    switch (warehouse.kind) {
      case 'serverless':
        return this.#serverless(context, warehouse, lake);
      case 'existing-workgroup': {
        const { workgroupName, secretArn, copyRoleArn, workgroupArn } = warehouse;
        return { target: { workgroupName, secretArn, copyRoleArn }, arn: workgroupArn };
      }
      case 'existing-cluster': {
        const { clusterIdentifier, secretArn, copyRoleArn } = warehouse;
        return { target: { clusterIdentifier, secretArn, copyRoleArn }, arn: this.#clusterArn(clusterIdentifier) };
      }
    }
  }

  #clusterArn(clusterIdentifier: string): string {
    const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
    return Stack.of(this).formatArn({
      service: 'redshift',
      resource: 'cluster',
      resourceName: clusterIdentifier,
      arnFormat,
    });
  }

  #serverless(context: StageContext, warehouse: Extract<WarehouseConfig, { kind: 'serverless' }>, lake: Lake) {
    const copyRoleArn = this.#copyRole(context, lake);
    const secret = this.#adminSecret(context);
    const namespace = this.#namespace(context, secret, copyRoleArn);
    const { baseCapacity, subnetIds, securityGroupIds } = warehouse;
    const workgroup = new CfnWorkgroup(this, 'Workgroup', {
      workgroupName: context.service,
      namespaceName: namespace.ref,
      baseCapacity,
      publiclyAccessible: false,
      enhancedVpcRouting: false,
      configParameters: [{ parameterKey: 'require_ssl', parameterValue: 'true' }],
      ...(subnetIds && { subnetIds }),
      ...(securityGroupIds && { securityGroupIds }),
    });
    return {
      target: { workgroupName: workgroup.ref, secretArn: secret.ref, copyRoleArn },
      arn: workgroup.attrWorkgroupWorkgroupArn,
    };
  }

  #namespace(context: StageContext, secret: CfnSecret, copyRoleArn: string): CfnNamespace {
    const namespace = new CfnNamespace(this, 'Namespace', {
      namespaceName: context.service,
      dbName: context.config.environment,
      adminUsername,
      adminUserPassword: `{{resolve:secretsmanager:${secret.ref}:SecretString:password}}`,
      defaultIamRoleArn: copyRoleArn,
      iamRoles: [copyRoleArn],
      logExports: ['userlog', 'connectionlog', 'useractivitylog'],
    });
    namespace.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return namespace;
  }

  /**
   * A secret of our own: CloudFormation does not tell the ARN of the one that `ManageAdminPassword` makes
   * (aws-cloudformation/cloudformation-coverage-roadmap#2021), and without it no role can name it.
   */
  #adminSecret(context: StageContext): CfnSecret {
    const secret = new CfnSecret(this, 'AdminSecret', {
      description: `${context.service}: user and password the pipeline connects to the warehouse with`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: adminUsername }),
        generateStringKey: 'password',
        passwordLength: 64,
        excludePunctuation: true,
        requireEachIncludedType: true,
      },
    });
    // The namespace outlives the stack, and this is its only key.
    secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
    accept(
      secret,
      'AwsSolutions-SMG4',
      'Rotating it takes a function inside the VPC; only the state machine reads it, and a new password is one deploy away',
    );
    return secret;
  }

  /** What COPY may read: loaded objects and the manifests that list them. */
  #copyRole(context: StageContext, lake: Lake): string {
    const prefixes = [`${lakePrefixes.raw}*`, `${lakePrefixes.manifests}*`];
    return roleWith(this, 'CopyRole', {
      services: ['redshift.amazonaws.com', 'redshift-serverless.amazonaws.com'],
      description: `${context.service}: what COPY may read`,
      grants: [
        {
          actions: ['s3:GetObject'],
          resources: [lake.objectsArn('raw'), lake.objectsArn('manifests')],
          because: 'COPY reads whatever a manifest lists; the patterns name the two prefixes it may read',
        },
        {
          actions: ['s3:ListBucket'],
          resources: [lake.bucket.bucketArn],
          conditions: { StringLike: { 's3:prefix': prefixes } },
        },
      ],
    }).roleArn;
  }
}
