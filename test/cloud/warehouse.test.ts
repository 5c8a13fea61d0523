import { DescribeStatementCommand, ExecuteStatementCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Cloud } from '../../local/cloud/cloud.ts';
import type { Warehouse, WarehouseNamespace } from '../../local/cloud/warehouse/port.ts';
import { clientOf, role, type StackOnDisk, writeStack } from './stack-on-disk.ts';

const calls: { operation: string; user: string }[] = [];
let namespace: WarehouseNamespace | undefined;
let running = false;

/** Stands for Redshift: answers what it was asked. */
const warehouse: Warehouse = {
  open: async (opened) => {
    namespace = opened;
    return {
      handleDataApi: async (operation, body, identity) => {
        calls.push({ operation, user: identity.user });
        if (body.Sql === 'broken') throw Object.assign(new Error('no such table'), { code: 'ValidationException' });
        return operation === 'ExecuteStatement' ? { Id: 'one' } : { Id: 'one', Status: 'FINISHED' };
      },
      busy: () => running,
      close: async () => {},
    };
  },
};

const allow = (Action: string | string[], Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
const workgroupArn = { 'Fn::GetAtt': ['Workgroup', 'Workgroup.WorkgroupArn'] };

const template = {
  Resources: {
    Lake: { Type: 'AWS::S3::Bucket', Properties: {} },
    Admin: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: {
        GenerateSecretString: { SecretStringTemplate: '{"username":"millrace"}', GenerateStringKey: 'password' },
      },
    },
    CopyRole: role([allow('s3:GetObject', { 'Fn::Sub': '${Lake.Arn}/raw/*' })], 'redshift-serverless.amazonaws.com'),
    Strange: role([allow('s3:GetObject', '*')], 'redshift-serverless.amazonaws.com'),
    Runner: role([
      allow('redshift-data:ExecuteStatement', workgroupArn),
      allow('redshift-data:DescribeStatement', '*'),
      allow('secretsmanager:GetSecretValue', { Ref: 'Admin' }),
    ]),
    NoSecret: role([allow('redshift-data:*', '*')]),
    NoStatement: role([allow('secretsmanager:GetSecretValue', '*')]),
    Namespace: {
      Type: 'AWS::RedshiftServerless::Namespace',
      Properties: {
        NamespaceName: 'probe',
        DbName: 'prod',
        AdminUsername: 'millrace',
        AdminUserPassword: {
          'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'Admin' }, ':SecretString:password}}']],
        },
        DefaultIamRoleArn: { 'Fn::GetAtt': ['CopyRole', 'Arn'] },
        IamRoles: [{ 'Fn::GetAtt': ['CopyRole', 'Arn'] }],
      },
    },
    Workgroup: {
      Type: 'AWS::RedshiftServerless::Workgroup',
      Properties: { WorkgroupName: 'probe', NamespaceName: { Ref: 'Namespace' } },
    },
  },
  Outputs: {
    Admin: { Value: { Ref: 'Admin' } },
    Lake: { Value: { Ref: 'Lake' } },
    CopyRole: { Value: { 'Fn::GetAtt': ['CopyRole', 'Arn'] } },
    Strange: { Value: { 'Fn::GetAtt': ['Strange', 'Arn'] } },
  },
};

let stack: StackOnDisk;
let cloud: Cloud;

beforeAll(async () => {
  stack = writeStack(template);
  cloud = await stack.start({ modules: [], warehouse });
});
afterAll(async () => {
  await cloud.close();
  stack.remove();
});

const execute = (Sql: string, credentials = cloud.credentials) => {
  const client = new RedshiftDataClient(clientOf(cloud, credentials));
  const input = { Sql, Database: 'prod', WorkgroupName: 'probe', SecretArn: cloud.outputs.Admin };
  return client.send(new ExecuteStatementCommand(input)).catch((error: Error) => error);
};

test('a namespace opens with the password of its secret, a database and a role', () => {
  expect(namespace).toMatchObject({
    name: 'probe',
    database: 'prod',
    admin: { user: 'millrace', password: expect.stringMatching(/^.{32}$/) },
    defaultRoleArn: cloud.outputs.CopyRole,
  });
});

test('a role with the grants runs statements as the user of the secret', async () => {
  expect(await execute('select 1', cloud.credentialsOf('Runner'))).toMatchObject({ Id: 'one' });
  expect(calls.at(-1)).toEqual({ operation: 'ExecuteStatement', user: 'millrace' });
  const client = new RedshiftDataClient(clientOf(cloud, cloud.credentialsOf('Runner')));
  expect(await client.send(new DescribeStatementCommand({ Id: 'one:1' }))).toMatchObject({ Status: 'FINISHED' });
});

test('without the grant on the workgroup, or on the secret, nothing runs', async () => {
  const before = calls.length;
  expect(await execute('select 1', cloud.credentialsOf('NoStatement'))).toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringMatching(
      /redshift-data:ExecuteStatement on resource: arn:aws:redshift-serverless:.*:workgroup\//,
    ),
  });
  expect(await execute('select 1', cloud.credentialsOf('NoSecret'))).toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('secretsmanager:GetSecretValue'),
  });
  expect(calls).toHaveLength(before);
});

test("the warehouse's failures keep their names", async () => {
  expect(await execute('broken')).toMatchObject({ name: 'ValidationException', message: 'no such table' });
});

test('COPY reads as the role it names: associated, and within its grants', async () => {
  const Bucket = cloud.outputs.Lake ?? '';
  const s3 = new S3Client(clientOf(cloud));
  for (const Key of ['raw/a', 'other/b']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  const copyRole = cloud.outputs.CopyRole ?? '';
  const get = (key: string, roleArn: string) =>
    namespace?.objects.get(`s3://${Bucket}/${key}`, roleArn).then(String, (error: Error) => error.message);
  expect(await get('raw/a', copyRole)).toBe('raw/a');
  expect(await get('other/b', copyRole)).toContain('role CopyRole');
  expect(await get('raw/a', cloud.outputs.Strange ?? '')).toContain('is not associated with the namespace');
  await expect(namespace?.objects.list(`s3://${Bucket}/raw/`, copyRole)).rejects.toThrow('s3:ListBucket');
});

test('the cloud is not idle while a statement runs', async () => {
  running = true;
  await execute('select 1');
  await expect(cloud.idle({ timeoutMilliseconds: 200 })).rejects.toThrow('still busy after 0.2 s: statements on probe');
  running = false;
  await cloud.idle();
});
