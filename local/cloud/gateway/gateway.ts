import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CloudEvent } from '../event.ts';
import type { Services } from '../resource.ts';
import { type Principal, type Service, ServiceError, type ServiceResponse } from '../service.ts';
import { readCredentialScope } from './credential.ts';
import { type Listening, listen } from './listen.ts';
import { contentTypeOf, renderError, unknownCredential } from './render.ts';

export interface GatewayOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly services: Pick<Services, 'get'>;
  readonly principalOf: (accessKeyId: string) => Principal | undefined;
  readonly emit: (event: CloudEvent) => void;
  /** Answers what is not signed: a browser's request for the console. */
  readonly fallback?: (request: IncomingMessage, response: ServerResponse) => void;
}

/** One endpoint for every service, as `AWS_ENDPOINT_URL` wants it: the signature's scope says which is meant. */
export function openGateway(options: GatewayOptions): Promise<Listening> {
  return listen(options.port, (request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
}

async function serve(options: GatewayOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { path, query } = splitTarget(request.url ?? '/');
  const headers = readHeaders(request);
  const scope = readCredentialScope(headers.authorization, query);
  if (!scope) return unsigned(options, request, response);
  const requestId = randomUUID();
  const answer = await answerOf(options, scope, requestId, async (service, principal) =>
    service.handle({ method: request.method ?? 'GET', path, query, headers, body: await readBody(request), principal }),
  );
  const operation = headers['x-amz-target']?.split('.').at(-1) ?? `${request.method} ${path}`;
  options.emit({ kind: 'request', service: scope.service, operation, status: answer.status });
  write(request, response, {
    ...answer,
    headers: { ...standardHeaders(scope.service, requestId), ...answer.headers },
  });
}

async function answerOf(
  options: GatewayOptions,
  scope: { readonly service: string; readonly accessKeyId: string },
  requestId: string,
  handle: (service: Service, principal: Principal) => Promise<ServiceResponse>,
): Promise<ServiceResponse> {
  try {
    const principal = options.principalOf(scope.accessKeyId);
    if (!principal) throw unknownCredential(scope.service, scope.accessKeyId);
    return await handle(options.services.get(scope.service), principal);
  } catch (error) {
    if (error instanceof ServiceError) return renderError(scope.service, error, requestId);
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return renderError(scope.service, new ServiceError('InternalFailure', text, 500), requestId);
  }
}

function unsigned({ fallback }: GatewayOptions, request: IncomingMessage, response: ServerResponse): void {
  if (fallback) return fallback(request, response);
  response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(
    'This is the AWS endpoint of a local Millrace. Requests are signed: aws --endpoint-url, with AWS_ACCESS_KEY_ID=millrace.\n',
  );
}

/** Not `new URL`: it would resolve the `..` that is a legal part of an S3 key. */
function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  return { path: decodePath(rawPath), query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)) };
}

function decodePath(rawPath: string): string {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    return rawPath;
  }
}

function readHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !name.startsWith(':')) headers[name] = [value].flat().join(', ');
  }
  const authority = request.headers[':authority'];
  if (!headers.host && typeof authority === 'string') headers.host = authority;
  return headers;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function standardHeaders(service: string, requestId: string): Record<string, string> {
  if (service === 's3') return { 'x-amz-request-id': requestId };
  return { 'content-type': contentTypeOf(service), 'x-amzn-requestid': requestId };
}

function write(request: IncomingMessage, response: ServerResponse, answer: ServiceResponse): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : (answer.body ?? Buffer.alloc(0));
  const bodiless = request.method === 'HEAD' || answer.status === 204 || answer.status === 304;
  const length = bodiless ? {} : { 'content-length': String(body.length) };
  response.writeHead(answer.status, { ...length, ...answer.headers });
  response.end(bodiless ? undefined : body);
}
