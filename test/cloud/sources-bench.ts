import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { CloudEvent } from '../../local/cloud/event.ts';
import { openGateway } from '../../local/cloud/gateway/gateway.ts';
import { ServiceRegistry } from '../../local/cloud/gateway/services.ts';
import { PolicyAuthorizer } from '../../local/cloud/iam/authorizer.ts';
import { IdentityStore } from '../../local/cloud/iam/identities.ts';
import { iamResourceTypes } from '../../local/cloud/iam/resources.ts';
import { LambdaService } from '../../local/cloud/lambda/service.ts';
import type {
  BusEvent,
  CloudContext,
  CloudModule,
  CreatedResource,
  EventDelivering,
} from '../../local/cloud/resource.ts';
import type { Principal, ServiceRequest, ServiceResponse } from '../../local/cloud/service.ts';

export type FunctionBody = (event: never) => unknown;

export interface BenchOptions {
  readonly modules: readonly CloudModule[];
  readonly stateDirectory?: string;
  readonly speed?: CloudContext['speed'];
  /** By function name; throwing is a function error, throwing a ServiceError a failure of the invocation itself. */
  readonly functions?: Record<string, FunctionBody>;
  readonly now?: () => number;
  /** The functions' roles, by function name. */
  readonly roles?: Record<string, string>;
}

/** The gateway, the roles and the modules under test, without the template loader and the workers. */
export interface Bench {
  readonly context: CloudContext;
  readonly stateDirectory: string;
  readonly events: CloudEvent[];
  readonly busyLabels: () => string[];
  readonly client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  create(
    logicalId: string,
    type: string,
    properties: unknown,
    metadata?: Record<string, unknown>,
  ): Promise<CreatedResource>;
  /** A role with these statements; its ARN. */
  role(logicalId: string, statements: readonly object[], service?: string): Promise<string>;
  start(): Promise<void>;
  idle(deadlineMilliseconds?: number): Promise<void>;
  close(): Promise<void>;
}

const benches = new Set<Bench>();

/** Call in afterEach: closes what a test left open. */
export async function closeBenches(): Promise<void> {
  for (const bench of [...benches]) await bench.close();
}

