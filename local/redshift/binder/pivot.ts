import { quoteText } from '../rewriter/sql.ts';
import type { Call, Expression, FromItem, Pivot, Unpivot } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { type Bound, combine } from './bound.ts';
import { cast, settle } from './casts.ts';
import { compare } from './comparison.ts';
import { bindNumber } from './constants.ts';
import { bindExpression, type ExpressionContext } from './expression.ts';
import { bindSource, type FromState, scopeOf } from './from.ts';
import { groupKey } from './grouping.ts';
import { nextName } from './names.ts';
import type { QueryContext } from './query.ts';
import { plainColumn } from './reference.ts';
import { fold, type ScopeColumn } from './scope.ts';
import { TEXT, varchar } from './types.ts';
import { unify } from './unify.ts';

/** `source PIVOT (aggregate FOR column IN (values))`: one column for each value and aggregate, grouped by the rest. */
export function bindPivot(pivot: Pivot, context: QueryContext): FromState {
  requirePlainSource(pivot.source, 'PIVOT');
  const state = bindSource(pivot.source, context);
  const scope = scopeOf(context, state, 'PIVOT');
  const all = state.sources.flatMap((source) => source.columns);
  const pivoted = requireColumn(all, fold(pivot.column, context.environment.settings));
  const used = new Set([
    pivoted.name,
    ...pivot.aggregates.flatMap((aggregate) => columnNames(aggregate.expression, context)),
  ]);
  const groups = all.filter((column) => !used.has(column.name));
  const alias = nextName();
  const columns: ScopeColumn[] = groups.map((column, i) => ({ ...column, path: undefined, sql: `${alias}.c${i + 1}` }));
  const keys = groups.map((column) => groupKey(plainColumn(column)));
  const list = groups.map(({ sql }, i) => `${keys[i] === sql ? sql : `any_value(${sql})`} AS c${i + 1}`);
  for (const value of pivot.values) {
    const constantValue = pivotValue(value.expression, scope);
    for (const aggregate of pivot.aggregates) {
      const bound = bindPivotAggregate(aggregate.expression, pivoted, constantValue, scope);
      const label = value.alias ? fold(value.alias, context.environment.settings) : labelOf(constantValue);
      const suffix = aggregate.alias ? fold(aggregate.alias, context.environment.settings) : '';
      const name = suffix === '' ? label : `${label}_${suffix}`;
      list.push(`${bound.sql} AS c${list.length + 1}`);
      columns.push({ name, type: bound.type, sql: `${alias}.c${list.length}` });
    }
  }
  const grouping = groups.length === 0 ? '' : ` GROUP BY ${keys.join(', ')}`;
  const name = pivot.alias ? fold(pivot.alias, context.environment.settings) : '';
  const sql = `(SELECT ${list.join(', ')} FROM ${state.sql}${grouping}) AS ${alias}`;
  return { sql, sources: [{ name, columns: renameAll(columns, pivot, context) }], merged: [] };
}

function renameAll(columns: readonly ScopeColumn[], item: Pivot | Unpivot, context: QueryContext): ScopeColumn[] {
  return columns.map((column, i) => {
    const name = item.columns[i];
    return name ? { ...column, name: fold(name, context.environment.settings) } : column;
  });
}

/** PIVOT and UNPIVOT turn tables, subqueries and common table expressions; not joins, nor what is turned already. */
function requirePlainSource(source: FromItem, word: string): void {
  if (['join', 'pivot', 'unpivot'].includes(source.kind))
    throw new RedshiftError('0A000', `${word} of a join, PIVOT or UNPIVOT is not supported`);
}

/** A value of the IN list: anything but columns and queries. */
function pivotValue(expression: Expression, scope: ExpressionContext): Bound {
  const value = bindExpression(expression, scope);
  if (value.free !== undefined || expression.kind === 'subquery')
    throw new RedshiftError('0A000', 'the IN list of PIVOT takes neither columns nor subqueries');
  return value;
}

/** A constant names its column itself, anything else is a `?column?`. */
function labelOf(value: Bound): string {
  if (value.literal === null) return 'null';
  return (
    value.literal ?? /^(?:\(- )?CAST\('?([^'() ]*)'? AS [A-Z]+(?:\([\d, ]+\))?\)\)?$/.exec(value.sql)?.[1] ?? '?column?'
  );
}

function requireColumn(columns: readonly ScopeColumn[], name: string): ScopeColumn {
  const found = columns.find((column) => column.name === name);
  if (!found) throw new RedshiftError('42703', `column "${name}" does not exist`);
  return found;
}

