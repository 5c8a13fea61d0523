import type { Join } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { cast } from './casts.ts';
import type { FromState } from './from.ts';
import { plainColumn } from './reference.ts';
import type { ScopeColumn } from './scope.ts';
import { unify } from './unify.ts';

/** The one column that USING makes of two. */
export function mergeColumn(name: string, a: ScopeColumn, b: ScopeColumn, type: Join['type']): ScopeColumn {
  if (type === 'inner' || type === 'left') return { ...a, name };
  if (type === 'right') return { ...b, name };
  const { type: common, values } = unify([plainColumn(a), plainColumn(b)], 'JOIN/USING');
  return {
    name,
    type: common,
    sql: `coalesce(${values.map((value) => cast(value, common, 'implicit').sql).join(', ')})`,
  };
}

function visible(state: FromState): ScopeColumn[] {
  return [
    ...state.merged,
    ...state.sources.flatMap((source) => source.columns.filter((column) => !source.hidden?.has(column.name))),
  ];
}

/** The columns that NATURAL joins by. */
export function commonNames(left: FromState, right: FromState): string[] {
  const names = new Set(visible(right).map((column) => column.name));
  return visible(left)
    .map((column) => column.name)
    .filter((name) => names.has(name));
}

export function columnNamed(state: FromState, name: string): ScopeColumn {
  const found = visible(state).filter((column) => column.name === name);
  if (found.length > 1)
    throw new RedshiftError('42702', `common column name "${name}" appears more than once in left table`);
  if (!found[0])
    throw new RedshiftError('42703', `column "${name}" specified in USING clause does not exist in left table`);
  return found[0];
}
