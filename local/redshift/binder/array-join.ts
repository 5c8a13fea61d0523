import type { ArraySource, FromState } from './from.ts';
import type { ScopeColumn, ScopeSource } from './scope.ts';
import { project, unnest } from './unnest.ts';

const ROW = 'row';

/**
 * `t LEFT JOIN t.items AS i ON condition`: a row of t without an element that the condition holds for comes once, with no element. The rows
 * of t are numbered, all elements are unnested, and of a row's elements those are kept that match, or else the first one, as NULL.
 * `read` finds the array again among the numbered rows, `bindOn` writes the condition.
 */
export function leftJoinArray(
  left: FromState,
  read: (state: FromState) => ArraySource,
  bindOn: (state: FromState) => string,
): FromState {
  const numbered = project(left, [`row_number() OVER () AS ${ROW}`]);
  const row: ScopeColumn = { name: ROW, type: { kind: 'int8' }, sql: `${numbered.alias}.${ROW}` };
  const state: FromState = { ...numbered, sources: [...numbered.sources, { name: '', columns: [row], pseudo: true }] };
  const all = unnest(state, read(state), true);
  const on = bindOn(all);
  const number = (all.sources.at(-2) as ScopeSource).columns[0]?.sql;
  const marked = project(all, [
    `(${on}) IS TRUE AS matches`,
    `count(*) FILTER (WHERE ${on}) OVER (PARTITION BY ${number}) AS matched`,
    `row_number() OVER (PARTITION BY ${number}) AS nth`,
  ]);
  const { alias, sources, merged } = marked;
  const element = onlyWhere(`${alias}.matches`, sources.at(-1) as ScopeSource);
  return {
    sql: `(SELECT * FROM ${marked.sql} WHERE ${alias}.matches OR (${alias}.matched = 0 AND ${alias}.nth = 1)) AS ${alias}`,
    sources: [...sources.slice(0, -2), element],
    merged,
  };
}

/** A source's columns, NULL where a condition does not hold. */
function onlyWhere(condition: string, source: ScopeSource): ScopeSource {
  const when = (sql: string): string => `CASE WHEN ${condition} THEN ${sql} END`;
  const column = (one: ScopeColumn): ScopeColumn => ({
    ...one,
    sql: when(one.sql),
    path: one.path && { ...one.path, base: when(one.path.base) },
  });
  return { ...source, columns: source.columns.map(column), element: source.element && column(source.element) };
}
