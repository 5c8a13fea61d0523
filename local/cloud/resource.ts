import { z } from 'zod';
import type { CloudEvent } from './event.ts';
import type { Authorizer, Principal, Service } from './service.ts';

/** A resource of the template with its intrinsics resolved and its properties checked. */
export interface DeclaredResource<P> {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: P;
  /** The `Metadata` of the resource, resolved: `millrace:standIn` and the like. Absent metadata is an empty object. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What exists once a resource is created. */
export interface Physical {
  /** What `Ref` gives. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives, by attribute: `Arn`, `QueueName`, … An attribute that is not here is an error naming it. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Begins what acts on its own (pollers, schedules); called once everything in the template exists. */
  start?(): Promise<void>;
  /** Ends it; called in reverse order of creation, before services close. */
  stop?(): Promise<void>;
}

/**
 * One CloudFormation resource type the local cloud runs.
 * `properties` is a strict zod object: an unknown property becomes an error that names resource, type and property,
 * and every such error of a template is reported at once. Purely descriptive properties (Tags, Description) are listed
 * too, explicitly, so that nothing is skipped in silence.
 */
export interface ResourceType<P = unknown> {
  readonly type: string;
  readonly properties: z.ZodType<P>;
  /** Must be repeatable: a restart creates the same resource over the state that is on disk. */
  create(resource: DeclaredResource<P>, context: CloudContext): Promise<Physical>;
}

/** A property that changes nothing here (tags, how AWS keeps bytes): known, so that it is not skipped in silence. */
export const descriptive = z.unknown().optional();

/** Keeps the type of the schema and of `create` together; the array of all types forgets it. */
export function resourceType<P>(definition: ResourceType<P>): ResourceType {
  return definition as ResourceType;
}

/** What a folder of local/cloud contributes: `export const <folder>Module: CloudModule` in its index.ts. */
export interface CloudModule {
  readonly resourceTypes: readonly ResourceType[];
  /** Services are opened before any resource is created, and closed after every resource has stopped. */
  openServices?(context: CloudContext): Promise<readonly Service[]>;
}

/** A resource that exists. */
export interface CreatedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physical: Physical;
}

/** An EventBridge event as rules see it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO-8601, UTC, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What the service `events` offers the other services beside its API; `context.publish` calls it. */
export interface EventDelivering {
  /** Takes an event of an AWS service for the default bus; resolves when the event is durable or matches no rule. */
  deliver(event: BusEvent): Promise<void>;
}

/** What an invocation ends in. `functionError` is Lambda's own union: the function threw, or Lambda had to end it. */
export interface InvocationResult {
  /** JSON text: what the function returned, or `{errorType, errorMessage, trace}`. */
  readonly payload: string;
  readonly functionError?: 'Handled' | 'Unhandled';
  readonly requestId: string;
}

export interface Services {
  register(service: Service): void;
  /** By signing name; throws an error that names it when the local cloud does not have it. */
  get(signingName: string): Service;
  /** The service of that class, so that a resource type reaches its own service with its own type. */
  of<S extends Service>(kind: abstract new (...parameters: never[]) => S): S;
}

/** Policies and roles of the template. */
export interface Identities {
  /** A queue, bucket, key or function policy: allows service principals, denies anyone. `document` is the JSON policy. */
  attachResourcePolicy(resourceArn: string, policy: { logicalId: string; document: unknown }): void;
  /** Throws, naming both, unless the role's trust policy lets the service (`states.amazonaws.com`) assume it. */
  assertTrusts(roleArn: string, service: string, usedBy: { logicalId: string }): void;
  /** Credentials for SDK clients that act as a role: pollers, state machines, schedules. */
  credentialsOf(roleArn: string): { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Everything a resource type and a service may lean on. */
export interface CloudContext {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  /** `http://127.0.0.1:<port>`; it listens before the first resource is created. */
  readonly endpoint: string;
  readonly authorizer: Authorizer;
  readonly identities: Identities;
  readonly services: Services;
  /** 1 is as on AWS; 0.1 makes a Step Functions Wait of 30 s take 3 s. */
  readonly speed: { readonly waitScale: number; readonly batchingWindowScale: number };
  readonly clock: {
    /** Milliseconds since the epoch. */
    now(): number;
  };

  /** A folder of the state directory that is the service's own; it exists. */
  stateDirectory(service: string): string;
  /** `<stack>-<logical id>` in lower case, cut to `maximumLength` (63) with a hash that keeps it unique. */
  physicalName(logicalId: string, maximumLength?: number): string;
  /** `arn:aws:<service>:<region>:<account>:<resource>`. */
  arn(service: string, resource: string): string;
  /** A created resource by its `Arn` attribute (or by `ref`), if the template has it. */
  resource(arnOrReference: string): CreatedResource | undefined;

  /** Invokes a function synchronously; checks that the principal may (role policy, or AWS::Lambda::Permission for services). */
  invokeFunction(functionArn: string, payload: string, principal: Principal): Promise<InvocationResult>;
  /** Puts an event of an AWS service (aws.s3, aws.states) on the default bus. */
  publish(event: Pick<BusEvent, 'detail-type' | 'source' | 'resources' | 'detail'>): Promise<void>;
  /** Tells whoever watches (step list, console, tests) what happens. */
  emit(event: CloudEvent): void;
  /** Marks the cloud as not idle until the returned function is called: queued, running or due. */
  busy(label: string): () => void;
}
