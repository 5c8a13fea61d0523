import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { s3ObjectStore } from '../../lambdas/aws/object-store.ts';

interface Seen {
  readonly method: string | undefined;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** An S3 that answers what a test says, and remembers what it was asked: the real client over a real socket. */
async function fakeS3(answers: { status: number; body?: string }[]) {
  const seen: Seen[] = [];
  const eTag = { ETag: '"e1"' };
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [pathname = '', search = ''] = (request.url ?? '').split('?');
    const [path, query] = [decodeURIComponent(pathname), new URLSearchParams(search)];
    seen.push({
      method: request.method,
      path,
      query,
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    });
    const answer = answers.shift() ?? { status: 200 };
    response.writeHead(answer.status, eTag).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  const close = () => {
    client.destroy();
    return stop();
  };
  return { store: s3ObjectStore('lake', client), seen, stop, close };
}

const object = {
  key: 'raw/brackets/dt=2026-11-20/x.ndjson.gz',
  body: Buffer.from('{}\n'),
  contentType: 'application/x-ndjson',
};
const failure = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>said so</Message></Error>`;

describe('the lake in S3', () => {
  let s3: Awaited<ReturnType<typeof fakeS3>>;
  afterEach(() => s3.close());

  test('puts an object whole, with its type and metadata', async () => {
    s3 = await fakeS3([]);
    const put = await s3.store.put({ ...object, metadata: { 'millrace-records': '1' } });
    expect(put).toEqual({ eTag: 'e1' });
    expect(s3.seen).toHaveLength(1);
    expect(s3.seen[0]).toMatchObject({
      method: 'PUT',
      path: '/lake/raw/brackets/dt=2026-11-20/x.ndjson.gz',
      headers: { 'content-type': 'application/x-ndjson', 'x-amz-meta-millrace-records': '1' },
    });
  });

  test('gives an object back, and undefined where there is none', async () => {
    s3 = await fakeS3([
      { status: 200, body: 'bytes' },
      { status: 404, body: failure('NoSuchKey') },
    ]);
    expect(Buffer.from((await s3.store.get('a')) ?? []).toString('utf8')).toBe('bytes');
    expect(await s3.store.get('b')).toBeUndefined();
  });

  test('lists what lies after a key, page by page, and no more than was asked for', async () => {
    const listing = (keys: string[], more: boolean) => {
      const contents = keys.map((key) => `<Contents><Key>${key}</Key><Size>7</Size><ETag>"e-${key}"</ETag></Contents>`);
      return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${contents.join('')}</ListBucketResult>`;
    };
    s3 = await fakeS3([
      { status: 200, body: listing(['b', 'c'], true) },
      { status: 200, body: listing(['d'], true) },
    ]);
    const found = await s3.store.list({ prefix: 'raw/brackets/', after: 'a', limit: 3 });
    expect(found).toEqual(['b', 'c', 'd'].map((key) => ({ key, sizeBytes: 7, eTag: `e-${key}` })));
    expect(s3.seen.map(({ query }) => [query.get('start-after'), query.get('max-keys')])).toEqual([
      ['a', '3'],
      ['c', '1'],
    ]);
  });

  test.each([
    [503, 'SlowDown', true],
    [500, 'InternalError', true],
    [403, 'AccessDenied', false],
    [404, 'NoSuchBucket', false],
  ])('%i %s names the call and says whether to retry', async (status, code, retryable) => {
    s3 = await fakeS3([{ status, body: failure(code) }]);
    await expect(s3.store.put(object)).rejects.toMatchObject({
      code: 'AWS_CALL_FAILED',
      serviceCode: code,
      retryable,
      message: `s3:PutObject on s3://lake/${object.key}: ${code}: said so`,
    });
  });

  test('a connection that is refused may pass', async () => {
    s3 = await fakeS3([]);
    await s3.stop();
    await expect(s3.store.put(object)).rejects.toMatchObject({
      retryable: true,
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
