/** What lineage says. Plain data: nothing here knows the syntax tree, the catalog or DuckDB. */

/** A step into SUPER, or into a text that JSON_PARSE reads. */
export type PathStep =
  | { readonly kind: 'attribute'; readonly name: string }
  /** A subscript that is known, from 0; below 0 it counts from the end. */
  | { readonly kind: 'index'; readonly index: number }
  /** Any element of an array: unnesting, or a subscript that is computed. */
  | { readonly kind: 'elements' }
  /** Any attribute's value: UNPIVOT, or an attribute whose name is computed. */
  | { readonly kind: 'values' }
  /** Whatever lies below, at any depth: where a recursive query walks into a document. */
  | { readonly kind: 'below' };

/** A table or view, by all its names. */
export interface RelationName {
  readonly database: string;
  /** `pg_temp` for temporary tables. */
  readonly schema: string;
  readonly relation: string;
}

/** A column, or a part of a document in it. */
export interface SourceField extends RelationName {
  readonly column: string;
  /** Steps below the column; none for the whole column. */
  readonly steps: readonly PathStep[];
  /** Column and steps to be read: `payload.items[*].sku`, `payload.*`, `payload..`. */
  readonly path: string;
  /** What is taken there: the value, the names of its attributes (UNPIVOT … AT) or its elements' places (… AT). */
  readonly part: 'value' | 'keys' | 'positions';
}

/** OpenLineage's words: what flows into a value. */
export type DirectSubtype = 'IDENTITY' | 'TRANSFORMATION' | 'AGGREGATION';
/** OpenLineage's words: what decides on a value, or on whether its row is there, without flowing into it. */
export type IndirectSubtype = 'JOIN' | 'GROUP_BY' | 'FILTER' | 'SORT' | 'WINDOW' | 'CONDITIONAL';

/** In OpenLineage's words: how a source matters to a value. */
export type Transformation = {
  /** The value cannot be read back: it went through a hash, or was only counted. */
  readonly masking: boolean;
} & (
  | { readonly type: 'DIRECT'; readonly subtype: DirectSubtype }
  | { readonly type: 'INDIRECT'; readonly subtype: IndirectSubtype }
);

/** One source with all the ways in which it matters, DIRECT ones first. */
export interface Dependence {
  readonly source: SourceField;
  readonly transformations: readonly Transformation[];
}

/** Where a column comes from. */
export interface ColumnLineage {
  /** The name in the result, or of the column that is written. */
  readonly name: string;
  /** In the order in which the query mentions them. Empty for constants. */
  readonly inputs: readonly Dependence[];
}

/** Where everything that a statement shows or writes comes from. */
export interface StatementLineage {
  /** `select`, `insert`, `createTableAs`, `createView`, `update`, `delete`, `merge`, … */
  readonly kind: string;
  /** Where values come from: tables, and views that were not looked through. */
  readonly reads: readonly RelationName[];
  /** Views that were looked through on the way. */
  readonly through: readonly RelationName[];
  /** What the statement writes, empties or makes. */
  readonly writes: readonly RelationName[];
  /** The result's columns, or those that are written. */
  readonly columns: readonly ColumnLineage[];
  /** What decides which rows there are, and in which order; it holds for all columns alike. Always INDIRECT. */
  readonly rows: readonly Dependence[];
}

/** How far lineage looks. */
export interface LineageOptions {
  /** `through` (unless it is said): go on to the tables below views. `stop`: a view is a source like a table. */
  readonly views?: 'through' | 'stop';
}
