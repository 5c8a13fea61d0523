import { MillraceError } from '../../../lib/pipeline/error.ts';
import type { CloudContext } from '../resource.ts';
import { type Principal, ServiceError } from '../service.ts';
import { pause } from '../storage/wake.ts';
import { callSdk, type SdkService, sdkServices } from './sdk-services.ts';
import { assertPayloadFits, TaskError } from './task-error.ts';

/** Does the work of a task state; throws TaskError. */
export type TaskHandler = (input: unknown, signal: AbortSignal) => Promise<unknown>;

/** What tasks of a state machine lean on. */
export interface TaskContext {
  readonly context: CloudContext;
  /** Who calls: the state machine's role. */
  readonly principal: Principal;
}

/** The handler of a task's resource; a resource that is not run here is refused by name. */
export function taskHandler(machine: string, state: string, resource: string, tasks: TaskContext): TaskHandler {
  const handler = handlerOf(resource, tasks);
  if (!handler) {
    const known = `a function's ARN, lambda:invoke, sqs:sendMessage, states:startExecution and aws-sdk:{${Object.keys(sdkServices).join(',')}}:*`;
    const message = `${machine}: state ${JSON.stringify(state)} has the resource ${resource}, which is not run here; what is: ${known}`;
    throw new MillraceError('UNSUPPORTED_TASK', message);
  }
  return async (input, signal) => {
    assertPayloadFits(state, input);
    const result = await handler(input, signal);
    assertPayloadFits(state, result);
    return result;
  };
}

function handlerOf(resource: string, tasks: TaskContext): TaskHandler | undefined {
  if (/^arn:[\w-]+:lambda:[^:]*:[^:]*:function:/.test(resource)) {
    return async (input) => (await invoke(tasks, resource, input)).Payload;
  }
  const [integration = '', service = '', action = ''] = resource.split(':::')[1]?.split(':') ?? [];
  if (integration === 'lambda' && service === 'invoke') return (input) => lambdaInvoke(tasks, input);
  if (integration === 'sqs' && service === 'sendMessage') return (input) => sendMessage(tasks, input);
  if (integration === 'states' && service === 'startExecution') return (input) => startExecution(tasks, input);
  const sdk = integration === 'aws-sdk' && Object.hasOwn(sdkServices, service) ? sdkServices[service] : undefined;
  if (!sdk || !/^[a-z]\w*$/.test(action)) return undefined;
  return (input) => sdkCall(tasks, sdk, action, input);
}

/** A Wait state: `seconds` or `until`, scaled; its result is what came in. */
export function waitHandler(context: CloudContext): TaskHandler {
  return async (parameters, signal) => {
    const { seconds, until, input } = parameters as { seconds?: unknown; until?: unknown; input: unknown };
    if (until === undefined && !(Number.isInteger(seconds) && Number(seconds) >= 0)) {
      const cause = `the seconds of a Wait are ${JSON.stringify(seconds)}, but must be a whole number of at least 0`;
      throw new TaskError('States.Runtime', cause, { terminal: true });
    }
    const milliseconds = until === undefined ? Number(seconds) * 1000 : Date.parse(String(until)) - context.clock.now();
    await pause(milliseconds * context.speed.waitScale, signal);
    return input;
  };
}

async function lambdaInvoke(tasks: TaskContext, input: unknown): Promise<unknown> {
  const { FunctionName, Payload, InvocationType = 'RequestResponse' } = input as Record<string, unknown>;
  if (typeof FunctionName !== 'string' || InvocationType !== 'RequestResponse') {
    const cause = 'lambda:invoke takes a FunctionName, and here only the InvocationType RequestResponse';
    throw new TaskError('States.Runtime', cause, { terminal: true });
  }
  return invoke(tasks, FunctionName, Payload ?? {});
}

async function invoke({ context, principal }: TaskContext, functionArn: string, payload: unknown) {
  const result = await invocation(context, functionArn.replace(/:\$LATEST$/, ''), JSON.stringify(payload), principal);
  if (result.functionError) {
    const { errorType = 'Error' } = JSON.parse(result.payload) as { errorType?: string };
    throw new TaskError(errorType, result.payload);
  }
  return {
    ExecutedVersion: '$LATEST',
    Payload: result.payload === '' ? null : (JSON.parse(result.payload) as unknown),
    SdkHttpMetadata: { HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: result.requestId },
    StatusCode: 200,
  };
}

async function invocation(context: CloudContext, functionArn: string, payload: string, principal: Principal) {
  try {
    return await context.invokeFunction(functionArn, payload, principal);
  } catch (error) {
    if (error instanceof ServiceError) throw new TaskError(`Lambda.${error.code}`, error.message);
    throw error;
  }
}

/** The optimized integration: a MessageBody that is no text is sent as JSON. */
function sendMessage(tasks: TaskContext, input: unknown): Promise<unknown> {
  const { MessageBody, ...rest } = input as Record<string, unknown>;
  const body = typeof MessageBody === 'string' ? MessageBody : JSON.stringify(MessageBody);
  const sdk = { ...(sdkServices.sqs as SdkService), errorPrefix: 'SQS' };
  return sdkCall(tasks, sdk, 'sendMessage', { ...rest, MessageBody: body });
}

/** The optimized integration: the Input is sent as JSON text, and nothing waits for the end. */
async function startExecution({ context, principal }: TaskContext, input: unknown): Promise<unknown> {
  const { StateMachineArn: stateMachineArn, Name: name, Input = {} } = input as Record<string, unknown>;
  const sdk = { signingName: 'states', target: 'AWSStepFunctions', errorPrefix: 'StepFunctions' };
  const parameters = { stateMachineArn, name, input: typeof Input === 'string' ? Input : JSON.stringify(Input) };
  const started = await callSdk(context.services.get(sdk.signingName), sdk, 'startExecution', parameters, principal);
  const { executionArn, startDate } = started as { executionArn: string; startDate: number };
  return { ExecutionArn: executionArn, StartDate: new Date(startDate * 1000).toISOString() };
}

function sdkCall(
  { context, principal }: TaskContext,
  sdk: SdkService,
  action: string,
  input: unknown,
): Promise<unknown> {
  return callSdk(context.services.get(sdk.signingName), sdk, action, input, principal);
}
