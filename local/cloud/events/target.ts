import type { BusEvent, CloudContext } from '../resource.ts';
import { type Principal, ServiceError } from '../service.ts';
import { SqsService } from '../sqs/sqs-service.ts';

/** Where a rule's events go. */
export interface Target {
  readonly id: string;
  readonly arn: string;
  /** State machines are started as this role. */
  readonly roleArn?: string;
  readonly deadLetterArn?: string;
}

/** The kinds of targets there are here, by the service of their ARN. */
export const targetServices = ['sqs', 'lambda', 'states'] as const;
export const serviceOf = (arn: string): string => arn.split(':')[2] ?? '';

/** Brings an event to a target; throws when the target refuses it. It is durable there when this resolves. */
export async function deliverToTarget(
  context: CloudContext,
  ruleArn: string,
  target: Target,
  event: BusEvent,
): Promise<void> {
  const body = JSON.stringify(event);
  const bus: Principal = { kind: 'service', service: 'events.amazonaws.com', sourceArn: ruleArn };
  if (serviceOf(target.arn) === 'sqs') return sendAs(context, bus, target.arn, { body });
  const principal: Principal = target.roleArn === undefined ? bus : { kind: 'role', roleArn: target.roleArn };
  if (serviceOf(target.arn) === 'lambda') return invokeLater(context, target.arn, body, principal);
  return startExecution(context, target.arn, body, principal);
}

/** Starts a state machine with an input. */
export function startExecution(
  context: CloudContext,
  stateMachineArn: string,
  input: string,
  principal: Principal,
): Promise<void> {
  return call(context, 'states', {
    principal,
    headers: { 'x-amz-target': 'AWSStepFunctions.StartExecution' },
    path: '/',
    body: JSON.stringify({ stateMachineArn, input }),
  });
}

/** Queues an asynchronous invocation: Lambda retries it and knows when it has failed for good. */
export function invokeLater(
  context: CloudContext,
  functionArn: string,
  body: string,
  principal: Principal,
): Promise<void> {
  const path = `/2015-03-31/functions/${functionArn}/invocations`;
  return call(context, 'lambda', { principal, headers: { 'x-amz-invocation-type': 'Event' }, path, body });
}

/** What cannot be delivered goes to the dead-letter queue of the target, with the reason. */
export function toDeadLetters(
  context: CloudContext,
  ruleArn: string,
  target: Target,
  event: BusEvent,
  error: Error,
): void {
  if (target.deadLetterArn === undefined) return;
  const text = (StringValue: string) => ({ DataType: 'String', StringValue });
  const bus: Principal = { kind: 'service', service: 'events.amazonaws.com', sourceArn: ruleArn };
  const attributes = {
    RULE_ARN: text(ruleArn),
    TARGET_ARN: text(target.arn),
    ERROR_CODE: text(error instanceof ServiceError ? error.code : 'SDK_CLIENT_ERROR'),
    ERROR_MESSAGE: text(error.message),
  };
  sendAs(context, bus, target.deadLetterArn, { body: JSON.stringify(event), attributes });
}

function sendAs(
  context: CloudContext,
  principal: Principal,
  queueArn: string,
  message: Parameters<SqsService['send']>[1],
): void {
  const sqs = context.services.of(SqsService);
  const name = sqs.nameOf(queueArn);
  sqs.authorize(principal, 'SendMessage', name);
  sqs.send(name, message);
}

interface Call {
  readonly principal: Principal;
  readonly headers: Record<string, string>;
  readonly path: string;
  readonly body: string;
}

async function call(context: CloudContext, service: string, { principal, headers, path, body }: Call): Promise<void> {
  const request = { method: 'POST', path, query: new URLSearchParams(), headers, body: Buffer.from(body), principal };
  const { status, body: answer } = await context.services.get(service).handle(request);
  if (status >= 300) throw new ServiceError('TargetFailed', `${service} answered ${status}: ${String(answer)}`, status);
}
