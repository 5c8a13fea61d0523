import fs from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { CatalogFile } from '../../lib/catalog/render.ts';
import type { Summary } from '../summary/summary.ts';
import { type Activity, type Stage, stages } from './activity.ts';

/** What the page shows beside the activity. */
export interface ConsoleStatus {
  readonly stackName: string;
  readonly summary: Summary;
  /** Title → a line to copy. */
  readonly connect: Readonly<Record<string, string>>;
}

/** The page that shows it all: served where the AWS endpoint is, to browsers only. */
export interface Console {
  handle(request: IncomingMessage, response: ServerResponse): void;
  show(activity: Activity): void;
  close(): void;
}

const rememberedActivities = 60;

/** A page of another site must not read this machine's data through the user's browser (DNS rebinding). */
function isLocal(request: IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? '');
}

function answerStatus(status: () => Promise<object>, response: ServerResponse): void {
  status()
    .then((body) => [200, body] as const)
    .catch((error: unknown) => [503, { error: String(error) }] as const)
    .then(([code, body]) => response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body)));
}

function answerCatalog(pages: CatalogPages, url: string, response: ServerResponse): void {
  const page = url.slice('/catalog/'.length) || 'index.html';
  const text = (status: number, body: string) => response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
  pages(page).then(
    (file) => {
      if (!file) return text(404, 'the catalog has no such file\n');
      response.writeHead(200, { 'content-type': file.contentType, 'cache-control': 'no-store' }).end(file.body);
    },
    (error: unknown) => text(503, `${error}\n`),
  );
}

/** A file of the catalog, by its path in the site. */
export type CatalogPages = (page: string) => Promise<CatalogFile | undefined>;

/** Builds the console; `status` is called when somebody looks, never on a timer. */
export function createConsole(status: () => Promise<ConsoleStatus>, catalog: CatalogPages): Console {
  const watchers = new Set<ServerResponse>();
  const recent: Activity[] = [];
  const totals = Object.fromEntries(stages.map((stage) => [stage, 0])) as Record<Stage, number>;
  const page = fs.readFileSync(path.join(import.meta.dirname, 'page.html'));

  const watch = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    for (const activity of recent) response.write(`data: ${JSON.stringify({ ...activity, isPast: true })}\n\n`);
    watchers.add(response);
    response.on('close', () => watchers.delete(response));
  };

  return {
    handle(request, response) {
      const route = `${request.method} ${(request.url ?? '/').split('?')[0]}`;
      if (!isLocal(request)) response.writeHead(403).end('this console answers only to 127.0.0.1 and localhost\n');
      else if (route === 'GET /') response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
      else if (route === 'GET /catalog') response.writeHead(302, { location: '/catalog/' }).end();
      else if (route.startsWith('GET /catalog/')) answerCatalog(catalog, route.slice('GET '.length), response);
      else if (route === 'GET /console/status') answerStatus(async () => ({ ...(await status()), totals }), response);
      else if (route === 'GET /console/events') watch(response);
      else response.writeHead(404, { 'content-type': 'text/plain' }).end('no such page; AWS calls need a signature\n');
    },
    show(activity) {
      if (activity.stage) totals[activity.stage] += 1;
      recent.push(activity);
      if (recent.length > rememberedActivities) recent.shift();
      for (const watcher of watchers) watcher.write(`data: ${JSON.stringify({ ...activity, totals })}\n\n`);
    },
    close() {
      for (const watcher of watchers) watcher.end();
    },
  };
}
