import { ServiceError } from '../../lambdas/aws/service-error.ts';
import { extractWorld as world } from '../factories/extract-world.ts';
import { row } from '../factories/rest-api.ts';

const minute = (count: number) => `2026-11-20T10:${String(count).padStart(2, '0')}:00Z`;

describe('a pull', () => {
  test('brings all pages, digit by digit, and notes the watermark', async () => {
    const { api, lake, run, watermark } = world();
    api.rows = [1, 2, 3, 4, 5].map((n) =>
      row(`o${n}`, minute(n), `"big": 12345678901234567890.10,\n "Name":"\\u00e9"`),
    );
    expect(await run()).toMatchObject({ kind: 'complete', pages: 2, counts: { RecordsReceived: 5, RecordsLanded: 5 } });
    const [line = ''] = lake.lines('raw/');
    expect(line).toContain(
      '"payload":{"id":"o1","updatedAt":"2026-11-20T10:01:00Z","big": 12345678901234567890.10,  "Name":"\\u00e9"}}',
    );
    expect(JSON.parse(line)).toMatchObject({
      _id: expect.stringMatching(/^[0-9a-f]{32}$/),
      _op: 'update',
      _key: '{"id":"o1"}',
      _position: '2026-11-20T10:01:00.000000000Z#000000000000',
      _at: '2026-11-20T10:01:00.000000Z',
    });
    expect(await watermark()).toBe(minute(5));
  });

  test('asks with the token in its header, the address as the secret has it, and the cursor', async () => {
    const { api, run } = world();
    api.rows = [1, 2, 3, 4].map((n) => row(`o${n}`, minute(n)));
    await run();
    expect(api.requests.map(({ url, authorization }) => [url.search, authorization])).toEqual([
      ['?tenant=7', 'Bearer hush'],
      ['?tenant=7&cursor=3', 'Bearer hush'],
    ]);
  });

  test('begins a minute before the watermark, and lands only what is new; a quiet source costs no write', async () => {
    const { api, lake, watermarks, run, landed } = world();
    api.rows = [row('a', minute(1)), row('b', minute(5)), row('c', minute(5))];
    await run();
    api.requests.length = 0;
    expect(await run()).toMatchObject({ kind: 'complete', repeated: 2, counts: { RecordsReceived: 0 } });
    expect(api.requests[0]?.url.searchParams.get('updatedSince')).toBe(minute(4));
    expect([lake.puts.length, watermarks.writes]).toEqual([1, 2]);
    // A row of the same instant, and one that was committed late.
    api.rows.push(row('d', minute(5)), row('e', '2026-11-20T10:04:30Z'));
    expect(await run()).toMatchObject({ repeated: 2, counts: { RecordsReceived: 2 } });
    expect(
      landed()
        .map((line) => JSON.parse(line._key).id)
        .sort(),
    ).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('of two versions with one watermark, the one pulled later is the later one', async () => {
    const { api, run, landed } = world();
    api.rows = [row('a', minute(1), '"v":1')];
    await run();
    api.rows = [row('a', minute(1), '"v":2')];
    await run();
    const [first, second] = landed().sort((left, right) => (left._position < right._position ? -1 : 1));
    expect([first.payload.v, second.payload.v]).toEqual([1, 2]);
    expect(first._id).not.toBe(second._id);
  });

  test('that died after it landed leaves its number to nobody: of two versions with one watermark the later one wins', async () => {
    const { api, watermarks, run, landed } = world();
    api.rows = [row('a', minute(1), '"v":1')];
    const { write } = watermarks;
    let writes = 0;
    watermarks.write = async (...parameters) => {
      writes += 1;
      if (writes === 2) throw new Error('killed');
      return write.apply(watermarks, parameters);
    };
    await expect(run()).rejects.toThrow('killed');
    api.rows = [row('a', minute(1), '"v":2')];
    await run();
    const [first, second] = landed().sort((left, right) => (left._position < right._position ? -1 : 1));
    expect([first.payload.v, second.payload.v]).toEqual([1, 2]);
    expect(first._position).not.toBe(second._position);
  });

  test('that is overtaken before its first record lands nothing', async () => {
    const { api, lake, watermarks, run } = world();
    api.rows = [row('a', minute(1))];
    api.beforePage = () => void watermarks.items.set('organizers', JSON.stringify({ pull: 7, seen: [] }));
    expect(await run()).toMatchObject({ kind: 'overtaken', counts: { RecordsReceived: 0 } });
    expect(lake.objects.size).toBe(0);
  });

  test('a page that repeats rows lands them once', async () => {
    const { api, run } = world();
    api.rows = [row('a', minute(1)), row('a', minute(1)), row('b', minute(2)), row('b', minute(2))];
    expect(await run()).toMatchObject({ repeated: 2, counts: { RecordsReceived: 2, RecordsLanded: 2 } });
  });

  test('of nothing writes nothing', async () => {
    const { lake, watermarks, run } = world();
    expect(await run()).toMatchObject({ kind: 'complete', pages: 1, counts: { RecordsReceived: 0 } });
    expect([lake.objects.size, watermarks.writes]).toEqual([0, 0]);
  });

  test('of counters keeps them as they are', async () => {
    const { api, run, landed, watermark } = world();
    api.order = 'as inserted';
    api.rows = [9, 10].map((n) => ({ updatedAt: String(n), json: `{"id":${n},"updatedAt":${n}}` }));
    await run();
    expect(landed().map(({ _position, _key, _at }) => [_position, _key, _at])).toEqual([
      [`${'9'.padStart(40, '0')}#000000000000`, '{"id":9}', '2026-11-20T23:00:00.000000Z'],
      [`${'10'.padStart(40, '0')}#000000000000`, '{"id":10}', '2026-11-20T23:00:00.000000Z'],
    ]);
    expect(await watermark()).toBe('10');
  });
});

describe('bad records', () => {
  test('are set aside one by one, once, and their page lands', async () => {
    const { api, lake, run } = world();
    api.pageSize = 10;
    api.rows = [
      row('good', minute(1)),
      { updatedAt: '~', json: '{"id":"no-watermark"}' },
      { updatedAt: '~', json: '{"id":"odd-watermark","updatedAt":"yesterday"}' },
      { updatedAt: minute(2), json: `{"updatedAt":"${minute(2)}"}` },
      { updatedAt: minute(2), json: `{"id":{"nested":1},"updatedAt":"${minute(2)}"}` },
      row('twice', minute(2), '"a":1,"a":2'),
      row('huge', minute(2), '"n":1e999'),
      { updatedAt: minute(2), json: '"not an object"' },
    ];
    expect(await run()).toMatchObject({
      kind: 'complete',
      counts: { RecordsReceived: 8, RecordsLanded: 1, RecordsQuarantined: 7 },
    });
    const rejected = lake.lines('quarantine/').map((line) => JSON.parse(line));
    expect(rejected.map(({ code }) => code).sort()).toEqual(
      ['DUPLICATE_KEY', 'NO_KEY', 'NO_KEY', 'NO_KEY', 'NO_WATERMARK', 'NO_WATERMARK', 'NUMBER_OUT_OF_RANGE'].sort(),
    );
    expect(rejected.find(({ code }) => code === 'DUPLICATE_KEY')).toMatchObject({
      encoding: 'utf8',
      record: api.rows[5]?.json,
      source: {
        address: 'https://api.example.com/organizers',
        pull: '0',
        startedAt: expect.any(String),
        watermark: minute(2),
      },
    });
    expect(await run()).toMatchObject({ repeated: 8, counts: { RecordsReceived: 0 } });
  });
});

describe('the watermark', () => {
  test('does not move before the object is safe', async () => {
    const { api, lake, run, landed, watermark } = world();
    api.rows = [row('a', minute(1))];
    lake.failNext(new ServiceError('s3:PutObject', 's3://lake/x', { name: 'SlowDown' }));
    expect(await run()).toMatchObject({ kind: 'failed', counts: { RecordsReceived: 0 } });
    expect(await watermark()).toBeUndefined();
    await run();
    expect(landed()).toHaveLength(1);
  });

  test('moves only at the end of a chain; the next invocation goes on where the last one paused', async () => {
    const { api, run, landed, watermark } = world();
    api.rows = Array.from({ length: 10 }, (_, n) => row(`o${n}`, minute(n)));
    expect(await run({ pagesAtMost: 2 })).toMatchObject({ kind: 'paused', pages: 2 });
    expect(await watermark()).toBeUndefined();
    expect(await run({ pagesAtMost: 2 })).toMatchObject({ kind: 'complete', pages: 2 });
    expect(api.requests.map(({ url }) => url.searchParams.get('cursor'))).toEqual([null, '3', '6', '9']);
    expect(await watermark()).toBe(minute(9));
    expect(landed()).toHaveLength(10);
  });

  test('stays where time runs out, and the chain goes on later', async () => {
    const { api, run, watermark } = world();
    api.rows = Array.from({ length: 6 }, (_, n) => row(`o${n}`, minute(n)));
    expect(await run({}, { remainingMilliseconds: () => 9_000 })).toMatchObject({ kind: 'paused', pages: 1 });
    expect(await watermark()).toBeUndefined();
    expect(await run()).toMatchObject({ kind: 'complete', pages: 1 });
  });

  test('keeps what was pulled before a failure, and goes on from there', async () => {
    const { api, run, landed, watermark } = world();
    api.rows = Array.from({ length: 6 }, (_, n) => row(`o${n}`, minute(n)));
    api.beforePage = (count) => count === 1 && api.answerNext(new Response('', { status: 401 }));
    expect(await run()).toMatchObject({ kind: 'failed', pages: 1, counts: { RecordsLanded: 3 } });
    expect(await watermark()).toBeUndefined();
    expect(await run()).toMatchObject({ kind: 'complete', pages: 1, repeated: 0 });
    expect(landed()).toHaveLength(6);
  });

  test('an expired cursor begins the chain anew', async () => {
    const { api, run, landed, watermark } = world();
    api.rows = Array.from({ length: 6 }, (_, n) => row(`o${n}`, minute(n)));
    await run({ pagesAtMost: 1 });
    api.answerNext(new Response('', { status: 410 }));
    expect(await run()).toMatchObject({ kind: 'complete', pages: 2, repeated: 3 });
    expect([landed().length, await watermark()]).toEqual([6, minute(5)]);
  });

  test.each(['descending', 'as inserted'] as const)(
    'pages %s: a row that changes while they are read is not lost',
    async (order) => {
      const { api, run, landed } = world();
      api.order = order;
      api.rows = [4, 1, 9, 2, 8, 3, 7].map((n) => row(`o${n}`, minute(n)));
      api.beforePage = (count) => {
        if (count !== 3) return;
        // Behind the reader's back one row changes that was read already, then another that was not.
        api.rows = api.rows.filter(({ json }) => !json.includes('"o4"') && !json.includes('"o7"'));
        api.rows.unshift(row('o4', minute(20)));
        api.rows.push(row('o7', minute(30)));
      };
      for (let count = 0; count < 3; count += 1) await run();
      const versions = landed().map((line) => `${JSON.parse(line._key).id}@${line.payload.updatedAt}`);
      expect(versions).toEqual(expect.arrayContaining([`o4@${minute(20)}`, `o7@${minute(30)}`]));
      expect(new Set(versions).size).toBe(versions.length);
    },
  );

  test('two invocations at once: the second to note its progress is overtaken, and nothing is lost', async () => {
    const { api, lake, run } = world();
    api.rows = [row('a', minute(1))];
    const outcomes = await Promise.all([run(), run()]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['complete', 'overtaken']);
    expect(lake.keys('raw/')).toHaveLength(1);
  });

  test('pages that lead in a circle end the pull, with what they gave landed', async () => {
    const { api, run, landed, watermark } = world();
    const page = () => new Response(`{"data":[${row('a', minute(1)).json}],"nextCursor":"x"}`);
    api.answerNext(page(), page(), page());
    expect(await run()).toMatchObject({
      kind: 'failed',
      error: { code: 'REST_CURSOR_LOOP' },
      counts: { RecordsLanded: 1 },
    });
    expect([landed().length, await watermark()]).toEqual([1, undefined]);
  });
});

describe('a record from the future', () => {
  test('lands and is counted, and the watermark stays where it is believable', async () => {
    const { api, run, landed, watermark } = world();
    api.rows = [row('a', minute(1)), row('typo', '2226-11-20T10:00:00Z'), row('b', minute(2))];
    expect(await run()).toMatchObject({ kind: 'complete', counts: { RecordsLanded: 3, RecordsFromFuture: 1 } });
    expect(await watermark()).toBe(minute(2));

    api.rows.push(row('c', minute(3)));

    const next = await run();
    expect(next.counts).toMatchObject({ RecordsLanded: 1 });
    expect(next.counts).not.toHaveProperty('RecordsFromFuture');
    expect(landed().map(({ payload }) => payload.id)).toEqual(['a', 'b', 'typo', 'c']);
    expect(await watermark()).toBe(minute(3));
  });

  test('is believed where the source is only some hours ahead', async () => {
    const { api, run, watermark } = world();
    api.rows = [row('a', minute(1)), row('ahead', '2026-11-21T07:00:00Z')];
    expect((await run()).counts).not.toHaveProperty('RecordsFromFuture');
    expect(await watermark()).toBe('2026-11-21T07:00:00Z');
  });
});
