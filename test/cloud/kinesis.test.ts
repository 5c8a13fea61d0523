import {
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  type ShardIteratorType,
} from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { kinesisModule } from '../../local/cloud/kinesis/index.ts';
import { hashKeyRange, positionOf, sequenceNumber, shardOf } from '../../local/cloud/kinesis/shards.ts';
import { type Bench, closeBenches, openBench } from './sources-bench.ts';

const clients: KinesisClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await closeBenches();
});

async function openStream(properties: object = {}, bench?: Bench) {
  const opened = bench ?? (await openBench({ modules: [kinesisModule] }));
  const { physical } = await opened.create('Logs', 'AWS::Kinesis::Stream', properties);
  const client = new KinesisClient(opened.client);
  clients.push(client);
  return { bench: opened, client, StreamName: physical.ref, arn: physical.attributes.Arn as string };
}

async function readFrom(
  client: KinesisClient,
  StreamName: string,
  ShardId: string,
  type: ShardIteratorType,
  more: object = {},
) {
  const input = { StreamName, ShardId, ShardIteratorType: type, ...more };
  const { ShardIterator } = await client.send(new GetShardIteratorCommand(input));
  return client.send(new GetRecordsCommand({ ShardIterator }));
}

const text = (data: Uint8Array | undefined) => Buffer.from(data ?? []).toString();
const firstShard = 'shardId-000000000000';

test('records come back from each kind of iterator, in order, with their bytes', async () => {
  const { client, StreamName } = await openStream();
  const Records = ['a', 'b', 'ü🎾'].map((value) => ({ Data: Buffer.from(value), PartitionKey: 'k' }));
  const put = await client.send(new PutRecordsCommand({ StreamName, Records }));
  expect(put.FailedRecordCount).toBe(0);
  const second = put.Records?.[1]?.SequenceNumber;
  expect(second).toMatch(/^\d{56}$/);
  const all = await readFrom(client, StreamName, firstShard, 'TRIM_HORIZON');
  expect(all.Records?.map((record) => text(record.Data))).toEqual(['a', 'b', 'ü🎾']);
  expect(all.MillisBehindLatest).toBe(0);
  const at = await readFrom(client, StreamName, firstShard, 'AT_SEQUENCE_NUMBER', { StartingSequenceNumber: second });
  expect(at.Records?.map((record) => text(record.Data))).toEqual(['b', 'ü🎾']);
  const after = await readFrom(client, StreamName, firstShard, 'AFTER_SEQUENCE_NUMBER', {
    StartingSequenceNumber: second,
  });
  expect(after.Records).toHaveLength(1);
  const since = await readFrom(client, StreamName, firstShard, 'AT_TIMESTAMP', { Timestamp: new Date(0) });
  expect(since.Records).toHaveLength(3);
  const latest = await readFrom(client, StreamName, firstShard, 'LATEST');
  expect(latest.Records).toHaveLength(0);
  await client.send(new PutRecordCommand({ StreamName, Data: Buffer.from('new'), PartitionKey: 'k' }));
  const next = await client.send(new GetRecordsCommand({ ShardIterator: latest.NextShardIterator }));
  expect(next.Records?.map((record) => text(record.Data))).toEqual(['new']);
});

test('keys choose the shard, explicit hash keys overrule them', async () => {
  const { client, StreamName } = await openStream({ ShardCount: 3 });
  const { Shards } = await client.send(new ListShardsCommand({ StreamName }));
  expect(Shards).toHaveLength(3);
  const ExplicitHashKey = Shards?.[2]?.HashKeyRange?.StartingHashKey;
  const put = await client.send(
    new PutRecordCommand({ StreamName, Data: Buffer.from('x'), PartitionKey: 'k', ExplicitHashKey }),
  );
  expect(put.ShardId).toBe('shardId-000000000002');
});

