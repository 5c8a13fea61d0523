import type { IncomingMessage, ServerResponse } from 'node:http';
import { CloudRuntime } from './context.ts';
import type { TimedCloudEvent } from './event.ts';
import { openGateway } from './gateway/gateway.ts';
import { ownerAccessKeyId } from './iam/identities.ts';
import { iamResourceTypes } from './iam/resources.ts';
import type { Chaos } from './lambda/chaos.ts';
import { lambdaModule } from './lambda/index.ts';
import { LambdaService } from './lambda/service.ts';
import { modules as everyModule } from './modules.ts';
import type { CloudModule, CreatedResource, Physical, ResourceType } from './resource.ts';
import { s3Module } from './s3/index.ts';
import { secretsModule } from './secrets/index.ts';
import { SecretsService } from './secrets/service.ts';
import { stsModule } from './sts/index.ts';
import { Assets } from './template/assets.ts';
import { stackNameOf, TemplateError } from './template/document.ts';
import { createInert, inertTypes } from './template/inert.ts';
import { resolve, type Scope } from './template/intrinsics.ts';
import { type Plan, planTemplate, propertyProblems } from './template/plan.ts';
import { scopeOf } from './template/scope.ts';
import { warehouseModule } from './warehouse/index.ts';
import type { Warehouse } from './warehouse/port.ts';

export interface CloudOptions {
  readonly templatePath: string;
  /** Where the template's asset manifests and assets are: `cdk.out`. */
  readonly assetsDirectory: string;
  /** Of the AWS endpoint on 127.0.0.1; 0 takes any free one. */
  readonly port: number;
  /** Everything that is kept lies here; another start with it goes on where this one ended. */
  readonly stateDirectory: string;
  readonly warehouse?: Warehouse;
  readonly speed?: { readonly waitScale: number; readonly batchingWindowScale: number };
  readonly clock?: { now(): number };
  /** Kills functions by chance; absent: only what kills them on its own. */
  readonly chaos?: Chaos;
  readonly onEvent?: (event: TimedCloudEvent) => void;
  /** Answers what is not signed, on the same port: the console. */
  readonly fallback?: (request: IncomingMessage, response: ServerResponse) => void;
  /** What can be run beside identities, S3, secrets, functions and the warehouse; absent: everything in modules.ts. */
  readonly modules?: readonly CloudModule[];
}

