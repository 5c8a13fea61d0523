import { pause, Wake } from '../storage/wake.ts';
import type { Checkpoints } from './checkpoints.ts';
import { type ReaderOptions, ShardReader } from './shard-reader.ts';
import type { SourceRecord, SourceShard, StartAt, StreamSource } from './source.ts';

export interface PollerOptions {
  readonly source: StreamSource;
  readonly checkpoints: Checkpoints;
  readonly startingPosition: StartAt;
  readonly batchSize: number;
  readonly batchingWindowMilliseconds: number;
  readonly idleMilliseconds: number;
  /** How often to look for new shards. */
  readonly discoveryMilliseconds: number;
  readonly now: () => number;
  readonly deliver: (shardId: string, records: readonly SourceRecord[], signal: AbortSignal) => Promise<void>;
  /** Marks the stream as not yet read to its end. */
  readonly busy: () => () => void;
  readonly failed: (error: Error) => void;
}

/** Follows a stream: one reader a shard, a parent shard to its end before its children. */
export class StreamPoller {
  readonly #options: PollerOptions;
  readonly #wake = new Wake();
  readonly #stopping = new AbortController();
  readonly #readers = new Map<string, Promise<void>>();
  readonly #undrained = new Set<string>();
  #release?: () => void;
  #discovering?: Promise<void>;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#markBusy('discovery');
    this.#discovering = this.#discover();
  }

  /** Something was written: look now. */
  written(): void {
    for (const shardId of this.#readers.keys()) this.#markBusy(shardId);
    this.#wake.ring();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#discovering;
    await Promise.all(this.#readers.values());
    this.#release?.();
    this.#options.source.close();
    this.#options.checkpoints.close();
  }

  async #discover(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        for (const shard of ready(await this.#options.source.shards(), this.#options.checkpoints))
          this.#follow(shard.id);
        this.#drained('discovery');
      } catch (error) {
        if (!signal.aborted) this.#options.failed(error as Error);
      }
      // A stream without shards is one that is not there yet: look again soon.
      await pause(this.#readers.size > 0 ? this.#options.discoveryMilliseconds : 1_000, signal);
    }
  }

  #follow(shardId: string): void {
    if (this.#readers.has(shardId) || this.#stopping.signal.aborted) return;
    this.#markBusy(shardId);
    const reader = new ShardReader(shardId, this.#readerOptions());
    this.#readers.set(
      shardId,
      reader.run(this.#stopping.signal).then((finished) => (finished ? this.#finished(shardId) : undefined)),
    );
  }

  #readerOptions(): ReaderOptions {
    const { source, batchSize, batchingWindowMilliseconds, idleMilliseconds, now, deliver, failed } = this.#options;
    return {
      ...{ source, batchSize, batchingWindowMilliseconds, idleMilliseconds, now, deliver },
      wake: this.#wake,
      start: (shardId) => this.#start(shardId),
      drained: (shardId, wakeCount) => {
        if (wakeCount === this.#wake.count) this.#drained(shardId);
      },
      failed: (_shardId, error) => failed(error),
    };
  }

  #start(shardId: string): StartAt {
    const sequenceNumber = this.#options.checkpoints.sequenceOf(shardId);
    return sequenceNumber === undefined ? this.#options.startingPosition : { kind: 'after', sequenceNumber };
  }

  async #finished(shardId: string): Promise<void> {
    this.#options.checkpoints.finish(shardId);
    const shards = await this.#options.source.shards().catch(() => []);
    for (const shard of ready(shards, this.#options.checkpoints)) this.#follow(shard.id);
    this.#drained(shardId);
  }

  #markBusy(what: string): void {
    this.#undrained.add(what);
    this.#release ??= this.#options.busy();
  }

  #drained(what: string): void {
    this.#undrained.delete(what);
    if (this.#undrained.size > 0) return;
    this.#release?.();
    this.#release = undefined;
  }
}

/** Shards that may be read: unfinished, and their parent (where it is still there) read to its end. */
function ready(shards: readonly SourceShard[], checkpoints: Checkpoints): SourceShard[] {
  const known = new Set(shards.map(({ id }) => id));
  return shards.filter(
    ({ id, parentId }) =>
      !checkpoints.isFinished(id) &&
      (parentId === undefined || !known.has(parentId) || checkpoints.isFinished(parentId)),
  );
}