const AGGREGATES = new Set(['count', 'sum', 'min', 'max', 'avg']);

/** The columns that an aggregate reads: with or without their table's name before them. */
function columnNames(expression: Expression, context: QueryContext): string[] {
  if (expression.kind !== 'call') throw new RedshiftError('42601', 'PIVOT takes aggregate functions');
  const name = expression.name.at(-1)?.name.toLowerCase() ?? '';
  if (!AGGREGATES.has(name))
    throw new RedshiftError('0A000', `PIVOT does not take ${name}, but COUNT, SUM, MIN, MAX and AVG`);
  return referencesIn(expression.arguments).flatMap((reference) => {
    const [step] = reference.steps;
    const names = step?.kind === 'attribute' ? [reference.root, step.name] : [reference.root];
    return names.map((each) => fold(each, context.environment.settings));
  });
}

function referencesIn(node: unknown): (Expression & { kind: 'reference' })[] {
  if (node === null || typeof node !== 'object') return [];
  if ('kind' in node && node.kind === 'reference') return [node as Expression & { kind: 'reference' }];
  return Object.values(node).flatMap(referencesIn);
}

/** The aggregate over the rows that hold one value: `sum(CASE WHEN column = value THEN argument END)`. */
function bindPivotAggregate(
  expression: Expression,
  column: ScopeColumn,
  value: Bound,
  scope: ExpressionContext,
): Bound {
  const call = expression as Expression & Call;
  if (call.over || call.withinGroup) throw new RedshiftError('0A000', 'PIVOT takes a plain aggregate function');
  const test = value.literal === null ? `(${column.sql} IS NULL)` : compare('=', plainColumn(column), value).sql;
  const context: ExpressionContext = { ...scope, allowAggregates: true };
  const over = (argument: Bound): Expression => {
    const bound = settle(argument);
    return {
      kind: 'bound',
      bound: combine(`(CASE WHEN ${test} THEN ${bound.sql} END)`, bound.type, [bound]),
      position: call.position,
    };
  };
  const inputs = call.star
    ? [bindNumber('1')]
    : call.arguments.map((argument) => bindExpression(argument, { ...context, allowAggregates: false }));
  return bindExpression({ ...call, star: false, arguments: inputs.map(over) }, context);
}

/** `source UNPIVOT (value FOR name IN (columns))`: one row for each column. */
export function bindUnpivot(unpivot: Unpivot, context: QueryContext): FromState {
  requirePlainSource(unpivot.source, 'UNPIVOT');
  const state = bindSource(unpivot.source, context);
  const { settings } = context.environment;
  const all = state.sources.flatMap((source) => source.columns);
  const inputs = unpivot.inputs.map((input) => ({
    column: requireColumn(all, fold(input.column, settings)),
    label: input.label,
  }));
  const kept = all.filter((column) => !inputs.some((input) => input.column.name === column.name));
  const { type, values } = unify(
    inputs.map((input) => plainColumn(input.column)),
    'UNPIVOT',
  );
  const labels = inputs.map((input) => {
    const label = input.label ? bindExpression(input.label, scopeOf(context, state, 'UNPIVOT')) : undefined;
    return label ? cast(label, TEXT, 'implicit').sql : quoteText(input.column.name);
  });
  const inner = nextName();
  const alias = nextName();
  const list = [
    ...kept.map((column, i) => `${column.sql} AS c${i + 1}`),
    `unnest([${labels.join(', ')}]) AS label`,
    `unnest([${values.map((value) => value.sql).join(', ')}]) AS cell`,
  ];
  const outer = [
    ...kept.map((_column, i) => `${inner}.c${i + 1}`),
    `${inner}.label AS c${kept.length + 1}`,
    `${inner}.cell AS c${kept.length + 2}`,
  ];
  const where = unpivot.includeNulls ? '' : ` WHERE ${inner}.cell IS NOT NULL`;
  const sql = `(SELECT ${outer.join(', ')} FROM (SELECT ${list.join(', ')} FROM ${state.sql}) AS ${inner}${where}) AS ${alias}`;
  const columns: ScopeColumn[] = [
    ...kept.map((column, i) => ({ ...column, path: undefined, sql: `${alias}.c${i + 1}` })),
    { name: fold(unpivot.name, settings), type: varchar(128), sql: `${alias}.c${kept.length + 1}`, trimmed: true },
    { name: fold(unpivot.value, settings), type, sql: `${alias}.c${kept.length + 2}` },
  ];
  const name = unpivot.alias ? fold(unpivot.alias, settings) : '';
  return { sql, sources: [{ name, columns: renameAll(columns, unpivot, context) }], merged: [] };
}
