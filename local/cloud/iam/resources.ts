import { z } from 'zod';
import { type CloudContext, descriptive, resourceType } from '../resource.ts';
import type { IdentityStore } from './identities.ts';
import { readPolicy } from './policy.ts';

const document = z.record(z.string(), z.unknown());
const inlinePolicy = z.strictObject({ PolicyName: z.string(), PolicyDocument: document });

const roleArn = (context: CloudContext, path: string, name: string) =>
  `arn:${context.partition}:iam::${context.accountId}:role${path}${name}`;

/** The IAM resource types, over the store that the authorizer reads. */
export function iamResourceTypes(identities: IdentityStore) {
  return [roleType(identities), policyType(identities), managedPolicyType(identities)];
}

function roleType(identities: IdentityStore) {
  return resourceType({
    type: 'AWS::IAM::Role',
    properties: z.strictObject({
      AssumeRolePolicyDocument: document,
      Description: z.string().optional(),
      ManagedPolicyArns: z.array(z.string()).default([]),
      MaxSessionDuration: z.number().optional(),
      Path: z.string().default('/'),
      Policies: z.array(inlinePolicy).default([]),
      RoleName: z.string().optional(),
      Tags: descriptive,
    }),
    async create({ logicalId, properties, metadata }, context) {
      const name = properties.RoleName ?? context.physicalName(logicalId, 64);
      const arn = roleArn(context, properties.Path, name);
      const path = metadata['aws:cdk:path'];
      identities.addRole({
        logicalId,
        arn,
        name,
        constructPath: typeof path === 'string' ? path : undefined,
        trust: readPolicy(`${logicalId}.AssumeRolePolicyDocument`, properties.AssumeRolePolicyDocument),
        policies: [
          ...properties.Policies.map((policy) =>
            readPolicy(`${logicalId}.${policy.PolicyName}`, policy.PolicyDocument),
          ),
          ...properties.ManagedPolicyArns.map((policyArn) => identities.managedPolicy(policyArn, logicalId)),
        ],
      });
      return { ref: name, attributes: { Arn: arn, RoleId: `AROA${logicalId}` } };
    },
  });
}

function policyType(identities: IdentityStore) {
  return resourceType({
    type: 'AWS::IAM::Policy',
    properties: z.strictObject({
      PolicyName: z.string(),
      PolicyDocument: document,
      Roles: z.array(z.string()).min(1),
    }),
    async create({ logicalId, properties }) {
      const policy = readPolicy(logicalId, properties.PolicyDocument);
      for (const role of properties.Roles) identities.attachToRole(role, policy);
      return { ref: properties.PolicyName, attributes: {} };
    },
  });
}

function managedPolicyType(identities: IdentityStore) {
  return resourceType({
    type: 'AWS::IAM::ManagedPolicy',
    properties: z.strictObject({
      Description: z.string().optional(),
      ManagedPolicyName: z.string().optional(),
      Path: z.string().default('/'),
      PolicyDocument: document,
      Roles: z.array(z.string()).default([]),
    }),
    async create({ logicalId, properties }, context) {
      const name = properties.ManagedPolicyName ?? context.physicalName(logicalId, 64);
      const arn = `arn:${context.partition}:iam::${context.accountId}:policy${properties.Path}${name}`;
      const policy = readPolicy(logicalId, properties.PolicyDocument);
      identities.addCustomerPolicy(arn, policy);
      for (const role of properties.Roles) identities.attachToRole(role, policy);
      return { ref: arn, attributes: { PolicyArn: arn } };
    },
  });
}
