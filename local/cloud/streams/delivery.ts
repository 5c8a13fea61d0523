import type { CloudContext, InvocationResult } from '../resource.ts';
import { pause } from '../storage/wake.ts';
import {
  afterInvocation,
  type Batch,
  backOffMilliseconds,
  type DeliveryPolicy,
  type GiveUpCondition,
  type Outcome,
  type Step,
  withoutExpired,
} from './batch-progress.ts';
import { streamOutcome } from './item-failures.ts';
import type { SourceRecord } from './source.ts';

/** Records that are given up, as the failure destination gets them. */
export interface Discarded {
  readonly shardId: string;
  readonly records: readonly SourceRecord[];
  readonly condition: GiveUpCondition;
  readonly invocations: number;
  readonly result?: InvocationResult;
}

export interface DeliveryOptions {
  readonly context: CloudContext;
  readonly streamArn: string;
  readonly functionArn: string;
  readonly policy: DeliveryPolicy;
  readonly reportsFailures: boolean;
  /** Of the pauses before a retry. */
  readonly waitScale: number;
  /** Keeps a discarded batch; absent where the mapping has no destination. */
  readonly discard?: (discarded: Discarded) => Promise<void>;
  readonly checkpoint: (shardId: string, sequenceNumber: string) => void;
}

/** Brings the batches of a shard to the function, in order, until each record is delivered or given up. */
export class Delivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  async deliver(shardId: string, records: readonly SourceRecord[], signal: AbortSignal): Promise<void> {
    const { policy, context, waitScale } = this.#options;
    const waiting: Batch<SourceRecord>[] = [{ records, attempts: 0 }];
    while (waiting.length > 0 && !signal.aborted) {
      const { expired, batch } = withoutExpired(waiting.shift() as Batch<SourceRecord>, policy, context.clock.now());
      if (expired.length > 0) {
        await this.#giveUp({ shardId, records: expired, condition: 'RecordAgeExceeded', invocations: batch.attempts });
      }
      if (batch.records.length === 0) continue;
      const { outcome, result, detail } = await this.#invoke(batch);
      const step = afterInvocation(batch, outcome, policy);
      this.#checkpoint(shardId, step.finished);
      this.#tell(batch, outcome, step, detail);
      waiting.unshift(...step.next);
      if (step.givenUp) await this.#giveUp({ shardId, ...step.givenUp, invocations: batch.attempts + 1, result });
      if (step.backOff) await pause(backOffMilliseconds(batch.attempts, waitScale), signal);
    }
  }

  async #invoke(batch: Batch<SourceRecord>): Promise<{ outcome: Outcome; result?: InvocationResult; detail?: string }> {
    const { context, functionArn, reportsFailures } = this.#options;
    const principal = { kind: 'service', service: 'lambda.amazonaws.com' } as const;
    try {
      const result = await context.invokeFunction(functionArn, invocationEvent(batch.records), principal);
      const outcome = streamOutcome(result, batch.records, reportsFailures);
      return { outcome, result, detail: result.functionError ? result.payload.slice(0, 500) : undefined };
    } catch (error) {
      return { outcome: { kind: 'notInvoked' }, detail: (error as Error).message };
    }
  }

  async #giveUp(discarded: Discarded): Promise<void> {
    const { discard, context, streamArn, functionArn } = this.#options;
    const about = {
      kind: 'delivery',
      from: streamArn,
      to: functionArn,
      recordCount: discarded.records.length,
    } as const;
    try {
      await discard?.(discarded);
      const kept = discard ? 'kept in the failure destination' : 'lost: the mapping has no failure destination';
      context.emit({ ...about, outcome: 'givenUp', detail: `${discarded.condition}, ${kept}` });
    } catch (error) {
      // As on AWS the shard goes on: a destination that cannot be written to does not block it.
      context.emit({
        ...about,
        outcome: 'denied',
        detail: `the failure destination refused: ${(error as Error).message}`,
      });
    }
    this.#checkpoint(discarded.shardId, discarded.records);
  }

  #checkpoint(shardId: string, records: readonly SourceRecord[]): void {
    const last = records.at(-1);
    if (last) this.#options.checkpoint(shardId, last.sequenceNumber);
  }

  #tell(batch: Batch<SourceRecord>, outcome: Outcome, step: Step<SourceRecord>, detail?: string): void {
    const { context, streamArn, functionArn } = this.#options;
    const names = { succeeded: 'delivered', partly: 'partial', failed: 'retried', notInvoked: 'retried' } as const;
    if (step.givenUp && step.finished.length === 0) return;
    const recordCount = batch.records.length;
    context.emit({
      kind: 'delivery',
      from: streamArn,
      to: functionArn,
      recordCount,
      outcome: names[outcome.kind],
      detail,
    });
  }
}

/** The event that a function gets. */
export function invocationEvent(records: readonly SourceRecord[]): string {
  return JSON.stringify({ Records: records.map(({ event }) => event) });
}
