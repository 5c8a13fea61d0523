import { asNames } from '../statements/reference.ts';
import type { Expression, FromItem, Identifier, Join, NamedSource } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { leftJoinArray } from './array-join.ts';
import type { Bound } from './bound.ts';
import { requireBoolean } from './casts.ts';
import { compare } from './comparison.ts';
import { bindExpression, type ExpressionContext } from './expression.ts';
import { bindFunction } from './function-source.ts';
import { nextName } from './names.ts';
import { refuseTablesBesideOuterArrays } from './outer-arrays.ts';
import { bindPivot, bindUnpivot } from './pivot.ts';
import { bindQuery, type QueryContext } from './query.ts';
import { plainColumn } from './reference.ts';
import { findTable } from './relation.ts';
import {
  findSource,
  fold,
  type OutputColumn,
  refusingCorrelation,
  type ScopeColumn,
  type ScopeSource,
} from './scope.ts';
import { isTableFunction } from './table-functions.ts';
import { unnest, unpivotObject } from './unnest.ts';
import { columnNamed, commonNames, mergeColumn } from './using.ts';

/** What FROM has bound so far: DuckDB's text and the sources that the query sees. */
export interface FromState {
  readonly sql: string;
  readonly sources: readonly ScopeSource[];
  readonly merged: readonly ScopeColumn[];
}

export const EMPTY_FROM: FromState = { sql: '', sources: [], merged: [] };

/** FROM's items, left to right: an array may be unnested from a source to its left. */
export function bindFromList(items: readonly FromItem[], context: QueryContext): FromState {
  refuseTablesBesideOuterArrays(items, context, (item) => isArray(item, context, EMPTY_FROM));
  let state = EMPTY_FROM;
  for (const item of items) state = bindItem(item, context, state);
  rejectDuplicates(state);
  return state;
}

function rejectDuplicates(state: FromState): void {
  const names = state.sources.map((source) => source.name).filter((name) => name !== '');
  const double = names.find((name, i) => names.indexOf(name) !== i);
  if (double !== undefined) throw new RedshiftError('42712', `table name "${double}" specified more than once`);
}

function cross(left: FromState, right: FromState): FromState {
  if (left.sql === '') return right;
  return {
    sql: `${left.sql} CROSS JOIN ${right.sql}`,
    sources: [...left.sources, ...right.sources],
    merged: [...left.merged, ...right.merged],
  };
}

function bindItem(item: FromItem, context: QueryContext, before: FromState): FromState {
  const array = arrayOf(item, context, before);
  if (array) return array.kind === 'unpivotObject' ? unpivotObject(before, array) : unnest(before, array, false);
  if (item.kind === 'join' && dependsOn(item, context, before))
    return bindJoin(item, context, bindItem(item.left, context, before));
  return cross(before, bindSource(item, context));
}

/** Whether the leftmost source of a join unnests something that an earlier item of the list offers. */
function dependsOn(item: FromItem, context: QueryContext, before: FromState): boolean {
  if (item.kind === 'join') return dependsOn(item.left, context, before);
  return arrayOf(item, context, before) !== undefined;
}

export interface ArraySource {
  readonly kind: 'unnest' | 'unpivotObject';
  readonly value: Bound;
  readonly alias: string;
  readonly at?: string;
  /** UNNEST(…) AS alias (element): the element is a column of the alias. */
  readonly element?: string;
}

/** The array that an item unnests, when its expression begins with a source to the left (or is no name at all). */
function arrayOf(item: FromItem, context: QueryContext, state: FromState): ArraySource | undefined {
  if (item.kind !== 'named' && item.kind !== 'unpivotObject') return undefined;
  const { settings } = context.environment;
  if (item.kind === 'named' && !isArray(item, context, state)) return undefined;
  const expressionContext = scopeOf(context, state, item.kind === 'named' ? 'FROM' : 'UNPIVOT');
  const bound = bindExpression(item.expression, expressionContext);
  const value = bound.type.kind === 'super' ? bound : undefined;
  if (!value)
    throw new RedshiftError('42804', 'only a value of type super can be unnested', { position: item.position + 1 });
  const names = item.kind === 'named' ? item.columns.map((name) => fold(name, settings)) : [];
  const unnest = item.kind === 'named' ? item.unnest : undefined;
  if (names.length > 0 && !unnest)
    throw new RedshiftError('42601', 'an unnested array takes no column list', { position: item.position + 1 });
  const alias = item.alias ? fold(item.alias, settings) : defaultAlias(item.expression, context);
  return {
    kind: item.kind === 'named' ? 'unnest' : 'unpivotObject',
    value,
    alias,
    at: unnest === 'offset' ? (names[1] ?? 'offset_col') : item.at && fold(item.at, settings),
    element: unnest && names[0],
  };
}

