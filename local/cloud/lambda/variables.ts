import { devNull } from 'node:os';
import type { CloudContext } from '../resource.ts';

export interface FunctionSettings {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** Folder of the code. */
  readonly taskRoot: string;
  /** `index.handler` */
  readonly handler: string;
  readonly memorySizeMegabytes: number;
  readonly timeoutSeconds: number;
  readonly reservedConcurrency?: number;
  readonly logGroupName: string;
  readonly logFormat: 'Text' | 'JSON';
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * The environment of a function: what Lambda sets, what the template sets, and nothing of this process's own.
 * (Lambda developer guide, "Defined runtime environment variables".) Four things are the laptop's:
 * the endpoint; the config files, which must not leak in; tracing, which has no daemon to send to; and no session token.
 */
export function environmentVariables(
  settings: FunctionSettings,
  context: Pick<CloudContext, 'region' | 'endpoint' | 'identities'>,
  logStreamName: string,
): Record<string, string> {
  const credentials = context.identities.credentialsOf(settings.roleArn);
  return {
    ...settings.variables,
    AWS_ENDPOINT_URL: context.endpoint,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    POWERTOOLS_TRACE_ENABLED: 'false',
    _HANDLER: settings.handler,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: context.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memorySizeMegabytes),
    AWS_LAMBDA_FUNCTION_NAME: settings.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: settings.logFormat,
    AWS_LAMBDA_LOG_GROUP_NAME: settings.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_REGION: context.region,
    LAMBDA_TASK_ROOT: settings.taskRoot,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  };
}
