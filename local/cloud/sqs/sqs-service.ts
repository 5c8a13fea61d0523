import type { CloudContext } from '../resource.ts';
import { type Principal, type Service, ServiceError, type ServiceRequest, type ServiceResponse } from '../service.ts';
import { answer } from '../storage/operations.ts';
import { Wake } from '../storage/wake.ts';
import { type MessageAttributes, md5, md5OfAttributes } from './message-attributes.ts';
import { type QueueCounts, type QueueSettings, QueueStore, type StoredMessage } from './queue-store.ts';
import { sqsOperations } from './sqs-operations.ts';

interface Queue {
  settings: QueueSettings;
  readonly arrived: Wake;
  /** True once something in the template consumes it: then what waits in it is work to be done. */
  consumed: boolean;
  release?: () => void;
}

export interface OutgoingMessage {
  readonly body: string;
  readonly attributes?: MessageAttributes;
  readonly delaySeconds?: number;
}

export interface SentMessage {
  readonly MessageId: string;
  readonly MD5OfMessageBody: string;
  readonly MD5OfMessageAttributes?: string;
}

export interface ReceiveOptions {
  readonly limit: number;
  readonly waitSeconds?: number;
  readonly visibilityTimeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

/** Standard queues: at least once, roughly in order, visibility timeouts, delays, dead letters. No FIFO queues. */
export class SqsService implements Service {
  readonly signingName = 'sqs';
  readonly #context: CloudContext;
  readonly #store: QueueStore;
  readonly #queues = new Map<string, Queue>();
  readonly #closing = new AbortController();
  readonly #operations = sqsOperations(this);

  constructor(context: CloudContext, store = new QueueStore(context.stateDirectory('sqs'))) {
    this.#context = context;
    this.#store = store;
  }

