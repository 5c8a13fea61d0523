import type { BoundOrder } from '../functions/define.ts';
import { settle } from './casts.ts';
import { superSortKeys } from './super.ts';

/** The sort keys of one ORDER BY item in DuckDB: NULL is the largest value unless the query says otherwise. */
export function sortKeys(order: BoundOrder): string[] {
  const value = settle(order.value);
  const direction = `${order.descending ? 'DESC' : 'ASC'} NULLS ${order.nullsFirst ? 'FIRST' : 'LAST'}`;
  if (value.type.kind === 'super') return superSortKeys(value.sql).map((key) => `${key} ${direction}`);
  if (value.caseInsensitive) return [`lower(${value.sql}) ${direction}`];
  return [`${value.sql} ${direction}`];
}
