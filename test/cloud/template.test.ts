import { TemplateError } from '../../local/cloud/template/document.ts';
import { noValue, resolve, type Scope } from '../../local/cloud/template/intrinsics.ts';
import { dependencyOrder } from '../../local/cloud/template/order.ts';
import { lambda, role, writeStack } from './stack-on-disk.ts';

const scope: Scope = {
  mappings: { Sizes: { small: { memory: 128 } } },
  conditions: {
    Production: { 'Fn::Equals': [{ Ref: 'Environment' }, 'prod'] },
    Elsewhere: { 'Fn::Not': [{ Condition: 'Production' }] },
    Both: { 'Fn::And': [{ Condition: 'Production' }, { Condition: 'Elsewhere' }] },
    Either: { 'Fn::Or': [{ Condition: 'Production' }, { Condition: 'Elsewhere' }] },
  },
  reference: (name) =>
    ({ Environment: 'prod', Bucket: 'lake', 'AWS::NoValue': noValue, 'AWS::Region': 'us-east-1' })[name],
  attribute: (logicalId, attribute) => `${logicalId}/${attribute}`,
  secret: (id, key) => `${id}#${key}`,
};

test.each<[string, unknown, unknown]>([
  ['Ref', { Ref: 'Bucket' }, 'lake'],
  ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Table', 'StreamArn'] }, 'Table/StreamArn'],
  ['Fn::GetAtt as text', { 'Fn::GetAtt': 'Work.Group.Arn' }, 'Work/Group.Arn'],
  [
    'Fn::Sub',
    { 'Fn::Sub': '${Bucket}/${Table.Arn}/${!Literal}/${AWS::Region}' },
    'lake/Table/Arn/${Literal}/us-east-1',
  ],
  ['Fn::Sub with variables', { 'Fn::Sub': ['${X}-${Bucket}', { X: { Ref: 'Environment' } }] }, 'prod-lake'],
  ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Bucket' }, 3]] }, 'a-lake-3'],
  ['Fn::Select of Fn::Split', { 'Fn::Select': ['1', { 'Fn::Split': ['/', { 'Fn::GetAtt': ['A', 'b'] }] }] }, 'b'],
  ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', 'small', 'memory'] }, 128],
  ['Fn::If, holding', { 'Fn::If': ['Production', 'yes', 'no'] }, 'yes'],
  ['Fn::If, not holding', { 'Fn::If': ['Elsewhere', 'yes', 'no'] }, 'no'],
  ['Fn::And', { 'Fn::If': ['Both', 'yes', 'no'] }, 'no'],
  ['Fn::Or', { 'Fn::If': ['Either', 'yes', 'no'] }, 'yes'],
  ['AWS::NoValue', { a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] }, { b: [1] }],
  [
    'a secret put together by Join',
    { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'Bucket' }, ':SecretString:password}}']] },
    'lake#password',
  ],
])('%s resolves', (_, value, expected) => {
  expect(resolve({ value }, scope)).toEqual({ value: expected });
});

test.each([
  [{ 'Fn::ImportValue': 'x' }, 'the intrinsic function Fn::ImportValue is not known'],
  [{ 'Fn::Select': [5, ['a']] }, 'Fn::Select 5 of ["a"]'],
  [{ 'Fn::If': ['Nowhere', 1, 2] }, 'there is no condition Nowhere'],
  ['{{resolve:ssm:/x}}', 'the dynamic reference {{resolve:ssm:/x}} is not known'],
])('%j is an error that names it', (value, message) => {
  expect(() => resolve(value, scope)).toThrow(message);
});

const bare = { Metadata: {}, DependsOn: [], Type: 'T' };

test('resources come after what they refer to, in every way of referring', () => {
  const { order, cycles } = dependencyOrder({
    A: { ...bare, Properties: { x: { 'Fn::Sub': ['${C}-${V}', { V: { Ref: 'D' } }] } } },
    B: { ...bare, Properties: { y: [{ 'Fn::GetAtt': ['A', 'Arn'] }] } },
    C: { ...bare, Properties: {}, DependsOn: ['E'] },
    D: { ...bare, Properties: { z: { Ref: 'AWS::Region' } } },
    E: { ...bare, Properties: {} },
  });
  expect(cycles).toEqual([]);
  const before = (first: string, second: string) => order.indexOf(first) < order.indexOf(second);
  expect([before('C', 'A'), before('D', 'A'), before('A', 'B'), before('E', 'C')]).toEqual([true, true, true, true]);
});

