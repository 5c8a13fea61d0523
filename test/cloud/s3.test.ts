import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import type { Cloud } from '../../local/cloud/cloud.ts';
import type { BusEvent, CloudModule } from '../../local/cloud/resource.ts';
import { clientOf, type StackOnDisk, writeStack } from './stack-on-disk.ts';

const delivered: BusEvent[] = [];
/** Stands for EventBridge: keeps what it is given. */
const busModule: CloudModule = {
  resourceTypes: [],
  openServices: async () => [
    {
      signingName: 'events',
      handle: async () => ({ status: 200 }),
      deliver: async (event: BusEvent) => void delivered.push(event),
    } as never,
  ],
};
const replacingBus = { modules: [busModule] };

const template = {
  Resources: {
    Lake: {
      Type: 'AWS::S3::Bucket',
      Properties: { NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } },
    },
    Other: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'other-bucket' } },
  },
  Outputs: { Lake: { Value: { Ref: 'Lake' } } },
};

let stack: StackOnDisk;
let cloud: Cloud;
let s3: S3Client;
let Bucket: string;

beforeAll(async () => {
  stack = writeStack(template);
  cloud = await stack.start(replacingBus);
  s3 = new S3Client(clientOf(cloud));
  Bucket = cloud.outputs.Lake ?? '';
});
afterAll(async () => {
  s3.destroy();
  await cloud.close();
  stack.remove();
});

const text = async (Key: string, more = {}) => {
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return answer.Body?.transformToString();
};
const put = (Key: string, Body: string | Buffer, more = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: Error & { $metadata?: object }) => error,
  );

test('an object comes back with its bytes, metadata and checksum', async () => {
  const stored = await put('raw/a.ndjson', 'hello', {
    Metadata: { owner: 'me' },
    ContentType: 'text/x',
    ContentEncoding: 'gzip',
  });
  expect(stored.ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'raw/a.ndjson', ChecksumMode: 'ENABLED' }));
  expect(head).toMatchObject({
    ContentLength: 5,
    ContentType: 'text/x',
    ContentEncoding: 'gzip',
    Metadata: { owner: 'me' },
    ETag: stored.ETag,
    ChecksumCRC32: stored.ChecksumCRC32,
  });
  expect(await text('raw/a.ndjson')).toBe('hello');
});

test('a streamed body of unknown hash arrives whole', async () => {
  const bytes = Buffer.alloc(3_000_000, 'abcdefghij');
  const Body = Readable.from([bytes.subarray(0, 1_000_001), bytes.subarray(1_000_001)]);
  await s3.send(new PutObjectCommand({ Bucket, Key: 'streamed', Body, ContentLength: bytes.length }));
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key: 'streamed' }));
  expect(Buffer.from((await answer.Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
});

test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256', 'CRC64NVME'] as const)(
  'a %s checksum is checked',
  async (ChecksumAlgorithm) => {
    // The check value of each algorithm for "123456789", from its specification.
    const known = {
      CRC32: 'y/Q5Jg==',
      CRC32C: '4waSgw==',
      CRC64NVME: 'rosUhgp5mIg=',
      SHA1: '98O8HYCOBHMq32eZZczDTKeuNEE=',
      SHA256: 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=',
    };
    const right = { [`Checksum${ChecksumAlgorithm}`]: known[ChecksumAlgorithm] };
    await put('checked', '123456789', right);
    const wrong = await failure(put('checked', '123456780', right));
    expect(wrong?.name).toBe('BadDigest');
  },
);

test('ranges and conditions are honoured', async () => {
  const { ETag } = await put('range', '0123456789');
  expect(await text('range', { Range: 'bytes=2-4' })).toBe('234');
  expect(await text('range', { Range: 'bytes=-3' })).toBe('789');
  expect((await failure(text('range', { Range: 'bytes=20-' })))?.name).toBe('InvalidRange');
  expect((await failure(text('range', { IfNoneMatch: ETag })))?.$metadata).toMatchObject({ httpStatusCode: 304 });
  expect((await failure(text('range', { IfMatch: '"x"' })))?.name).toBe('PreconditionFailed');
  expect((await failure(put('range', 'again', { IfNoneMatch: '*' })))?.name).toBe('PreconditionFailed');
  expect(await text('range', { IfMatch: ETag })).toBe('0123456789');
});

test('of concurrent first writers exactly one wins', async () => {
  const attempts = Array.from({ length: 8 }, (_, index) =>
    failure(put('lock', `writer ${index}`, { IfNoneMatch: '*' })),
  );
  const refused = (await Promise.all(attempts)).filter(Boolean);
  expect(refused).toHaveLength(7);
});

test('a missing key, bucket or feature is said as S3 says it, or by name', async () => {
  expect((await failure(text('nothing')))?.name).toBe('NoSuchKey');
  const elsewhere = await failure(s3.send(new GetObjectCommand({ Bucket: 'nobody', Key: 'x' })));
  expect(elsewhere?.name).toBe('NoSuchBucket');
  const unsupported = await failure(s3.send(new GetBucketAclCommand({ Bucket })));
  expect(unsupported?.message).toContain('the local S3 does not have this operation: GET bucket acl');
});

