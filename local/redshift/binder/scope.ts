import type { Identifier } from '../statements/syntax.ts';
import { lower } from '../statements/tokens.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';
import type { StaticType } from './bound.ts';

/** A column that a source offers. */
export interface ScopeColumn {
  readonly name: string;
  readonly type: StaticType;
  /** How the column is written in DuckDB, for instance `r1.c3`. */
  readonly sql: string;
  readonly caseInsensitive?: boolean;
  readonly trimmed?: boolean;
  readonly path?: { readonly base: string; readonly steps: string };
  /** It answers to its name, `*` does not show it. */
  readonly unlisted?: boolean;
}

/** A source of FROM under the name that the query gives it. */
export interface ScopeSource {
  readonly name: string;
  /** A table of the system's own: the leader node answers such queries, whatever their shape. */
  readonly system?: boolean;
  /** Rows that somebody stored: compute nodes read them. */
  readonly stored?: boolean;
  readonly schema?: string;
  readonly database?: string;
  readonly columns: readonly ScopeColumn[];
  /** What `array AS x` binds: the name alone is the element. */
  readonly element?: ScopeColumn;
  /** USING and NATURAL: columns that `*` and bare names do not see in this source, because the other one shows them. */
  readonly hidden?: ReadonlySet<string>;
  /** LEVEL and the like: they answer to their name, `*` does not show them. */
  readonly pseudo?: boolean;
}

/** The sources of one query; what is not found is looked for in the query around it. */
export interface Scope {
  readonly sources: readonly ScopeSource[];
  /** Columns that JOIN … USING merged. */
  readonly merged: readonly ScopeColumn[];
  readonly parent?: Scope;
  /** Notes that a query inside this one reads its columns, and how it may. */
  readonly correlation?: { found: boolean; readonly refused: boolean };
  /** How a query inside this one writes what this one groups by. */
  readonly groupKeys?: ReadonlyMap<string, string>;
}

export interface Settings {
  readonly caseSensitiveIdentifier: boolean;
  readonly caseSensitiveSuperAttribute: boolean;
  readonly numericRounding: boolean;
  readonly forbidsCompositeIntervals: boolean;
  readonly intervalStyle: string;
}

const MAXIMUM_NAME_BYTES = 127;

/** Names are 127 bytes long at most: what is behind is not read. */
function shortened(name: string): string {
  if (name.length * 3 <= MAXIMUM_NAME_BYTES || Buffer.byteLength(name) <= MAXIMUM_NAME_BYTES) return name;
  let kept = '';
  let bytes = 0;
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > MAXIMUM_NAME_BYTES) break;
    kept += character;
  }
  return kept;
}

/** A name as the catalog keeps it: lower case, unless it is quoted and the session says that case counts. */
export function fold(identifier: Identifier, settings: Settings): string {
  const keep = identifier.quoted && settings.caseSensitiveIdentifier;
  return shortened(keep ? identifier.name : lower(identifier.name));
}

/** A SUPER attribute's name. Quoted ones keep their case as soon as either setting says that case counts. */
export function foldAttribute(identifier: Identifier, settings: Settings): string {
  const keep = settings.caseSensitiveSuperAttribute || (identifier.quoted && settings.caseSensitiveIdentifier);
  return keep ? identifier.name : lower(identifier.name);
}

export interface FoundColumn {
  readonly column: ScopeColumn;
  readonly source?: ScopeSource;
  /** 0 for this query's own sources, 1 for those of the query around it, … */
  readonly level: number;
}

/** A place from which a query inside may not read this one's columns. */
export const refusingCorrelation = (scope: Scope): Scope => ({
  ...scope,
  correlation: { found: false, refused: true },
});

export const unsupportedCorrelation = (): RedshiftError =>
  new RedshiftError('0A000', 'This type of correlated subquery pattern is not supported yet');

/** A query may read columns of the query right around it, where that one's place allows it; system tables are free. */
export function noteCorrelation(at: Scope, level: number, source: ScopeSource | undefined): void {
  if (level === 0 || source?.system) return;
  if (level > 1 || at.correlation?.refused) throw unsupportedCorrelation();
  if (at.correlation) at.correlation.found = true;
}

/** A column as it is written where it was found: a grouped query around has its own way. */
function asGrouped(found: FoundColumn, at: Scope): FoundColumn {
  noteCorrelation(at, found.level, found.source);
  return found.level === 0 ? found : { ...found, column: written(found.column, at) };
}

function written(column: ScopeColumn, at: Scope): ScopeColumn {
  const key = at.groupKeys?.get(column.sql);
  return key === undefined ? column : { ...column, sql: key, path: undefined };
}

const groupedSource = (source: ScopeSource, at: Scope): ScopeSource => ({
  ...source,
  columns: source.columns.map((column) => written(column, at)),
});

/** Finds a bare column name. */
export function findColumn(scope: Scope, name: string, position: number): FoundColumn | undefined {
  let level = 0;
  for (let at: Scope | undefined = scope; at; at = at.parent, level += 1) {
    const merged = at.merged.find((column) => column.name === name);
    if (merged) return asGrouped({ column: merged, level }, at);
    let found: FoundColumn | undefined;
    for (const source of at.sources) {
      if (source.hidden?.has(name)) continue;
      for (const column of source.columns) {
        if (column.name !== name) continue;
        if (found)
          throw new RedshiftError('42702', `column reference "${name}" is ambiguous`, { position: position + 1 });
        found = { column, source, level };
      }
    }
    if (found) return asGrouped(found, at);
  }
  return undefined;
}

/** Whether `table`, `schema.table` or `database.schema.table` names the source. */
export function answersTo(
  source: { readonly name: string; readonly schema?: string; readonly database?: string },
  names: readonly string[],
): boolean {
  if (source.name !== names.at(-1)) return false;
  const [schema, database] = [names.at(-2), names.at(-3)];
  return (schema === undefined || source.schema === schema) && (database === undefined || source.database === database);
}

/** Finds a source by its name, in this query or around it. */
export function findSource(
  scope: Scope,
  names: readonly string[],
): { source: ScopeSource; level: number; scope: Scope } | undefined {
  let level = 0;
  for (let at: Scope | undefined = scope; at; at = at.parent, level += 1) {
    const source = at.sources.find((candidate) => answersTo(candidate, names));
    if (!source) continue;
    return { source: at.groupKeys && level > 0 ? groupedSource(source, at) : source, level, scope: at };
  }
  return undefined;
}

export function noColumn(name: string, scope: Scope, position: number): RedshiftError {
  const sources = [...new Set(scope.sources.map((source) => source.name))].join(', ');
  const where = sources === '' ? '' : ` in ${sources}`;
  return new RedshiftError('42703', `column "${name}" does not exist${where}`, { position: position + 1 });
}

/** The columns of a query's answer. */
export interface OutputColumn {
  readonly name: string;
  readonly type: RedshiftType;
  /** The text (or NULL) of a column that is a literal: a set operation may make another type of it. */
  readonly literal?: string | null;
  readonly trimmed?: boolean;
  readonly caseInsensitive?: boolean;
}
