import { createHash } from 'node:crypto';
import type { CatalogData, ColumnPlace, Relation } from './catalog.ts';
import type { ModelObservation } from './observations.ts';
import type {
  ColumnLineageData,
  IndexData,
  IndexEntry,
  ObservedData,
  SearchData,
  StatusData,
  StatusEntry,
} from './site-data.ts';

/** A file of the site. */
export interface CatalogFile {
  /** Relative, without a leading slash: the site works under any prefix. */
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

/** The client, bundled: what every site has, whatever the project. */
export interface CatalogClient {
  readonly script: string;
  readonly style: string;
}

const script = 'text/javascript; charset=utf-8';
/** Days in a list's small curve. */
const curveDays = 30;
/** What was observed is written after every refresh: in files few enough to cost little, and small enough to be read for one page. */
const relationsOfAnObservedFile = 40;

/** The files of the site. Nothing in them depends on when they are made: the same data gives the same bytes. */
export function renderCatalog(data: CatalogData, client: CatalogClient): CatalogFile[] {
  const chunks = Math.max(1, Math.ceil(data.relations.length / relationsOfAnObservedFile));
  const observedFileOf = (name: string) => `data/observed-${hashOf(name) % chunks}.js`;
  const observed = Map.groupBy(data.relations, ({ name }) => observedFileOf(name));
  return [
    { path: 'index.html', contentType: 'text/html; charset=utf-8', body: page(data.service) },
    { path: 'catalog.js', contentType: script, body: client.script },
    { path: 'catalog.css', contentType: 'text/css; charset=utf-8', body: client.style },
    dataFile('data/index.js', indexOf(data, observedFileOf)),
    dataFile('data/status.js', statusOf(data)),
    dataFile('data/search.js', searchOf(data)),
    dataFile('data/column-lineage.js', columnLineageOf(data)),
    ...data.relations.map((relation) => dataFile(fileOf(relation.name), relation)),
    ...[...observed].map(([path, relations]) => dataFile(path, observedOf(data, relations))),
  ];
}

/**
 * A script, not JSON: a page that is opened as a file may load scripts, and nothing else. Its data goes through JSON.parse, which
 * takes no name for a prototype and is quicker than an object literal.
 */
function dataFile(path: string, data: unknown): CatalogFile {
  const json = JSON.stringify(data).replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  const safe = json.replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return { path, contentType: script, body: `millraceCatalog('${path}', JSON.parse('${safe}'));\n` };
}

/** A name that any file system and any URL take, and no two relations share. */
function fileOf(name: string): string {
  const plain = /^[a-z0-9_.]{1,100}$/.test(name);
  const tail = plain ? '' : `~${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
  return `data/relations/${name.replaceAll(/[^a-z0-9_.]/g, '-').slice(0, 100)}${tail}.js`;
}

const hashOf = (name: string): number => createHash('sha256').update(name).digest().readUInt32BE(0);

function indexOf({ service, database, relations }: CatalogData, observedFileOf: (name: string) => string): IndexData {
  const entries = relations.map(
    ({
      name,
      schema,
      table,
      kind,
      label,
      description,
      owner,
      freshnessSeconds,
      columns,
      reads,
      model,
    }): IndexEntry => ({
      name,
      schema,
      table,
      kind,
      label,
      description,
      owner,
      freshnessSeconds,
      materialization: model?.materialization,
      lane: model?.lane,
      hasPersonalData: columns.some(({ personalData = 'none' }) => personalData !== 'none'),
      columnCount: columns.length,
      reads,
      file: fileOf(name),
      observedFile: observedFileOf(name),
    }),
  );
  return { service, database, relations: entries };
}

function statusOf(data: CatalogData): StatusData {
  const loaded = loadedBehind(data);
  return {
    atSeconds: data.observed.atSeconds,
    relations: data.relations.map((relation) => ({
      ...standingFacts(data, relation),
      inputsLoadedAtSeconds: loaded(relation.name),
    })),
  };
}

function standingFacts({ observed }: CatalogData, relation: Relation): StatusEntry {
  const { name, kind, freshnessSeconds, dataset = '' } = relation;
  const base = { name, kind, isView: relation.model?.materialization === 'view', freshnessSeconds };
  if (kind === 'dataset') {
    const seen = observed.datasets.get(dataset);
    const history = (seen?.days ?? []).slice(-curveDays).map(([, rows]) => rows);
    const publishedAtSeconds = seen?.loadedAtSeconds;
    return { ...base, publishedAtSeconds, lagSeconds: seen?.lagSeconds, failedChecks: 0, warnedChecks: 0, history };
  }
  const seen = observed.models.get(name);
  const [last] = seen?.runs ?? [];
  const findings = (seen?.checked?.findings ?? []).filter(({ failures }) => failures > 0);
  return {
    ...base,
    publishedAtSeconds: seen?.published?.atSeconds,
    lastOutcome: last?.outcome,
    lastAtSeconds: last?.atSeconds,
    failedChecks: findings.filter(({ severity }) => severity !== 'warn').length,
    warnedChecks: findings.filter(({ severity }) => severity === 'warn').length,
    rows: seen?.published?.rows,
    history: curveOf(seen),
  };
}

/** By day; a young model's by run, because a curve of one point tells nothing. */
function curveOf(seen: ModelObservation | undefined): number[] {
  if (!seen) return [];
  const byDay = seen.days.slice(-curveDays).map(([, rows]) => rows);
  if (byDay.length > 2) return byDay;
  return seen.runs
    .filter((run) => run.outcome === 'published')
    .flatMap(({ rows }) => rows ?? [])
    .toReversed();
}

/** When the newest of the datasets was loaded that a relation is made of, however far away. */
function loadedBehind({ relations, observed }: CatalogData): (name: string) => number | undefined {
  const found = new Map<string, number | undefined>();
  // In dependency order, so that what a model reads is known before it.
  for (const { name, dataset, reads } of relations) {
    const own = dataset === undefined ? undefined : observed.datasets.get(dataset)?.loadedAtSeconds;
    const all = [own, ...reads.map((one) => found.get(one))].filter((one) => one !== undefined);
    found.set(name, all.length > 0 ? Math.max(...all) : undefined);
  }
  return (name) => found.get(name);
}

function searchOf({ relations }: CatalogData): SearchData {
  return relations.flatMap(({ name, columns }) =>
    columns.map((column) => [name, column.name, column.label ?? '', column.description ?? ''] as const),
  );
}

function columnLineageOf({ columnEdges }: CatalogData): ColumnLineageData {
  const numbers = new Map<string, number>();
  const places: ColumnPlace[] = [];
  const number = (place: ColumnPlace): number => {
    const key = JSON.stringify(place);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, places.length);
    return places.push(place) - 1;
  };
  const edges = columnEdges.map(
    ({ from, to, direct, path = '' }) => [number(from), number(to), direct ? 1 : 0, path] as const,
  );
  return { places, edges };
}

function observedOf({ observed }: CatalogData, relations: readonly Relation[]): ObservedData {
  return relations.map(({ name, dataset = '' }) => ({
    name,
    model: observed.models.get(name),
    dataset: observed.datasets.get(dataset),
  }));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** The shell. The policy forbids all that the site does not do: a description that gets out of its place can still load nothing. */
function page(service: string): string {
  const policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";
  const title = escapeHtml(service);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title} · catalog</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 11c3-6 5 3 8-3s4-3 6-4' fill='none' stroke='%230b7285' stroke-width='2'/%3E%3C/svg%3E">
<link rel="stylesheet" href="catalog.css">
<script defer src="catalog.js"></script>
<script defer src="data/index.js"></script>
<script defer src="data/status.js"></script>
</head>
<body>
<div id="catalog"><p class="starting">${title}</p></div>
<noscript><p class="starting">The catalog draws its pages in the browser: it needs JavaScript. Its data is in data/.</p></noscript>
</body>
</html>
`;
}
