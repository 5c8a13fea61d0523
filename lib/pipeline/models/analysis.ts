import * as z from 'zod';
import type { OutputColumn } from './model.ts';

/** How a source matters to a column, in OpenLineage's words. */
export const influence = z.strictObject({
  type: z.enum(['DIRECT', 'INDIRECT']),
  subtype: z.enum([
    'IDENTITY',
    'TRANSFORMATION',
    'AGGREGATION',
    'JOIN',
    'GROUP_BY',
    'FILTER',
    'SORT',
    'WINDOW',
    'CONDITIONAL',
  ]),
  /** The value cannot be read back: it went through a hash, or was only counted. */
  masking: z.boolean(),
});
export type Influence = z.infer<typeof influence>;

/** Where a value comes from. */
export const columnSource = z.strictObject({
  /** `schema.table`. */
  table: z.string(),
  column: z.string(),
  /** Column and the steps into it: `payload.matches[*].endedAt`. */
  path: z.string(),
  influences: z.array(influence),
});
export type ColumnSource = z.infer<typeof columnSource>;

/** Where a query's columns, and its rows, come from. */
export const queryLineage = z.strictObject({
  columns: z.array(z.strictObject({ name: z.string(), sources: z.array(columnSource) })),
  /** What decides which rows there are. */
  rows: z.array(columnSource),
});
export type QueryLineage = z.infer<typeof queryLineage>;

/** What is wrong, and where: a UTF-16 offset, from 0, in the text that was given. */
export interface InvalidQuery {
  readonly kind: 'invalid';
  readonly message: string;
  readonly offset: number;
}

export type Analysis =
  | { readonly kind: 'analysed'; readonly columns: OutputColumn[]; readonly lineage: QueryLineage }
  | InvalidQuery;

/** Who knows Redshift's names and types without running anything: the compiler tells it of every table, and asks it about queries. */
export interface Analyst {
  /** Makes a table or view known, under these columns. */
  know(relation: { readonly schema: string; readonly name: string; readonly columns: readonly OutputColumn[] }): void;
  /** Makes a function known by its CREATE FUNCTION. */
  knowFunction(statement: string): { readonly kind: 'known' } | InvalidQuery;
  analyse(query: string): Analysis;
}
