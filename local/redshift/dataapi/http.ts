import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallerIdentity, DataApi } from './data-api.ts';
import { DataApiError } from './errors.ts';

/** Batches hold up to 40 statements of 200 KB, and escapes may double that. */
const maximumBodyBytes = 32 * 1024 * 1024;

export interface DataApiServer {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** What one HTTP call is answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers one AWS JSON 1.1 call: `target` is the X-Amz-Target header. Never rejects. */
async function answerJson(
  api: DataApi,
  target: string | undefined,
  body: string,
  identity: CallerIdentity,
): Promise<HttpAnswer> {
  const requestId = randomUUID();
  try {
    const operation = /^RedshiftData\.(\w+)$/.exec(target ?? '')?.[1];
    if (!operation) throw new DataApiError('UnknownOperationException', `Unknown target ${target ?? ''}`);
    return answer(200, requestId, await api.handle(operation, parseBody(body), identity));
  } catch (error) {
    const failure = asDataApiError(error);
    const members = { __type: failure.code, Message: failure.message, ...failure.members };
    return answer(failure.status, requestId, members, { 'x-amzn-errortype': failure.code });
  }
}

function answer(status: number, requestId: string, members: object, headers: Record<string, string> = {}): HttpAnswer {
  const common = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId };
  return { status, headers: { ...common, ...headers }, body: JSON.stringify(members) };
}

function parseBody(body: string): unknown {
  try {
    return body === '' ? {} : JSON.parse(body);
  } catch {
    throw new DataApiError('SerializationException', 'The request body is not JSON');
  }
}

function asDataApiError(error: unknown): DataApiError {
  if (error instanceof DataApiError) return error;
  return new DataApiError('InternalServerException', error instanceof Error ? error.message : String(error));
}

/** Serves the Data API alone over HTTP. Signatures are not checked: the access key names the caller and no more. */
export async function serveDataApi(
  api: DataApi,
  options: { readonly host?: string; readonly port?: number } = {},
): Promise<DataApiServer> {
  const host = options.host ?? '127.0.0.1';
  const server = createServer((request, response) => {
    serveRequest(api, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://${host}:${port}`, close: () => closeServer(server) };
}

async function serveRequest(api: DataApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > maximumBodyBytes) {
      response.writeHead(413).end();
      return;
    }
    chunks.push(chunk as Buffer);
  }
  const accessKey = /Credential=([^/,\s]+)/.exec(request.headers.authorization ?? '')?.[1] ?? 'anonymous';
  const identity = { arn: `arn:aws:iam::000000000000:user/${accessKey}` };
  const target = request.headers['x-amz-target'];
  const reply = await answerJson(api, String(target ?? ''), Buffer.concat(chunks).toString(), identity);
  response.writeHead(reply.status, reply.headers).end(reply.body);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