test('listings page, roll up and sort by UTF-8', async () => {
  const names = ['list/a/1', 'list/a/2', 'list/b', 'list/\u{ffff}', 'list/\u{1f600}', 'list/c/x'];
  for (const name of names) await put(name, name);
  const keys: string[] = [];
  const prefixes: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'list/', Delimiter: '/', MaxKeys: 2, ContinuationToken }),
    );
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
    prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  expect(prefixes).toEqual(['list/a/', 'list/c/']);
  expect(keys).toEqual(['list/b', 'list/\u{ffff}', 'list/\u{1f600}']);
});

test('any key round-trips', async () => {
  const unit = fc.oneof(
    fc.constantFrom(
      '/',
      '.',
      '..',
      '%',
      '%2F',
      '+',
      ' ',
      '&',
      '?',
      '#',
      '"',
      "'",
      '<',
      '=',
      ':',
      '\\',
      '\n',
      '\u007f',
      'é',
      '😀',
      '~',
      '*',
      '|',
      '\u{ffff}',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
  );
  const key = fc.array(unit, { minLength: 1, maxLength: 12 }).map((parts) => `odd-${parts.join('')}`);
  await fc.assert(
    fc.asyncProperty(key, async (Key) => {
      await put(Key, Key);
      expect(await text(Key)).toBe(Key);
      const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key, EncodingType: 'url' }));
      const found = (listed.Contents ?? []).map((item) => decodeURIComponent(item.Key ?? ''));
      expect(found).toContain(Key);
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    }),
    { numRuns: 60 },
  );
});

test('multipart uploads complete, refuse what is not there, and abort', async () => {
  const Key = 'multi';
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'text/y' }));
  const part = async (PartNumber: number, Body: Buffer) => {
    const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    return { PartNumber, ETag };
  };
  const first = await part(1, Buffer.alloc(5 * 1024 * 1024, 'a'));
  const Parts = [first, await part(2, Buffer.from('end'))];
  const complete = (parts: object[]) =>
    s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: parts } }));
  expect((await failure(complete([{ PartNumber: 3, ETag: '"x"' }])))?.name).toBe('InvalidPart');
  expect((await complete(Parts)).ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
  expect((await text(Key))?.length).toBe(5 * 1024 * 1024 + 3);
  expect((await failure(complete(Parts)))?.name).toBe('NoSuchUpload');
  const other = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'never' }));
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'never', UploadId: other.UploadId }));
  expect((await failure(text('never')))?.name).toBe('NoSuchKey');
});

test('copies, deletes and bucket questions', async () => {
  await put('from/é +', 'copied', { Metadata: { kept: 'yes' } });
  await s3.send(
    new CopyObjectCommand({
      Bucket: 'other-bucket',
      Key: 'to',
      CopySource: `${Bucket}/${encodeURIComponent('from/é +')}`,
    }),
  );
  const copy = await s3.send(new GetObjectCommand({ Bucket: 'other-bucket', Key: 'to' }));
  expect([await copy.Body?.transformToString(), copy.Metadata]).toEqual(['copied', { kept: 'yes' }]);
  const Objects = [{ Key: 'from/é +' }, { Key: 'never <was> & there' }];
  const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  expect(Deleted).toEqual(Objects);
  await s3.send(new HeadBucketCommand({ Bucket }));
  expect(await s3.send(new GetBucketLocationCommand({ Bucket }))).toBeDefined();
  const { Buckets } = await s3.send(new ListBucketsCommand({}));
  expect(Buckets?.map(({ Name }) => Name).sort()).toEqual([Bucket, 'other-bucket'].sort());
});

test('a created object is told to EventBridge as S3 tells it, from the buckets that have it on', async () => {
  const before = delivered.length;
  await put('raw/told', 'body');
  await s3.send(new PutObjectCommand({ Bucket: 'other-bucket', Key: 'silent', Body: 'x' }));
  await cloud.idle();
  expect(delivered.slice(before)).toMatchObject([
    {
      source: 'aws.s3',
      'detail-type': 'Object Created',
      account: '000000000000',
      resources: [`arn:aws:s3:::${Bucket}`],
      detail: {
        version: '0',
        bucket: { name: Bucket },
        object: {
          key: 'raw/told',
          size: 4,
          etag: '841a2d689ad86bd1611447453c22c6fc',
          sequencer: expect.stringMatching(/^[0-9a-f]+$/),
        },
        reason: 'PutObject',
      },
    },
  ]);
});

test('a restart keeps objects, and sends the event that a killed process owed', async () => {
  await put('kept', 'still here');
  await cloud.idle();
  await cloud.close();
  const failing: CloudModule = {
    resourceTypes: [],
    openServices: async () => [
      {
        signingName: 'events',
        handle: async () => ({ status: 200 }),
        deliver: async () => Promise.reject(new Error('down')),
      } as never,
    ],
  };
  cloud = await stack.start({ modules: [failing] });
  s3 = new S3Client(clientOf(cloud));
  expect(await text('kept')).toBe('still here');
  await put('owed', 'x');
  await cloud.idle();
  await cloud.close();
  const before = delivered.length;
  cloud = await stack.start(replacingBus);
  s3 = new S3Client(clientOf(cloud));
  await cloud.idle();
  expect(delivered.slice(before).map(({ detail }) => (detail.object as { key: string }).key)).toEqual(['owed']);
});
