import { connect } from 'node:net';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Cloud } from '../../local/cloud/cloud.ts';
import type { CloudModule } from '../../local/cloud/resource.ts';
import { ServiceError, type ServiceRequest } from '../../local/cloud/service.ts';
import { clientOf, role, type StackOnDisk, writeStack } from './stack-on-disk.ts';

const seen: ServiceRequest[] = [];
const kinesisModule: CloudModule = {
  resourceTypes: [],
  openServices: async () => [
    {
      signingName: 'kinesis',
      handle: async (request) => {
        seen.push(request);
        const { StreamName } = JSON.parse(request.body.toString()) as { StreamName: string };
        if (StreamName === 'broken') throw new Error('a bug');
        if (StreamName !== 'logs') throw new ServiceError('ResourceNotFoundException', `no stream ${StreamName}`);
        return { status: 200, body: JSON.stringify({ ShardId: 'shardId-0', SequenceNumber: '1' }) };
      },
    },
  ],
};

let stack: StackOnDisk;
let cloud: Cloud;

beforeAll(async () => {
  stack = writeStack({
    Resources: {
      Reader: role([{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: { Ref: 'Generated' } }]),
      Generated: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: {
          GenerateSecretString: {
            SecretStringTemplate: '{"username":"millrace"}',
            GenerateStringKey: 'password',
            ExcludePunctuation: true,
            PasswordLength: 40,
          },
        },
      },
      Empty: { Type: 'AWS::SecretsManager::Secret', Properties: {} },
    },
    Outputs: { Generated: { Value: { Ref: 'Generated' } }, Empty: { Value: { Ref: 'Empty' } } },
  });
  const fallback = (_: unknown, response: { end(text: string): void }) => response.end('the console');
  cloud = await stack.start({ modules: [kinesisModule], fallback });
});
afterAll(async () => {
  await cloud.close();
  stack.remove();
});

const putRecord = async (StreamName: string, credentials = cloud.credentials) => {
  const client = new KinesisClient(clientOf(cloud, credentials));
  const input = { StreamName, Data: Buffer.from('x'), PartitionKey: 'k' };
  return client
    .send(new PutRecordCommand(input))
    .catch((error: Error) => error)
    .finally(() => client.destroy());
};

test("the SDK's Kinesis client, which speaks HTTP/2 only, is served without options", async () => {
  expect(await putRecord('logs')).toMatchObject({ ShardId: 'shardId-0' });
  const request = seen.at(-1);
  expect(request).toMatchObject({ method: 'POST', path: '/', principal: { kind: 'owner' } });
  expect(request?.headers['x-amz-target']).toBe('Kinesis_20131202.PutRecord');
});

test('failures come back in the words of the protocol', async () => {
  expect(await putRecord('none')).toMatchObject({ name: 'ResourceNotFoundException', message: 'no stream none' });
  expect(await putRecord('broken')).toMatchObject({
    name: 'InternalFailure',
    message: expect.stringContaining('a bug'),
  });
  const stranger = await putRecord('logs', { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' });
  expect(stranger).toMatchObject({
    name: 'UnrecognizedClientException',
    message: expect.stringContaining('AKIANOBODY'),
  });
});

test('a service that is not there is an error naming those that are', async () => {
  const authorization =
    'AWS4-HMAC-SHA256 Credential=millrace/20261120/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0';
  const answer = await fetch(cloud.endpoint, { method: 'POST', headers: { authorization } });
  expect([answer.status, await answer.text()]).toEqual([
    501,
    expect.stringContaining('no service \\"ec2\\"; it has kinesis, lambda'),
  ]);
});

test('who one is can be asked, and a browser is shown the console', async () => {
  const { accessKeyId } = cloud.credentialsOf('Reader');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261120/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0`;
  const body = 'Action=GetCallerIdentity&Version=2011-06-15';
  const answer = await fetch(cloud.endpoint, { method: 'POST', headers: { authorization }, body });
  expect(await answer.text()).toContain('<Arn>arn:aws:sts::000000000000:assumed-role/probe-reader/local</Arn>');
  expect(await (await fetch(`${cloud.endpoint}/anything`)).text()).toBe('the console');
});

test('a connection that dribbles its first bytes, or dies early, harms nobody', async () => {
  const port = Number(new URL(cloud.endpoint).port);
  connect(port, '127.0.0.1')
    .on('error', () => {})
    .end('PRI');
  const socket = connect(port, '127.0.0.1');
  const answer = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
  for (const piece of ['P', 'UT / HTTP/1.1\r\nHost: x\r\n', '\r\n']) {
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
  }
  expect(await answer).toMatch(/^HTTP\/1\.1 200/);
  socket.destroy();
});

test('secrets are generated once, kept, and read by whom a grant lets', async () => {
  const reader = new SecretsManagerClient(clientOf(cloud, cloud.credentialsOf('Reader')));
  const owner = new SecretsManagerClient(clientOf(cloud));
  const get = (client: SecretsManagerClient, name: string) =>
    client.send(new GetSecretValueCommand({ SecretId: cloud.outputs[name] })).catch((error: Error) => error);
  const generated = (await get(reader, 'Generated')) as { SecretString: string };
  expect(JSON.parse(generated.SecretString)).toEqual({
    username: 'millrace',
    password: expect.stringMatching(/^[A-Za-z0-9]{40}$/),
  });
  expect(await get(reader, 'Empty')).toMatchObject({ name: 'AccessDeniedException' });
  expect(await get(owner, 'Empty')).toMatchObject({ name: 'ResourceNotFoundException' });
  await owner.send(new PutSecretValueCommand({ SecretId: cloud.outputs.Empty, SecretString: '{"url":"x"}' }));
  await cloud.close();
  cloud = await stack.start({ modules: [kinesisModule] });
  const again = new SecretsManagerClient(clientOf(cloud));
  expect(await get(again, 'Empty')).toMatchObject({ SecretString: '{"url":"x"}' });
  expect(await get(again, 'Generated')).toMatchObject({ SecretString: generated.SecretString });
});
