import type { BoundOrder } from '../functions/define.ts';
import { RedshiftError } from '../types.ts';
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

const SORTING = new Set(['listagg', 'median', 'percentile_cont']);

/** The aggregates of one SELECT that sort, counted while they are bound: few queries have two, and only those need a closer look. */
export interface SortingAggregates {
  count: number;
}

export function noteSorting(name: string, sorting: SortingAggregates | undefined): void {
  if (sorting && SORTING.has(name)) sorting.count += 1;
}

/** The aggregates of one SELECT that sort (LISTAGG, MEDIAN, PERCENTILE_CONT) sort by the same. */
export function requireOneSortOrder(clauses: unknown): void {
  const orders = new Set<string>();
  collectOrders(clauses, orders);
  if (orders.size > 1)
    throw new RedshiftError('0A000', 'within group ORDER BY clauses for aggregate functions must be the same');
}

/** Window functions and queries inside have an order of their own. */
function collectOrders(node: unknown, orders: Set<string>): void {
  if (node === null || typeof node !== 'object') return;
  const record = node as Record<string, unknown>;
  if (record.kind === 'call' && record.over !== undefined) return;
  if ('body' in record && 'with' in record) return;
  const order = record.kind === 'call' ? orderOf(record) : undefined;
  if (order !== undefined) orders.add(order);
  for (const child of Object.values(record)) collectOrders(child, orders);
}

function orderOf(call: Record<string, unknown>): string | undefined {
  const name = (call.name as readonly { name: string }[]).at(-1)?.name.toLowerCase() ?? '';
  if (!SORTING.has(name)) return undefined;
  if (name === 'median') return written([{ expression: (call.arguments as unknown[])[0], descending: false }]);
  return Array.isArray(call.withinGroup) ? written(call.withinGroup) : undefined;
}

/** Where things stand in the text does not matter. */
const written = (order: unknown): string =>
  JSON.stringify(order, (key, value) => (key === 'position' ? undefined : value)).toLowerCase();
