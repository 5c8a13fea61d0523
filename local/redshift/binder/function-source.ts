import type { NamedSource } from '../statements/syntax.ts';
import { EMPTY_FROM, type FromState, renamed, scopeOf } from './from.ts';
import { nextName } from './names.ts';
import type { QueryContext } from './query.ts';
import { fold, type ScopeSource } from './scope.ts';
import { bindTableFunction } from './table-functions.ts';

/** A function of rows. What a single value is called, its alias says. */
export function bindFunction(item: NamedSource, context: QueryContext): FromState {
  const outer = scopeOf(context, EMPTY_FROM, 'FROM');
  const rows = bindTableFunction(item.expression, { ...outer, scope: { ...outer.scope, parent: context.parent } });
  const alias = nextName();
  const name = item.alias ? fold(item.alias, context.environment.settings) : rows.name;
  const columns = rows.columns.map((column, i) => ({ ...column, sql: `${alias}.c${i + 1}` }));
  const named = rows.isValue && item.alias ? columns.map((column) => ({ ...column, name })) : columns;
  const source: ScopeSource = { name, system: true, columns: renamed(named, item.columns, context) };
  return { sql: `(${rows.sql}) AS ${alias}`, sources: [source], merged: [] };
}
