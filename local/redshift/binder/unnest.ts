import { quoteText } from '../rewriter/sql.ts';
import type { ArraySource, FromState } from './from.ts';
import { nextName } from './names.ts';
import type { ScopeColumn, ScopeSource } from './scope.ts';
import { isObjectSql } from './super.ts';
import { INT8, SUPER, varchar } from './types.ts';

/**
 * Unnesting is written as a projection over all that FROM has so far (`SELECT …, unnest(list) FROM …`): DuckDB runs that several
 * times faster than a lateral join, which would sort out duplicates of the whole document first.
 */
export function unnest(state: FromState, array: ArraySource, keepEmpty: boolean): FromState {
  const list = elements(array, '[*]');
  const kept = keepEmpty ? `CASE WHEN len(${list}) > 0 THEN ${list} ELSE [NULL] END` : list;
  const index = keepEmpty
    ? `CASE WHEN len(${list}) > 0 THEN range(len(${list})) ELSE [NULL] END`
    : `range(len(${list}))`;
  const { alias, sql, sources, merged } = project(state, [
    `unnest(${kept}) AS element`,
    ...(array.at ? [`unnest(${index}) AS at`] : []),
  ]);
  const element: ScopeColumn = {
    name: array.element ?? array.alias,
    type: SUPER,
    sql: `CAST(${alias}.element AS VARCHAR)`,
    path: { base: `${alias}.element`, steps: '$' },
  };
  const position: ScopeColumn[] = array.at ? [{ name: array.at, type: INT8, sql: `${alias}.at` }] : [];
  const source: ScopeSource = { name: array.alias, columns: [element, ...position] };
  const added = array.element === undefined ? { ...source, element } : source;
  return { sql, sources: [...sources, added], merged };
}

/** `UNPIVOT object AS value AT key`: one row for each attribute. */
export function unpivotObject(state: FromState, object: ArraySource): FromState {
  const keys = `json_keys(CASE WHEN ${isObjectSql(object.value.sql)} THEN ${object.value.sql} END)`;
  const { alias, sql, sources, merged } = project(state, [
    `unnest(${elements(object, '.*')}) AS element`,
    `unnest(${keys}) AS at`,
  ]);
  const element: ScopeColumn = {
    name: object.alias,
    type: SUPER,
    sql: `CAST(${alias}.element AS VARCHAR)`,
    path: { base: `${alias}.element`, steps: '$' },
  };
  const position: ScopeColumn[] = object.at ? [{ name: object.at, type: varchar(undefined), sql: `${alias}.at` }] : [];
  return { sql, sources: [...sources, { name: object.alias, columns: [element, ...position], element }], merged };
}

/** All elements of an array (`[*]`) or values of an object (`.*`) as a DuckDB list; of anything else none. */
function elements(array: ArraySource, wildcard: string): string {
  const { path, sql } = array.value;
  return `json_extract(${path?.base ?? sql}, ${quoteText(`${path?.steps ?? '$'}${wildcard}`)})`;
}

/** Wraps what FROM has so far in a SELECT that hands on every column and adds some. */
export function project(state: FromState, additions: readonly string[]): FromState & { alias: string } {
  const alias = nextName();
  const list: string[] = [];
  const carried = new Map<string, string>();
  const carry = (sql: string): string => {
    let name = carried.get(sql);
    if (name === undefined) {
      name = `k${carried.size + 1}`;
      carried.set(sql, name);
      list.push(`${sql} AS ${name}`);
    }
    return `${alias}.${name}`;
  };
  const move = (column: ScopeColumn): ScopeColumn => {
    if (!column.path) return { ...column, sql: carry(column.sql) };
    const base = carry(column.path.base);
    return { ...column, sql: `CAST(${base} AS VARCHAR)`, path: { base, steps: column.path.steps } };
  };
  const sources = state.sources.map(
    (source): ScopeSource => ({
      ...source,
      columns: source.columns.map(move),
      element: source.element && move(source.element),
    }),
  );
  const merged = state.merged.map(move);
  const from = state.sql === '' ? '' : ` FROM ${state.sql}`;
  return { alias, sources, merged, sql: `(SELECT ${[...list, ...additions].join(', ')}${from}) AS ${alias}` };
}
