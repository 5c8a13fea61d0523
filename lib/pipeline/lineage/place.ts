import { MillraceError } from '../error.ts';
import { nearest } from '../nearest.ts';
import type { ColumnPlace, LineageProject } from './graph.ts';

/** What is asked about: a model or table as a whole, or a column of it. */
export type LineagePlace =
  | { readonly kind: 'table'; readonly table: string }
  | ({ readonly kind: 'column' } & ColumnPlace);

/** A table that lineage knows: one of the pipeline's, or a model. */
export interface LineageTable {
  /** `schema.table`. */
  readonly name: string;
  readonly columns: readonly string[];
}

/** Every table that there is a lineage of. */
export function lineageTables({ models }: LineageProject, tables: readonly TableOfPipeline[]): LineageTable[] {
  return [
    ...models.map(({ name, output }) => ({ name, columns: output.map((column) => column.name) })),
    ...tables.map(({ schema, name, columns }) => ({
      name: `${schema}.${name}`,
      columns: columns.map((column) => column.name),
    })),
  ];
}

interface TableOfPipeline {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string }[];
}

/**
 * Reads `mart.daily_kpi`, `daily_kpi.day`, `latest.brackets.payload.matches[*].endedAt`.
 * @throws {MillraceError} UNKNOWN_LINEAGE, with what was probably meant.
 */
export function lineagePlace(text: string, tables: readonly LineageTable[]): LineagePlace {
  const called = (name: string) => tables.find((table) => table.name === name) ?? unqualified(name, tables);
  const parts = text.split('.');
  for (const length of [2, 1]) {
    const table = called(parts.slice(0, length).join('.'));
    if (!table) continue;
    const path = parts.slice(length).join('.');
    if (path === '') return { kind: 'table', table: table.name };
    const column = /^[^.[]*/.exec(path)?.[0] ?? '';
    if (table.columns.includes(column)) return { kind: 'column', table: table.name, column, path };
    throw unknown(`${table.name} has no column ${column}`, column, table.columns, 'there are: ');
  }
  const names = tables.flatMap(({ name }) => (text.includes('.') ? [name] : [name, bare(name)]));
  throw unknown(`there is no model or table ${text}`, parts.slice(0, 2).join('.'), names);
}

const bare = (name: string): string => name.slice(name.indexOf('.') + 1);

/** A name without its schema, where only one table has it. */
function unqualified(name: string, tables: readonly LineageTable[]): LineageTable | undefined {
  const found = tables.filter((table) => bare(table.name) === name);
  return found.length === 1 ? found[0] : undefined;
}

function unknown(message: string, word: string, known: readonly string[], list = ''): MillraceError {
  const meant = nearest(word, known);
  const mend = meant ? `did you mean ${meant}?` : list && `${list}${known.join(', ')}`;
  return new MillraceError('UNKNOWN_LINEAGE', mend ? `${message}; ${mend}` : message);
}
