import { randomUUID } from 'node:crypto';
import type { CloudContext } from '../resource.ts';
import { ServiceError } from '../service.ts';
import { BucketStore, type StoredObject } from './store.ts';

export type CreationReason = 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload';

interface DueEvent {
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>> & {
    readonly object: { readonly key: string; readonly sequencer: string };
  };
}

/** A new object as it is put, before the store gives it a file. */
export interface NewObject {
  readonly key: string;
  readonly body: Buffer;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: CreationReason;
  /** `If-None-Match` and `If-Match` of the request. */
  readonly conditions?: { readonly ifNoneMatch?: string; readonly ifMatch?: string };
}

export interface BucketOptions {
  readonly context: CloudContext;
  readonly directory: string;
  /** Whether the bucket tells EventBridge what happens to its objects. */
  readonly eventBridge: boolean;
  readonly versioned: boolean;
}

/** A bucket: its objects, and the events it owes to EventBridge. */
export class Bucket {
  readonly name: string;
  readonly arn: string;
  readonly store: BucketStore;
  readonly #context: CloudContext;
  readonly #options: BucketOptions;

  constructor(name: string, options: BucketOptions) {
    this.name = name;
    this.arn = `arn:${options.context.partition}:s3:::${name}`;
    this.store = new BucketStore(options.directory);
    this.#context = options.context;
    this.#options = options;
  }

  objectArn(key: string): string {
    return `${this.arn}/${key}`;
  }

  async put(object: NewObject): Promise<void> {
    const now = this.#context.clock.now();
    const { key, body, etag, headers, conditions } = object;
    const sequencer = this.store.nextSequencer(now);
    const stored = { key, sizeBytes: body.length, etag, lastModified: new Date(now).toISOString(), sequencer, headers };
    const id = randomUUID();
    const event = this.#event('Object Created', stored, { reason: object.reason, size: body.length, etag });
    await this.store.put(stored, body, {
      guard: (before) => checkConditions(conditions ?? {}, before),
      announce: async () => (this.#options.eventBridge ? this.store.keepPending(id, event) : undefined),
    });
    this.#context.emit({ kind: 'object', phase: 'created', bucket: this.name, key, sizeBytes: body.length });
    if (this.#options.eventBridge) this.#publish(id, event);
  }

  async delete(key: string, conditions: { readonly ifMatch?: string } = {}): Promise<void> {
    const object = await this.store.delete(key, (before) => checkConditions(conditions, before));
    if (!object) return;
    this.#context.emit({ kind: 'object', phase: 'deleted', bucket: this.name, key, sizeBytes: object.sizeBytes });
    if (!this.#options.eventBridge) return;
    const deleted = { ...object, sequencer: this.store.nextSequencer(this.#context.clock.now()) };
    const extra = {
      reason: 'DeleteObject',
      'deletion-type': this.#options.versioned ? 'Delete Marker Created' : 'Permanently Deleted',
    };
    const event = this.#event('Object Deleted', deleted, extra);
    const id = randomUUID();
    await this.store.keepPending(id, event);
    this.#publish(id, event);
  }

  /** Sends what a previous process noted and did not live to send. */
  resume(): void {
    for (const { id, event } of this.store.pending()) {
      const due = event as DueEvent;
      const written = this.store.get(due.detail.object.key)?.sequencer === due.detail.object.sequencer;
      if (written || due.detailType === 'Object Deleted') this.#publish(id, due);
      else void this.store.dropPending(id);
    }
  }

  /** The detail that EventBridge gives (Amazon S3 user guide, "EventBridge event message structure"). */
  #event(
    detailType: string,
    object: Pick<StoredObject, 'key' | 'sequencer'>,
    { size, etag, ...rest }: { reason: string; size?: number; etag?: string; 'deletion-type'?: string },
  ): DueEvent {
    return {
      detailType,
      detail: {
        version: '0',
        bucket: { name: this.name },
        object: { key: object.key, ...(size !== undefined && { size, etag }), sequencer: object.sequencer },
        'request-id': randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase(),
        requester: this.#context.accountId,
        'source-ip-address': '127.0.0.1',
        ...rest,
      },
    };
  }

  /** As on AWS the writer does not wait for its event. What cannot be delivered stays noted for the next start. */
  #publish(id: string, { detailType, detail }: DueEvent): void {
    const done = this.#context.busy(`event of s3://${this.name}/${detail.object.key}`);
    const event = { source: 'aws.s3', 'detail-type': detailType, resources: [this.arn], detail };
    this.#context
      .publish(event)
      .then(() => this.store.dropPending(id))
      .catch((error: unknown) => {
        const from = this.objectArn(detail.object.key);
        this.#context.emit({
          kind: 'delivery',
          from,
          to: 'events',
          recordCount: 1,
          outcome: 'givenUp',
          detail: String(error),
        });
      })
      .finally(done);
  }
}

function checkConditions(conditions: NonNullable<NewObject['conditions']>, before: StoredObject | undefined): void {
  const refuse = (condition: string): never => {
    throw new ServiceError(
      'PreconditionFailed',
      `At least one of the pre-conditions you specified did not hold: ${condition}`,
      412,
    );
  };
  if (conditions.ifNoneMatch !== undefined && before) refuse('If-None-Match');
  if (conditions.ifMatch === undefined) return;
  if (!before) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
  if (conditions.ifMatch.replaceAll('"', '') !== before.etag) refuse('If-Match');
}
