import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpObjectStore } from '../../local/redshift/copy/http-object-store.ts';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session } from '../../local/redshift/types.ts';

const objects = new Map<string, Buffer>();
/** Keys that may do nothing. */
const barred = 'KEYbarred';

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** An S3 that keeps objects in memory: put, get, list and delete, under a path of bucket and key. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'http://s3');
  const path = decodeURIComponent(url.pathname).slice(1);
  const body = await bodyOf(request);
  const send = (status: number, content: string | Buffer = ''): void => void response.writeHead(status).end(content);
  if (request.headers.authorization?.includes(`Credential=${barred}`))
    send(403, '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>');
  else if (url.searchParams.get('list-type') === '2') send(200, listOf(path, url.searchParams.get('prefix') ?? ''));
  else if (request.method === 'PUT') send(objects.set(path, body) && 200);
  else if (request.method === 'DELETE') send(objects.delete(path) ? 204 : 404);
  else if (objects.has(path)) send(200, objects.get(path));
  else send(404, '<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>');
}

function listOf(bucket: string, prefix: string): string {
  const folder = bucket.replace(/\/?$/, '/');
  const keys = [...objects.keys()].filter((path) => path.startsWith(folder + prefix));
  const contents = keys.map((path) => `<Contents><Key>${path.slice(folder.length)}</Key><Size>1</Size></Contents>`);
  return `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`;
}

describe('COPY and UNLOAD over HTTP', () => {
  const server = createServer((request, response) => void answer(request, response));
  let store: ReturnType<typeof httpObjectStore>;
  let redshift: Redshift;
  let session: Session;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    store = httpObjectStore({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentialsForRole: async (roleArn) => ({ accessKeyId: `KEY${roleArn.split('/')[1]}`, secretAccessKey: 'x' }),
    });
    const admin = { user: 'admin', password: 'secret' };
    redshift = await openRedshift({ databases: ['dev'], admin, objectStore: store });
    session = await redshift.session({ database: 'dev', user: 'admin' });
    await session.execute(`create table source (n int, price decimal(20,3), document super);
      insert into source values (1, 1.5, json_parse('{"list":[1.50,"é"]}')), (2, null, null);
      create table target (like source)`);
  });
  afterAll(async () => {
    await session.close();
    await redshift.close();
    store.close();
    server.close();
    server.closeAllConnections();
  });

  const role = "iam_role 'arn:aws:iam::000000000000:role/copy'";
  const run = async (sql: string) => (await session.execute(sql)).at(-1);

  it('takes Parquet there and back, by role and by keys', async () => {
    await run(`unload ('select * from source') to 's3://lake/out/' ${role} format parquet manifest`);
    expect([...objects.keys()]).toEqual(['lake/out/0000_part_00.parquet', 'lake/out/manifest']);
    await run(`copy target from 's3://lake/out/manifest' ${role} format as parquet manifest`);
    expect((await run('select * from target order by n'))?.rows).toEqual([
      ['1', '1.500', '{"list":[1.50,"é"]}'],
      ['2', null, null],
    ]);
    await run(
      `unload ('select * from source') to 's3://lake/out/' access_key_id 'AKIA' secret_access_key 's' json cleanpath`,
    );
    expect([...objects.keys()]).toEqual(['lake/out/0000_part_00']);
    await run(
      "copy target from 's3://lake/out/' credentials 'aws_access_key_id=AKIA;aws_secret_access_key=s' json 'auto'",
    );
    expect((await run('select count(*) from target'))?.rows).toEqual([['4']]);
  });

  it.each([
    "copy target from 's3://lake/out/' iam_role 'arn:aws:iam::000000000000:role/barred' csv",
    "unload ('select 1') to 's3://lake/no/' iam_role 'arn:aws:iam::000000000000:role/barred'",
    `copy target from 's3://lake/out/' access_key_id '${barred}' secret_access_key 's' csv`,
  ])('says who may not: %s', async (statement) => {
    await expect(run(statement)).rejects.toMatchObject({
      sqlState: 'XX000',
      message: expect.stringMatching(/^S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid /),
    });
  });
});
