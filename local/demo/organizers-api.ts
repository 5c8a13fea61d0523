import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Organizer, organizers } from './tournaments.ts';

const pageSize = 5;

/** The REST API that stands for somebody else's service: paged, filtered by `updatedSince`, behind a bearer token. */
export interface OrganizersApi {
  readonly url: string;
  readonly token: string;
  /** Distinct row versions that were ever handed out: what the extractor received. */
  servedCount(): number;
  close(): Promise<void>;
}

interface ApiState {
  rows: Record<string, unknown>[];
  served: string[];
}

function readState(file: string): ApiState {
  if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8')) as ApiState;
  return { rows: organizers(Date.now()).map((row: Organizer) => ({ ...row })), served: [] };
}

/** One page, and the cursor of the next. Pages overlap by a row, as they do where rows change while a client pages. */
function pageOf(rows: readonly Record<string, unknown>[], query: URLSearchParams): object {
  const since = query.get('updatedSince') ?? '';
  const start = Number(query.get('cursor') ?? 0);
  const due = rows
    .filter((row) => String(row.updatedAt) >= since)
    .sort((a, b) => (String(a.updatedAt) < String(b.updatedAt) ? -1 : 1));
  const data = due.slice(start, start + pageSize);
  const isLast = start + pageSize >= due.length;
  return { data, nextCursor: isLast ? null : String(start + pageSize - 1) };
}

async function bodyOf(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Adds or replaces a row, stamped with the time of the change unless it brings one. */
function upsert(state: ApiState, text: string): void {
  const row = JSON.parse(text) as Record<string, unknown>;
  if (typeof row.id !== 'string') throw new Error('an organizer needs an "id" of type string');
  state.rows = state.rows.filter((other) => other.id !== row.id);
  state.rows.push({ updatedAt: new Date().toISOString(), ...row });
}

/** Serves the API on a port that is free; its rows live in `file` and survive a restart. */
export async function serveOrganizers(file: string, token: string): Promise<OrganizersApi> {
  const state = readState(file);
  const served = new Set(state.served);
  const save = (): void => {
    fs.writeFileSync(file, JSON.stringify({ rows: state.rows, served: [...served] }));
  };
  const answer = async (request: http.IncomingMessage): Promise<[number, object]> => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname !== '/organizers') return [404, { error: `no such path: ${url.pathname}` }];
    if (request.headers.authorization !== `Bearer ${token}`) return [401, { error: 'a bearer token is needed' }];
    if (request.method === 'POST') {
      upsert(state, await bodyOf(request));
      save();
      return [201, {}];
    }
    const page = pageOf(state.rows, url.searchParams) as { data: object[] };
    for (const row of page.data) served.add(JSON.stringify(row));
    save();
    return [200, page];
  };
  const server = http.createServer((request, response) => {
    answer(request)
      .catch((error: unknown): [number, object] => [400, { error: String(error) }])
      .then(([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/organizers`,
    token,
    servedCount: () => served.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
