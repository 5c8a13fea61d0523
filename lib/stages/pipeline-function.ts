import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { metricNamespace } from '../pipeline/metrics.ts';
import type { StageContext } from './context.ts';
import type { HandlerName } from './function-code.ts';
import { type Grant, roleWith, tracing } from './grant.ts';

/** Logs explain the last weeks; what the pipeline did stays in the warehouse's `ops` schema. */
export const logRetention = RetentionDays.ONE_MONTH;

export interface PipelineFunctionProps {
  readonly context: StageContext;
  readonly handler: HandlerName;
  /** Path under the service's log groups: `ingest/brackets`. */
  readonly logName: string;
  readonly description: string;
  /** From `writeEnvironment`. */
  readonly environment: Readonly<Record<string, string>>;
  /** What its handler calls, beside its own logs and traces. */
  readonly grants: readonly Grant[];
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
}

/** A log group of the service; it goes with the stack, so that a stack made again does not trip over its name. */
export function serviceLogGroup(scope: Construct, id: string, name: string): LogGroup {
  return new LogGroup(scope, id, { logGroupName: name, retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
}

/** One of the pipeline's functions: its code, its role with its grants and no more, its log group, its traces. */
export function pipelineFunction(scope: Construct, id: string, props: PipelineFunctionProps): LambdaFunction {
  const { context } = props;
  const logGroup = serviceLogGroup(scope, `${id}Logs`, `/millrace/${context.service}/${props.logName}`);
  const logging = { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] };
  return new LambdaFunction(scope, id, {
    description: props.description,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: Code.fromAsset(context.code.folder(props.handler)),
    memorySize: props.memoryMegabytes,
    timeout: Duration.seconds(props.timeoutSeconds),
    tracing: Tracing.ACTIVE,
    logGroup,
    role: roleWith(scope, `${id}Role`, {
      services: ['lambda.amazonaws.com'],
      description: `${context.service}: what ${props.logName} may do`,
      grants: [logging, tracing, ...props.grants],
    }),
    environment: {
      ...props.environment,
      NODE_OPTIONS: '--enable-source-maps',
      POWERTOOLS_SERVICE_NAME: context.service,
      POWERTOOLS_METRICS_NAMESPACE: metricNamespace,
    },
  });
}
