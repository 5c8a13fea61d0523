import { z } from 'zod';
import type { CloudContext } from '../resource.ts';
import { SecretsService } from '../secrets/service.ts';
import { type Principal, type Service, ServiceError, type ServiceRequest, type ServiceResponse } from '../service.ts';
import type { DataApiIdentity, OpenWarehouse } from './port.ts';

/** A workgroup: how callers name the warehouse of a namespace. */
export interface Workgroup {
  readonly name: string;
  readonly arn: string;
  readonly warehouse: OpenWarehouse;
}

/** Operations that begin work on a workgroup; the others speak of statements, which have no ARN. */
const onWorkgroup = new Set([
  'ExecuteStatement',
  'BatchExecuteStatement',
  'DescribeTable',
  'ListDatabases',
  'ListSchemas',
  'ListTables',
]);
const onStatements = new Set([
  'DescribeStatement',
  'GetStatementResult',
  'GetStatementResultV2',
  'CancelStatement',
  'ListStatements',
]);

const statementCheckMilliseconds = 20;

const bodySchema = z.looseObject({
  WorkgroupName: z.string().optional(),
  ClusterIdentifier: z.string().optional(),
  SecretArn: z.string().optional(),
  SessionId: z.string().optional(),
  Id: z.string().optional(),
});
type Body = z.infer<typeof bodySchema>;

/** The Redshift Data API in front of a warehouse: checks who calls and with which secret, then hands over. */
export class RedshiftDataService implements Service {
  readonly signingName = 'redshift-data';
  readonly #context: CloudContext;
  readonly #workgroups = new Map<string, Workgroup>();
  /** The workgroup that a statement or a session was begun on. */
  readonly #begunOn = new Map<string, Workgroup>();

  readonly #tracked = new Set<string>();

  constructor(context: CloudContext) {
    this.#context = context;
  }

  addWorkgroup(workgroup: Workgroup): void {
    this.#workgroups.set(workgroup.name, workgroup);
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const operation = request.headers['x-amz-target']?.split('.')[1] ?? '';
    const body = bodySchema.parse(JSON.parse(request.body.toString() || '{}'));
    const workgroup = this.#authorize(operation, body, request.principal);
    const identity = this.#identity(body, request.principal);
    const answer = await workgroup.warehouse.handleDataApi(operation, body, identity).catch(rethrow);
    this.#remember(answer, workgroup);
    this.#trackStatements(workgroup);
    return { status: 200, body: JSON.stringify(answer) };
  }

  /** The cloud is not idle while statements run, whoever submitted them. */
  #trackStatements({ name, warehouse }: Workgroup): void {
    if (this.#tracked.has(name) || !warehouse.busy?.()) return;
    this.#tracked.add(name);
    const done = this.#context.busy(`statements on ${name}`);
    const timer = setInterval(() => {
      if (warehouse.busy?.()) return;
      clearInterval(timer);
      this.#tracked.delete(name);
      done();
    }, statementCheckMilliseconds);
    timer.unref();
  }

  #authorize(operation: string, body: Body, principal: Principal): Workgroup {
    if (onWorkgroup.has(operation)) {
      const workgroup = body.SessionId === undefined ? this.#named(body) : this.#owner(body.SessionId);
      this.#context.authorizer.authorize(principal, `redshift-data:${operation}`, workgroup.arn);
      return workgroup;
    }
    if (!onStatements.has(operation)) {
      throw new ServiceError('UnknownOperationException', `the local Data API does not have ${operation}`);
    }
    // One action covers both forms of a result, and statements have no ARN (service authorization reference).
    const action = operation === 'GetStatementResultV2' ? 'GetStatementResult' : operation;
    this.#context.authorizer.authorize(principal, `redshift-data:${action}`, '*');
    return operation === 'ListStatements' ? this.#named(body) : this.#owner(body.Id ?? '');
  }

  #named(body: Body): Workgroup {
    if (body.ClusterIdentifier !== undefined) {
      throw new ServiceError(
        'ValidationException',
        `the local warehouse is a workgroup, not the cluster ${body.ClusterIdentifier}`,
      );
    }
    // The name, or as AWS also takes it the ARN.
    const name = body.WorkgroupName;
    const only = this.#workgroups.size === 1 && name === undefined ? [...this.#workgroups.values()][0] : undefined;
    const found =
      only ?? [...this.#workgroups.values()].find((workgroup) => workgroup.name === name || workgroup.arn === name);
    if (found) return found;
    throw new ServiceError('ValidationException', `Redshift endpoint doesn't exist in this region: workgroup ${name}`);
  }

  /** The workgroup of a statement, of a sub-statement (`<id>:2`) or of a session; after a restart, the only one. */
  #owner(id: string): Workgroup {
    const found = this.#begunOn.get(id.replace(/:\d+$/, ''));
    if (found) return found;
    const [first, second] = this.#workgroups.values();
    if (first && !second) return first;
    throw new ServiceError('ResourceNotFoundException', `Query does not exist: ${id}`);
  }

  #remember(answer: unknown, workgroup: Workgroup): void {
    const { Id, SessionId } = (answer ?? {}) as { Id?: unknown; SessionId?: unknown };
    for (const id of [Id, SessionId]) if (typeof id === 'string') this.#begunOn.set(id, workgroup);
  }

  /** With a secret, the caller must be able to read it, and is who it says; without, Redshift maps the caller's role. */
  #identity(body: Body, principal: Principal): DataApiIdentity {
    const caller = principal.kind === 'role' ? principal.roleArn : principal.kind;
    if (body.SecretArn === undefined) {
      const role = principal.kind === 'role' ? principal.roleArn.split('/').at(-1) : 'owner';
      return { user: `IAMR:${role}`, caller };
    }
    const text = this.#context.services.of(SecretsService).read(principal, body.SecretArn);
    const secret = z.looseObject({ username: z.string() }).parse(JSON.parse(text));
    return { user: secret.username, caller };
  }
}

/** The warehouse's own failures carry a code; they become the service's. */
function rethrow(error: unknown): never {
  const { code, message, status } = error as { code?: unknown; message?: unknown; status?: unknown };
  if (error instanceof ServiceError || typeof code !== 'string') throw error;
  throw new ServiceError(code, String(message), typeof status === 'number' ? status : 400);
}
