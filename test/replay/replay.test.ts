import { replay } from '../../lambdas/replay/replay.ts';
import { intakeOfDynamodbRecord } from '../../lib/pipeline/dynamodb-record.ts';
import { envelopeLine } from '../../lib/pipeline/envelope.ts';
import { quarantineLine, readQuarantine } from '../../lib/pipeline/quarantine.ts';
import type { ReplaySource } from '../../lib/pipeline/replay.ts';
import type { ReplayRequest } from '../../lib/pipeline/replay-request.ts';
import { type Pull, pullRecord } from '../../lib/pipeline/rest-record.ts';
import { landingPorts } from '../factories/memory-queue.ts';
import {
  asQuarantined,
  quarantinedDynamodb,
  quarantinedKinesis,
  quarantineKey,
  quarantineOf,
} from '../factories/quarantined.ts';
import { RewritableLake } from '../factories/rewritable-lake.ts';

const rest: ReplaySource = { kind: 'rest', key: ['id'], watermark: { field: 'updatedAt', parameter: 'since' } };
const sources: Record<string, ReplaySource> = {
  app_logs: { kind: 'kinesis' },
  brackets: { kind: 'dynamodb' },
  organizers: rest,
};

async function given(dataset: string, lines: readonly string[]) {
  const lake = new RewritableLake();
  await lake.put(quarantineOf(dataset, lines));
  const objectKey = quarantineKey(dataset);
  const ports = { ...landingPorts(), sources, codec: 'zstd' as const, lake };
  return {
    lake,
    ask: (request: Partial<ReplayRequest> = {}) => replay({ action: 'replay', dataset, objectKey, ...request }, ports),
    quarantined: () => {
      const stored = lake.objects.get(objectKey);
      return stored && readQuarantine(stored.body);
    },
  };
}
const landedLine = (intake: { kind: string; line?: Uint8Array }) => Buffer.from(intake.line ?? []).toString('utf8');
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a record that is fine today lands as its first delivery would have', () => {
  test('of a table, deletes too', async () => {
    const change = quarantinedDynamodb({ sequenceNumber: '17' });
    const removal = quarantinedDynamodb({ eventName: 'REMOVE', oldImage: { tournamentId: { S: 't-1' } } });
    const { lake, ask, quarantined } = await given('brackets', [change.line, removal.line]);
    const { answer } = await ask();
    expect(answer).toEqual({ done: [change.intake.id, removal.intake.id], still: [] });
    expect(lake.lines('raw/')).toEqual([change, removal].map(({ intake }) => landedLine(intake)));
    expect(quarantined()).toBeUndefined();
  });

  test('of a stream', async () => {
    const { intake, line } = quarantinedKinesis('{"a":1}', '42');
    const { lake, ask } = await given('app_logs', [line]);
    await ask({ ids: [intake.id] });
    expect(lake.lines('raw/')).toEqual([landedLine(intake)]);
  });

  test('of an API: with the number of the pull that brought it, so it does not win over what was pulled later', async () => {
    const pull: Pull = {
      dataset: 'organizers',
      source: { key: rest.key, watermark: rest.watermark },
      number: 7,
      page: 2,
      startedAt: '2026-11-20T22:00:00.000000Z',
      address: 'https://api.example.com/organizers',
    };
    const bytes = Buffer.from('{"id":"o-1","updatedAt":"2026-11-20T21:00:00Z"}');
    const { intake } = pullRecord(bytes, pull);
    const source = { address: pull.address, pull: '7', page: '2', startedAt: pull.startedAt };
    const { lake, ask } = await given('organizers', [asQuarantined(intake, bytes, source)]);
    await ask();
    expect(lake.lines('raw/')).toEqual([landedLine(intake)]);
    expect(landedLine(intake)).toContain('#000000000007.0002');
  });

  test('a line of the lake that the warehouse refused lands byte for byte', async () => {
    const line = envelopeLine({
      _id: 'e-1',
      _op: 'insert',
      _key: '{"id":"1"}',
      _position: '0001',
      _at: '2026-11-20T22:00:00.000000Z',
      payload: '{"n": 12345678901234567890123456789012345678, "text":"🌸"}',
    });
    const quarantined = quarantineLine({
      id: 'e-1',
      code: 'NOT_JSON',
      reason: 'was refused',
      at: '2026-11-20T22:00:00.000000Z',
      source: { object: 'raw/brackets/x.ndjson.zst', line: '3' },
      received: Buffer.from(line),
    });
    const { lake, ask } = await given('brackets', [quarantined]);
    await ask();
    expect(lake.lines('raw/')).toEqual([line]);
  });
});

