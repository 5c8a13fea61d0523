import { z } from 'zod';
import { MillraceError } from '../../../lib/pipeline/error.ts';
import { type CloudContext, type CloudModule, descriptive, type ResourceType, resourceType } from '../resource.ts';
import type { Assets } from '../template/assets.ts';
import type { Chaos } from './chaos.ts';
import { LambdaService } from './service.ts';
import type { FunctionSettings } from './variables.ts';

const functionProperties = z.strictObject({
  Architectures: descriptive,
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  DeadLetterConfig: z.strictObject({ TargetArn: z.string() }).optional(),
  Description: z.string().optional(),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.coerce.string()).default({}) }).prefault({}),
  EphemeralStorage: descriptive,
  FunctionName: z.string().optional(),
  Handler: z.string(),
  LoggingConfig: z
    .strictObject({
      LogFormat: z.enum(['Text', 'JSON']).default('Text'),
      LogGroup: z.string().optional(),
      ApplicationLogLevel: z.string().optional(),
      SystemLogLevel: z.string().optional(),
    })
    .prefault({}),
  MemorySize: z.number().int().default(128),
  PackageType: z.literal('Zip').optional(),
  ReservedConcurrentExecutions: z.number().int().optional(),
  Role: z.string(),
  Runtime: z.literal('nodejs24.x', { error: 'the local cloud runs nodejs24.x functions only' }),
  Tags: descriptive,
  Timeout: z.number().int().default(3),
  TracingConfig: z.strictObject({ Mode: z.enum(['Active', 'PassThrough']) }).optional(),
});
type FunctionProperties = z.infer<typeof functionProperties>;

/** Lambda's resource types; the code of functions is found through the asset manifests. */
export function lambdaModule(assets: Assets, chaos?: Chaos): CloudModule {
  return {
    resourceTypes: [functionType(assets), permissionType, eventInvokeConfigType],
    openServices: async (context) => [new LambdaService(context, chaos)],
  };
}

function functionType(assets: Assets): ResourceType {
  return resourceType<FunctionProperties>({
    type: 'AWS::Lambda::Function',
    properties: functionProperties,
    async create({ logicalId, properties }, context) {
      const settings = functionSettings(logicalId, properties, context, assets);
      context.identities.assertTrusts(settings.roleArn, 'lambda.amazonaws.com', { logicalId });
      const { function: localFunction, queue } = context.services.of(LambdaService).add(settings);
      const deadLetter = properties.DeadLetterConfig?.TargetArn;
      if (deadLetter) queue.settings.deadLetterQueueArn = requireQueue(logicalId, deadLetter);
      return {
        ref: settings.name,
        attributes: { Arn: settings.arn },
        start: async () => {
          checkRuntimeGrants(settings, properties, context);
          queue.resume();
        },
        stop: async () => {
          queue.close();
          await localFunction.close();
        },
      };
    },
  });
}

function functionSettings(
  logicalId: string,
  properties: FunctionProperties,
  context: CloudContext,
  assets: Assets,
): FunctionSettings {
  const name = properties.FunctionName ?? context.physicalName(logicalId, 64);
  return {
    logicalId,
    name,
    arn: context.arn('lambda', `function:${name}`),
    roleArn: properties.Role,
    taskRoot: assets.folder(properties.Code.S3Key, logicalId),
    handler: properties.Handler,
    memorySizeMegabytes: properties.MemorySize,
    timeoutSeconds: properties.Timeout,
    reservedConcurrency: properties.ReservedConcurrentExecutions,
    logGroupName: properties.LoggingConfig.LogGroup ?? `/aws/lambda/${name}`,
    logFormat: properties.LoggingConfig.LogFormat,
    variables: properties.Environment.Variables,
  };
}

/**
 * What Lambda does as the function's role around every invocation. On AWS a missing grant here is silence: no logs, no
 * traces. Here it ends the start, because nobody would notice otherwise.
 */
function checkRuntimeGrants(settings: FunctionSettings, properties: FunctionProperties, context: CloudContext): void {
  const principal = { kind: 'role', roleArn: settings.roleArn } as const;
  const stream = context.arn('logs', `log-group:${settings.logGroupName}:log-stream:local`);
  context.authorizer.authorize(principal, 'logs:CreateLogStream', stream);
  context.authorizer.authorize(principal, 'logs:PutLogEvents', stream);
  if (properties.TracingConfig?.Mode !== 'Active') return;
  context.authorizer.authorize(principal, 'xray:PutTraceSegments', '*');
  context.authorizer.authorize(principal, 'xray:PutTelemetryRecords', '*');
}

function requireQueue(logicalId: string, arn: string): string {
  if (/^arn:[\w-]+:sqs:/.test(arn)) return arn;
  throw new MillraceError(
    'UNSUPPORTED_DESTINATION',
    `${logicalId}: ${arn} is no SQS queue, the one kind of destination the local Lambda has`,
  );
}

/** A permission is a statement of the function's own policy. */
const permissionType = resourceType({
  type: 'AWS::Lambda::Permission',
  properties: z.strictObject({
    Action: z.string(),
    FunctionName: z.string(),
    Principal: z.string(),
    SourceAccount: z.string().optional(),
    SourceArn: z.string().optional(),
  }),
  async create({ logicalId, properties }, context) {
    const { function: target } = context.services.of(LambdaService).find(properties.FunctionName);
    const service = properties.Principal.endsWith('.amazonaws.com');
    const statement = {
      Effect: 'Allow',
      Action: properties.Action,
      Resource: target.settings.arn,
      Principal: service ? { Service: properties.Principal } : { AWS: properties.Principal },
      Condition: {
        ...(properties.SourceArn && { ArnLike: { 'aws:SourceArn': properties.SourceArn } }),
        ...(properties.SourceAccount && { StringEquals: { 'aws:SourceAccount': properties.SourceAccount } }),
      },
    };
    context.identities.attachResourcePolicy(target.settings.arn, { logicalId, document: { Statement: [statement] } });
    return { ref: logicalId, attributes: {} };
  },
});

const destination = z.strictObject({ Destination: z.string() });

const eventInvokeConfigType = resourceType({
  type: 'AWS::Lambda::EventInvokeConfig',
  properties: z.strictObject({
    DestinationConfig: z
      .strictObject({ OnFailure: destination.optional(), OnSuccess: destination.optional() })
      .default({}),
    FunctionName: z.string(),
    MaximumEventAgeInSeconds: z.number().int().optional(),
    MaximumRetryAttempts: z.number().int().min(0).max(2).optional(),
    Qualifier: z.literal('$LATEST'),
  }),
  async create({ logicalId, properties }, context) {
    const { queue } = context.services.of(LambdaService).find(properties.FunctionName);
    const { OnFailure, OnSuccess } = properties.DestinationConfig;
    const { settings } = queue;
    settings.maximumRetryAttempts = properties.MaximumRetryAttempts ?? settings.maximumRetryAttempts;
    settings.maximumEventAgeSeconds = properties.MaximumEventAgeInSeconds ?? settings.maximumEventAgeSeconds;
    if (OnFailure) settings.onFailureQueueArn = requireQueue(logicalId, OnFailure.Destination);
    if (OnSuccess) settings.onSuccessQueueArn = requireQueue(logicalId, OnSuccess.Destination);
    return { ref: logicalId, attributes: {} };
  },
});