function defaultAlias(expression: Expression, context: QueryContext): string {
  if (expression.kind !== 'reference') return '?column?';
  const last = expression.steps.at(-1);
  return fold(last?.kind === 'attribute' ? last.name : expression.root, context.environment.settings);
}

function isArray(item: NamedSource, context: QueryContext, state: FromState): boolean {
  const { expression } = item;
  if (item.unnest) return true;
  if (isTableFunction(expression)) return false;
  if (expression.kind !== 'reference') return true;
  const root = fold(expression.root, context.environment.settings);
  if (state.sources.some((source) => source.name === root && (expression.steps.length > 0 || source.element)))
    return true;
  if (expression.steps.some((step) => step.kind === 'subscript')) return true;
  const outer = context.parent && findSource(context.parent, [root])?.source;
  if (outer && (expression.steps.length > 0 || outer.element))
    return findTable(asNames(expression.root, expression.steps) as Identifier[], context) === undefined;
  const isColumn = state.sources.some((source) =>
    source.columns.some((column) => column.name === root && column.type.kind === 'super'),
  );
  if (!isColumn) return false;
  const names = asNames(expression.root, expression.steps) as Identifier[];
  return findTable(names, context) === undefined;
}

export function scopeOf(context: QueryContext, state: FromState, clause: string): ExpressionContext {
  return {
    environment: context.environment,
    commonTables: context.commonTables,
    clause,
    allowAggregates: false,
    allowWindows: false,
    scope: { sources: state.sources, merged: state.merged, parent: context.parent },
  };
}

/** A source that stands for itself. */
export function bindSource(item: FromItem, context: QueryContext): FromState {
  switch (item.kind) {
    case 'named':
      return bindNamed(item, context);
    case 'derived':
      return bindDerived(item, context);
    case 'join':
      return bindJoin(item, context, bindSource(item.left, context));
    case 'pivot':
      return bindPivot(item, context);
    case 'unpivot':
      return bindUnpivot(item, context);
    case 'unpivotObject':
      return bindItem(item, context, { ...EMPTY_FROM, sql: '(SELECT 1 AS one) AS one' });
  }
}

function bindNamed(item: NamedSource, context: QueryContext): FromState {
  if (!item.unnest && isTableFunction(item.expression)) return bindFunction(item, context);
  const names = item.unnest
    ? undefined
    : item.expression.kind === 'reference'
      ? asNames(item.expression.root, item.expression.steps)
      : undefined;
  if (!names) return bindItem(item, context, { ...EMPTY_FROM, sql: `(SELECT 1 AS one) AS ${nextName()}` });
  const table = findTable(names, context);
  if (!table) {
    const shown = names.map((name) => fold(name, context.environment.settings)).join('.');
    throw new RedshiftError('42P01', `relation "${shown}" does not exist`, { position: item.position + 1 });
  }
  if (item.at) throw new RedshiftError('42601', 'AT takes an array', { position: item.at.position + 1 });
  const alias = nextName();
  const name = item.alias ? fold(item.alias, context.environment.settings) : table.name;
  const columns = renamed(
    table.columns.map((column) => ({ ...column, sql: `${alias}.${column.physical}` })),
    item.columns,
    context,
  );
  const source: ScopeSource = {
    name,
    schema: item.alias ? undefined : table.schema,
    database: item.alias ? undefined : table.database,
    system: table.system,
    stored: table.stored,
    columns,
  };
  return { sql: `${table.sql} AS ${alias}`, sources: [source], merged: [] };
}

/** A source's columns under the names that FROM gives them. */
export function renamed(
  columns: readonly ScopeColumn[],
  names: readonly Identifier[],
  context: QueryContext,
): ScopeColumn[] {
  if (names.length > columns.length)
    throw new RedshiftError(
      '42P10',
      `table has ${columns.length} columns available but ${names.length} columns specified`,
    );
  return columns.map((column, i) => {
    const name = names[i];
    return name ? { ...column, name: fold(name, context.environment.settings) } : column;
  });
}

