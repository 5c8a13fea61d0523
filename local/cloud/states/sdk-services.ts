import { type Principal, type Service, ServiceError } from '../service.ts';
import { TaskError } from './task-error.ts';

/** How a service of `arn:aws:states:::aws-sdk:<key>:<action>` is called here. */
export interface SdkService {
  readonly signingName: string;
  readonly target: string;
  /** What its errors begin with. */
  readonly errorPrefix: string;
  /** The wire has nested names in camelCase; Step Functions shows them in PascalCase. */
  readonly camelCaseInside?: boolean;
}

/** Services whose protocol is AWS JSON: their calls need nothing but a target and a body. */
export const sdkServices: Readonly<Record<string, SdkService>> = {
  redshiftdata: {
    signingName: 'redshift-data',
    target: 'RedshiftData',
    errorPrefix: 'RedshiftData',
    camelCaseInside: true,
  },
  dynamodb: { signingName: 'dynamodb', target: 'DynamoDB_20120810', errorPrefix: 'DynamoDb' },
  sqs: { signingName: 'sqs', target: 'AmazonSQS', errorPrefix: 'Sqs' },
  eventbridge: { signingName: 'events', target: 'AWSEvents', errorPrefix: 'EventBridge' },
  kinesis: { signingName: 'kinesis', target: 'Kinesis_20131202', errorPrefix: 'Kinesis' },
  secretsmanager: { signingName: 'secretsmanager', target: 'secretsmanager', errorPrefix: 'SecretsManager' },
};

/** Calls a service in this process as the state machine's role; names and errors as Step Functions has them. */
export async function callSdk(
  service: Service,
  sdk: SdkService,
  action: string,
  parameters: unknown,
  principal: Principal,
): Promise<unknown> {
  const operation = `${action.slice(0, 1).toUpperCase()}${action.slice(1)}`;
  const body = Buffer.from(JSON.stringify(sdk.camelCaseInside ? camelCaseInside(parameters) : (parameters ?? {})));
  const headers = { 'x-amz-target': `${sdk.target}.${operation}`, 'content-type': 'application/x-amz-json-1.1' };
  try {
    const request = { method: 'POST', path: '/', query: new URLSearchParams(), headers, body, principal };
    const answer = await service.handle(request);
    const output: unknown = JSON.parse(String(answer.body ?? '') || '{}');
    if (answer.status >= 300) throw failureOf(output, answer.status);
    return sdk.camelCaseInside ? pascalCase(output) : output;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const code = error.code.endsWith('Exception') ? error.code : `${error.code}Exception`;
    const cause = `${error.message} (Service: ${sdk.errorPrefix}, Status Code: ${error.status})`;
    throw new TaskError(`${sdk.errorPrefix}.${code}`, cause);
  }
}

function failureOf(output: unknown, status: number): ServiceError {
  const {
    __type = 'UnknownError',
    message,
    Message,
  } = output as { __type?: string; message?: string; Message?: string };
  return new ServiceError(__type.split('#').at(-1) ?? __type, message ?? Message ?? '', status);
}

const lowerFirst = (name: string): string => `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`;
const upperFirst = (name: string): string => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;

/** `{"Parameters": [{"Name": …}]}` → `{"Parameters": [{"name": …}]}`. */
function camelCaseInside(parameters: unknown): object {
  const inner = (value: unknown): unknown => renamed(value, lowerFirst);
  return Object.fromEntries(Object.entries((parameters ?? {}) as object).map(([name, value]) => [name, inner(value)]));
}

/** All names in PascalCase, instants (seconds on the wire) as ISO-8601. */
function pascalCase(value: unknown): unknown {
  return renamed(value, upperFirst, (name, inner) =>
    /^(CreatedAt|UpdatedAt)$/.test(name) && typeof inner === 'number' ? new Date(inner * 1000).toISOString() : inner,
  );
}

function renamed(
  value: unknown,
  rename: (name: string) => string,
  convert = (_name: string, inner: unknown) => inner,
): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => renamed(item, rename, convert));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([name, inner]) => {
    const newName = rename(name);
    return [newName, convert(newName, renamed(inner, rename, convert))];
  });
  return Object.fromEntries(entries) as unknown;
}
