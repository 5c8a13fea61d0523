import type { CloudContext } from '../resource.ts';
import { type Service, ServiceError, type ServiceRequest, type ServiceResponse } from '../service.ts';
import { answer } from '../storage/operations.ts';
import { WriteNotices } from '../storage/write-notices.ts';
import { kinesisOperations } from './kinesis-operations.ts';
import { hashKeyRange, isHashKey, positionOf, sequenceNumber, shardId, shardIndex, shardOf } from './shards.ts';
import { type StreamDescription, StreamStore } from './stream-store.ts';

export interface PutEntry {
  readonly Data: string;
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string;
}

export type StartingPoint =
  | { readonly type: 'TRIM_HORIZON' | 'LATEST' }
  | { readonly type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string }
  | { readonly type: 'AT_TIMESTAMP'; readonly timestampMilliseconds: number };

/** Where a reader is: an iterator is this, encoded. */
interface Place {
  readonly stream: string;
  readonly shard: number;
  readonly after: number;
  readonly issuedAt: number;
}

const iteratorLifeMilliseconds = 300_000;
const trimEveryMilliseconds = 600_000;
const maximumReadBytes = 10 * 1024 * 1024;

/** Kinesis Data Streams in small: fixed shards, no throughput limits, no enhanced fan-out. */
export class KinesisService implements Service {
  readonly signingName = 'kinesis';
  /** Rings with a stream's ARN after each write. */
  readonly notices = new WriteNotices();
  readonly #context: CloudContext;
  readonly #store: StreamStore;
  readonly #trimmedAt = new Map<string, number>();
  readonly #operations = kinesisOperations(this);

  constructor(context: CloudContext, store = new StreamStore(context.stateDirectory('kinesis'))) {
    this.#context = context;
    this.#store = store;
  }