test('everything that cannot run is listed at once, before anything exists', async () => {
  const stack = writeStack(
    {
      Parameters: {
        Size: { Type: 'String' },
        BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/x' },
      },
      Rules: { CheckBootstrapVersion: {}, Mine: {} },
      Resources: {
        Volume: { Type: 'AWS::EC2::Volume', Properties: {} },
        Lake: { Type: 'AWS::S3::Bucket', Properties: { WebsiteConfiguration: {}, ReplicationConfiguration: {} } },
        Role: role([]),
        Old: lambda('none', 'Role', { Runtime: 'nodejs18.x', Layers: [] }),
        Lost: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { Ref: 'Nobody' } } },
        Imported: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { 'Fn::ImportValue': 'x' } } },
        Ring: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { Ref: 'Chain' } } },
        Chain: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { Ref: 'Ring' } } },
        Skipped: { Type: 'AWS::EC2::Instance', Condition: 'Never', Properties: {} },
        Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: 'x' } },
      },
      Conditions: { Never: { 'Fn::Equals': [1, 2] } },
    },
    {},
  );
  const error: unknown = await stack.start({ modules: [] }).catch((problem: unknown) => problem);
  stack.remove();
  expect(error).toBeInstanceOf(TemplateError);
  expect([...(error as TemplateError).problems].sort()).toEqual(
    [
      'the parameter Size has no default',
      'the rule Mine is not evaluated by the local cloud',
      'the resources depend on each other in a circle: Ring → Chain → Ring',
      'Volume (AWS::EC2::Volume): the local cloud does not run this resource type',
      'Lake (AWS::S3::Bucket): the local cloud does not know the property WebsiteConfiguration',
      'Lake (AWS::S3::Bucket): the local cloud does not know the property ReplicationConfiguration',
      'Old (AWS::Lambda::Function): Runtime is "nodejs18.x": the local cloud runs nodejs24.x functions only',
      'Old (AWS::Lambda::Function): the local cloud does not know the property Layers',
      'Lost (AWS::S3::Bucket): nothing in the template is called Nobody (or its condition is false)',
      'Imported (AWS::S3::Bucket): the intrinsic function Fn::ImportValue is not known',
    ].sort(),
  );
});

test('what only describes is kept in the inventory, with the reason why nothing runs', async () => {
  const stack = writeStack({
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
      Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'Late', AlarmActions: [{ Ref: 'Topic' }] } },
      Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/x' } },
    },
    Outputs: { Logs: { Value: { 'Fn::GetAtt': ['Logs', 'Arn'] } } },
  });
  const cloud = await stack.start({ modules: [] });
  const alarm = cloud.resources.find(({ logicalId }) => logicalId === 'Alarm');
  await cloud.close();
  stack.remove();
  expect(alarm).toMatchObject({
    inertReason: expect.any(String),
    properties: { MetricName: 'Late', AlarmActions: ['arn:aws:sns:us-east-1:000000000000:probe-topic'] },
  });
  expect(cloud.outputs.Logs).toBe('arn:aws:logs:us-east-1:000000000000:log-group:/x:*');
});

const start = async (resources: Record<string, unknown>, functions: Record<string, string> = {}) => {
  const stack = writeStack({ Resources: resources }, functions);
  const error = await stack.start({ modules: [] }).then(
    (cloud) => cloud.close(),
    (problem: Error) => problem,
  );
  stack.remove();
  return error;
};
const code = { idle: 'export const handler = async () => 1;' };

test('a role that does not trust its service, or may not log, ends the start', async () => {
  const distrusting = await start({ R: role([], 'states.amazonaws.com'), F: lambda('idle', 'R') }, code);
  expect(distrusting?.message).toContain(
    "F runs as R (arn:aws:iam::000000000000:role/probe-r), but the role's trust policy does not let lambda.amazonaws.com assume it",
  );
  const silent = role([]) as { Properties: { ManagedPolicyArns?: unknown } };
  delete silent.Properties.ManagedPolicyArns;
  const mute = await start({ R: silent, F: lambda('idle', 'R') }, code);
  expect(mute?.message).toContain('is not authorized to perform: logs:CreateLogStream');
});

test('a policy that could only be half honoured is an error naming it', async () => {
  const allow = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
  const attempt = (statement: object) => start({ R: role([{ ...allow, ...statement }]) });
  expect((await attempt({ Condition: { IpAddress: { 'aws:SourceIp': '1.2.3.4' } } }))?.message).toContain(
    'policy R.grants: the condition operator IpAddress is not supported by the local evaluator',
  );
  expect((await attempt({ Resource: 'arn:aws:s3:::b/${!aws:username}'.replace('!', '') }))?.message).toContain(
    'policy R.grants: the policy variable ${aws:username} is not supported',
  );
  const unknown = role([]) as { Properties: { ManagedPolicyArns: unknown[] } };
  unknown.Properties.ManagedPolicyArns.push('arn:aws:iam::aws:policy/AdministratorAccess');
  expect((await start({ R: unknown }))?.message).toContain(
    'R names the managed policy arn:aws:iam::aws:policy/AdministratorAccess',
  );
});

test('a taken port is said with the option that chooses another', async () => {
  const stack = writeStack({ Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: {} } } });
  const cloud = await stack.start({ modules: [] });
  const port = Number(new URL(cloud.endpoint).port);
  const second: unknown = await stack.start({ modules: [], port }).catch((error: unknown) => error);
  await cloud.close();
  stack.remove();
  expect(second).toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringMatching(new RegExp(`port ${port} .*--port`)),
  });
});