describe('a record that is still bad stays', () => {
  test('with the reason it has today; its neighbours go', async () => {
    const good = quarantinedKinesis('{"a":1}', '1');
    const bad = quarantinedKinesis('level=info', '2');
    const old = bad.line.replace(/"reason":"[^"]*"/, '"reason":"yesterday"');
    const { ask, quarantined } = await given('app_logs', [good.line, old]);
    const { answer } = await ask();
    expect(answer.done).toEqual([good.intake.id]);
    expect(answer.still).toMatchObject([{ id: bad.intake.id, code: 'NOT_JSON' }]);
    expect(quarantined()?.map(({ line }) => line)).toEqual([bad.line]);
  });

  test('a line of the lake without an identity, or with two payloads', async () => {
    const line = (text: string, n: number) =>
      quarantineLine({
        id: `line-${n}`,
        code: 'NOT_JSON',
        reason: 'was refused',
        at: '2026-11-20T22:00:00.000000Z',
        source: { object: 'raw/x', line: String(n) },
        received: Buffer.from(text),
      });
    const head = '"_id":"e","_op":"insert","_key":null,"_position":"1","_at":"2026-11-20T22:00:00.000000Z"';
    const texts = ['{"payload":1}', `{${head},"payload":1,"payload":2}`, `{${head}}`, 'no json'];
    const { lake, ask } = await given('brackets', texts.map(line));
    const { answer } = await ask();
    expect(answer.still.map(({ code }) => code)).toEqual(texts.map(() => 'MALFORMED_RECORD'));
    expect(lake.lines('raw/')).toEqual([]);
  });
});

describe('a mended record', () => {
  test('takes the place of what was received, under the identity that it had', async () => {
    const { intake, line } = quarantinedKinesis('{"a":1', '5');
    const { lake, ask } = await given('app_logs', [line]);
    await ask({ ids: [intake.id], mended: base64('{"a":1}') });
    expect(lake.lines('raw/').map((one) => JSON.parse(one))).toMatchObject([{ _id: intake.id, payload: { a: 1 } }]);
  });

  test('that is bad as well changes nothing: what was received stays', async () => {
    const { intake, line } = quarantinedKinesis('{"a":1', '5');
    const { ask, quarantined } = await given('app_logs', [line]);
    const { answer } = await ask({ ids: [intake.id], mended: base64('worse') });
    expect(answer).toMatchObject({ done: [], still: [{ code: 'NOT_JSON' }] });
    expect(quarantined()?.map((one) => one.line)).toEqual([line]);
  });

  test('that is another record is refused', async () => {
    const { record, intake, line } = quarantinedDynamodb({ sequenceNumber: '9' });
    const other = { ...record, eventID: 'another' };
    const { ask } = await given('brackets', [line]);
    const { answer } = await ask({ ids: [intake.id], mended: base64(JSON.stringify(other)) });
    expect(answer.still).toMatchObject([{ id: intake.id, reason: expect.stringContaining('another') }]);
    expect(intakeOfDynamodbRecord(other).id).toBe('another');
  });

  test('needs to be one', async () => {
    const { ask } = await given('app_logs', [quarantinedKinesis('x', '1').line]);
    await expect(ask({ mended: base64('{}') })).rejects.toMatchObject({ code: 'MENDED_NEEDS_ONE' });
  });
});

describe('what is not there, or not ours', () => {
  test('an object that is gone was dealt with by somebody else', async () => {
    const { ask } = await given('app_logs', []);
    const { answer } = await ask({ objectKey: quarantineKey('app_logs', 'gone') });
    expect(answer).toEqual({ done: [], still: [] });
  });

  test.each([
    ['another dataset', quarantineKey('brackets')],
    ['another prefix', 'raw/app_logs/dt=2026-11-20/hh=22/x.ndjson.zst'],
  ])('an object of %s is refused', async (_name, objectKey) => {
    const { ask } = await given('app_logs', []);
    await expect(ask({ objectKey })).rejects.toMatchObject({ code: 'FOREIGN_OBJECT' });
  });

  test('a dataset that is not there is refused', async () => {
    const { ask } = await given('app_logs', []);
    await expect(ask({ dataset: 'nothing' })).rejects.toMatchObject({ code: 'UNKNOWN_DATASET' });
  });
});

test('a whole object that was set aside is no record: it stays as it is', async () => {
  const { intake } = quarantinedKinesis('{', '42');
  if (intake.kind !== 'reject') throw new Error('this is no record that is set aside');
  const line = quarantineLine({
    ...intake.rejected,
    id: 'object',
    code: 'OBJECT_UNREADABLE',
    source: { object: 'raw/x' },
  });
  const { ask, quarantined, lake } = await given('app_logs', [line]);

  const { answer } = await ask();

  expect(answer).toMatchObject({ done: [], still: [{ id: 'object', code: 'OBJECT_UNREADABLE' }] });
  expect(quarantined()?.map((record) => record.line)).toEqual([line]);
  expect(lake.lines('raw/')).toEqual([]);
});
