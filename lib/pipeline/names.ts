import { MillraceError } from './error.ts';

/** How lake objects are compressed; the value is what Redshift's COPY calls it, in lower case. */
export const codecs = ['zstd', 'gzip'] as const;
export type Codec = (typeof codecs)[number];

const extensions: Record<Codec, string> = { zstd: 'zst', gzip: 'gz' };

/** Prefixes of the lake: one writer and one reader each, so that grants and event rules can name them. */
export const lakePrefixes = {
  raw: 'raw/',
  quarantine: 'quarantine/',
  /** What was set aside and then dropped by somebody: identities and reasons, no payloads. */
  dropped: 'dropped/',
  manifests: 'manifests/',
  /** What DynamoDB exports of a table, by dataset: read once, by the fill that asked for it. */
  exports: 'exports/',
  /** What came of each refresh, as OpenLineage tells it. */
  openLineage: 'openlineage/',
} as const;

/** Batches that Lambda could not get through a function lie under this prefix; Lambda chooses it, not we. */
export const abandonedPrefix = 'aws/lambda/';

/** A dataset's name: a Redshift identifier in lower case that needs no quotes. */
export const datasetNamePattern = /^[a-z][a-z0-9_]{0,62}$/;

/** The partition of an instant (ISO-8601, UTC): `dt=2026-11-20/hh=23`. */
function partition(at: string): string {
  return `dt=${at.slice(0, 10)}/hh=${at.slice(11, 13)}`;
}

/** Where a batch lands. The same shard and range of positions give the same name, so a retry overwrites its own object. */
export function rawObjectKey(object: {
  dataset: string;
  /** Instant of the first record, ISO-8601 UTC. */
  at: string;
  /** Shard and sequence range, or the like; unique within the dataset. */
  name: string;
  codec: Codec;
}): string {
  return `${lakePrefixes.raw}${object.dataset}/${partition(object.at)}/${object.name}.ndjson.${extensions[object.codec]}`;
}

/** Where rejected records of a batch are kept, under the name of the batch they came with. */
export function quarantineObjectKey(object: { dataset: string; at: string; name: string }): string {
  return `${lakePrefixes.quarantine}${object.dataset}/${partition(object.at)}/${object.name}.ndjson.gz`;
}

/** Where it is noted that records of a quarantine object were dropped. */
export function droppedObjectKey(object: { dataset: string; at: string; name: string }): string {
  return `${lakePrefixes.dropped}${object.dataset}/${partition(object.at)}/${object.name}.ndjson.gz`;
}

/** What a table of a dataset is exported under; DynamoDB adds folders of its own. */
export function exportPrefix(dataset: string): string {
  return `${lakePrefixes.exports}${dataset}`;
}

/** The name of an object that is made of a part of another one: in the same place, so that it is registered as any other. */
export function derivedRawKey(key: string, suffix: string): string {
  return key.replace(/\.ndjson\.[a-z]+$/, (ending) => `.${suffix}${ending}`);
}

/** What names of objects begin with whose records no source delivered. */
export const madeObjects = { fill: 'fill-', repair: 'repair-' } as const;

export function isMadeObject(key: string): boolean {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return Object.values(madeObjects).some((prefix) => name.startsWith(prefix));
}

/** Where lines of an object of the lake are kept that were set aside after they had landed. */
export function quarantineKeyOfObject(key: string, suffix: string): string {
  const moved = derivedRawKey(key, suffix).replace(lakePrefixes.raw, lakePrefixes.quarantine);
  return moved.replace(/\.[a-z]+$/, `.${extensions.gzip}`);
}

/** The folder of a dataset's quarantine that holds whole objects as they were found; the lines about them are beside it. */
const wholeObjects = 'objects/';

/** Where an object of the lake is kept whole that cannot be read. */
export function quarantineCopyKey(dataset: string, key: string): string {
  const [from, to] = [`${lakePrefixes.raw}${dataset}/`, `${lakePrefixes.quarantine}${dataset}/`];
  return key.replace(from, `${to}${wholeObjects}`);
}

/** Whether an object under quarantine holds lines about what was set aside, and is not itself what was set aside. */
export function holdsQuarantineLines(key: string): boolean {
  return key.split('/')[2] !== wholeObjects.slice(0, -1);
}

/** Where the OpenLineage events of an execution are kept; the instant (ISO-8601, UTC) is one that a retry knows. */
export function openLineageKey(execution: string, at: string): string {
  return `${lakePrefixes.openLineage}dt=${at.slice(0, 10)}/${execution}.ndjson`;
}

const rawKeyPattern = new RegExp(
  `^${lakePrefixes.raw}([^/]+)/dt=\\d{4}-\\d\\d-\\d\\d/hh=\\d\\d/[^/]+\\.ndjson\\.(?:${Object.values(extensions).join('|')})$`,
);

/** The dataset of a lake key, or undefined where the key is not one of ours. */
export function datasetOfRawKey(key: string): string | undefined {
  const dataset = rawKeyPattern.exec(key)?.[1];
  return dataset !== undefined && datasetNamePattern.test(dataset) ? dataset : undefined;
}

/** The codec that an object's name says. */
export function codecOfKey(key: string): Codec {
  const codec = codecs.find((candidate) => key.endsWith(`.${extensions[candidate]}`));
  if (!codec) throw new MillraceError('UNKNOWN_CODEC', `${key}: neither .zst nor .gz, so no codec is known for it`);
  return codec;
}

/** Quotes an identifier for SQL: the one place where a name becomes part of a statement. */
export function quoteIdentifier(name: string): string {
  if (!/^[\p{L}_][\p{L}\p{N}_$]{0,126}$/u.test(name)) {
    throw new MillraceError(
      'BAD_IDENTIFIER',
      `${JSON.stringify(name)} is not a name Redshift takes: letters, digits, _ and $, at most 127`,
    );
  }
  return `"${name}"`;
}

/** Bytes of a name in Redshift. */
const nameBytes = 127;

/** Quotes a label of people's as the name of a result's column: any text that is not empty, cut where names end. */
export function quoteLabel(label: string): string {
  let name = '';
  for (const character of label.replaceAll(/[\0-\x1f]+/g, ' ').trim()) {
    if (Buffer.byteLength(name + character) > nameBytes) break;
    name += character;
  }
  return `"${(name || '?').replaceAll('"', '""')}"`;
}

/** Quotes text for the few clauses that take no parameter (COPY's paths, comments). */
export function quoteText(text: string): string {
  if (text.includes('\0')) throw new MillraceError('BAD_TEXT', 'a NUL character cannot be part of a statement');
  return `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
}
