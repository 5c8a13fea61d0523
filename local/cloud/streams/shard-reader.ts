import { pause, type Wake } from '../storage/wake.ts';
import type { SourceRecord, StartAt, StreamSource } from './source.ts';

export interface ReaderOptions {
  readonly source: StreamSource;
  readonly wake: Wake;
  readonly batchSize: number;
  readonly batchingWindowMilliseconds: number;
  /** How often to look when nothing has been heard of. */
  readonly idleMilliseconds: number;
  readonly now: () => number;
  /** Where to begin: after the checkpoint, or where the mapping says. */
  readonly start: (shardId: string) => StartAt;
  readonly deliver: (shardId: string, records: readonly SourceRecord[], signal: AbortSignal) => Promise<void>;
  /** Nothing was left in the shard when `wake` had this count. */
  readonly drained: (shardId: string, wakeCount: number) => void;
  readonly failed: (shardId: string, error: Error) => void;
}

/** Lambda sends at most 6 MB to a function; the rest is for what surrounds the records. */
const maximumBatchBytes = 5_900_000;
const failurePauseMilliseconds = 1_000;

/** Reads one shard: gathers records into batches and has them delivered, one batch after the other. */
export class ShardReader {
  readonly #shardId: string;
  readonly #options: ReaderOptions;
  #gathered: SourceRecord[] = [];
  #gatheredSince = 0;

  constructor(shardId: string, options: ReaderOptions) {
    this.#shardId = shardId;
    this.#options = options;
  }

  /** Resolves with true once the shard is closed and delivered, with false when it is told to stop. */
  async run(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      try {
        if (await this.#read(signal)) return true;
      } catch (error) {
        // An expired iterator, a throttled or refused read, a service that restarts: begin again after the checkpoint.
        if (signal.aborted) return false;
        this.#gathered = [];
        this.#options.failed(this.#shardId, error as Error);
        await pause(failurePauseMilliseconds, signal);
      }
    }
    return false;
  }

  async #read(signal: AbortSignal): Promise<boolean> {
    const { source, start, batchSize, wake } = this.#options;
    let iterator: string | undefined = await source.iterator(this.#shardId, start(this.#shardId));
    while (!signal.aborted) {
      const { count } = wake;
      const limit = Math.max(1, batchSize - this.#gathered.length);
      const { records, next }: { records: SourceRecord[]; next?: string } = await source.read(
        this.#shardId,
        iterator,
        limit,
      );
      if (this.#gathered.length === 0) this.#gatheredSince = this.#options.now();
      this.#gathered.push(...records);
      if (this.#isDue(next === undefined)) await this.#deliver(signal);
      else if (next !== undefined && records.length === 0) await this.#wait(count, signal);
      if (next === undefined) return !signal.aborted;
      iterator = next;
    }
    return false;
  }

  #isDue(isLast: boolean): boolean {
    if (this.#gathered.length === 0) return false;
    const { batchSize, batchingWindowMilliseconds, now } = this.#options;
    const sizeBytes = this.#gathered.reduce((sum, record) => sum + record.sizeBytes, 0);
    const waited = now() - this.#gatheredSince;
    return (
      isLast ||
      this.#gathered.length >= batchSize ||
      sizeBytes >= maximumBatchBytes ||
      waited >= batchingWindowMilliseconds
    );
  }

  async #wait(count: number, signal: AbortSignal): Promise<void> {
    const { wake, drained, idleMilliseconds, batchingWindowMilliseconds, now } = this.#options;
    if (this.#gathered.length === 0) {
      drained(this.#shardId, count);
      return wake.wait(count, idleMilliseconds, signal);
    }
    const remaining = batchingWindowMilliseconds - (now() - this.#gatheredSince);
    return wake.wait(count, Math.max(1, remaining), signal);
  }

  async #deliver(signal: AbortSignal): Promise<void> {
    const records = this.#gathered;
    this.#gathered = [];
    for (const part of bySize(records)) await this.#options.deliver(this.#shardId, part, signal);
  }
}

/** Cuts a batch where its records would not fit into one invocation. */
function bySize(records: readonly SourceRecord[]): SourceRecord[][] {
  const parts: SourceRecord[][] = [];
  let sizeBytes = 0;
  for (const record of records) {
    const part = parts.at(-1);
    if (!part || sizeBytes + record.sizeBytes > maximumBatchBytes) {
      parts.push([record]);
      sizeBytes = record.sizeBytes;
    } else {
      part.push(record);
      sizeBytes += record.sizeBytes;
    }
  }
  return parts;
}
