import type { CloudEvent } from '../event.ts';
import type { Authorizer, ConditionContext, Principal } from '../service.ts';
import { conditionHolds } from './condition.ts';
import { AccessDeniedError, type Denial } from './denied.ts';
import type { IdentityStore } from './identities.ts';
import { matchesPattern } from './pattern.ts';
import type { Policy, Statement } from './policy.ts';

interface Call {
  readonly principal: Principal;
  readonly action: string;
  readonly resourceArn: string;
  readonly context: ConditionContext;
}

interface Finding {
  readonly policy: Policy;
  readonly statement: Statement;
}

/**
 * Evaluates calls as IAM does within one account: an explicit deny of the caller's or the resource's policies wins, then
 * an allow of either, else the call is denied. Services of AWS have no identity policies: the resource must allow them.
 * (IAM user guide, "Policy evaluation logic"; sessions, boundaries and organizations do not exist here.)
 */
export class PolicyAuthorizer implements Authorizer {
  readonly #identities: IdentityStore;
  readonly #account: { readonly accountId: string; readonly region: string };
  readonly #emit: (event: CloudEvent) => void;

  constructor(
    identities: IdentityStore,
    account: { readonly accountId: string; readonly region: string },
    emit: (event: CloudEvent) => void,
  ) {
    this.#identities = identities;
    this.#account = account;
    this.#emit = emit;
  }

  authorize(principal: Principal, action: string, resourceArn: string, context: ConditionContext = {}): void {
    if (principal.kind === 'owner') return;
    const call: Call = { principal, action, resourceArn, context: { ...this.#defaults(principal), ...context } };
    const identity = principal.kind === 'role' ? (this.#identities.role(principal.roleArn)?.policies ?? []) : [];
    const resource = this.#identities.resourcePolicies(resourceArn);
    const findings = [
      ...find(identity, call, () => true),
      ...find(resource, call, (statement) => matchesPrincipal(statement, principal)),
    ];
    const deny = findings.find(({ statement }) => statement.Effect === 'Deny');
    if (deny) throw this.#denied(call, `of an explicit deny in ${deny.policy.origin}`, mendDeny(deny));
    if (findings.length > 0) return;
    const what = principal.kind === 'role' ? 'identity-based or resource-based' : 'resource-based';
    throw this.#denied(call, `no ${what} policy allows the ${action} action`, this.#mendAllow(call));
  }

  /** The gateway listens on this machine's loopback only and counts as a secure transport, as HTTPS does on AWS. */
  #defaults(principal: Principal): ConditionContext {
    const common = { 'aws:SecureTransport': 'true', 'aws:RequestedRegion': this.#account.region };
    if (principal.kind === 'role') {
      return {
        ...common,
        'aws:PrincipalArn': principal.roleArn,
        'aws:PrincipalAccount': this.#account.accountId,
        'aws:PrincipalIsAWSService': 'false',
      };
    }
    if (principal.kind !== 'service') return common;
    const source: ConditionContext = principal.sourceArn === undefined ? {} : { 'aws:SourceArn': principal.sourceArn };
    return { ...common, ...source, 'aws:SourceAccount': this.#account.accountId, 'aws:PrincipalIsAWSService': 'true' };
  }

  #denied(call: Call, reason: string, mend: string): AccessDeniedError {
    const denial: Denial = {
      action: call.action,
      resourceArn: call.resourceArn,
      principal: this.#describe(call.principal),
      reason,
      mend,
    };
    const error = new AccessDeniedError(denial);
    const { action, resourceArn, principal } = denial;
    this.#emit({ kind: 'denied', action, resourceArn, principal, message: error.message });
    return error;
  }

  #describe(principal: Principal): string {
    if (principal.kind === 'owner') return 'the owner';
    if (principal.kind === 'service') {
      return `service ${principal.service}${principal.sourceArn ? ` for ${principal.sourceArn}` : ''}`;
    }
    return `role ${this.#identities.role(principal.roleArn)?.logicalId ?? 'unknown'} (${principal.roleArn})`;
  }

  #mendAllow(call: Call): string {
    const { principal, action, resourceArn } = call;
    if (principal.kind === 'role') {
      const path = this.#identities.role(principal.roleArn)?.constructPath;
      const where = path ? `the construct ${path}, in lib/stages/` : 'the stack, in lib/stages/';
      const statement = { Effect: 'Allow', Action: action, Resource: resourceArn };
      return `Missing statement:\n${JSON.stringify(statement)}\nThe role is defined by ${where}.`;
    }
    const service = principal.kind === 'service' ? principal.service : '';
    const source = principal.kind === 'service' ? principal.sourceArn : undefined;
    const statement = {
      Effect: 'Allow',
      Principal: { Service: service },
      Action: action,
      Resource: resourceArn,
      ...(source && { Condition: { ArnEquals: { 'aws:SourceArn': source } } }),
    };
    return `Missing statement in the policy of the resource:\n${JSON.stringify(statement)}\nResources and their policies are defined in lib/stages/.`;
  }
}

function mendDeny({ policy, statement }: Finding): string {
  return `The statement that denies, in ${policy.origin}:\n${JSON.stringify(statement)}`;
}

function find(policies: readonly Policy[], call: Call, applies: (statement: Statement) => boolean): Finding[] {
  return policies.flatMap((policy) =>
    policy.statements
      .filter((statement) => applies(statement) && covers(statement, call))
      .map((statement) => ({ policy, statement })),
  );
}

function covers(statement: Statement, { action, resourceArn, context }: Call): boolean {
  const anyAction = (patterns: readonly string[]) =>
    patterns.some((pattern) => matchesPattern(pattern, action, { ignoreCase: true }));
  const anyResource = (patterns: readonly string[]) => patterns.some((pattern) => matchesPattern(pattern, resourceArn));
  const actionCovered = statement.Action ? anyAction(statement.Action) : !anyAction(statement.NotAction ?? []);
  if (!actionCovered) return false;
  if (statement.Resource && !anyResource(statement.Resource)) return false;
  if (statement.NotResource && anyResource(statement.NotResource)) return false;
  return conditionHolds(statement.Condition, context);
}

/**
 * Whether a resource policy's statement speaks of the caller. A grant to the account's root delegates to identity
 * policies and lets nobody in by itself, so it counts for denials only.
 */
function matchesPrincipal(statement: Statement, principal: Principal): boolean {
  if (statement.Principal === undefined) return false;
  if (statement.Principal === '*') return true;
  if (principal.kind === 'service') return statement.Principal.Service?.includes(principal.service) ?? false;
  if (principal.kind === 'owner') return false;
  const names = statement.Principal.AWS ?? [];
  if (names.includes('*') || names.includes(principal.roleArn)) return true;
  return statement.Effect === 'Deny' && names.some((name) => /^(\d{12}|arn:[\w-]+:iam::\d{12}:root)$/.test(name));
}
