import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { activityOf } from '../../local/console/activity.ts';
import { catalogPages } from '../../local/console/catalog.ts';
import { type Console, createConsole } from '../../local/console/console.ts';

const at = '2026-11-20T12:00:00.000Z';

describe('what a person is told of an event', () => {
  test('a landed object is a step of the lake', () => {
    const event = { at, kind: 'object', phase: 'created', bucket: 'b', key: 'raw/orders/x', sizeBytes: 1 } as const;
    expect(activityOf(event)).toEqual({ at, stage: 'lake', text: 'landed raw/orders/x', bad: false });
  });

  test('a denied call is told in full, as bad news', () => {
    const event = {
      at,
      kind: 'denied',
      action: 's3:GetObject',
      resourceArn: 'a',
      principal: 'r',
      message: 'no',
    } as const;
    expect(activityOf(event)).toEqual({ at, text: 'no', bad: true });
  });

  test('log lines are not told', () => {
    const event = { at, kind: 'log', functionName: 'f', logicalId: 'F', stream: 'stdout', line: 'x' } as const;
    expect(activityOf(event)).toBeUndefined();
  });
});

describe('the console page', () => {
  let console: Console;
  let server: http.Server;
  let looked = 0;
  let built = 0;
  const get = (path: string, host?: string): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const request = http.get({ port, path, host: '127.0.0.1', ...(host && { headers: { host } }) }, (response) => {
        const chunks: string[] = [];
        response.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: chunks.join('') }));
      });
      request.on('error', reject);
    });

  beforeAll(async () => {
    console = createConsole(
      async () => {
        looked += 1;
        return { stackName: 'Millrace-x', summary: { datasets: [], marts: [], failedModels: [] }, connect: {} };
      },
      catalogPages(async () => [
        { path: 'index.html', contentType: 'text/html', body: `built ${++built}` },
        { path: 'data/index.js', contentType: 'text/javascript', body: 'data' },
      ]),
    );
    server = http.createServer(console.handle);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    console.close();
    server.close();
  });

  test('is served to a browser of this machine', async () => {
    const { status, body } = await get('/');
    expect(status).toBe(200);
    expect(body).toContain('The journey of a record');
  });

  test('counts when somebody looks, not before', async () => {
    expect(looked).toBe(0);
    const { body } = await get('/console/status');
    expect(JSON.parse(body)).toMatchObject({ stackName: 'Millrace-x' });
    expect(looked).toBe(1);
  });

  test('has the catalog beside it, built when its first page is asked for', async () => {
    expect(await get('/catalog/')).toEqual({ status: 200, body: 'built 1' });
    expect(await get('/catalog/data/index.js')).toEqual({ status: 200, body: 'data' });
    expect((await get('/catalog/')).body).toBe('built 2');
    expect((await get('/catalog/data/nothing.js')).status).toBe(404);
    expect((await get('/catalog')).status).toBe(302);
  });

  test('is not served to a page of another site that resolves to this machine', async () => {
    expect((await get('/console/status', 'evil.example:4570')).status).toBe(403);
  });

  test('tells whoever comes later what happened just before', async () => {
    console.show({ at, text: 'landed raw/orders/x', bad: false });
    const reading = get('/console/events');
    await new Promise((resolve) => server.once('request', resolve));
    console.close();
    expect((await reading).body).toContain('landed raw/orders/x');
  });
});
