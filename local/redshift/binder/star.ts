import type { Expression } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import type { Bound } from './bound.ts';
import type { ExpressionContext } from './expression.ts';
import { columnBound } from './reference.ts';
import { findSource, fold, type ScopeColumn, type ScopeSource } from './scope.ts';

interface Expanded {
  readonly name: string;
  readonly value: Bound;
}

/** `*`, `table.*`, `* EXCLUDE …`. */
export function expandStar(star: Expression & { kind: 'star' }, context: ExpressionContext): Expanded[] {
  const { settings } = context.environment;
  const excluded = new Set(star.exclude.map((name) => fold(name, settings)));
  const columns = star.qualifier.length === 0 ? allColumns(context) : qualifiedColumns(star, context);
  const seen = new Set(columns.map(({ column }) => column.name));
  for (const name of excluded) {
    if (!seen.has(name))
      throw new RedshiftError('42703', `column "${name}" does not exist`, { position: star.position + 1 });
  }
  return columns
    .filter(({ column }) => !excluded.has(column.name))
    .map(({ column, source }) => ({
      name: column.name,
      value: regroup(columnBound({ column, level: 0 }, source), context),
    }));
}

function regroup(value: Bound, context: ExpressionContext): Bound {
  const key = context.groupKeys?.get(value.sql);
  return key === undefined ? value : { ...value, sql: key, free: undefined };
}

interface Named {
  readonly column: ScopeColumn;
  readonly source?: string;
}

function allColumns(context: ExpressionContext): Named[] {
  const { sources, merged } = context.scope;
  if (sources.length === 0) throw new RedshiftError('42601', 'SELECT * with no tables specified is not valid');
  return [...merged.map((column) => ({ column })), ...sources.flatMap(visibleColumns)];
}

const visibleColumns = (source: ScopeSource): Named[] =>
  source.columns
    .filter((column) => !source.pseudo && !column.unlisted && !source.hidden?.has(column.name))
    .map((column) => ({ column, source: source.name }));

function qualifiedColumns(star: Expression & { kind: 'star' }, context: ExpressionContext): Named[] {
  const names = star.qualifier.map((part) => fold(part, context.environment.settings));
  const found = findSource(context.scope, names);
  if (found)
    return found.source.columns
      .filter((column) => !column.unlisted)
      .map((column) => ({ column, source: found.source.name }));
  throw new RedshiftError('42P01', `relation "${names.join('.')}" does not exist`, { position: star.position + 1 });
}
