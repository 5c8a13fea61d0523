import type { Identifier } from '../statements/syntax.ts';
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
}

/** A source of FROM under the name that the query gives it. */
export interface ScopeSource {
  readonly name: string;
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
}

export interface Settings {
  readonly caseSensitiveIdentifier: boolean;
  readonly caseSensitiveSuperAttribute: boolean;
}

export const lower = (text: string): string => text.replace(/[A-Z]+/g, (upper) => upper.toLowerCase());

/** A name as the catalog keeps it: lower case, unless it is quoted and the session says that case counts. */
export function fold(identifier: Identifier, settings: Settings): string {
  const keep = identifier.quoted && settings.caseSensitiveIdentifier;
  return keep ? identifier.name : lower(identifier.name);
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

/** Finds a bare column name. */
export function findColumn(scope: Scope, name: string, position: number): FoundColumn | undefined {
  let level = 0;
  for (let at: Scope | undefined = scope; at; at = at.parent, level += 1) {
    const merged = at.merged.find((column) => column.name === name);
    if (merged) return { column: merged, level };
    const found = at.sources.flatMap((source) =>
      source.hidden?.has(name)
        ? []
        : source.columns.filter((column) => column.name === name).map((column) => ({ column, source, level })),
    );
    if (found.length > 1)
      throw new RedshiftError('42702', `column reference "${name}" is ambiguous`, { position: position + 1 });
    if (found[0]) return found[0];
  }
  return undefined;
}

/** Finds a source by its name, in this query or around it. */
export function findSource(scope: Scope, names: readonly string[]): { source: ScopeSource; level: number } | undefined {
  let level = 0;
  const [name, schema, database] = [...names].reverse();
  for (let at: Scope | undefined = scope; at; at = at.parent, level += 1) {
    const source = at.sources.find(
      (candidate) =>
        candidate.name === name &&
        (schema === undefined || candidate.schema === schema) &&
        (database === undefined || candidate.database === database),
    );
    if (source) return { source, level };
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
  readonly trimmed?: boolean;
  readonly caseInsensitive?: boolean;
}
