import type { Physical } from '../resource.ts';
import type { Template } from './document.ts';
import { IntrinsicError, noValue, type Scope } from './intrinsics.ts';

export interface StackIdentity {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
}

/** The bootstrap check that CDK puts into every template: it asks a deployment's account, and there is none here. */
export const bootstrapParameter = 'BootstrapVersion';
export const bootstrapRule = 'CheckBootstrapVersion';

function pseudoParameters(stack: StackIdentity): Record<string, unknown> {
  const arn = `arn:${stack.partition}:cloudformation:${stack.region}:${stack.accountId}:stack/${stack.stackName}/local`;
  return {
    'AWS::AccountId': stack.accountId,
    'AWS::Region': stack.region,
    'AWS::Partition': stack.partition,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stack.stackName,
    'AWS::StackId': arn,
    'AWS::NotificationARNs': [],
    'AWS::NoValue': noValue,
  };
}

function parameterValues(template: Template): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(template.Parameters)
      .filter(([, parameter]) => parameter.Default !== undefined)
      .map(([name, parameter]) => [name, parameter.Default]),
  );
}

/** A scope over the template's parameters and whatever `find` gives for resources. */
export function scopeOf(
  template: Template,
  stack: StackIdentity,
  find: (logicalId: string) => Pick<Physical, 'ref' | 'attributes'> | undefined,
  secret: Scope['secret'] = unknownSecret,
): Scope {
  const values = { ...pseudoParameters(stack), ...parameterValues(template) };
  const resource = (logicalId: string) => {
    const physical = find(logicalId);
    if (physical) return physical;
    throw new IntrinsicError(`nothing in the template is called ${logicalId} (or its condition is false)`);
  };
  return {
    mappings: template.Mappings,
    secret,
    conditions: template.Conditions,
    reference: (name) => (name in values ? values[name] : resource(name).ref),
    attribute: (logicalId, attribute) => {
      const value = resource(logicalId).attributes[attribute];
      if (value !== undefined) return value;
      throw new IntrinsicError(`${logicalId} has no attribute ${attribute} in the local cloud`);
    },
  };
}

/** Before anything is created, a secret's text is as unknown as its ARN. */
const unknownSecret: Scope['secret'] = (secretId) => `${mark}secret ${secretId}${markEnd}`;

const mark = '\u27e6';
const markEnd = '\u27e7';

/** Stands for a resource that does not exist yet, so that properties can be checked before anything is created. */
export function placeholder(logicalId: string): Pick<Physical, 'ref' | 'attributes'> {
  const value = (name: string) => `${mark}${logicalId}.${name}${markEnd}`;
  return {
    ref: value('Ref'),
    attributes: new Proxy({}, { get: (_, attribute) => value(String(attribute)) }),
  };
}

/** Whether a value depends on a resource that does not exist yet. */
export const isPlaceholder = (value: unknown): boolean => (JSON.stringify(value) ?? '').includes(mark);
