import type { IRole } from 'aws-cdk-lib/aws-iam';
import {
  CompositePrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Aws, Stack, Validations } from 'aws-cdk-lib/core';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { Construct, IConstruct } from 'constructs';
import { MillraceError } from '../pipeline/error.ts';

/** Conditions of a statement: operator → key → value. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** Exactly these actions on exactly these resources. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Conditions | undefined;
  /** Why a resource has a `*` in it: it must not go without saying. */
  readonly because?: string;
}

/** X-Ray's actions on segments take no resource. */
export const tracing: Grant = {
  actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  resources: ['*'],
  because: 'X-Ray has no resources for segments: the service authorization reference lists none for these actions',
};

/** What became of a statement is asked by its id. */
export const describingStatements: Grant = {
  actions: ['redshift-data:DescribeStatement'],
  resources: ['*'],
  because:
    'It takes no resource; its one condition, the owner, includes the name of the session, which no service promises to keep',
};

/** The same, and what it answered. */
export const readingStatements: Grant = {
  ...describingStatements,
  actions: [...describingStatements.actions, 'redshift-data:GetStatementResult'],
};

export function statementOf({ actions, resources, conditions }: Grant): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.ALLOW,
    actions: [...actions],
    resources: [...resources],
    conditions: conditions && { ...conditions },
  });
}

/** Services that act for many accounts and say for which: only ours may use the role. */
const namesItsAccount = new Set(['states.amazonaws.com', 'scheduler.amazonaws.com']);

function principalOf(service: string): ServicePrincipal {
  const conditions = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };
  return new ServicePrincipal(service, namesItsAccount.has(service) ? { conditions } : {});
}

/**
 * A role whose grants are all written where it is made, in one inline policy. What is handed out is a reference, so that
 * the CDK adds none: what a construct grants by itself is often more than is used.
 */
export function roleWith(
  scope: Construct,
  id: string,
  props: { services: readonly string[]; description: string; grants: readonly Grant[] },
): IRole {
  const principals = props.services.map(principalOf);
  const [first] = principals;
  const role = new Role(scope, id, {
    assumedBy: principals.length === 1 && first ? first : new CompositePrincipal(...principals),
    description: props.description,
    inlinePolicies: { grants: new PolicyDocument({ statements: props.grants.map(statementOf) }) },
  });
  for (const grant of props.grants) explainWildcards(role, grant);
  return Role.fromRoleArn(scope, `${id}Closed`, role.roleArn, { mutable: false });
}

/** Hands the reason of a wildcard to cdk-nag, which asks for one for each. */
function explainWildcards(role: IConstruct, { actions, resources, because }: Grant): void {
  for (const resource of resources) {
    const text = flattenCfnReference(Stack.of(role).resolve(resource));
    if (!text.includes('*')) continue;
    if (!because)
      throw new MillraceError('UNEXPLAINED_WILDCARD', `${actions.join(', ')} on ${text}: say why it has a *`);
    accept(role, `AwsSolutions-IAM5[Resource::${text}]`, because);
  }
}

/** Accepts a finding of cdk-nag's AWS Solutions rules, with the reason that goes into the validation report. */
export function accept(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions::${rule}`, reason });
}