function bindDerived(item: FromItem & { kind: 'derived' }, context: QueryContext): FromState {
  const query = bindQuery(item.query, { ...context, parent: undefined });
  const alias = nextName();
  const columns = renamed(outputScope(query.columns, alias), item.columns, context);
  const name = item.alias ? fold(item.alias, context.environment.settings) : '';
  return { sql: `(${query.sql}) AS ${alias}`, sources: [{ name, columns }], merged: [] };
}

const outputScope = (columns: readonly OutputColumn[], alias: string): ScopeColumn[] =>
  columns.map((column, i) => ({
    name: column.name,
    type: column.type,
    trimmed: column.trimmed,
    caseInsensitive: column.caseInsensitive,
    sql: `${alias}.c${i + 1}`,
  }));

function bindJoin(join: Join, context: QueryContext, left: FromState): FromState {
  const array = arrayOf(join.right, context, left);
  if (array) return joinArray(join, context, left, array);
  const right = bindSource(join.right, context);
  const both: FromState = {
    sql: '',
    sources: [...left.sources, ...right.sources],
    merged: [...left.merged, ...right.merged],
  };
  if (join.type === 'cross') return { ...both, sql: `(${left.sql} CROSS JOIN ${right.sql})` };
  const word = `${join.type.toUpperCase()} JOIN`;
  if (join.on) {
    const inside = scopeOf(context, both, 'JOIN/ON');
    const scope = join.type === 'inner' ? inside.scope : refusingCorrelation(inside.scope);
    const on = requireBoolean(bindExpression(join.on, { ...inside, scope }), 'JOIN/ON');
    return { ...both, sql: `(${left.sql} ${word} ${right.sql} ON ${on.sql})` };
  }
  return joinUsing(join, context, left, right, word);
}

/** `LEFT JOIN t.items AS i ON …` keeps rows without an element that the condition holds for. */
function joinArray(join: Join, context: QueryContext, left: FromState, array: ArraySource): FromState {
  if (array.kind === 'unpivotObject')
    throw new RedshiftError('0A000', 'UNPIVOT of an object in a join is not supported');
  if (join.type !== 'inner' && join.type !== 'left' && join.type !== 'cross')
    throw new RedshiftError('0A000', `${join.type.toUpperCase()} JOIN with an array is not supported`);
  const { on } = join;
  if (join.type === 'cross' || (on?.kind === 'boolean' && on.value)) return unnest(left, array, join.type === 'left');
  if (!on) throw new RedshiftError('0A000', 'a join with an array takes ON');
  const bindOn = (state: FromState): string =>
    requireBoolean(bindExpression(on, scopeOf(context, state, 'JOIN/ON')), 'JOIN/ON').sql;
  if (join.type === 'left')
    return leftJoinArray(left, (state) => arrayOf(join.right, context, state) as ArraySource, bindOn);
  const joined = unnest(left, array, false);
  return { ...joined, sql: `(${joined.sql} INNER JOIN (SELECT 1 AS one) AS ${nextName()} ON ${bindOn(joined)})` };
}

function joinUsing(join: Join, context: QueryContext, left: FromState, right: FromState, word: string): FromState {
  const names = join.natural
    ? commonNames(left, right)
    : (join.using ?? []).map((name) => fold(name, context.environment.settings));
  const pairs = names.map((name) => [columnNamed(left, name), columnNamed(right, name)] as const);
  const on = pairs.map(([a, b]) => compare('=', plainColumn(a), plainColumn(b)).sql).join(' AND ') || 'TRUE';
  const merged = pairs.map(([a, b], i) => mergeColumn(names[i] as string, a, b, join.type));
  const hide = (source: ScopeSource): ScopeSource => ({
    ...source,
    hidden: new Set([...(source.hidden ?? []), ...names]),
  });
  return {
    sql: `(${left.sql} ${word} ${right.sql} ON ${on})`,
    sources: [...left.sources, ...right.sources].map(hide),
    merged: [...merged, ...[...left.merged, ...right.merged].filter((column) => !names.includes(column.name))],
  };
}
