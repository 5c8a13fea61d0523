import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudContext, InvocationResult } from '../resource.ts';
import { type Principal, type Service, ServiceError, type ServiceRequest, type ServiceResponse } from '../service.ts';
import { AsynchronousQueue } from './asynchronous.ts';
import type { Chaos } from './chaos.ts';
import { LocalFunction } from './function.ts';
import type { FunctionSettings } from './variables.ts';

interface Deployed {
  readonly function: LocalFunction;
  readonly queue: AsynchronousQueue;
}

/** Lambda: the functions of the template, and the Invoke API. */
export class LambdaService implements Service {
  readonly signingName = 'lambda';
  readonly #context: CloudContext;
  readonly #chaos: Chaos | undefined;
  readonly #deployed = new Map<string, Deployed>();

  constructor(context: CloudContext, chaos?: Chaos) {
    this.#context = context;
    this.#chaos = chaos;
  }

  add(settings: FunctionSettings): Deployed {
    const localFunction = new LocalFunction(settings, this.#context, this.#chaos);
    const deployed = { function: localFunction, queue: new AsynchronousQueue(localFunction, this.#context) };
    this.#deployed.set(settings.name, deployed);
    return deployed;
  }

  /**
   * Puts texts in the place of the files of these names beside the code of every function that has them, as an update of the code
   * would; the logical ids of the functions that are other ones now.
   */
  updateFiles(texts: Readonly<Record<string, string>>): string[] {
    const outdated = [...this.#deployed.values()].map(({ function: one }) => ({
      one,
      files: Object.entries(texts).filter(([name, text]) => isOther(join(one.settings.taskRoot, name), text)),
    }));
    const updated = outdated.filter(({ files }) => files.length > 0);
    for (const { one, files } of updated) {
      for (const [name, text] of files) replaceFile(join(one.settings.taskRoot, name), text);
    }
    for (const { one } of updated) one.recycle();
    return updated.map(({ one }) => one.settings.logicalId);
  }

  /** By name, ARN, partial ARN, with or without `:$LATEST`. */
  find(reference: string): Deployed {
    const name = reference
      .replace(/^.*function:/, '')
      .replace(/^\d{12}:/, '')
      .replace(/:\$LATEST$/, '');
    const deployed = this.#deployed.get(name);
    if (deployed) return deployed;
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${reference}`, 404);
  }

  /**
   * Runs a function for a caller. An event source mapping needs no permission: the function belongs to the same
   * service, which has read the source with the function's own role.
   */
  async invoke(reference: string, payload: string, principal: Principal): Promise<InvocationResult> {
    const { function: target } = this.find(reference);
    this.#authorize(target, principal);
    return target.invoke(payload);
  }

  #authorize(target: LocalFunction, principal: Principal): void {
    if (principal.kind === 'service' && principal.service === 'lambda.amazonaws.com') return;
    this.#context.authorizer.authorize(principal, 'lambda:InvokeFunction', target.settings.arn);
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const path = /^\/2015-03-31\/functions\/(.+)\/invocations$/.exec(request.path);
    if (path?.[1] && request.method === 'POST') return this.#handleInvoke(path[1], request);
    if (request.method === 'GET' && /^\/2015-03-31\/functions\/?$/.test(request.path)) return this.#list(request);
    const message = `the local Lambda has Invoke and ListFunctions, not ${request.method} ${request.path}`;
    throw new ServiceError('UnknownOperationException', message, 404);
  }

  async #handleInvoke(reference: string, request: ServiceRequest): Promise<ServiceResponse> {
    const { function: target, queue } = this.find(reference);
    const qualifier = request.query.get('Qualifier') ?? '$LATEST';
    if (qualifier !== '$LATEST') throw new ServiceError('ResourceNotFoundException', `no version ${qualifier}`, 404);
    this.#authorize(target, request.principal);
    const payload = request.body.toString() || '{}';
    checkJson(payload);
    const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (type === 'DryRun') return { status: 204 };
    if (type === 'Event') return { status: 202, headers: { 'x-amzn-requestid': await queue.accept(payload) } };
    const result = await target.invoke(payload);
    const failed: Record<string, string> =
      result.functionError === undefined ? {} : { 'x-amz-function-error': result.functionError };
    const headers = { 'x-amz-executed-version': '$LATEST', 'x-amzn-requestid': result.requestId, ...failed };
    return { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body: result.payload };
  }

  #list(request: ServiceRequest): ServiceResponse {
    this.#context.authorizer.authorize(request.principal, 'lambda:ListFunctions', '*');
    const Functions = [...this.#deployed.values()].map(({ function: { settings } }) => ({
      FunctionName: settings.name,
      FunctionArn: settings.arn,
      Runtime: 'nodejs24.x',
      Role: settings.roleArn,
      Handler: settings.handler,
      MemorySize: settings.memorySizeMegabytes,
      Timeout: settings.timeoutSeconds,
      Environment: { Variables: settings.variables },
    }));
    return { status: 200, body: JSON.stringify({ Functions }) };
  }
}

const isOther = (file: string, text: string): boolean => existsSync(file) && readFileSync(file, 'utf8') !== text;

/** At once: a function that starts meanwhile reads the old or the new whole. */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.next`, text);
  renameSync(`${file}.next`, file);
}

function checkJson(payload: string): void {
  try {
    JSON.parse(payload);
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`;
    throw new ServiceError('InvalidRequestContentException', message, 400);
  }
}