/** A running template. */
export interface Cloud {
  readonly endpoint: string;
  readonly region: string;
  readonly stackName: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** The owner's: allowed everything. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Credentials of a role of the template, by its ARN or logical id. */
  credentialsOf(role: string): { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** In the order of their creation, the inert ones with them. */
  readonly resources: readonly CloudResource[];
  /** Updates files beside the code of the functions that have them; the logical ids of these functions. */
  updateFiles(texts: Readonly<Record<string, string>>): string[];
  /** Resolves when nothing is queued, running or due; rejects after the deadline, naming what still is. */
  idle(options?: { readonly timeoutMilliseconds?: number }): Promise<void>;
  /** What keeps the cloud from being idle now. */
  readonly busyWith: readonly string[];
  close(): Promise<void>;
}

export interface CloudResource extends CreatedResource {
  readonly properties: Readonly<Record<string, unknown>>;
  /** Why the local cloud does nothing with it; absent for what runs. */
  readonly inertReason?: string;
}

const account = { region: 'us-east-1', accountId: '000000000000', partition: 'aws' };

/** Runs a synthesized template in this process. Throws a TemplateError that lists all it cannot run, before anything exists. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const runtime = new CloudRuntime({ ...account, ...options }, stackNameOf(options.templatePath));
  const all: readonly CloudModule[] = [
    { resourceTypes: iamResourceTypes(runtime.identities) },
    s3Module,
    secretsModule,
    stsModule,
    lambdaModule(new Assets(options.assetsDirectory), options.chaos),
    warehouseModule(options.warehouse),
    ...(options.modules ?? everyModule),
  ];
  const types = new Map(all.flatMap((module) => module.resourceTypes).map((type) => [type.type, type]));
  const plan = planTemplate(options.templatePath, types, account);
  const listening = await openGateway({
    port: options.port,
    services: runtime.services,
    principalOf: (accessKeyId) => runtime.identities.principalOf(accessKeyId),
    emit: (event) => runtime.emit(event),
    fallback: options.fallback,
  });
  runtime.endpoint = `http://127.0.0.1:${listening.port}`;
  const close = () => closeCloud(runtime, listening);
  try {
    for (const module of all) {
      for (const service of (await module.openServices?.(runtime)) ?? []) runtime.services.register(service);
    }
    const scope = await createResources(plan, types, runtime);
    for (const { physical } of runtime.created) await physical.start?.();
    return describeCloud(plan, scope, runtime, close);
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

async function createResources(
  plan: Plan,
  types: ReadonlyMap<string, ResourceType>,
  runtime: CloudRuntime,
): Promise<Scope> {
  const physicals = new Map<string, Physical>();
  const secret: Scope['secret'] = (id, key) => runtime.services.of(SecretsService).text(id, key);
  const scope = scopeOf(plan.template, runtime, (logicalId) => physicals.get(logicalId), secret);
  for (const logicalId of plan.order) {
    const resource = plan.template.Resources[logicalId];
    if (!resource) continue;
    const properties = resolve(resource.Properties, scope) as Record<string, unknown>;
    const metadata = resolve(resource.Metadata, scope) as Record<string, unknown>;
    const type = types.get(resource.Type);
    const physical = type
      ? await create(type, { logicalId, type: resource.Type, properties, metadata }, runtime)
      : createInert(logicalId, resource.Type, properties, runtime);
    physicals.set(logicalId, physical);
    runtime.addResource({
      logicalId,
      type: resource.Type,
      physical,
      properties,
      inertReason: inertTypes[resource.Type]?.reason,
    });
  }
  return scope;
}

function create(
  type: ResourceType,
  resource: { logicalId: string; type: string; properties: Record<string, unknown>; metadata: Record<string, unknown> },
  runtime: CloudRuntime,
): Promise<Physical> {
  const name = `${resource.logicalId} (${resource.type})`;
  const problems = propertyProblems(name, type, resource.properties, { final: true });
  if (problems.length > 0) throw new TemplateError(runtime.stackName, problems);
  return type.create({ ...resource, properties: type.properties.parse(resource.properties) }, runtime);
}

function describeCloud(plan: Plan, scope: Scope, runtime: CloudRuntime, close: () => Promise<void>): Cloud {
  const outputs = Object.entries(plan.template.Outputs).map(([name, { Value }]) => [
    name,
    String(resolve(Value, scope)),
  ]);
  const roleArn = (role: string) => runtime.identities.roles.find(({ logicalId }) => logicalId === role)?.arn ?? role;
  return {
    endpoint: runtime.endpoint,
    region: runtime.region,
    stackName: plan.stackName,
    outputs: Object.fromEntries(outputs) as Record<string, string>,
    credentials: { accessKeyId: ownerAccessKeyId, secretAccessKey: ownerAccessKeyId },
    credentialsOf: (role) => runtime.identities.credentialsOf(roleArn(role)),
    resources: runtime.created,
    updateFiles: (texts) => runtime.services.of(LambdaService).updateFiles(texts),
    idle: (limits) => runtime.idle(limits?.timeoutMilliseconds),
    get busyWith() {
      return runtime.busyWith;
    },
    close,
  };
}

/** What acts on its own stops first, then the door, then the services. */
async function closeCloud(runtime: CloudRuntime, listening: { close(): Promise<void> }): Promise<void> {
  for (const { physical } of [...runtime.created].reverse()) await physical.stop?.();
  await listening.close();
  await runtime.services.close();
}
