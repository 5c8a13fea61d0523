import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { CloudEvent, TimedCloudEvent } from './event.ts';
import { ServiceRegistry } from './gateway/services.ts';
import { PolicyAuthorizer } from './iam/authorizer.ts';
import { IdentityStore } from './iam/identities.ts';
import { LambdaService } from './lambda/service.ts';
import type { BusEvent, CloudContext, CreatedResource, EventDelivering, InvocationResult } from './resource.ts';
import type { Principal } from './service.ts';

export interface RuntimeOptions {
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  readonly stateDirectory: string;
  readonly speed?: CloudContext['speed'];
  readonly clock?: CloudContext['clock'];
  readonly onEvent?: (event: TimedCloudEvent) => void;
}

interface RuntimeResource extends CreatedResource {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly inertReason?: string;
}

/** How long nothing must be busy before the cloud counts as idle: what one thing sets off takes a moment to begin. */
const quietMilliseconds = 100;

/** The one context of a running template: what resource types and services lean on. */
export class CloudRuntime implements CloudContext {
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  readonly speed: CloudContext['speed'];
  readonly clock: CloudContext['clock'];
  readonly identities: IdentityStore;
  readonly authorizer: PolicyAuthorizer;
  readonly services = new ServiceRegistry();
  readonly created: RuntimeResource[] = [];
  readonly stackName: string;
  endpoint = '';
  readonly #options: RuntimeOptions;
  readonly #busy = new Map<symbol, string>();
  #quietSince = Date.now();

  constructor(options: RuntimeOptions, stackName: string) {
    this.#options = options;
    this.stackName = stackName;
    this.region = options.region;
    this.accountId = options.accountId;
    this.partition = options.partition;
    this.speed = options.speed ?? { waitScale: 1, batchingWindowScale: 1 };
    this.clock = options.clock ?? { now: () => Date.now() };
    this.identities = new IdentityStore(stackName);
    this.authorizer = new PolicyAuthorizer(this.identities, options, (event) => this.emit(event));
  }

  stateDirectory(service: string): string {
    const directory = join(this.#options.stateDirectory, service);
    mkdirSync(directory, { recursive: true });
    return directory;
  }

  physicalName(logicalId: string, maximumLength = 63): string {
    const name = `${this.stackName}-${logicalId}`.toLowerCase();
    if (name.length <= maximumLength) return name;
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
    return `${name.slice(0, maximumLength - 9)}-${hash}`;
  }

  arn(service: string, resource: string): string {
    return `arn:${this.partition}:${service}:${this.region}:${this.accountId}:${resource}`;
  }

  addResource(resource: RuntimeResource): void {
    this.created.push(resource);
    const { logicalId, type, physical } = resource;
    this.emit({ kind: 'resource', logicalId, type, ref: physical.ref });
  }

  resource(arnOrReference: string): CreatedResource | undefined {
    return this.created.find(
      ({ physical }) => physical.attributes.Arn === arnOrReference || physical.ref === arnOrReference,
    );
  }

  invokeFunction(functionArn: string, payload: string, principal: Principal): Promise<InvocationResult> {
    return this.services.of(LambdaService).invoke(functionArn, payload, principal);
  }

  async publish(event: Pick<BusEvent, 'detail-type' | 'source' | 'resources' | 'detail'>): Promise<void> {
    const bus = this.services.get('events') as unknown as EventDelivering;
    const time = `${new Date(this.clock.now()).toISOString().slice(0, 19)}Z`;
    await bus.deliver({ version: '0', id: randomUUID(), account: this.accountId, region: this.region, time, ...event });
  }

  emit(event: CloudEvent): void {
    this.#options.onEvent?.({ ...event, at: new Date(this.clock.now()).toISOString() });
  }

  busy(label: string): () => void {
    const key = Symbol(label);
    this.#busy.set(key, label);
    return () => {
      this.#busy.delete(key);
      this.#quietSince = Date.now();
    };
  }

  get busyWith(): readonly string[] {
    return [...this.#busy.values()];
  }

  async idle(timeoutMilliseconds = 120_000): Promise<void> {
    const deadline = Date.now() + timeoutMilliseconds;
    while (this.#busy.size > 0 || Date.now() - this.#quietSince < quietMilliseconds) {
      if (Date.now() > deadline) {
        const what = this.busyWith.join(', ') || 'things that begin and end all the time';
        throw new MillraceError(
          'NOT_IDLE',
          `the local cloud is still busy after ${timeoutMilliseconds / 1000} s: ${what}`,
        );
      }
      await wait(10);
    }
  }
}
