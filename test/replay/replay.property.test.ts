import * as fc from 'fast-check';
import { replay } from '../../lambdas/replay/replay.ts';
import { givenUpRecords, readGivenUp } from '../../lib/pipeline/given-up.ts';
import { readQuarantine } from '../../lib/pipeline/quarantine.ts';
import { landingPorts } from '../factories/memory-queue.ts';
import { quarantinedKinesis, quarantineKey, quarantineOf } from '../factories/quarantined.ts';
import { Cut, RewritableLake } from '../factories/rewritable-lake.ts';
import { kinesisRecord } from '../factories/stream-records.ts';

const dataset = 'app_logs';
const objectKey = quarantineKey(dataset);
const portsOf = (lake: RewritableLake) => ({
  ...landingPorts(),
  sources: { [dataset]: { kind: 'kinesis' as const } },
  codec: 'zstd' as const,
  lake,
});
const decoded = (line: Uint8Array) => Buffer.from(line).toString('utf8');

/** Records of one object: some are good today, some are not. */
const records = fc
  .array(fc.boolean(), { minLength: 1, maxLength: 8 })
  .map((fits) => fits.map((isGood, n) => quarantinedKinesis(isGood ? `{"line":${n}}` : `line ${n}`, String(1000 + n))));

/** One try: which records, when it is cut off, and whether somebody else tries all at the same time. */
const tries = fc.array(
  fc.record({
    picks: fc.option(fc.uniqueArray(fc.nat({ max: 7 })), { nil: undefined }),
    cutAfter: fc.option(
      fc.integer({ min: 0, max: 8 }).map((halves) => halves / 2),
      { nil: undefined },
    ),
    isRaced: fc.boolean(),
  }),
  { maxLength: 6 },
);

function placesOf(lake: RewritableLake) {
  const stored = lake.objects.get(objectKey)?.body;
  const quarantined = stored ? readQuarantine(stored) : [];
  return { raw: lake.lines('raw/'), quarantined };
}

/** A lake with these records in quarantine. */
async function givenQuarantine(all: readonly ReturnType<typeof quarantinedKinesis>[]) {
  const lake = new RewritableLake();
  const lines = all.map(({ line }) => line);
  await lake.put(quarantineOf(dataset, lines));
  return { lake, ids: all.map(({ intake }) => intake.id) };
}

test('any tries, split, cut off, repeated or raced, lose nothing on the way and end the same', async () => {
  await fc.assert(
    fc.asyncProperty(records, tries, async (all, attempts) => {
      const { lake, ids } = await givenQuarantine(all);
      const tryAgain = (picked?: string[]) =>
        replay({ action: 'replay', dataset, objectKey, ids: picked }, portsOf(lake));
      for (const { picks, cutAfter, isRaced } of attempts) {
        if (isRaced) lake.beforeWrite = async () => void (await tryAgain());
        lake.cutAfter(cutAfter ?? Number.POSITIVE_INFINITY);
        await tryAgain(picks?.flatMap((pick) => ids[pick] ?? [])).catch((error: unknown) => {
          if (!(error instanceof Cut)) throw error;
        });
        lake.cutAfter(Number.POSITIVE_INFINITY);
        lake.beforeWrite = async () => undefined;
        const { raw, quarantined } = placesOf(lake);
        const found = new Set([...raw.map((line) => JSON.parse(line)._id), ...quarantined.map(({ id }) => id)]);
        expect([...found].sort()).toEqual(ids);
      }
      await tryAgain();
      const { raw, quarantined } = placesOf(lake);
      const landed = all.flatMap(({ intake }) => (intake.kind === 'land' ? [decoded(intake.line)] : []));
      expect([...new Set(raw)].sort()).toEqual(landed.sort());
      expect(quarantined.map(({ line }) => line)).toEqual(
        all.filter(({ intake }) => intake.kind === 'reject').map(({ line }) => line),
      );
    }),
    { numRuns: 300 },
  );
});

test('any drops, cut off and repeated, are counted once and take nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(records, tries, async (all, attempts) => {
      const { lake, ids } = await givenQuarantine(all);
      const gone = new Set<string>();
      for (const { picks = [], cutAfter } of attempts) {
        const picked = picks.flatMap((pick) => ids[pick] ?? []);
        for (const id of picked) gone.add(id);
        const drop = () => replay({ action: 'drop', dataset, objectKey, ids: picked }, portsOf(lake));
        lake.cutAfter(cutAfter ?? Number.POSITIVE_INFINITY);
        await drop().catch(() => undefined);
        lake.cutAfter(Number.POSITIVE_INFINITY);
        await drop();
      }
      const dropped = new Set(lake.lines('dropped/').map((line) => JSON.parse(line).id));
      expect(dropped).toEqual(gone);
      expect(placesOf(lake).quarantined.map(({ id }) => id)).toEqual(ids.filter((id) => !gone.has(id)));
    }),
    { numRuns: 100 },
  );
});

test('a batch that Lambda gave up, cut off anywhere, lands as if it had been delivered', async () => {
  const event = { Records: ['{"a":1}', 'no json', '{"a":2}'].map((data) => kinesisRecord(data)) };
  const key = 'aws/lambda/mapping/shard/2026/11/20/x';
  const kept = {
    requestContext: { functionArn: 'arn:aws:lambda:r:1:function:f:$LATEST', condition: 'RetryAttemptsExhausted' },
    timestamp: '2026-11-20T22:40:00.000Z',
    KinesisBatchInfo: { shardId: 'shardId-000000000006' },
  };
  for (const payload of [event, JSON.stringify(event)]) {
    const body = Buffer.from(JSON.stringify({ ...kept, payload }));
    for (let halves = 0; halves < 10; halves += 1) {
      const lake = new RewritableLake();
      await lake.put({ key, body, contentType: 'application/json' });
      lake.cutAfter(halves / 2);
      const again = () => replay({ action: 'replay', dataset, objectKey: key }, portsOf(lake));
      await again().catch(() => undefined);
      lake.cutAfter(Number.POSITIVE_INFINITY);
      await again();
      expect(lake.lines('raw/')).toHaveLength(2);
      expect(lake.lines('quarantine/')).toHaveLength(1);
      expect(lake.keys('aws/')).toEqual([]);
    }
    const batch = readGivenUp(body);
    expect(batch?.functionArn).toBe('arn:aws:lambda:r:1:function:f');
    expect(batch && givenUpRecords(batch).map(({ id }) => id)).toEqual(event.Records.map(({ eventID }) => eventID));
  }
});
