import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { jest } from '@jest/globals';
import { stackOutputs } from '../lib/pipeline/outputs.ts';
import { list, show } from '../local/commands/quarantine.ts';
import { drop, replay } from '../local/commands/quarantine-act.ts';
import { trace } from '../local/commands/trace.ts';
import { putItems, putRecords } from '../local/front-door.ts';
import { type Platform, startPlatform } from '../local/platform.ts';
import { announce } from '../local/running.ts';
import { type StateLock, takeStateDirectory } from '../local/state-directory.ts';
import { agrees } from '../local/summary/summary.ts';
import { type SynthesizedDemo, synthesizeDemo } from './factories/journey.ts';
import { quarantinedDynamodb, quarantineOf } from './factories/quarantined.ts';
import { kinesisRecord } from './factories/stream-records.ts';

/** One story: something is wrong, and a data engineer finds and mends it at the command line. */
describe('what a data engineer types when something is wrong', () => {
  let folder: string;
  let stack: SynthesizedDemo;
  let lock: StateLock;
  let platform: Platform;
  let s3: S3Client;
  const options = () => ({ stateDirectory: folder });

  /** What a command prints. */
  async function said(command: () => Promise<void>): Promise<string> {
    const texts: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => texts.push(String(text)) > 0);
    await command().finally(() => write.mockRestore());
    return texts.join('');
  }
  const toldJson = async (command: () => Promise<void>) => JSON.parse(await said(command));
  const listed = () => toldJson(() => list(undefined, { ...options(), json: true }));
  const traced = (words: string[], dataset = 'brackets') =>
    toldJson(() => trace(dataset, words, { ...options(), json: true }));
  const putObject = (Key: string, Body: Uint8Array) =>
    s3.send(new PutObjectCommand({ Bucket: platform.output(stackOutputs.lakeBucketName), Key, Body }));
  const log = async (...data: string[]) => {
    const client = new KinesisClient(platform.clientOptions);
    const records = data.map((text) => ({ data: Buffer.from(text), partitionKey: 'p' }));
    await putRecords(client, platform.output('AppLogsStreamName'), records);
    client.destroy();
  };
  const summaryOf = async (dataset: string) => {
    const found = (await platform.summary()).datasets.find((one) => one.dataset === dataset);
    if (!found) throw new Error(`no ${dataset} in the summary`);
    return found;
  };

  async function playWhatGoesWrong(): Promise<void> {
    const table = platform.output('BracketsTableName');
    const client = new DynamoDBClient(platform.clientOptions);
    const item = (tournamentId: string, name: string) =>
      JSON.stringify({ tournamentId, name, organizerId: 'org-00', size: 4, matches: [] });
    await putItems(client, table, [item('t-900', 'Spring'), item('t-901', 'Autumn'), item('t-900', 'Spring Open')]);
    await client.send(new DeleteItemCommand({ TableName: table, Key: { tournamentId: { S: 't-900' } } }));
    client.destroy();
    await log('{"level":"info","message":"fine"}', 'level=info', '{"level":1,"level":2}');
    await platform.idle();
  }

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-operate-'));
    lock = takeStateDirectory(folder, false);
    const ports = { endpointPort: 0, redshiftPort: 0, speed: 100 };
    stack = await synthesizeDemo();
    platform = await startPlatform(stack.config, stack.synthesis, { stateDirectory: folder, ...ports });
    announce(folder, platform.instance({}));
    s3 = new S3Client({ ...platform.clientOptions, forcePathStyle: true });
    await playWhatGoesWrong();
  }, 120_000);

  afterEach(() => {
    process.exitCode = undefined;
  });

  afterAll(async () => {
    s3?.destroy();
    await platform?.close();
    lock?.release();
    stack?.remove();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test('a trace tells the way of each event of a key, and that it is deleted', async () => {
    const { events, models } = await traced(['t-900']);
    expect(events.map((event: { operation: string }) => event.operation)).toEqual(['insert', 'update', 'delete']);
    expect(events.map((event: { standing: string }) => event.standing)).toEqual(['history', 'history', 'tombstone']);
    for (const { place, manifestKey, execution, loadId } of events) {
      expect(place.found).toEqual({ objectKey: expect.stringContaining('raw/brackets/'), line: expect.any(Number) });
      expect(manifestKey).toBe(`manifests/brackets/${loadId}.json`);
      expect(execution).toMatch(/^main-\d+$/);
    }
    // The files of this checkout name more models than the stack of this story has built.
    const having = models.filter(({ hasIt }: { hasIt: boolean }) => hasIt);
    expect(having.map(({ model }: { model: string }) => model)).toEqual([
      'mart.certified_tournaments',
      'mart.daily_kpi',
    ]);
  });

  test('a trace is read at a glance', async () => {
    const text = await said(() => trace('brackets', ['tournamentId=t-901'], options()));
    expect(text).toMatch(/^brackets \{"tournamentId":"t-901"\} {2}1 event, in latest since \d{4}-/);
    expect(text).toContain('← the latest');
    expect(text).toMatch(/object {4}raw\/brackets\/.*, line \d/);
    expect(text).toMatch(/mart\.daily_kpi +✔ published .* UTC, after the load/);
  });

  test('what cannot be traced says why and what to do', async () => {
    await expect(trace('brackets', ['t-999'], options())).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/Looked in raw\.brackets.*the quarantine.*the inbox/),
    });
    await expect(trace('bracket', ['t-900'], options())).rejects.toThrow('did you mean brackets?');
    await expect(trace('app_logs', ['x'], options())).rejects.toMatchObject({ code: 'NO_KEYS' });
    await expect(trace('brackets', [], options())).rejects.toMatchObject({ code: 'NOTHING_CHOSEN' });
  });

  test('the quarantine is listed by reason, and a record shows what was received', async () => {
    expect((await listed()).map((one: { code: string; records: number }) => [one.code, one.records])).toEqual([
      ['DUPLICATE_KEY', 1],
      ['NOT_JSON', 1],
    ]);
    const of = { ...options(), code: ['NOT_JSON'] };
    const [record] = await toldJson(() => show('app_logs', undefined, { ...of, json: true }));
    const text = await said(() => show('app_logs', record.id, options()));
    expect(text).toContain('this record is not JSON');
    expect(text).toContain('  level=info');
    await expect(show('app_logs', 'nothing', options())).rejects.toMatchObject({ code: 'NO_SUCH_RECORD' });
    await expect(list('app_log', options())).rejects.toThrow('did you mean app_logs?');
    expect(await said(() => list('app_logs', { ...options(), to: '2020-01-01' }))).toContain(
      'Nothing is in quarantine',
    );
  });

  test('what is still bad stays; mended, it is loaded as the record that it was; dropped, it stays counted', async () => {
    expect(await said(() => replay('app_logs', { ...options(), all: true }))).toContain(
      '2 records of app_logs still bad',
    );
    expect(process.exitCode).toBe(1);
    const of = { ...options(), code: ['NOT_JSON'] };
    const [{ id }] = await toldJson(() => show('app_logs', undefined, { ...of, json: true }));
    const file = path.join(folder, 'mended.json');
    fs.writeFileSync(file, '{"level":"info"}\n');
    expect(await said(() => replay('app_logs', { ...options(), id: [id], record: file }))).toContain('1 record');
    await platform.idle();
    const { events } = await toldJson(() => trace('app_logs', [], { ...options(), id: [id], json: true }));
    expect(events).toMatchObject([{ id, place: { found: { objectKey: expect.stringContaining('/replay-') } } }]);
    const duplicates = { ...options(), code: ['DUPLICATE_KEY'] };
    const shownIds = (await toldJson(() => show('app_logs', undefined, { ...duplicates, json: true }))).map(
      (one: { id: string }) => one.id,
    );
    await expect(drop('app_logs', duplicates)).rejects.toMatchObject({ code: 'NOT_CONFIRMED' });
    expect(await said(() => drop('app_logs', { ...duplicates, yes: true }))).toContain('1 record of app_logs dropped');
    const [droppedId = ''] = shownIds;
    expect(await said(() => trace('app_logs', [], { ...options(), id: [droppedId] }))).toContain('1 dropped');
    const summary = await summaryOf('app_logs');
    expect(summary).toMatchObject({ received: 3, loaded: 2, quarantined: {}, dropped: 1, pending: 0 });
    expect(agrees(summary)).toBe(true);
  });

  test('a command that does not say which records is refused', async () => {
    await expect(replay('app_logs', options())).rejects.toMatchObject({ code: 'NOTHING_CHOSEN' });
    await expect(replay('app_logs', { ...options(), all: true, record: 'x' })).rejects.toMatchObject({
      code: 'MENDED_NEEDS_ONE',
    });
  });

  test('a replay of a record since superseded does not win over the newer', async () => {
    const old = { tournamentId: { S: 't-901' }, name: { S: 'Older' } };
    const { record, line } = quarantinedDynamodb({
      keys: { tournamentId: { S: 't-901' } },
      newImage: old,
      sequenceNumber: '1',
    });
    const { key, body } = quarantineOf('brackets', [line]);
    await putObject(key, body);
    const { held } = await traced(['t-901']);
    expect(held).toMatchObject([{ id: record.eventID }]);
    await said(() => replay('brackets', { ...options(), all: true }));
    await platform.idle();
    const { events } = await traced(['t-901']);
    expect(
      events.map(({ id, standing }: { id: string; standing: string }) => [id === record.eventID, standing]),
    ).toEqual([
      [true, 'history'],
      [false, 'latest'],
    ]);
  });

  test('a batch that Lambda gave up is listed, and replayed whole with any record of it', async () => {
    const client = new LambdaClient(platform.clientOptions);
    const { Functions = [] } = await client.send(new ListFunctionsCommand({}));
    client.destroy();
    const owner = Functions.find(({ Environment }) => Environment?.Variables?.MILLRACE_DATASET === 'app_logs');
    const Records = [kinesisRecord('{"level":"info"}'), kinesisRecord('{"level":"warn"}')];
    const kept = {
      requestContext: {
        functionArn: owner?.FunctionArn,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 11,
      },
      timestamp: '2026-11-20T22:40:00.000Z',
      KinesisBatchInfo: { shardId: 'shardId-000000000006' },
      payload: { Records },
    };
    await putObject('aws/lambda/mapping/shard/2026/11/20/x', Buffer.from(JSON.stringify(kept)));
    expect(await listed()).toMatchObject([{ dataset: 'app_logs', code: 'BATCH_GIVEN_UP', records: 2 }]);
    const [id = ''] = Records.map(({ eventID }) => eventID);
    expect(await said(() => show('app_logs', id, options()))).toContain(
      'was given up by Lambda with its batch after 11 tries',
    );
    expect(await said(() => replay('app_logs', { ...options(), id: [id] }))).toContain(
      '2 records of app_logs replayed',
    );
    await platform.idle();
    expect(await listed()).toEqual([]);
    expect((await summaryOf('app_logs')).loaded).toBe(4);
  });
});
