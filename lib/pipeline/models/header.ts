import { columnsOfCheck, type StatedCheck, statedChecks, withKeyChecks } from './header-checks.ts';
import { columnNotes } from './header-columns.ts';
import { type Entries, headerEntries, list, prose } from './header-entries.ts';
import { headerKeys } from './header-keys.ts';
import { contract, distribution, freshness, lane, materialization } from './header-values.ts';
import type { CompiledModel } from './model.ts';
import type { Report } from './problem.ts';

/** What a model's comment header says. */
export type ModelHeader = Omit<
  CompiledModel,
  'name' | 'schema' | 'table' | 'path' | 'sql' | 'output' | 'reads' | 'dependsOn' | 'datasets' | 'definition'
>;

/** Where the header says what can only be judged when the query has been analysed. */
export interface HeaderPlaces {
  /** Columns that the query must yield, and what names them. */
  readonly mentions: readonly { readonly column: string; readonly by: string; readonly line: number }[];
  readonly checks: readonly StatedCheck[];
  /** Lines of the columns' notes, by column. */
  readonly noteLines: ReadonlyMap<string, number>;
  readonly contractLine: number;
}

/** Reads the comment header at the top of a model's file; problems are reported, all of them. */
export function parseHeader(text: string, report: Report): { header: ModelHeader; places: HeaderPlaces } {
  const entries = headerEntries(text, headerKeys, report);
  const key = list(entries.get('key'));
  const notes = columnNotes(entries.get('columns'), report);
  const versioned = named('validFrom', entries, 'valid from');
  const checks = withKeyChecks(
    { key, ...versioned },
    lineOf(entries, 'key'),
    statedChecks(entries.get('checks'), report),
  );
  const spread = distribution(entries.get('distribution'), report);
  const label = prose(entries.get('label'));
  const header: ModelHeader = {
    materialization: materialization(entries.get('materialization'), report),
    key,
    ...versioned,
    ...named('deleted', entries, 'deleted'),
    owner: prose(entries.get('owner')),
    lane: lane(entries.get('lane'), report),
    contract: contract(entries.get('contract'), report),
    sortColumns: list(entries.get('sort')),
    ...(spread && { distribution: spread }),
    freshnessSeconds: freshness(entries.get('freshness'), report),
    description: prose(entries.get('description')),
    ...(label && { label }),
    columns: notes.map(({ note }) => note),
    checks: checks.map(({ check }) => check),
    grants: list(entries.get('grants')),
  };
  checkTogether(header, entries, report);
  for (const { note, line } of notes) {
    if (header.contract && !note.type) report(line, `a contract freezes types: write ${note.name} with its type`);
  }
  const noteLines = new Map(notes.map(({ note, line }) => [note.name, line]));
  const places = { checks, noteLines, contractLine: lineOf(entries, 'contract'), mentions: [] };
  return { header, places: { ...places, mentions: mentions(header, places, entries) } };
}

const lineOf = (entries: Entries, key: string): number => entries.get(key)?.line ?? 1;

function named<K extends string>(property: K, entries: Entries, key: string): { [P in K]?: string } {
  const value = prose(entries.get(key));
  return (value ? { [property]: value } : {}) as { [P in K]?: string };
}

/** What fits only together. */
function checkTogether(header: ModelHeader, entries: Entries, report: Report): void {
  const { materialization: kind, key } = header;
  const line = lineOf(entries, 'materialization');
  if ((kind === 'incremental' || kind === 'history') && key.length === 0)
    report(line, `what is ${kind} needs a key, the columns that tell its rows apart; add a line: -- key: …`);
  if (kind === 'history' && !header.validFrom)
    report(line, 'a history needs to know since when a version holds; add a line: -- valid from: …');
  for (const word of ['valid from', 'deleted']) {
    if (kind !== 'history' && entries.has(word))
      report(lineOf(entries, word), `only a history has ${word}; take it out`);
  }
  for (const word of ['sort', 'distribution']) {
    if (kind === 'view' && entries.has(word))
      report(lineOf(entries, word), `a view holds no rows, so it has no ${word}; take it out`);
  }
}

function mentions(
  header: ModelHeader,
  places: Omit<HeaderPlaces, 'mentions'>,
  entries: Entries,
): HeaderPlaces['mentions'] {
  const of = (by: string, columns: readonly (string | undefined)[], line = lineOf(entries, by)) =>
    columns.flatMap((column) => (column === undefined ? [] : [{ column, by, line }]));
  const keyLine = entries.get('key')?.line;
  const spread = header.distribution?.style === 'key' ? header.distribution.column : undefined;
  return [
    ...of('key', header.key),
    ...of('valid from', [header.validFrom]),
    ...of('deleted', [header.deleted]),
    ...[...places.noteLines].flatMap(([column, line]) => of('columns', [column], line)),
    ...of('sort', header.sortColumns),
    ...of('distribution', [spread]),
    // A key's own checks name nothing that the key does not.
    ...places.checks
      .filter(({ line }) => line !== keyLine)
      .flatMap(({ check, line }) => of(`check ${check.kind}`, columnsOfCheck(check), line)),
  ];
}