test('limits and unknown streams are refused in the words of Kinesis', async () => {
  const { client, StreamName } = await openStream();
  const large = new PutRecordCommand({ StreamName, Data: Buffer.alloc(1_048_577), PartitionKey: 'k' });
  await expect(client.send(large)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  const many = Array.from({ length: 501 }, () => ({ Data: Buffer.from('x'), PartitionKey: 'k' }));
  await expect(client.send(new PutRecordsCommand({ StreamName, Records: many }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
  const unknown = new DescribeStreamSummaryCommand({ StreamName: 'nope' });
  await expect(client.send(unknown)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('an iterator that is too old has expired', async () => {
  let now = Date.now();
  const { client, StreamName } = await openStream({}, await openBench({ modules: [kinesisModule], now: () => now }));
  const { NextShardIterator } = await readFrom(client, StreamName, firstShard, 'TRIM_HORIZON');
  now += 300_001;
  const late = client.send(new GetRecordsCommand({ ShardIterator: NextShardIterator }));
  await expect(late).rejects.toMatchObject({ name: 'ExpiredIteratorException' });
});

test('records and shards survive a restart; a role without the grant is refused', async () => {
  const { bench, client, StreamName } = await openStream({ ShardCount: 2 });
  await client.send(
    new PutRecordCommand({ StreamName, Data: Buffer.from('kept'), PartitionKey: 'k', ExplicitHashKey: '0' }),
  );
  await bench.close();
  const again = await openStream(
    { ShardCount: 2 },
    await openBench({ modules: [kinesisModule], stateDirectory: bench.stateDirectory }),
  );
  expect((await readFrom(again.client, StreamName, firstShard, 'TRIM_HORIZON')).Records).toHaveLength(1);
  const role = await again.bench.role('Reader', [
    { Effect: 'Allow', Action: 'kinesis:GetShardIterator', Resource: again.arn },
  ]);
  const reader = new KinesisClient({
    ...again.bench.client,
    credentials: again.bench.context.identities.credentialsOf(role),
  });
  clients.push(reader);
  await expect(readFrom(reader, StreamName, firstShard, 'LATEST')).rejects.toThrow(
    /kinesis:GetRecords on resource: arn:aws:kinesis/,
  );
});

test('what is older than the retention goes, in every shard, and nothing else', async () => {
  const hour = 3_600_000;
  let now = 0;
  const { bench, client, StreamName } = await openStream(
    { ShardCount: 2, RetentionPeriodHours: 24 },
    await openBench({ modules: [kinesisModule], now: () => now }),
  );
  const put = (text: string, ExplicitHashKey: string) =>
    client.send(new PutRecordCommand({ StreamName, Data: Buffer.from(text), PartitionKey: 'k', ExplicitHashKey }));
  const inSecondShard = String(2n ** 127n);
  await put('old', '0');
  await put('old', inSecondShard);
  now = 2 * hour;
  await put('young', '0');
  await bench.close();
  now = 25 * hour;
  const again = await openStream(
    { ShardCount: 2, RetentionPeriodHours: 24 },
    await openBench({ modules: [kinesisModule], stateDirectory: bench.stateDirectory, now: () => now }),
  );
  const read = async (shard: string) => {
    const { Records = [] } = await readFrom(again.client, StreamName, shard, 'TRIM_HORIZON');
    return Records.map(({ Data }) => Buffer.from(Data ?? []).toString());
  };
  expect(await read(firstShard)).toEqual(['young']);
  expect(await read('shardId-000000000001')).toEqual([]);
  // And so does one that runs on for days, when something is written.
  now = 27 * hour;
  await again.client.send(
    new PutRecordCommand({ StreamName, Data: Buffer.from('new'), PartitionKey: 'k', ExplicitHashKey: '0' }),
  );
  expect(await read(firstShard)).toEqual(['new']);
});

test('property: shards cover all hash keys once, and sequence numbers grow as text', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.string({ minLength: 1 }), (shardCount, key) => {
      const ranges = Array.from({ length: shardCount }, (_, index) => hashKeyRange(index, shardCount));
      expect(ranges[0]?.StartingHashKey).toBe('0');
      expect(ranges.at(-1)?.EndingHashKey).toBe(String((1n << 128n) - 1n));
      for (const [index, range] of ranges.entries()) {
        const next = ranges[index + 1];
        if (next) expect(BigInt(next.StartingHashKey)).toBe(BigInt(range.EndingHashKey) + 1n);
        expect(shardOf(key, range.StartingHashKey, shardCount)).toBe(index);
        expect(shardOf(key, range.EndingHashKey, shardCount)).toBe(index);
      }
      const chosen = shardOf(key, undefined, shardCount);
      expect(chosen).toBeGreaterThanOrEqual(0);
      expect(chosen).toBeLessThan(shardCount);
    }),
    { numRuns: 50 },
  );
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (one, other) => {
      const [first, second] = [one, other].map((position) =>
        sequenceNumber({ createdAt: 1_795_000_000_000, shard: 7, position }),
      );
      expect(first).toHaveLength(56);
      expect(positionOf(first as string)).toBe(one);
      expect((first as string) < (second as string)).toBe(one < other);
    }),
  );
});