export async function openBench(options: BenchOptions): Promise<Bench> {
  const stateDirectory = options.stateDirectory ?? fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-bench-'));
  const identities = new IdentityStore('bench');
  const services = new ServiceRegistry();
  const events: CloudEvent[] = [];
  const emit = (event: CloudEvent) => void events.push(event);
  const account = { accountId: '000000000000', region: 'us-east-1' };
  const principalOf = (key: string) => identities.principalOf(key);
  const gateway = await openGateway({ port: 0, services, principalOf, emit });
  const resources: CreatedResource[] = [];
  const busy = new Set<{ label: string }>();
  const authorizer = new PolicyAuthorizer(identities, account, emit);
  const context: CloudContext = {
    stackName: 'bench',
    ...account,
    partition: 'aws',
    endpoint: `http://127.0.0.1:${gateway.port}`,
    authorizer,
    identities,
    services,
    speed: options.speed ?? { waitScale: 1, batchingWindowScale: 1 },
    clock: { now: options.now ?? Date.now },
    stateDirectory: (service) => path.join(stateDirectory, service),
    physicalName: (logicalId, maximumLength = 63) => `bench-${logicalId.toLowerCase()}`.slice(0, maximumLength),
    arn: (service, resource) => `arn:aws:${service}:us-east-1:000000000000:${resource}`,
    resource: (reference) =>
      resources.find(({ physical }) => physical.ref === reference || physical.attributes.Arn === reference),
    invokeFunction: (arn, payload, principal) => invoke(options, authorizer, arn, payload, principal),
    publish: async (event) => {
      const bus = services.get('events') as unknown as EventDelivering;
      await bus.deliver({
        version: '0',
        id: createHash('md5').update(JSON.stringify(event)).digest('hex'),
        account: account.accountId,
        region: account.region,
        time: '2026-11-20T23:45:00Z',
        ...event,
      } as BusEvent);
    },
    emit,
    busy: (label) => {
      const token = { label };
      busy.add(token);
      return () => void busy.delete(token);
    },
  };
  services.register(new NamedFunctions(context, options));
  for (const module of options.modules) {
    for (const service of (await module.openServices?.(context)) ?? []) services.register(service);
  }
  const types = [...iamResourceTypes(identities), ...options.modules.flatMap((module) => module.resourceTypes)];
  const bench: Bench = {
    context,
    stateDirectory,
    events,
    busyLabels: () => [...busy].map(({ label }) => label),
    client: {
      endpoint: context.endpoint,
      region: account.region,
      credentials: { accessKeyId: 'millrace', secretAccessKey: 'local' },
    },
    async create(logicalId, type, properties, metadata = {}) {
      const known = types.find((candidate) => candidate.type === type);
      if (!known) throw new Error(`no resource type ${type}`);
      const parsed = known.properties.safeParse(properties);
      if (!parsed.success) throw new Error(`${logicalId} (${type}): ${z.prettifyError(parsed.error)}`);
      const declared = { logicalId, type, properties: parsed.data, metadata };
      const created = { logicalId, type, physical: await known.create(declared, context) };
      resources.push(created);
      return created;
    },
    async role(logicalId, statements, service = 'lambda.amazonaws.com') {
      const trust = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
      const { physical } = await bench.create(logicalId, 'AWS::IAM::Role', {
        Tags: [],
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
        Policies: [{ PolicyName: 'inline', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
      });
      return physical.attributes.Arn as string;
    },
    async start() {
      for (const { physical } of resources) await physical.start?.();
    },
    async idle(deadlineMilliseconds = 8_000) {
      await until(
        () => busy.size === 0,
        deadlineMilliseconds,
        () => `still busy: ${bench.busyLabels().join(', ')}`,
      );
    },
    async close() {
      benches.delete(bench);
      for (const { physical } of [...resources].reverse()) await physical.stop?.();
      await services.close();
      await gateway.close();
    },
  };
  benches.add(bench);
  return bench;
}

/** Knows functions by name only: their bodies are the test's. */
class NamedFunctions extends LambdaService {
  readonly #context: CloudContext;
  readonly #options: BenchOptions;

  constructor(context: CloudContext, options: BenchOptions) {
    super(context);
    this.#context = context;
    this.#options = options;
  }

  override find(reference: string): ReturnType<LambdaService['find']> {
    const name = reference.split(':').at(-1) ?? '';
    const role = this.#options.roles?.[name] ?? `${name}Role`;
    const roleArn = this.#context.resource(`bench-${role.toLowerCase()}`)?.physical.attributes.Arn ?? '';
    const settings = { name, arn: this.#context.arn('lambda', `function:${name}`), roleArn, timeoutSeconds: 30 };
    return { function: { settings } } as unknown as ReturnType<LambdaService['find']>;
  }

  /** Asynchronous invocations: run at once, and whoever asked does not learn how they end. */
  override async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const arn = /functions\/(.+)\/invocations$/.exec(request.path)?.[1] ?? '';
    this.#context.authorizer.authorize(request.principal, 'lambda:InvokeFunction', arn);
    await this.#context.invokeFunction(arn, request.body.toString(), request.principal);
    return { status: 202 };
  }
}

async function invoke(
  options: BenchOptions,
  authorizer: PolicyAuthorizer,
  arn: string,
  payload: string,
  principal: Principal,
) {
  if (principal.kind !== 'service' || principal.service !== 'lambda.amazonaws.com') {
    authorizer.authorize(principal, 'lambda:InvokeFunction', arn);
  }
  const name = arn.split(':').at(-1) ?? '';
  const body = options.functions?.[name];
  if (!body) throw new Error(`the test has no function ${name}`);
  try {
    const result = await body(JSON.parse(payload) as never);
    return { payload: JSON.stringify(result ?? null), requestId: 'request' };
  } catch (error) {
    const { name: errorType, message: errorMessage } = error as Error;
    if (errorType === 'ServiceError') throw error;
    return {
      payload: JSON.stringify({ errorType, errorMessage, trace: [] }),
      functionError: 'Unhandled' as const,
      requestId: 'request',
    };
  }
}

/** Waits for a condition, looking often; no fixed sleeps. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  deadlineMilliseconds = 8_000,
  what: () => string = () => 'the condition did not come true',
): Promise<void> {
  const deadline = Date.now() + deadlineMilliseconds;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what()} after ${deadlineMilliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
