import { type IngestOutcome, ingestDynamodb, ingestKinesis } from '../../lambdas/ingest/ingest.ts';
import type { LandingPorts } from '../../lambdas/ingest/land.ts';
import type { Codec } from '../../lib/pipeline/names.ts';
import type { Write } from '../factories/last-write-wins.ts';
import { dynamodbRecord, kinesisRecord } from '../factories/stream-records.ts';
import { lakeBucket, type SimulatedLake } from './lake.ts';
import type { DivertedRecord, Fate } from './operations/operations.ts';
import { invoke, type Process, through } from './process.ts';
import type { SimulatedQueue } from './queue.ts';
import { clockOf } from './refresh-functions.ts';
import { playSnapshots, type TableWrite } from './snapshot-source.ts';
import type { World } from './world.ts';

/** What was sent, and what must become of it. */
export interface Sent {
  /** Of each dataset, the writes that must be in the warehouse. */
  readonly writes: Map<string, Write[]>;
  /** Of each dataset, the codes of the records that must be in quarantine, by id. */
  readonly poison: Map<string, Map<string, string>>;
  /** What was written to the table, in its order. */
  readonly history: TableWrite[];
}

/** Where ingest puts what it lands, and says so. */
export interface Landing {
  readonly lake: SimulatedLake;
  readonly queue: SimulatedQueue;
}

/** Says what becomes of a record before its stream has it. */
type Divert = (diverted: DivertedRecord) => Fate;
type Ingest = typeof ingestDynamodb;
interface Shard {
  readonly dataset: string;
  readonly ingest: Ingest;
  readonly records: unknown[];
}

const codecs: readonly Codec[] = ['zstd', 'gzip'];
/** An hour before all begins: what is repaired is older than a clock may be wrong. */
const writtenAtSeconds = 1_795_172_400;
const sequenceStart = 111_000_000_000_000_000_000n;

/** What a table may write once its service has changed. */
const otherShapes = [
  { image: {}, payload: '' },
  { image: { round: { S: 'final' } }, payload: '"round":"final"' },
  { image: { round: { M: { n: { N: '1' } } } }, payload: '"round":{"n":1}' },
  { image: { Round: { N: '2' } }, payload: '"Round":2' },
  { image: { round: { N: '3' }, venue: { L: [{ NULL: true }] } }, payload: '"round":3,"venue":[null]' },
];

/** Plays a table's stream and a log stream into the real ingest functions, shard by shard, batch by batch. */
export function playSources(world: World, landing: Landing, divert: Divert = () => 'delivered'): Sent {
  const history: TableWrite[] = [];
  const sent: Sent = { writes: new Map(), poison: new Map(), history };
  const shards = [...tableShards(world, sent, divert), ...logShards(world, sent)];
  for (const row of playSnapshots(world, portsOf(world, landing), history)) note(sent.writes, 'brackets', row);
  for (const shard of shards) if (shard.records.length > 0) poll(world, landing, shard, 0);
  return sent;
}

/** One more write when all is quiet again: whatever was left undone is done behind it. */
export function sendLast(world: World, landing: Landing, sent: Sent, atMilliseconds: number): void {
  const sequenceNumber = String(sequenceStart + 1000n);
  const keys = { tournamentId: { S: 't-last' } };
  const records = [
    dynamodbRecord({
      keys,
      eventName: 'INSERT',
      sequenceNumber,
      eventId: 'event-last',
      newImage: { ...keys, round: { N: '1.50' } },
    }),
  ];
  note(sent.writes, 'brackets', {
    _id: 'event-last',
    _op: 'insert',
    _key: '{"tournamentId":"t-last"}',
    _position: sequenceNumber.padStart(40, '0'),
    payload: '{"tournamentId":"t-last","round":1.50}',
  });
  world.after(atMilliseconds, 'the last write', () =>
    poll(world, landing, { dataset: 'brackets', ingest: ingestDynamodb, records }, 0),
  );
}

function note<T>(lists: Map<string, T[]>, dataset: string, item: T): void {
  lists.set(dataset, [...(lists.get(dataset) ?? []), item]);
}

function notePoison(sent: Sent, dataset: string, id: string, code: string): void {
  sent.poison.set(dataset, (sent.poison.get(dataset) ?? new Map()).set(id, code));
}

