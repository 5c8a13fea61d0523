import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpObjectStore } from '../../local/redshift/copy/http-object-store.ts';
import { s3Error } from '../../local/redshift/copy/s3-error.ts';

const role = 'arn:aws:iam::000000000000:role/copy';

/** An S3 of three answers: a list in two pages, an object, and a refusal. */
function answer(request: IncomingMessage): { status: number; body: string } {
  const url = new URL(request.url ?? '', 'http://s3');
  if (url.searchParams.get('list-type') === '2') return { status: 200, body: listPage(url.searchParams) };
  if (decodeURIComponent(url.pathname) === '/lake/a/b c')
    return { status: 200, body: `object for ${request.headers.authorization?.match(/Credential=(\w+)/)?.[1]}` };
  if (request.method === 'PUT') return { status: 200, body: '' };
  const refusal = `<Error><Code>AccessDenied</Code><Message>User: ${role} is not authorized to perform: s3:GetObject</Message></Error>`;
  return { status: 403, body: refusal };
}

function listPage(query: URLSearchParams): string {
  const second = query.get('continuation-token') === 'more';
  const more = second
    ? '<IsTruncated>false</IsTruncated>'
    : '<IsTruncated>true</IsTruncated><NextContinuationToken>more</NextContinuationToken>';
  const key = `${query.get('prefix')}${second ? '2' : '1'}`;
  return `<ListBucketResult>${more}<Contents><Key>${key}</Key><Size>7</Size></Contents></ListBucketResult>`;
}

describe('the object store over HTTP', () => {
  let server: Server;
  let store: ReturnType<typeof httpObjectStore>;

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        const { status, body } = answer(request);
        response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    store = httpObjectStore({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentialsForRole: async (roleArn) => ({ accessKeyId: `KEY${roleArn.split('/')[1]}`, secretAccessKey: 'x' }),
    });
  });
  afterAll(() => {
    store.close();
    server.close();
    server.closeAllConnections();
  });

  it('reads as the role, lists all pages, writes', async () => {
    expect((await store.get('s3://lake/a/b c', role)).toString()).toBe('object for KEYcopy');
    expect(await store.list('s3://lake/p/', role)).toEqual([
      { uri: 's3://lake/p/1', sizeBytes: 7 },
      { uri: 's3://lake/p/2', sizeBytes: 7 },
    ]);
    await store.put('s3://lake/out', Buffer.from('x'), role);
  });

  it("fails in a way that becomes Redshift's words", async () => {
    const failure = await store.get('s3://lake/secret', role).catch((error: unknown) => error);
    expect(s3Error(failure, 's3://lake/secret', 1).message).toMatch(
      /^S3ServiceException:User: .*role\/copy is not authorized to perform: s3:GetObject,Status 403,Error AccessDenied,Rid/,
    );
    await expect(store.get('file:///x', role)).rejects.toThrow("Invalid S3 path 'file:///x'");
  });
});
