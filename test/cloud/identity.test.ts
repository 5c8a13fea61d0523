import fc from 'fast-check';
import { PolicyAuthorizer } from '../../local/cloud/iam/authorizer.ts';
import { AccessDeniedError } from '../../local/cloud/iam/denied.ts';
import { IdentityStore } from '../../local/cloud/iam/identities.ts';
import { matchesArn, matchesPattern } from '../../local/cloud/iam/pattern.ts';
import { readPolicy } from '../../local/cloud/iam/policy.ts';
import type { ConditionContext, Principal } from '../../local/cloud/service.ts';

const roleArn = 'arn:aws:iam::000000000000:role/probe';
const asRole: Principal = { kind: 'role', roleArn };
const lake = 'arn:aws:s3:::lake';

interface Setting {
  readonly identity?: readonly object[];
  readonly resource?: readonly object[];
}

function allowed(
  { identity = [], resource = [] }: Setting,
  call: { action?: string; arn?: string; principal?: Principal; context?: ConditionContext } = {},
): boolean {
  const identities = new IdentityStore('Probe');
  const policies = [readPolicy('Grants', { Statement: identity })];
  identities.addRole({
    logicalId: 'Role',
    arn: roleArn,
    name: 'probe',
    trust: readPolicy('t', { Statement: [] }),
    policies,
  });
  identities.attachResourcePolicy(lake, { logicalId: 'LakePolicy', document: { Statement: resource } });
  const account = { accountId: '000000000000', region: 'us-east-1' };
  const authorizer = new PolicyAuthorizer(identities, account, () => {});
  try {
    authorizer.authorize(
      call.principal ?? asRole,
      call.action ?? 's3:GetObject',
      call.arn ?? `${lake}/raw/a`,
      call.context,
    );
    return true;
  } catch (error) {
    if (error instanceof AccessDeniedError) return false;
    throw error;
  }
}

const read = { Effect: 'Allow', Action: 's3:GetObject', Resource: `${lake}/*` };

test.each<[string, Setting, boolean]>([
  ['nothing is allowed by itself', {}, false],
  ['an allow allows', { identity: [read] }, true],
  ['a deny wins over an allow', { identity: [read, { ...read, Effect: 'Deny' }] }, false],
  ['actions ignore case and take wildcards', { identity: [{ ...read, Action: 'S3:get*' }] }, true],
  ['resources keep case', { identity: [{ ...read, Resource: 'arn:aws:s3:::LAKE/*' }] }, false],
  ['NotAction allows the rest', { identity: [{ Effect: 'Allow', NotAction: 's3:Put*', Resource: '*' }] }, true],
  ['NotAction leaves out', { identity: [{ Effect: 'Allow', NotAction: 's3:Get*', Resource: '*' }] }, false],
  ['NotResource leaves out', { identity: [{ Effect: 'Allow', Action: '*', NotResource: `${lake}/raw/*` }] }, false],
  ['the bucket is not its objects', { identity: [{ ...read, Resource: lake }] }, false],
  ['a resource policy may allow a role', { resource: [{ ...read, Principal: { AWS: roleArn } }] }, true],
  [
    'a grant to the account lets nobody in',
    { resource: [{ ...read, Principal: { AWS: 'arn:aws:iam::000000000000:root' } }] },
    false,
  ],
  ['a resource policy may deny', { identity: [read], resource: [{ ...read, Effect: 'Deny', Principal: '*' }] }, false],
  [
    'the loopback counts as a secure transport',
    {
      identity: [read],
      resource: [{ ...read, Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    },
    true,
  ],
])('%s', (_, setting, expected) => {
  expect(allowed(setting)).toBe(expected);
});

test('the owner may do everything, a service only what the resource lets it, from the source it names', () => {
  expect(allowed({}, { principal: { kind: 'owner' } })).toBe(true);
  const principal = {
    kind: 'service',
    service: 'events.amazonaws.com',
    sourceArn: 'arn:aws:events:r:a:rule/one',
  } as const;
  const grant = { ...read, Principal: { Service: 'events.amazonaws.com' } };
  const from = (pattern: string) => ({
    resource: [{ ...grant, Condition: { ArnEquals: { 'aws:SourceArn': pattern } } }],
  });
  expect(allowed({ identity: [read] }, { principal })).toBe(false);
  expect(allowed({ resource: [grant] }, { principal })).toBe(true);
  expect(allowed(from('arn:aws:events:r:a:rule/one'), { principal })).toBe(true);
  expect(allowed(from('arn:aws:events:r:a:rule/two'), { principal })).toBe(false);
});

const prefixed = { 's3:prefix': 'raw/x', 'aws:TagKeys': ['a', 'b'], 's3:max-keys': '10' };

test.each<[object, boolean]>([
  [{ StringEquals: { 's3:prefix': 'raw/x' } }, true],
  [{ StringEquals: { 'S3:Prefix': ['other', 'raw/x'] } }, true],
  [{ StringNotEquals: { 's3:prefix': ['other', 'raw/x'] } }, false],
  [{ StringLike: { 's3:prefix': 'raw/*' } }, true],
  [{ StringNotLike: { 's3:prefix': 'raw/*' } }, false],
  [{ StringEqualsIgnoreCase: { 's3:prefix': 'RAW/X' } }, true],
  [{ StringEquals: { 's3:absent': 'x' } }, false],
  [{ StringNotEquals: { 's3:absent': 'x' } }, true],
  [{ StringEqualsIfExists: { 's3:absent': 'x' } }, true],
  [{ Null: { 's3:absent': 'true' } }, true],
  [{ Null: { 's3:prefix': true } }, false],
  [{ NumericLessThanEquals: { 's3:max-keys': 10 } }, true],
  [{ NumericGreaterThan: { 's3:max-keys': '10' } }, false],
  [{ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['b', 'z'] } }, true],
  [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['b', 'z'] } }, false],
  [{ 'ForAllValues:StringEquals': { 's3:absent': ['b'] } }, true],
  [{ 'ForAnyValue:StringEquals': { 's3:absent': ['b'] } }, false],
  [{ StringEquals: { 's3:prefix': 'raw/x' }, NumericEquals: { 's3:max-keys': '11' } }, false],
])('the condition %j', (Condition, expected) => {
  expect(allowed({ identity: [{ ...read, Condition }] }, { context: prefixed })).toBe(expected);
});

test('a pattern without wildcards matches itself and nothing else, whatever characters it has', () => {
  const plain = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => !/[*?]/.test(value));
  fc.assert(
    fc.property(plain, plain, (pattern, value) => {
      expect(matchesPattern(pattern, value)).toBe(pattern === value);
      expect(matchesPattern(`${pattern}*`, pattern + value)).toBe(true);
    }),
  );
});

test('in ArnLike a wildcard stays within its part', () => {
  expect(matchesArn('arn:aws:sqs:*:1:q', 'arn:aws:sqs:us-east-1:1:q')).toBe(true);
  expect(matchesArn('arn:aws:sqs:*:q', 'arn:aws:sqs:us-east-1:1:q')).toBe(false);
});
