import { extractWorld as world } from '../factories/extract-world.ts';
import { row } from '../factories/rest-api.ts';

const minute = (count: number) => `2026-11-20T10:${String(count).padStart(2, '0')}:00Z`;

describe('a source that does not answer well', () => {
  const status = (code: number, headers: Record<string, string> = {}) =>
    new Response('busy', { status: code, headers });

  test('is asked again after 429, 5xx and broken connections, as late as it says', async () => {
    const { api, run, slept } = world();
    api.rows = [row('a', minute(1))];
    api.answerNext(status(429, { 'retry-after': '7' }), status(503), new TypeError('fetch failed'), status(500));
    expect(await run()).toMatchObject({ kind: 'complete', pages: 1 });
    expect(slept).toEqual([7_000, 750, 1_500, 3_000]);
  });

  test('is given up after five attempts, or where waiting would outlast the invocation', async () => {
    const { api, run, slept } = world();
    api.answerNext(...[1, 2, 3, 4, 5].map(() => status(503)));
    expect(await run()).toMatchObject({ kind: 'failed', error: { code: 'REST_UNAVAILABLE', retryable: true } });
    expect(slept).toHaveLength(4);
    api.answerNext(status(429, { 'retry-after': '3600' }));
    expect(await run()).toMatchObject({ kind: 'failed', error: { code: 'REST_UNAVAILABLE' } });
    expect(slept).toHaveLength(4);
  });

  test.each([
    [401, 'REST_UNAUTHORIZED'],
    [403, 'REST_UNAUTHORIZED'],
    [404, 'REST_NOT_FOUND'],
    [418, 'REST_REFUSED'],
  ])('%i is said once, with the address and without secrets', async (code, expected) => {
    const { api, run } = world();
    api.answerNext(status(code));
    const outcome = await run();
    const error = outcome.kind === 'failed' ? (outcome.error as Error & { code: string }) : undefined;
    expect(error?.code).toBe(expected);
    expect(error?.message).toContain(`GET https://api.example.com/organizers answered ${code}`);
    expect(error?.message).not.toMatch(/hush|user|pw|tenant/);
    expect(api.requests).toHaveLength(1);
  });

  test.each([
    ['<html>Welcome</html>', 'is not JSON'],
    ['{"data":[{"id":1', 'is not JSON'],
    ['{"items":[]}', 'has no array under "data"'],
    ['{"data":{}}', 'has no array under "data"'],
    ['[]', 'has no array under "data"'],
    ['{"data":[],"data":[{"id":1}]}', 'has "data" more than once'],
    ['', 'is not JSON'],
  ])('the body %j is an error that shows its beginning', async (body, reason) => {
    const { api, run, lake } = world();
    api.answerNext(new Response(body));
    const outcome = await run();
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { code: 'REST_BAD_BODY', message: expect.stringContaining(reason) },
    });
    expect(lake.objects.size).toBe(0);
  });

  test('a secret that is not what it should be is named, not shown', async () => {
    const { run } = world();
    const bad = (text: string) => run({}, { secrets: { read: async () => text } });
    await expect(bad('hush')).rejects.toMatchObject({
      code: 'BAD_SECRET',
      message: expect.stringContaining('arn:secret'),
    });
    await expect(bad('{"url":"hush","token":"hush"}')).rejects.toThrow(expect.not.stringContaining('hush'));
  });

  test.each([
    ['http://user:hush@api.example/v1', 'token'],
    ['http://api.example/v1', 'hu\nsh'],
    ['http://api.example/v1', 'hush–hush'],
    ['http://api.example/v1', ''],
  ])('a secret that fetch would refuse, and quote, is refused before: %j, %j', async (url, token) => {
    const { api, run } = world();
    const refused = run({}, { secrets: { read: async () => JSON.stringify({ url, token }) } });
    await expect(refused).rejects.toMatchObject({
      code: 'BAD_SECRET',
      message: expect.not.stringMatching(/hu\n?sh/),
    });
    expect(api.requests).toHaveLength(0);
  });

  test('the line break that an editor leaves after a token is no part of it', async () => {
    const { api, run } = world();
    await run({}, { secrets: { read: async () => '{"url":"http://api.example/v1","token":"t0ken\\n"}' } });
    expect(api.requests[0]?.authorization).toBe('Bearer t0ken');
  });
});
