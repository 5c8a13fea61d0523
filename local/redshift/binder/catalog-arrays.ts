import { maximumBytes } from '../type-facts.ts';
import { RedshiftError } from '../types.ts';
import { type Bound, combine, type StaticType } from './bound.ts';
import { cast } from './casts.ts';
import { BOOL, TEXT } from './types.ts';

/** PostgreSQL's arrays are its catalogs' own: text such as `{a,b}` here, of names and numbers. No table has a column of them. */
export const TEXT_ARRAY: StaticType = { kind: 'varchar', length: maximumBytes.varchar, catalogName: '_text' };

export const isCatalogArray = (type: StaticType): boolean =>
  'catalogName' in type && type.catalogName?.startsWith('_') === true;

/** The array as a list of DuckDB's. */
export const elementsOf = (sql: string): string =>
  `(CASE ${sql} WHEN '{}' THEN CAST([] AS VARCHAR[]) ELSE string_split(${sql}[2:-2], ',') END)`;

/** A list of DuckDB's as the array's text. */
export const arrayText = (listSql: string): string => `('{' || array_to_string(${listSql}, ',') || '}')`;

/** `array[n]`, from 1; NULL outside of it. */
export function elementAt(array: Bound, index: Bound): Bound {
  const place = cast(index, { kind: 'int8' }, 'implicit');
  return combine(`list_extract(${elementsOf(array.sql)}, ${place.sql})`, TEXT, [array, index], { name: array.name });
}

/** `value = ANY (array)`. */
export function isElement(value: Bound, array: Bound): Bound {
  if (!isCatalogArray(array.type) && array.literal === undefined)
    throw new RedshiftError('42809', 'op ANY/ALL (array) requires array on right side');
  const text = `CAST(${value.sql} AS VARCHAR)`;
  return combine(`list_contains(${elementsOf(array.sql)}, ${text})`, BOOL, [value, array], { name: '?column?' });
}
