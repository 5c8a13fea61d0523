import type { CloudContext, InvocationResult } from '../resource.ts';
import type { StoredMessage } from '../sqs/queue-store.ts';
import { systemAttributes } from '../sqs/sqs-operations.ts';
import type { SqsService } from '../sqs/sqs-service.ts';
import { pause } from '../storage/wake.ts';
import { readItemFailures } from './item-failures.ts';

export interface QueuePollerOptions {
  readonly context: CloudContext;
  readonly sqs: SqsService;
  readonly queueName: string;
  readonly functionArn: string;
  readonly roleArn: string;
  readonly batchSize: number;
  readonly batchingWindowMilliseconds: number;
  readonly reportsFailures: boolean;
  /** How many batches may be in the function at once. */
  readonly concurrency: number;
}

const throttlePauseMilliseconds = 1_000;

/** Receives messages as the function's role, and deletes those that the function has dealt with. */
export class QueuePoller {
  readonly #options: QueuePollerOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void>[] = [];

  constructor(options: QueuePollerOptions) {
    this.#options = options;
  }

  start(): void {
    const { sqs, queueName, concurrency } = this.#options;
    sqs.consume(queueName);
    this.#running = Array.from({ length: concurrency }, () => this.#run());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const messages = await this.#gather(signal);
        if (messages.length > 0) await this.#deliver(messages);
      } catch (error) {
        this.#tell(0, 'denied', (error as Error).message);
        await pause(throttlePauseMilliseconds, signal);
      }
    }
  }

  async #gather(signal: AbortSignal): Promise<StoredMessage[]> {
    const { context, batchSize, batchingWindowMilliseconds } = this.#options;
    const messages = await this.#receive(Math.min(10, batchSize), 20, signal);
    const deadline = context.clock.now() + batchingWindowMilliseconds;
    while (messages.length > 0 && messages.length < batchSize && !signal.aborted) {
      const remaining = (deadline - context.clock.now()) / 1000;
      if (remaining <= 0) break;
      messages.push(...(await this.#receive(Math.min(10, batchSize - messages.length), remaining, signal)));
    }
    return messages;
  }

  #receive(limit: number, waitSeconds: number, signal: AbortSignal): Promise<StoredMessage[]> {
    const { sqs, queueName, roleArn } = this.#options;
    sqs.authorize({ kind: 'role', roleArn }, 'ReceiveMessage', queueName);
    return sqs.receive(queueName, { limit, waitSeconds, signal });
  }

  async #deliver(messages: readonly StoredMessage[]): Promise<void> {
    const { context, sqs, queueName, roleArn } = this.#options;
    const { arn } = sqs.settings(queueName);
    const event = JSON.stringify({ Records: messages.map((message) => messageEvent(message, arn, context.region)) });
    const { done, detail } = await this.#invoke(event, messages);
    if (done.length > 0) sqs.authorize({ kind: 'role', roleArn }, 'DeleteMessage', queueName);
    for (const { receiptHandle } of done) sqs.delete(queueName, receiptHandle);
    this.#hasten(messages.filter((message) => !done.includes(message)));
    const outcome = done.length === messages.length ? 'delivered' : done.length > 0 ? 'partial' : 'retried';
    this.#tell(messages.length, outcome, detail);
  }

  /** The wait until a failed message comes in sight again is one of those that a faster run shortens; the function has ended. */
  #hasten(failed: readonly StoredMessage[]): void {
    const { context, sqs, queueName } = this.#options;
    const { waitScale } = context.speed;
    if (waitScale >= 1) return;
    const seconds = sqs.settings(queueName).visibilityTimeoutSeconds * waitScale;
    for (const { receiptHandle } of failed) sqs.changeVisibility(queueName, receiptHandle, seconds);
  }

  /** What the function has dealt with; the rest comes in sight again after the visibility timeout. */
  async #invoke(event: string, messages: readonly StoredMessage[]) {
    const { context, functionArn } = this.#options;
    try {
      const principal = { kind: 'service', service: 'lambda.amazonaws.com' } as const;
      const result = await context.invokeFunction(functionArn, event, principal);
      const detail = result.functionError ? result.payload.slice(0, 500) : undefined;
      return { done: dealtWith(result, messages, this.#options.reportsFailures), detail };
    } catch (error) {
      return { done: [], detail: (error as Error).message };
    }
  }

  #tell(recordCount: number, outcome: 'delivered' | 'partial' | 'retried' | 'denied', detail?: string): void {
    const { context, queueName, functionArn } = this.#options;
    context.emit({ kind: 'delivery', from: queueName, to: functionArn, recordCount, outcome, detail });
  }
}

/** Messages to delete: all after a success, none after an error, those not reported where the function reports. */
export function dealtWith(
  result: InvocationResult,
  messages: readonly StoredMessage[],
  reportsFailures: boolean,
): readonly StoredMessage[] {
  if (result.functionError) return [];
  const reported = reportsFailures ? readItemFailures(result.payload) : ({ kind: 'none' } as const);
  if (reported.kind === 'none') return messages;
  if (reported.kind === 'malformed') return [];
  const ids = new Set(messages.map(({ messageId }) => messageId));
  if (reported.identifiers.some((identifier) => !ids.has(identifier))) return [];
  return messages.filter(({ messageId }) => !reported.identifiers.includes(messageId));
}

function messageEvent(message: StoredMessage, eventSourceARN: string, awsRegion: string): object {
  const attributes = Object.entries(message.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name,
    {
      stringValue: StringValue,
      binaryValue: BinaryValue,
      stringListValues: [],
      binaryListValues: [],
      dataType: DataType,
    },
  ]);
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(attributes) as object,
    md5OfBody: message.md5,
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion,
  };
}