  handle(request: ServiceRequest): Promise<ServiceResponse> {
    return answer('sqs', this.#operations, request);
  }

  declare(settings: QueueSettings): void {
    this.#queues.set(settings.name, { settings, arrived: new Wake(), consumed: false });
  }

  /**
   * From now on waiting messages count as work: `idle()` waits for them. What a mapping of an earlier process had in flight
   * ended with its functions, so it comes again at once and not after the visibility timeout.
   */
  consume(name: string): void {
    const queue = this.#queue(name);
    if (!queue.consumed) this.#store.giveBack(name, this.#context.clock.now());
    queue.consumed = true;
    this.#tell(queue);
  }

  names(prefix = ''): string[] {
    return [...this.#queues.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  urlOf(name: string): string {
    return `${this.#context.endpoint}/${this.#context.accountId}/${this.#queue(name).settings.name}`;
  }

  /** The name in a queue URL or ARN, of a queue that exists. */
  nameOf(reference: string): string {
    return this.#queue(reference.split(/[/:]/).at(-1) ?? '').settings.name;
  }

  settings(name: string): QueueSettings {
    return this.#queue(name).settings;
  }

  counts(name: string): QueueCounts {
    return this.#store.counts(name, this.#context.clock.now());
  }

  /** Without a queue: an action that IAM knows no resource for. */
  authorize(principal: Principal, action: string, name?: string): void {
    const resourceArn = name === undefined ? '*' : this.#queue(name).settings.arn;
    this.#context.authorizer.authorize(principal, `sqs:${action}`, resourceArn);
  }

  /** Sends without asking who may: callers authorize first. */
  send(name: string, message: OutgoingMessage): SentMessage {
    const queue = this.#queue(name);
    const { settings } = queue;
    const sizeBytes = Buffer.byteLength(message.body) + Buffer.byteLength(JSON.stringify(message.attributes ?? {})) - 2;
    if (message.body === '') throw new ServiceError('InvalidParameterValue', 'The message body must not be empty.');
    if (sizeBytes > settings.maximumMessageBytes) {
      const limit = settings.maximumMessageBytes;
      throw new ServiceError(
        'InvalidParameterValue',
        `the message has ${sizeBytes} bytes; ${name} takes at most ${limit}`,
      );
    }
    const attributes = message.attributes ?? {};
    const delayMilliseconds = (message.delaySeconds ?? settings.delaySeconds) * 1000;
    const MessageId = this.#store.send(
      name,
      { body: message.body, attributes, delayMilliseconds },
      this.#context.clock.now(),
    );
    this.#tell(queue);
    queue.arrived.ring();
    return { MessageId, MD5OfMessageBody: md5(message.body), MD5OfMessageAttributes: md5OfAttributes(attributes) };
  }

  /** Waits up to `waitSeconds` for at least one message. */
  async receive(name: string, options: ReceiveOptions): Promise<StoredMessage[]> {
    const queue = this.#queue(name);
    const { clock } = this.#context;
    const deadline = clock.now() + (options.waitSeconds ?? queue.settings.receiveWaitSeconds) * 1000;
    const visibility = (options.visibilityTimeoutSeconds ?? queue.settings.visibilityTimeoutSeconds) * 1000;
    const signal = options.signal ? AbortSignal.any([options.signal, this.#closing.signal]) : this.#closing.signal;
    while (!signal.aborted) {
      const { count } = queue.arrived;
      this.#clean(queue);
      const messages = this.#store.receive(name, options.limit, visibility, clock.now());
      // What was an appointment is work from here on.
      if (messages.length > 0) this.#tell(queue);
      if (messages.length > 0 || clock.now() >= deadline) return messages;
      const nextAt = Math.min(deadline, this.#store.nextVisibleAt(name) ?? deadline);
      await queue.arrived.wait(count, Math.max(1, nextAt - clock.now()), signal);
    }
    return [];
  }

  delete(name: string, receiptHandle: string): void {
    this.#store.delete(name, receiptHandle);
    this.#tell(this.#queue(name));
  }

  changeVisibility(name: string, receiptHandle: string, seconds: number): boolean {
    const now = this.#context.clock.now();
    const changed = this.#store.changeVisibility(name, receiptHandle, now + seconds * 1000, now);
    this.#queue(name).arrived.ring();
    return changed;
  }

  purge(name: string): void {
    this.#store.purge(name);
    this.#tell(this.#queue(name));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const queue of this.#queues.values()) queue.release?.();
    this.#store.close();
  }

  /** What was received too often goes to the dead-letter queue, what is too old goes. */
  #clean(queue: Queue): void {
    const { settings } = queue;
    const now = this.#context.clock.now();
    if (settings.redrive) {
      const target = this.#queue(this.nameOf(settings.redrive.deadLetterTargetArn));
      const moved = this.#store.redrive(settings.name, settings.redrive.maxReceiveCount, target.settings.name, now);
      if (moved > 0) this.#redriven(queue, target, moved);
    }
    if (this.#store.expire(settings.name, now - settings.retentionSeconds * 1000) > 0) this.#tell(queue);
  }

  #redriven(queue: Queue, target: Queue, recordCount: number): void {
    this.#tell(queue);
    this.#tell(target);
    target.arrived.ring();
    const detail = `received ${queue.settings.redrive?.maxReceiveCount} times without being deleted`;
    this.#context.emit({
      kind: 'delivery',
      from: queue.settings.name,
      to: target.settings.name,
      recordCount,
      outcome: 'givenUp',
      detail,
    });
  }

  #tell(queue: Queue): void {
    const { visible, inFlight, delayed, appointments } = this.counts(queue.settings.name);
    const waiting = queue.consumed && visible + inFlight + delayed > appointments;
    if (waiting) queue.release ??= this.#context.busy(`messages in ${queue.settings.name}`);
    else {
      queue.release?.();
      queue.release = undefined;
    }
  }

  #queue(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue) return queue;
    const known = this.names().join(', ') || 'none';
    throw new ServiceError('QueueDoesNotExist', `The specified queue does not exist: ${name}; there is ${known}`);
  }
}
