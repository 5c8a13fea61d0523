import { createHash } from 'node:crypto';
import { MillraceError } from '../../../lib/pipeline/error.ts';
import type { Identities } from '../resource.ts';
import type { Principal } from '../service.ts';
import { managedPolicies, managedPolicyName } from './managed-policies.ts';
import { type Policy, readPolicy } from './policy.ts';

export interface Role {
  readonly logicalId: string;
  readonly arn: string;
  readonly name: string;
  /** `Stack/Ingest-brackets/ServiceRole/Resource`, where the template says it. */
  readonly constructPath?: string;
  readonly trust: Policy;
  readonly policies: Policy[];
}

/** The owner of the laptop: may do everything, and is not a user of the template. */
export const ownerAccessKeyId = 'millrace';

/** Roles, their policies and the policies of resources, as the template's IAM resources declare them. */
export class IdentityStore implements Identities {
  readonly #stackName: string;
  readonly #rolesByArn = new Map<string, Role>();
  readonly #rolesByName = new Map<string, Role>();
  readonly #rolesByAccessKey = new Map<string, Role>();
  readonly #customerPolicies = new Map<string, Policy>();
  readonly #resourcePolicies = new Map<string, Policy[]>();

  constructor(stackName: string) {
    this.#stackName = stackName;
  }

  addRole(role: Role): void {
    this.#rolesByArn.set(role.arn, role);
    this.#rolesByName.set(role.name, role);
    this.#rolesByAccessKey.set(this.#accessKeyIdOf(role), role);
  }

  addCustomerPolicy(arn: string, policy: Policy): void {
    this.#customerPolicies.set(arn, policy);
  }

  attachToRole(roleName: string, policy: Policy): void {
    const role = this.#rolesByName.get(roleName);
    if (!role) {
      throw new MillraceError(
        'UNKNOWN_ROLE',
        `policy ${policy.origin} names the role ${roleName}, which the template does not have`,
      );
    }
    role.policies.push(policy);
  }

  /** A policy by ARN: one of the template's, or an AWS managed one known by table. */
  managedPolicy(arn: string, usedBy: string): Policy {
    const own = this.#customerPolicies.get(arn);
    if (own) return own;
    const name = managedPolicyName(arn);
    const document = name === undefined ? undefined : managedPolicies[name];
    if (document !== undefined) return readPolicy(arn, document);
    throw new MillraceError(
      'UNKNOWN_MANAGED_POLICY',
      `${usedBy} names the managed policy ${arn}, which the local cloud does not know: add it to local/cloud/iam/managed-policies.ts`,
    );
  }

  role(arn: string): Role | undefined {
    return this.#rolesByArn.get(arn);
  }

  get roles(): readonly Role[] {
    return [...this.#rolesByArn.values()];
  }

  attachResourcePolicy(resourceArn: string, policy: { logicalId: string; document: unknown }): void {
    const policies = this.#resourcePolicies.get(resourceArn) ?? [];
    policies.push(readPolicy(policy.logicalId, policy.document));
    this.#resourcePolicies.set(resourceArn, policies);
  }

  /** The policies of the resource itself and of what it is in: a bucket's policy covers its objects. */
  resourcePolicies(resourceArn: string): readonly Policy[] {
    return [...this.#resourcePolicies]
      .filter(([arn]) => resourceArn === arn || resourceArn.startsWith(`${arn}/`) || resourceArn.startsWith(`${arn}:`))
      .flatMap(([, policies]) => policies);
  }

  assertTrusts(roleArn: string, service: string, usedBy: { logicalId: string }): void {
    const role = this.#rolesByArn.get(roleArn);
    if (!role) {
      throw new MillraceError(
        'UNKNOWN_ROLE',
        `${usedBy.logicalId} names the role ${roleArn}, which the template does not have`,
      );
    }
    const trusts = role.trust.statements.some(
      (statement) =>
        statement.Effect === 'Allow' &&
        statement.Action?.some((action) => ['sts:assumerole', 'sts:*', '*'].includes(action.toLowerCase())) &&
        (statement.Principal === '*' || statement.Principal?.Service?.includes(service)),
    );
    if (trusts) return;
    throw new MillraceError(
      'ROLE_NOT_TRUSTING',
      `${usedBy.logicalId} runs as ${role.logicalId} (${role.arn}), but the role's trust policy does not let ${service} assume it. Missing in its AssumeRolePolicyDocument:\n${JSON.stringify({ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' })}`,
    );
  }

  credentialsOf(roleArn: string): { accessKeyId: string; secretAccessKey: string } {
    const role = this.#rolesByArn.get(roleArn);
    if (!role) throw new MillraceError('UNKNOWN_ROLE', `no role ${roleArn} in the template`);
    return { accessKeyId: this.#accessKeyIdOf(role), secretAccessKey: 'local' };
  }

  /** Who an access key belongs to; undefined for keys that nobody has. */
  principalOf(accessKeyId: string): Principal | undefined {
    if (accessKeyId === ownerAccessKeyId) return { kind: 'owner' };
    const role = this.#rolesByAccessKey.get(accessKeyId);
    return role && { kind: 'role', roleArn: role.arn };
  }

  /** Deterministic, so that a restart keeps the keys that running shells have in their environment. */
  #accessKeyIdOf(role: Role): string {
    const digest = createHash('sha256').update(`${this.#stackName}/${role.logicalId}`).digest('hex');
    return `AKIA${digest.slice(0, 16).toUpperCase()}`;
  }
}
