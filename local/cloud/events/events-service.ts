import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { BusEvent, CloudContext, EventDelivering } from '../resource.ts';
import { type Service, ServiceError, type ServiceRequest, type ServiceResponse } from '../service.ts';
import { answer, type Operation, operation } from '../storage/operations.ts';
import type { Matcher } from './pattern.ts';
import { deliverToTarget, type Target, toDeadLetters } from './target.ts';

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly matches: Matcher;
  readonly targets: readonly Target[];
}

const entry = z.object({
  Source: z.string().min(1),
  DetailType: z.string().min(1),
  Detail: z.string(),
  Resources: z.array(z.string()).default([]),
  Time: z.number().optional(),
  EventBusName: z.string().optional(),
  TraceHeader: z.string().optional(),
});
type Entry = z.infer<typeof entry>;

/** An entry has at most 1 MiB. (It was 256 KB for long.) */
const maximumEntryBytes = 1_048_576;

/** EventBridge: the default bus and its rules. */
export class EventsService implements Service, EventDelivering {
  readonly signingName = 'events';
  readonly #context: CloudContext;
  readonly #rules = new Map<string, Rule>();
  readonly #operations: Record<string, Operation>;

  constructor(context: CloudContext) {
    this.#context = context;
    this.#operations = {
      PutEvents: operation(z.object({ Entries: z.array(entry).min(1).max(10) }), async (input, principal) => {
        context.authorizer.authorize(principal, 'events:PutEvents', context.arn('events', 'event-bus/default'));
        const Entries = [];
        for (const one of input.Entries) Entries.push(await this.#put(one));
        return { FailedEntryCount: Entries.filter((result) => 'ErrorCode' in result).length, Entries };
      }),
      ListRules: operation(z.object({ NamePrefix: z.string().default('') }), (input, principal) => {
        context.authorizer.authorize(principal, 'events:ListRules', context.arn('events', 'rule/*'));
        const rules = [...this.#rules.values()].filter(({ name }) => name.startsWith(input.NamePrefix));
        return {
          Rules: rules.map(({ name, arn }) => ({ Name: name, Arn: arn, State: 'ENABLED', EventBusName: 'default' })),
        };
      }),
    };
  }

  handle(request: ServiceRequest): Promise<ServiceResponse> {
    return answer('events', this.#operations, request);
  }

  declare(rule: Rule): void {
    this.#rules.set(rule.name, rule);
  }

  async deliver(event: BusEvent): Promise<void> {
    for (const rule of this.#rules.values()) {
      if (!rule.matches(event)) continue;
      for (const target of rule.targets) await this.#deliver(rule, target, event);
    }
  }

  async #deliver(rule: Rule, target: Target, event: BusEvent): Promise<void> {
    const release = this.#context.busy(`event for ${rule.name}`);
    const about = { kind: 'delivery', from: rule.name, to: target.arn, recordCount: 1 } as const;
    try {
      await deliverToTarget(this.#context, rule.arn, target, event);
      this.#context.emit({ ...about, outcome: 'delivered', detail: event['detail-type'] });
    } catch (error) {
      const denied = error instanceof ServiceError && error.code === 'AccessDeniedException';
      this.#context.emit({ ...about, outcome: denied ? 'denied' : 'givenUp', detail: (error as Error).message });
      this.#setAside(rule, target, event, error as Error);
    } finally {
      release();
    }
  }

  #setAside(rule: Rule, target: Target, event: BusEvent, error: Error): void {
    if (target.deadLetterArn === undefined) return;
    const about = { kind: 'delivery', from: rule.name, to: target.deadLetterArn, recordCount: 1 } as const;
    try {
      toDeadLetters(this.#context, rule.arn, target, event, error);
      this.#context.emit({ ...about, outcome: 'givenUp', detail: error.message });
    } catch (failure) {
      this.#context.emit({ ...about, outcome: 'denied', detail: (failure as Error).message });
    }
  }

  async #put(one: Entry): Promise<{ EventId: string } | { ErrorCode: string; ErrorMessage: string }> {
    const failed = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
    if (one.EventBusName && !/(^|event-bus\/)default$/.test(one.EventBusName)) {
      return failed(
        'InvalidArgument',
        `there is no event bus ${one.EventBusName}; the local cloud has the default one`,
      );
    }
    if (one.Source.startsWith('aws.'))
      return failed('NotAuthorizedForSourceException', 'Not authorized for the source.');
    if (Buffer.byteLength(one.Detail) > maximumEntryBytes) return failed('InvalidArgument', 'the detail is too large');
    const detail = parseDetail(one.Detail);
    if (!detail) return failed('MalformedDetail', 'Detail is malformed.');
    const id = randomUUID();
    await this.deliver({ ...this.#head(id, one), detail });
    return { EventId: id };
  }

  #head(id: string, one: Entry): Omit<BusEvent, 'detail'> {
    const { accountId, region, clock } = this.#context;
    const at = one.Time === undefined ? clock.now() : one.Time * 1000;
    const time = `${new Date(at).toISOString().slice(0, 19)}Z`;
    const names = { source: one.Source, 'detail-type': one.DetailType, resources: one.Resources };
    return { version: '0', id, account: accountId, region, time, ...names };
  }
}

function parseDetail(text: string): Record<string, unknown> | undefined {
  try {
    const detail: unknown = JSON.parse(text);
    return detail !== null && typeof detail === 'object' && !Array.isArray(detail)
      ? (detail as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