/** A table of a few keys that are written, changed and deleted; each key's records in one shard, unless it is split. */
function tableShards(world: World, sent: Sent, divert: Divert): Shard[] {
  const { random, faults } = world;
  const shards = [0, 1].map((): Shard => ({ dataset: 'brackets', ingest: ingestDynamodb, records: [] }));
  const writes = random.between(1, 9);
  for (let count = 0; count < writes; count += 1) {
    const id = `t-${random.between(1, 3)}`;
    const sequenceNumber = String(sequenceStart + BigInt(count));
    const eventName = random.pick(['INSERT', 'MODIFY', 'MODIFY', 'REMOVE']);
    const keys = { tournamentId: { S: id } };
    const { image: more, payload: fields } = faults.strikes('schemaChanged', 'brackets')
      ? random.pick(otherShapes)
      : { image: { round: { N: `${count}.50` } }, payload: `"round":${count}.50` };
    const image = { ...keys, ...more };
    const payload = `{"tournamentId":"${id}"${fields && `,${fields}`}}`;
    const home = id === 't-1' ? 0 : 1;
    const shard = shards[faults.strikes('shardSplit', 'brackets') ? 1 - home : home] as Shard;
    const eventId = `event-${count}`;
    const createdAtSeconds = writtenAtSeconds + count;
    if (eventName !== 'REMOVE' && faults.strikes('poison', 'brackets')) {
      shard.records.push(
        dynamodbRecord({ keys, eventName, sequenceNumber, eventId, newImage: { ...keys, x: { Q: '1' } } }),
      );
      notePoison(sent, 'brackets', eventId, 'UNKNOWN_ATTRIBUTE_TYPE');
      continue;
    }
    sent.history.push({ id, image: eventName === 'REMOVE' ? undefined : image, payload });
    const images = { newImage: image, oldImage: image };
    const record = dynamodbRecord({ keys, eventName, sequenceNumber, eventId, createdAtSeconds, ...images });
    const write: Write = {
      _id: eventId,
      _op: eventName === 'REMOVE' ? 'delete' : eventName === 'INSERT' ? 'insert' : 'update',
      _key: JSON.stringify({ tournamentId: id }),
      _position: sequenceNumber.padStart(40, '0'),
      payload,
    };
    const fate = divert({ record, write });
    if (fate === 'delivered') shard.records.push(record);
    if (fate !== 'lost') note(sent.writes, 'brackets', write);
  }
  return shards;
}

/** Log lines: no key, no order that matters. */
function logShards(world: World, sent: Sent): Shard[] {
  const { random, faults } = world;
  const shard: Shard = { dataset: 'app_logs', ingest: ingestKinesis, records: [] };
  const lines = random.between(0, 4);
  for (let count = 0; count < lines; count += 1) {
    const sequenceNumber = String(4959n * 10n ** 50n + BigInt(count));
    const id = `shardId-000000000001:${sequenceNumber}`;
    const isPoison = faults.strikes('poison', 'app_logs');
    const text = isPoison ? `{"line": ${count}` : `{"line":${count},"big":12345678901234567890.123456789}`;
    shard.records.push(kinesisRecord(text, { shardId: 'shardId-000000000001', sequenceNumber }));
    if (isPoison) notePoison(sent, 'app_logs', id, 'NOT_JSON');
    else
      note(sent.writes, 'app_logs', { _id: id, _op: 'insert', _key: null, _position: sequenceNumber, payload: text });
  }
  return [shard];
}

/** An event source mapping: the next batch, again where it failed (with other boundaries), on where it did not. */
function poll(world: World, landing: Landing, shard: Shard, from: number): void {
  const { random, faults } = world;
  if (from >= shard.records.length) return;
  world.after(random.between(10, 20_000), `poll ${shard.dataset}`, () => {
    const place = `ingest ${shard.dataset}`;
    const isEmpty = faults.strikes('emptyBatch', place);
    const batch = isEmpty ? [] : shard.records.slice(from, from + random.between(1, 5));
    invoke(world, place, (self) => deliver(self, world, landing, shard, batch, random.pick(codecs))).then(
      (outcome) => {
        const isDone = outcome.kind === 'landed' && !faults.strikes('redelivered', place);
        world.note(`${place} ${from}+${batch.length}: ${outcome.kind}`);
        poll(world, landing, shard, isDone ? from + batch.length : from);
      },
      (error) => {
        world.note(`${place} ${from}+${batch.length}: ${(error as Error).message}`);
        poll(world, landing, shard, from);
      },
    );
  });
}

/** The lake and the queue as functions see them, before anything goes wrong with a call. */
export function portsOf(world: World, { lake, queue }: Landing): LandingPorts {
  const send = async (body: string, delaySeconds: number) => queue.send(body, delaySeconds * 1000);
  return { lake, lakeBucket, queue: { send }, nowMilliseconds: clockOf(world) };
}

function deliver(
  self: Process,
  world: World,
  landing: Landing,
  shard: Shard,
  records: unknown[],
  codec: Codec,
): Promise<IngestOutcome> {
  const ports = portsOf(world, landing);
  return shard.ingest(
    { Records: records },
    {
      ...{ ...ports, dataset: shard.dataset, codec },
      lake: through(self, 's3', ports.lake),
      queue: through(self, 'sqs', ports.queue),
    },
  );
}
