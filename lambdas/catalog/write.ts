import { createHash } from 'node:crypto';
import { type CatalogProject, catalogOf } from '../../lib/catalog/catalog.ts';
import {
  nothingObserved,
  type Observations,
  observations,
  observed,
  observingStatements,
} from '../../lib/catalog/observations.ts';
import { type CatalogClient, type CatalogFile, renderCatalog } from '../../lib/catalog/render.ts';
import type { SiteStore } from '../aws/site-store.ts';
import type { Warehouse } from '../aws/warehouse.ts';

export interface CatalogPorts {
  readonly site: SiteStore;
  readonly warehouse: Warehouse;
  readonly project: CatalogProject;
  readonly client: CatalogClient;
  readonly nowMilliseconds: () => number;
}

export type Written =
  | { readonly kind: 'written'; readonly files: number; readonly removed: number }
  /** The refresh ended so long ago that the warehouse may sleep: the next one brings what this one would have. */
  | { readonly kind: 'tooLate' };

/** Redshift Serverless bills a minute at least for each time it wakes; so long it is awake anyway after a refresh. */
const awakeSeconds = 60;
/** What was read of `ops` before: beside the site, because it says nothing that the site does not. */
const memory = 'data/observations.json';
/** More files than a site of a thousand models has. */
const filesAtMost = 20_000;
const atATime = 16;

/** Brings the site up to date after a refresh that ended at an instant: reads what is new in `ops`, writes the files that changed. */
export async function writeCatalog(endedAtMilliseconds: number, ports: CatalogPorts): Promise<Written> {
  if (ports.nowMilliseconds() - endedAtMilliseconds > awakeSeconds * 1000) return { kind: 'tooLate' };
  const before = await remembered(ports.site);
  const now = observed(before, await rowsSince(before, ports.warehouse));
  const rendered = renderCatalog(catalogOf(ports.project, now), ports.client);
  const files = [...rendered, { path: memory, contentType: 'application/json', body: JSON.stringify(now) }];
  return bringUpToDate(files, ports.site);
}

async function rowsSince(before: Observations, warehouse: Warehouse) {
  const { runs, checks, loads } = observingStatements(before);
  const [runRows, checkRows, loadRows] = await Promise.all([runs, checks, loads].map((one) => warehouse.query(one)));
  return { runs: runRows ?? [], checks: checkRows ?? [], loads: loadRows ?? [] };
}

/** What an earlier version of this wrote may be of another shape: then all is read once more. */
async function remembered(site: SiteStore): Promise<Observations> {
  const body = await site.get(memory);
  if (!body) return nothingObserved;
  try {
    return observations.parse(JSON.parse(Buffer.from(body).toString()));
  } catch {
    return nothingObserved;
  }
}

/** S3's ETag of an object that was put whole is its MD5 (encrypted with S3's own keys, as the site's bucket is). */
const eTagOf = ({ body }: CatalogFile): string => createHash('md5').update(body).digest('hex');

/** The memory goes last: should this die on the way, the next run reads the same rows and writes the same files. */
async function bringUpToDate(files: readonly CatalogFile[], site: SiteStore): Promise<Written> {
  const listed = await site.list({ prefix: '', after: '', limit: filesAtMost });
  const there = new Map(listed.map(({ key, eTag }) => [key, eTag]));
  const changed = files.filter((file) => there.get(file.path) !== eTagOf(file));
  const wanted = new Set(files.map(({ path }) => path));
  // Only what a catalog writes: somebody may have put something of their own beside it.
  const left = listed.map(({ key }) => key).filter((key) => key.startsWith('data/') && !wanted.has(key));
  const memoryFile = changed.filter(({ path }) => path === memory);
  await inTurns(
    changed.filter(({ path }) => path !== memory),
    site.put,
  );
  await inTurns(left, site.remove);
  await inTurns(memoryFile, site.put);
  return { kind: 'written', files: changed.length, removed: left.length };
}

async function inTurns<T>(items: readonly T[], call: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += atATime) {
    await Promise.all(items.slice(start, start + atATime).map(call));
  }
}
