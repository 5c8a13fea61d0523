import type { Check, CompiledModel, TableRead } from '../../models/model.ts';
import { replaceReads } from '../../models/splice.ts';
import { quoteIdentifier, quoteText } from '../../names.ts';
import { qualifiedName } from '../../tables.ts';

/** What is checked, in the text of SQL: a quoted name, or a SELECT in parentheses. */
export interface Audited {
  /** The rows that a publish adds: what holds of each row by itself is asked of these alone. */
  readonly rows: string;
  /** The model as readers will see it. */
  readonly whole: string;
  /** A SELECT of how many rows readers will see, as "rows", where that need not be counted; else `whole` is. */
  readonly count?: string;
}

/** A SELECT of how many rows readers will see, as "rows". */
export const countOfRows = ({ count, whole }: Audited): string =>
  count ?? `SELECT COUNT(*) AS "rows" FROM ${whole} AS "whole"`;

/** A check that finds rows; the others find that a number is wrong. */
export type RowCheck = Exclude<Check, { kind: 'row_count' | 'freshness' | 'anomaly' }>;

export const findsRows = (check: Check): check is RowCheck =>
  check.kind !== 'row_count' && check.kind !== 'freshness' && check.kind !== 'anomaly';

/** How often a key is there that should be there once, in what a unique check finds. */
export const copies = '_copies';

/** The rows that break a check: what stands behind a FROM. The model's own name is the alias, so that a check may qualify columns. */
export function failingRows(check: RowCheck, model: CompiledModel, audited: Audited): string {
  const alias = quoteIdentifier(model.table);
  const rows = `${audited.rows} AS ${alias}`;
  switch (check.kind) {
    case 'not_null':
      return `${rows} WHERE ${quoteIdentifier(check.column)} IS NULL`;
    case 'expression':
      // On its own line where it may end in a comment.
      return `${rows} WHERE NOT (${check.sql}${check.sql.includes('--') ? '\n' : ''})`;
    case 'accepted_values':
      return `${rows} WHERE ${asText(check.column, model)} NOT IN (${check.values.map(quoteText).join(', ')})`;
    case 'relationship':
      // Of all rows: one that stays may have lost its partner.
      return `${audited.whole} AS ${alias} WHERE ${lacksPartner(check, model, audited)}`;
    case 'unique':
      return `${repeated(check.columns, `${uniqueIn(check.columns, model, audited)} AS ${alias}`)} AS "repeated"`;
    case 'query':
      return `(\n${aimed(check, model, audited.whole)}\n) AS "found"`;
  }
}

/** A cast to VARCHAR without a length cuts after 256 bytes: what is text stays as it is. */
function asText(column: string, { output }: CompiledModel): string {
  const isText = output.some(({ name, type }) => name === column && type.startsWith('character varying'));
  return isText ? quoteIdentifier(column) : `${quoteIdentifier(column)}::VARCHAR(65535)`;
}

function lacksPartner(
  { column, table, field, database }: Extract<Check, { kind: 'relationship' }>,
  model: CompiledModel,
  audited: Audited,
): string {
  const [schema = '', name = ''] = table.split('.');
  const partners = table === model.name ? audited.whole : qualifiedName({ database, schema, name });
  const value = `${quoteIdentifier(model.table)}.${quoteIdentifier(column)}`;
  return `${value} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ${partners} AS "_partner" WHERE "_partner".${quoteIdentifier(field)} = ${value})`;
}

/** New rows replace the ones of their key, so what contains the key is unique if it is among them. A history keeps a key's versions. */
function uniqueIn(columns: readonly string[], { key, materialization }: CompiledModel, audited: Audited): string {
  const containsKey = key.length > 0 && key.every((one) => columns.includes(one));
  return containsKey && materialization !== 'history' ? audited.rows : audited.whole;
}

/** As UNIQUE has it in SQL, what is NULL is equal to nothing: not_null says otherwise. */
function repeated(columns: readonly string[], from: string): string {
  const names = columns.map(quoteIdentifier);
  const present = names.map((name) => `${name} IS NOT NULL`).join(' AND ');
  return `(SELECT ${names.join(', ')}, COUNT(*) AS "${copies}" FROM ${from} WHERE ${present} GROUP BY ${names.join(', ')} HAVING COUNT(*) > 1)`;
}

/** The query with what stands aside in the place of the model. */
function aimed(
  { sql, reads }: { readonly sql: string; readonly reads: readonly TableRead[] },
  model: CompiledModel,
  whole: string,
): string {
  return replaceReads(sql, reads, (name) => (name === model.name ? whole : undefined));
}
