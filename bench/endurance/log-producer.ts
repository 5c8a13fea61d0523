import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import type { ClientOptions } from '../../local/front-door.ts';
import { logLine } from './log-lines.ts';
import { sendSurely } from './sending.ts';

/** The most that PutRecords takes. */
const linesOfACall = 500;
const callsAtATime = 2;

/**
 * Puts log lines 0 to count - 1 on the stream. A call that had no answer is sent again, and may then have put its lines twice, as
 * on AWS: how often each call was sent is kept, and how often each line must be there follows from what the stream itself holds.
 */
export class LogProducer {
  readonly count: number;
  readonly line: (n: number) => ReturnType<typeof logLine>;
  /** Attempts without an answer, by call. */
  readonly #unanswered: Uint16Array;
  #nextCall = 0;
  sent = 0;

  constructor(options: { count: number; seed: number; poison: number }) {
    this.count = options.count;
    this.line = (n) => logLine(options.seed, options.poison, n);
    this.#unanswered = new Uint16Array(Math.ceil(options.count / linesOfACall));
  }

  async run(options: ClientOptions, streamName: string, pace: () => Promise<void>): Promise<void> {
    const client = new KinesisClient({ ...options, maxAttempts: 1 });
    await Promise.all(Array.from({ length: callsAtATime }, () => this.#work(client, streamName, pace)));
    client.destroy();
  }

  /** How often a line may be in the stream at most; at least it is there once. */
  mostCopies(n: number): number {
    return 1 + (this.#unanswered[Math.floor(n / linesOfACall)] ?? 0);
  }

  get unansweredCalls(): number {
    return this.#unanswered.reduce((sum, count) => sum + count, 0);
  }

  async #work(client: KinesisClient, StreamName: string, pace: () => Promise<void>): Promise<void> {
    while (this.#nextCall < this.#unanswered.length) {
      await pace();
      const call = this.#nextCall;
      this.#nextCall += 1;
      const first = call * linesOfACall;
      const lines = Array.from({ length: Math.min(linesOfACall, this.count - first) }, (_, n) => this.line(first + n));
      const Records = lines.map(({ data, partitionKey }) => ({ Data: data, PartitionKey: partitionKey }));
      const { answer, unanswered } = await sendSurely(() =>
        client.send(new PutRecordsCommand({ StreamName, Records })),
      );
      if (answer.FailedRecordCount)
        throw new Error(`the stream refused ${answer.FailedRecordCount} of ${lines.length} records`);
      this.#unanswered[call] = unanswered;
      this.sent += lines.length;
    }
  }
}