  handle(request: ServiceRequest): Promise<ServiceResponse> {
    return answer('kinesis', this.#operations, request);
  }

  get authorizer() {
    return this.#context.authorizer;
  }

  /** Creates a stream, or brings its settings up to date; old records go. */
  declare(settings: Omit<StreamDescription, 'createdAt'>): StreamDescription {
    const now = this.#context.clock.now();
    this.#trim(settings, now);
    return this.#store.declare({ ...settings, createdAt: now });
  }

  /** Now and then, so that a stream that is written to for days does not keep them all. */
  #trim({ name, retentionHours }: Pick<StreamDescription, 'name' | 'retentionHours'>, now: number): void {
    if (now - (this.#trimmedAt.get(name) ?? Number.NEGATIVE_INFINITY) < trimEveryMilliseconds) return;
    this.#trimmedAt.set(name, now);
    this.#store.trim(name, now - retentionHours * 3_600_000);
  }

  exists(name: string): boolean {
    return this.#store.describe(name) !== undefined;
  }

  names(): string[] {
    return this.#store.names();
  }

  arnOf(name: string): string {
    return this.#store.describe(name)?.arn ?? this.#context.arn('kinesis', `stream/${name}`);
  }

  /** By name or ARN. */
  stream(reference: { StreamName?: string; StreamARN?: string }): StreamDescription {
    const name = reference.StreamName ?? reference.StreamARN?.split('stream/').at(-1) ?? '';
    const description = this.#store.describe(name);
    if (description) return description;
    const { accountId } = this.#context;
    throw new ServiceError('ResourceNotFoundException', `Stream ${name} under account ${accountId} not found.`);
  }

  shards(stream: StreamDescription) {
    return Array.from({ length: stream.shardCount }, (_, shard) => ({
      ShardId: shardId(shard),
      HashKeyRange: hashKeyRange(shard, stream.shardCount),
      SequenceNumberRange: { StartingSequenceNumber: this.#sequence(stream, shard, 0) },
    }));
  }

  put(stream: StreamDescription, entries: readonly PutEntry[]): { SequenceNumber: string; ShardId: string }[] {
    const records = entries.map((entry) => {
      const data = Buffer.from(entry.Data, 'base64');
      this.#check(stream, entry, data);
      return {
        shard: shardOf(entry.PartitionKey, entry.ExplicitHashKey, stream.shardCount),
        partitionKey: entry.PartitionKey,
        data,
      };
    });
    const now = this.#context.clock.now();
    const positions = this.#store.append(stream.name, records, now);
    this.#trim(stream, now);
    this.notices.notify(this.arnOf(stream.name));
    return records.map(({ shard }, index) => ({
      SequenceNumber: this.#sequence(stream, shard, positions[index] ?? 0),
      ShardId: shardId(shard),
    }));
  }

  iterator(stream: StreamDescription, shardName: string, start: StartingPoint): string {
    const shard = shardIndex(shardName);
    if (shard === undefined || shard >= stream.shardCount) {
      const message = `Shard ${shardName} in stream ${stream.name} under account ${this.#context.accountId} does not exist`;
      throw new ServiceError('ResourceNotFoundException', message);
    }
    return this.#encode({ stream: stream.name, shard, after: this.#startAfter(stream, shard, start) });
  }

  /** The stream that an iterator reads, for authorization before reading. */
  streamOf(iterator: string): StreamDescription {
    return this.stream({ StreamName: readPlace(iterator).stream });
  }

  read(iterator: string, limit: number) {
    const place = readPlace(iterator);
    const now = this.#context.clock.now();
    if (now - place.issuedAt > iteratorLifeMilliseconds) {
      const message = `Iterator expired. It was made ${now - place.issuedAt} ms ago; 5 minutes are its life.`;
      throw new ServiceError('ExpiredIteratorException', message);
    }
    const stream = this.stream({ StreamName: place.stream });
    const records = this.#store.read(place.stream, place.shard, place.after, limit, maximumReadBytes);
    const last = records.at(-1);
    const behind = last && last.position < this.#store.lastPosition(place.stream, place.shard);
    return {
      Records: records.map((record) => ({
        SequenceNumber: this.#sequence(stream, place.shard, record.position),
        ApproximateArrivalTimestamp: record.arrivedAt / 1000,
        Data: record.data.toString('base64'),
        PartitionKey: record.partitionKey,
      })),
      NextShardIterator: this.#encode({ ...place, after: last?.position ?? place.after }),
      MillisBehindLatest: behind ? Math.max(1, now - last.arrivedAt) : 0,
    };
  }

  async close(): Promise<void> {
    this.#store.close();
  }

  #check(stream: StreamDescription, entry: PutEntry, data: Buffer): void {
    const { PartitionKey, ExplicitHashKey } = entry;
    if (ExplicitHashKey !== undefined && !isHashKey(ExplicitHashKey)) {
      throw new ServiceError(
        'InvalidArgumentException',
        `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${ExplicitHashKey}`,
      );
    }
    const sizeBytes = data.length + Buffer.byteLength(PartitionKey);
    if (sizeBytes <= stream.maximumRecordBytes) return;
    const message = `a record of ${sizeBytes} bytes (data and partition key); stream ${stream.name} takes at most ${stream.maximumRecordBytes}`;
    throw new ServiceError('InvalidArgumentException', message);
  }

  #startAfter(stream: StreamDescription, shard: number, start: StartingPoint): number {
    if ('timestampMilliseconds' in start) {
      return this.#store.positionBefore(stream.name, shard, start.timestampMilliseconds);
    }
    if (!('sequenceNumber' in start)) {
      return start.type === 'LATEST' ? this.#store.lastPosition(stream.name, shard) : 0;
    }
    const position = positionOf(start.sequenceNumber);
    if (position === undefined) {
      throw new ServiceError('InvalidArgumentException', `StartingSequenceNumber ${start.sequenceNumber} is invalid.`);
    }
    return start.type === 'AT_SEQUENCE_NUMBER' ? position - 1 : position;
  }

  #sequence(stream: StreamDescription, shard: number, position: number): string {
    return sequenceNumber({ createdAt: stream.createdAt, shard, position });
  }

  #encode(place: Omit<Place, 'issuedAt'>): string {
    return Buffer.from(JSON.stringify({ ...place, issuedAt: this.#context.clock.now() })).toString('base64');
  }
}

function readPlace(iterator: string): Place {
  try {
    const place = JSON.parse(Buffer.from(iterator, 'base64').toString('utf8')) as Place;
    if (typeof place.stream === 'string') return place;
  } catch {
    // Falls through: not an iterator of ours.
  }
  throw new ServiceError('InvalidArgumentException', 'Invalid ShardIterator.');
}
