import * as fc from 'fast-check';
import { ServiceError } from '../../lambdas/aws/service-error.ts';
import { ingestDynamodb, ingestKinesis } from '../../lambdas/ingest/ingest.ts';
import { datasetOfRawKey } from '../../lib/pipeline/names.ts';
import { readRegisterMessage } from '../../lib/pipeline/register-message.ts';
import { eTagOf, MemoryLake } from '../factories/memory-lake.ts';
import { landingPorts, MemoryQueue } from '../factories/memory-queue.ts';
import { dynamodbRecord, kinesisRecord } from '../factories/stream-records.ts';

const portsOf = (lake: MemoryLake, codec: 'zstd' | 'gzip' = 'zstd', queue = new MemoryQueue()) => ({
  ...landingPorts(queue),
  dataset: 'app_logs',
  codec,
  lake,
});

async function land(data: readonly (string | Uint8Array)[]) {
  const lake = new MemoryLake();
  const Records = data.map((one) => kinesisRecord(one));
  const outcome = await ingestKinesis({ Records }, portsOf(lake));
  return { lake, outcome, Records };
}

describe('where each record ends', () => {
  const fine = '{"level":"info"}';
  const cases: [string, string | Uint8Array, string][] = [
    ['one that is not JSON', 'level=info msg=oops', 'NOT_JSON'],
    [
      'one over 4 MB as a line',
      JSON.stringify(Array.from({ length: 80 }, () => 'x'.repeat(50_001))),
      'RECORD_TOO_LARGE',
    ],
    ['one with duplicate keys', '{"a":1,"a":2}', 'DUPLICATE_KEY'],
    ['one with a 39-digit number', `{"n":${'9'.repeat(39)}}`, 'NUMBER_OUT_OF_RANGE'],
    ['one with a string over 65,535 bytes', `{"s":"${'x'.repeat(65_536)}"}`, 'STRING_TOO_LONG'],
    ['one that is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'NOT_UTF8'],
  ];

  test.each(cases.flatMap((one) => [0, 1, 2].map((place) => [...one, place] as const)))(
    '%s: quarantine; its neighbours land (%#)',
    async (_name, bad, code, place) => {
      const data: (string | Uint8Array)[] = [fine, fine];
      data.splice(place, 0, bad);
      const { lake, outcome, Records } = await land(data);
      expect(outcome).toMatchObject({
        kind: 'landed',
        counts: { RecordsReceived: 3, RecordsLanded: 2, RecordsQuarantined: 1 },
      });
      expect(lake.lines('raw/').map((line) => JSON.parse(line).payload)).toEqual([
        { level: 'info' },
        { level: 'info' },
      ]);
      const [line] = lake.lines('quarantine/').map((text) => JSON.parse(text));
      expect(line).toMatchObject({ code, id: Records[place]?.eventID, at: '2026-11-20T22:40:00.123000Z' });
      expect(line.source).toEqual({
        shardId: 'shardId-000000000006',
        sequenceNumber: Records[place]?.kinesis.sequenceNumber,
      });
      expect(Buffer.from(line.record, line.encoding).equals(Buffer.from(bad as string))).toBe(true);
    },
  );

  test('one with a 38-digit number lands, digit by digit', async () => {
    const { lake } = await land(['{"n":99999999999999999999999999999999999999}']);
    expect(lake.lines('raw/')[0]).toContain('"payload":{"n":99999999999999999999999999999999999999}}');
    expect(lake.keys('quarantine/')).toEqual([]);
  });

  test('an empty batch writes nothing and succeeds', async () => {
    const { lake, outcome } = await land([]);
    expect(outcome).toMatchObject({
      kind: 'landed',
      response: { batchItemFailures: [] },
      counts: { RecordsReceived: 0 },
    });
    expect(lake.objects.size).toBe(0);
  });

  test('a batch without a good record writes its quarantine only', async () => {
    const { lake, outcome } = await land(['oops', 'oops again']);
    expect(outcome).toMatchObject({
      counts: { RecordsReceived: 2, RecordsLanded: 0, RecordsQuarantined: 2, BytesLanded: 0 },
    });
    expect(lake.keys('raw/')).toEqual([]);
    expect(lake.lines('quarantine/')).toHaveLength(2);
  });
});

describe('a batch', () => {
  const bad = fc.constantFrom('oops', '{"a":1,"a":2}', '1e999', '"\\ud800"', '');
  const good = fc.jsonValue({ noUnicodeString: true } as object).map((value) => JSON.stringify(value));

  test('of any mixture: received = landed + quarantined, the order kept, the same again under the same names', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(bad, good), { maxLength: 30 }),
        fc.constantFrom('zstd', 'gzip'),
        async (data, codec) => {
          const lake = new MemoryLake();
          const Records = data.map((one) => kinesisRecord(one));
          const first = await ingestKinesis({ Records }, portsOf(lake, codec as 'zstd'));
          const before = new Map(lake.objects);
          const second = await ingestKinesis({ Records: structuredClone(Records) }, portsOf(lake, codec as 'zstd'));
          expect(second).toEqual(first);
          expect(new Map(lake.objects)).toEqual(before);
          const landed = lake.lines('raw/').map((line) => JSON.parse(line)._id as string);
          const rejected = lake.lines('quarantine/').map((line) => JSON.parse(line).id as string);
          const ids = Records.map((record) => record.eventID);
          expect([...landed, ...rejected].sort()).toEqual([...ids].sort());
          expect(landed).toEqual(ids.filter((id) => landed.includes(id)));
          expect(rejected).toEqual(ids.filter((id) => rejected.includes(id)));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('lands under a name made from shard and range, with its count', async () => {
    const lake = new MemoryLake();
    const Records = ['1', '2'].map((sequenceNumber) =>
      kinesisRecord('{}', { shardId: 'shardId-000000000001', sequenceNumber }),
    );
    await ingestKinesis({ Records }, portsOf(lake));
    const [key = ''] = lake.keys('raw/');
    expect(key).toMatch(/^raw\/app_logs\/dt=2026-11-20\/hh=22\/shardId-000000000001-1-2-[0-9a-f]{16}\.ndjson\.zst$/);
    expect(datasetOfRawKey(key)).toBe('app_logs');
    expect(lake.objects.get(key)?.metadata).toEqual({ 'millrace-records': '2' });
  });

  test('of the same range with other records does not overwrite', async () => {
    const lake = new MemoryLake();
    const Records = ['1', '2', '3'].map((sequenceNumber) => dynamodbRecord({ sequenceNumber }));
    await ingestDynamodb({ Records }, portsOf(lake));
    await ingestDynamodb({ Records: [Records[0], Records[2]] }, portsOf(lake));
    expect(lake.keys('raw/')).toHaveLength(2);
  });
});

describe('a lake that does not answer', () => {
  const throttled = () =>
    new ServiceError('s3:PutObject', 's3://lake/x', { name: 'SlowDown', $metadata: { httpStatusCode: 503 } });
  const denied = () =>
    new ServiceError('s3:PutObject', 's3://lake/x', { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });

  test('hands the batch back from its first record; delivered again, it lands', async () => {
    const lake = new MemoryLake();
    const Records = ['1', '2'].map((sequenceNumber) => dynamodbRecord({ sequenceNumber }));
    lake.failNext(throttled());
    const outcome = await ingestDynamodb({ Records }, portsOf(lake));
    expect(outcome).toMatchObject({ kind: 'retry', response: { batchItemFailures: [{ itemIdentifier: '1' }] } });
    expect(lake.objects.size).toBe(0);
    await ingestDynamodb({ Records }, portsOf(lake));
    expect(lake.lines('raw/')).toHaveLength(2);
  });

  test('confirms to register what it has put, a quarter of an hour later', async () => {
    const [lake, queue] = [new MemoryLake(), new MemoryQueue()];
    await ingestDynamodb({ Records: [dynamodbRecord()] }, portsOf(lake, 'zstd', queue));

    const [message] = queue.sent;
    const [key = ''] = lake.keys('raw/');
    const body = lake.objects.get(key)?.body ?? new Uint8Array();
    expect(message?.delaySeconds).toBe(900);
    expect(
      readRegisterMessage(message?.body ?? '', { datasets: new Set([datasetOfRawKey(key) ?? '']), lanes: new Set() }),
    ).toEqual({
      kind: 'landed',
      object: expect.objectContaining({ bucket: 'lake', key, sizeBytes: body.length, eTag: eTagOf(body), attempts: 0 }),
    });
  });

  test('confirms nothing where everything is in quarantine', async () => {
    const queue = new MemoryQueue();
    await ingestKinesis({ Records: [kinesisRecord('{')] }, portsOf(new MemoryLake(), 'zstd', queue));
    expect(queue.sent).toEqual([]);
  });

  test('hands the batch back when it cannot be confirmed; delivered again, the object is the same', async () => {
    const [lake, queue] = [new MemoryLake(), new MemoryQueue()];
    const Records = ['1', '2'].map((sequenceNumber) => dynamodbRecord({ sequenceNumber }));
    queue.failNext();
    const outcome = await ingestDynamodb({ Records }, portsOf(lake, 'zstd', queue));
    expect(outcome).toMatchObject({ kind: 'retry', response: { batchItemFailures: [{ itemIdentifier: '1' }] } });

    await ingestDynamodb({ Records }, portsOf(lake, 'zstd', queue));
    expect(lake.keys('raw/')).toHaveLength(1);
    expect(queue.sent).toHaveLength(1);
  });

  test('throws what no retry mends, naming action and resource', async () => {
    const lake = new MemoryLake();
    lake.failNext(denied());
    await expect(ingestDynamodb({ Records: [dynamodbRecord()] }, portsOf(lake))).rejects.toThrow(
      's3:PutObject on s3://lake/x: AccessDenied',
    );
  });
});
