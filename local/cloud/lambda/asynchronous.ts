import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { CloudContext, InvocationResult } from '../resource.ts';
import { ServiceError } from '../service.ts';
import type { LocalFunction } from './function.ts';

/** What the template configures for asynchronous invocations; absent, Lambda retries twice and forgets. */
export interface AsynchronousSettings {
  maximumRetryAttempts: number;
  maximumEventAgeSeconds: number;
  /** ARNs of queues. */
  deadLetterQueueArn?: string;
  onFailureQueueArn?: string;
  onSuccessQueueArn?: string;
}

export const asynchronousDefaults: AsynchronousSettings = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };

interface QueuedEvent {
  readonly id: string;
  readonly payload: string;
  readonly acceptedAtMilliseconds: number;
}

/** Undefined for a call that never reached the function. */
function throttling(error: unknown): undefined {
  if (!(error instanceof ServiceError)) throw error;
  return undefined;
}

/**
 * Lambda's own queue before a function. An accepted event is a file until its last attempt is over, so a killed
 * process delivers it again at the next start: at least once, as on AWS.
 */
export class AsynchronousQueue {
  readonly settings: AsynchronousSettings = { ...asynchronousDefaults };
  readonly #function: LocalFunction;
  readonly #context: CloudContext;
  readonly #directory: string;
  readonly #closing = new AbortController();

  constructor(localFunction: LocalFunction, context: CloudContext) {
    this.#function = localFunction;
    this.#context = context;
    this.#directory = join(context.stateDirectory('lambda'), encodeURIComponent(localFunction.settings.name));
    mkdirSync(this.#directory, { recursive: true });
  }

  async accept(payload: string): Promise<string> {
    const event = { id: randomUUID(), payload, acceptedAtMilliseconds: this.#context.clock.now() };
    const temporary = join(this.#directory, event.id);
    await writeFile(temporary, JSON.stringify(event));
    await rename(temporary, `${temporary}.json`);
    this.#work(event);
    return event.id;
  }

  /** Takes up what the last process left. */
  resume(): void {
    for (const name of readdirSync(this.#directory)) {
      if (!name.endsWith('.json')) continue;
      this.#work(JSON.parse(readFileSync(join(this.#directory, name), 'utf8')) as QueuedEvent);
    }
  }

  close(): void {
    this.#closing.abort();
  }

  #work(event: QueuedEvent): void {
    const done = this.#context.busy(`asynchronous event of ${this.#function.settings.logicalId}`);
    this.#deliver(event)
      .then(() => rm(join(this.#directory, `${event.id}.json`), { force: true }))
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted) this.#report('givenUp', String(error));
      })
      .finally(done);
  }

  /** Function errors are retried a number of times, throttling until the event is too old. (Lambda developer guide.) */
  async #deliver(event: QueuedEvent): Promise<void> {
    let throttled = 0;
    for (let attempt = 1; ; ) {
      const result = await this.#function.invoke(event.payload).catch(throttling);
      this.#closing.signal.throwIfAborted();
      if (result && !result.functionError) return this.#send(this.settings.onSuccessQueueArn, event, result, attempt);
      const failure = result ?? {
        payload: '{"errorMessage":"throttled"}',
        functionError: 'Unhandled',
        requestId: event.id,
      };
      const last = result !== undefined && attempt > this.settings.maximumRetryAttempts;
      if (last || this.#expired(event)) return this.#giveUp(event, failure, attempt);
      this.#report('retried', failure.payload);
      // One minute before the first retry, two before the second; throttled, from one second to five minutes.
      await this.#pause(result ? 60 * attempt : Math.min(300, 2 ** throttled));
      if (result) attempt += 1;
      else throttled += 1;
    }
  }

  #expired(event: QueuedEvent): boolean {
    return this.#context.clock.now() - event.acceptedAtMilliseconds > this.settings.maximumEventAgeSeconds * 1000;
  }

  async #pause(seconds: number): Promise<void> {
    await wait(seconds * 1000 * this.#context.speed.waitScale, undefined, { signal: this.#closing.signal });
  }

  async #giveUp(event: QueuedEvent, result: InvocationResult, attempt: number): Promise<void> {
    this.#report('givenUp', result.payload);
    await this.#send(this.settings.onFailureQueueArn, event, result, attempt);
    if (this.settings.deadLetterQueueArn) await this.#sendMessage(this.settings.deadLetterQueueArn, event.payload);
  }

  /** The record of a destination (Lambda developer guide, "Capturing records of asynchronous invocations"). */
  async #send(
    queueArn: string | undefined,
    event: QueuedEvent,
    result: InvocationResult,
    attempt: number,
  ): Promise<void> {
    if (!queueArn) return;
    const failed = result.functionError !== undefined;
    const record = {
      version: '1.0',
      timestamp: new Date(this.#context.clock.now()).toISOString(),
      requestContext: {
        requestId: result.requestId,
        functionArn: `${this.#function.settings.arn}:$LATEST`,
        condition: failed ? 'RetriesExhausted' : 'Success',
        approximateInvokeCount: attempt,
      },
      requestPayload: JSON.parse(event.payload) as unknown,
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: result.functionError },
      responsePayload: JSON.parse(result.payload) as unknown,
    };
    await this.#sendMessage(queueArn, JSON.stringify(record));
  }

  /** As the function's role, which needs sqs:SendMessage. */
  async #sendMessage(queueArn: string, body: string): Promise<void> {
    const queue = this.#context.resource(queueArn);
    await this.#context.services.get('sqs').handle({
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': 'AmazonSQS.SendMessage', 'content-type': 'application/x-amz-json-1.0' },
      body: Buffer.from(JSON.stringify({ QueueUrl: queue?.physical.ref ?? queueArn, MessageBody: body })),
      principal: { kind: 'role', roleArn: this.#function.settings.roleArn },
    });
  }

  #report(outcome: 'retried' | 'givenUp', detail: string): void {
    const to = this.#function.settings.arn;
    this.#context.emit({ kind: 'delivery', from: 'asynchronous invocation', to, recordCount: 1, outcome, detail });
  }
}
