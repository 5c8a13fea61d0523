import { DeleteObjectsCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type RewritableStore, s3RewritableStore } from '../../lambdas/aws/rewritable-store.ts';
import type { Cloud } from '../../local/cloud/cloud.ts';
import { clientOf, type StackOnDisk, writeStack } from '../cloud/stack-on-disk.ts';

/** Over the local S3: the same conditions that AWS checks. */
describe('objects that several writers change', () => {
  let stack: StackOnDisk;
  let cloud: Cloud;
  let client: S3Client;
  let store: RewritableStore;
  let Bucket: string;
  const object = (key: string, text: string) => ({ key, body: Buffer.from(text), contentType: 'text/plain' });

  async function given(key: string, text: string): Promise<string> {
    await store.put(object(key, text));
    return (await store.read(key))?.eTag ?? '';
  }
  const textOf = async (key: string) => (await store.read(key))?.bytes.toString();

  beforeAll(async () => {
    stack = writeStack({
      Resources: { Lake: { Type: 'AWS::S3::Bucket', Properties: {} } },
      Outputs: { Lake: { Value: { Ref: 'Lake' } } },
    });
    cloud = await stack.start();
    client = new S3Client(clientOf(cloud));
    Bucket = cloud.outputs.Lake ?? '';
    store = s3RewritableStore(Bucket, client);
  });
  afterAll(async () => {
    client?.destroy();
    await cloud?.close();
    stack?.remove();
  });

  test('what was read is replaced, once', async () => {
    const eTag = await given('a', 'one');
    expect(await store.replace(object('a', 'two'), eTag)).toBe('done');
    expect(await store.replace(object('a', 'three'), eTag)).toBe('changed');
    expect(Buffer.from((await store.read('a'))?.bytes ?? []).toString()).toBe('two');
  });

  test('what was read is removed; what has changed since is not', async () => {
    const eTag = await given('b', 'one');
    await store.put(object('b', 'two'));
    expect(await store.remove('b', eTag)).toBe('changed');
    const present = (await store.read('b'))?.eTag ?? '';
    expect(await store.remove('b', present)).toBe('done');
    expect(await textOf('b')).toBeUndefined();
  });

  test('what is gone is neither replaced nor removed again', async () => {
    const eTag = await given('c', 'one');
    await store.remove('c', eTag);
    expect(await store.replace(object('c', 'two'), eTag)).toBe('changed');
    expect(await store.remove('c', eTag)).toBe('changed');
  });

  test('a delete of many checks the content of each that names one', async () => {
    await given('d', 'one');
    const eTag = await given('e', 'one');
    await store.put(object('e', 'two'));
    const Objects = [{ Key: 'd' }, { Key: 'e', ETag: eTag }];
    const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Errors).toMatchObject([{ Key: 'e', Code: 'PreconditionFailed' }]);
    await expect(client.send(new GetObjectCommand({ Bucket, Key: 'd' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});
