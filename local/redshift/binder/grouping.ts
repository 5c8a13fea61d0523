import type { Expression, GroupItem, Select, SelectItem } from '../statements/syntax.ts';
import { RedshiftError, unlessRefused } from '../types.ts';
import type { Bound } from './bound.ts';
import { settle } from './casts.ts';
import { comparable } from './comparison.ts';
import { bindExpression, type ExpressionContext } from './expression.ts';
import { findColumn, fold, refusingCorrelation } from './scope.ts';
import { expandStar } from './star.ts';
import { superGroupKey } from './super.ts';
import { isText } from './types.ts';

/** GROUP BY in DuckDB, and how each grouped expression is written from there on. */
export interface Grouping {
  readonly sql: string;
  readonly keys: ReadonlyMap<string, string>;
}

export function bindGroupBy(select: Select, context: ExpressionContext): Grouping | undefined {
  if (!select.groupBy) return undefined;
  if (select.groupBy.kind === 'all') return groupByAll(select.items, context);
  const keys = new Map<string, string>();
  const inner: ExpressionContext = {
    ...context,
    scope: refusingCorrelation(context.scope),
    clause: 'GROUP BY',
    allowAggregates: false,
    allowWindows: false,
  };
  const one = (expression: Expression): string => {
    const value = bindKey(expression, select, inner);
    const key = groupKey(value);
    keys.set(value.sql, key === value.sql ? key : shown(value.sql, key, isPlain));
    return key;
  };
  const isPlain = select.groupBy.items.every((item) => item.kind === 'expression');
  const setKey = (expression: Expression): string => {
    const key = one(expression);
    if (bindKey(expression, select, inner).free !== undefined) return key;
    throw new RedshiftError('0A000', 'constants are not allowed as grouping columns of ROLLUP, CUBE and GROUPING SETS');
  };
  if (!isPlain) requireFewSets(select.groupBy.items);
  const sql = select.groupBy.items.map((item) => itemSql(item, isPlain ? one : setKey)).join(', ');
  return { sql: `GROUP BY ${sql}`, keys };
}

/** GROUP BY ALL: by each select item that neither aggregates nor looks through a window. */
function groupByAll(items: readonly SelectItem[], context: ExpressionContext): Grouping | undefined {
  const aliases = new Map<string, Bound>();
  const inner: ExpressionContext = { ...context, scope: refusingCorrelation(context.scope), aliases };
  const keys = new Map<string, string>();
  for (const item of items) {
    const { expression, alias } = item;
    const values =
      expression.kind === 'star'
        ? expandStar(expression, inner).map((column) => column.value)
        : [settle(bindExpression(expression, inner))];
    for (const value of values.filter((candidate) => !candidate.aggregate && !candidate.window)) {
      const key = groupKey(value);
      keys.set(value.sql, key);
    }
    const name = alias && fold(alias, context.environment.settings);
    if (name !== undefined && !aliases.has(name)) aliases.set(name, values[0] as Bound);
  }
  if (keys.size === 0) return undefined;
  const sql = `GROUP BY ${[...keys.values()].join(', ')}`;
  return { sql, keys: new Map([...keys].map(([text, key]) => [text, key === text ? key : shown(text, key, true)])) };
}

function itemSql(item: GroupItem, one: (expression: Expression) => string): string {
  switch (item.kind) {
    case 'expression':
      return item.expression.kind === 'row' ? item.expression.items.map(one).join(', ') : one(item.expression);
    case 'rollup':
    case 'cube':
      requireDifferent(item.items.flatMap((tuple) => tuple.map(one)));
      return `${item.kind.toUpperCase()} (${item.items.map((tuple) => (tuple.length === 1 ? one(tuple[0] as Expression) : `(${tuple.map(one).join(', ')})`)).join(', ')})`;
    case 'set':
      requireDifferent(item.items.map(one));
      return `(${item.items.map(one).join(', ')})`;
    case 'sets':
      return `GROUPING SETS (${item.sets.map((set) => itemSql(set, one)).join(', ')})`;
  }
}

function requireDifferent(keys: readonly string[]): void {
  if (new Set(keys).size < keys.length)
    throw new RedshiftError('0A000', 'a grouping set must not contain duplicate columns');
}

const MOST_SETS = 64;

function requireFewSets(items: readonly GroupItem[]): void {
  const count = items.reduce((product, item) => product * setCount(item), 1);
  if (count > MOST_SETS) throw new RedshiftError('54000', `too many grouping sets: ${count}, at most ${MOST_SETS}`);
}

/** How many grouping sets an item stands for. */
function setCount(item: GroupItem): number {
  if (item.kind === 'rollup') return item.items.length + 1;
  if (item.kind === 'cube') return 2 ** item.items.length;
  return item.kind === 'sets' ? item.sets.reduce((sum, set) => sum + setCount(set), 0) : 1;
}

/** A number counts select items, a bare name is a column before it is a select item's alias. */
function bindKey(expression: Expression, select: Select, context: ExpressionContext): Bound {
  if (expression.kind === 'number') {
    const item = select.items[Number(expression.text) - 1];
    if (!item)
      throw new RedshiftError('42P10', `GROUP BY position ${expression.text} is not in select list`, {
        position: expression.position + 1,
      });
    return bindSelectItem(item, select, context);
  }
  if (expression.kind === 'reference' && expression.steps.length === 0) {
    const name = fold(expression.root, context.environment.settings);
    if (!findColumn({ ...context.scope, parent: undefined }, name, expression.position)) {
      const item = select.items.find(
        (candidate) => candidate.alias && fold(candidate.alias, context.environment.settings) === name,
      );
      if (item) return bindSelectItem(item, select, context);
    }
  }
  return settle(bindExpression(expression, { ...context, aliases: earlierAliases(select, context) }));
}

/** A select item as a key: it may use the aliases of those to its left, whatever they stand for. */
function bindSelectItem(item: SelectItem, select: Select, context: ExpressionContext): Bound {
  const aliases = new Map<string, Bound>();
  const inner: ExpressionContext = { ...context, aliases };
  for (const { alias, expression } of select.items.slice(0, select.items.indexOf(item))) {
    const name = alias && fold(alias, context.environment.settings);
    if (name === undefined || aliases.has(name)) continue;
    const bound = unlessRefused(() => settle(bindExpression(expression, inner)));
    if (bound) aliases.set(name, bound);
  }
  return settle(bindExpression(item.expression, inner));
}

/** Lateral aliases that a select item's expression may use. */
function earlierAliases(select: Select, context: ExpressionContext): Map<string, Bound> {
  const aliases = new Map<string, Bound>();
  for (const item of select.items) {
    if (!item.alias || item.expression.kind !== 'reference') continue;
    // An item that cannot stand in GROUP BY is no alias for it.
    const bound = unlessRefused(() => bindExpression(item.expression, context));
    if (bound) aliases.set(fold(item.alias, context.environment.settings), bound);
  }
  return aliases;
}

/** A group is shown as one of its values is written; where a grouping set leaves the key out, as NULL. */
const shown = (sql: string, key: string, isPlain: boolean): string =>
  isPlain ? `any_value(${sql})` : `CASE WHEN grouping(${key}) = 0 THEN any_value(${sql}) END`;

/** What values are told apart by: SUPER numbers by value, text without the blanks at its end, and without case where the column says so. */
export function groupKey(value: Bound): string {
  if (value.type.kind === 'super') return superGroupKey(value.sql);
  if (!isText(value.type)) return value.sql;
  const key = value.sql.length <= 300 ? withoutBlanks(value) : comparable(value);
  return value.caseInsensitive ? `lower(${key})` : key;
}

/** Looking whether a text ends in a blank is several times cheaper than cutting blanks that hardly ever are there. */
function withoutBlanks(value: Bound): string {
  const trimmed = comparable(value);
  return trimmed === value.sql ? trimmed : `CASE WHEN suffix(${value.sql}, ' ') THEN ${trimmed} ELSE ${value.sql} END`;
}

/** Every column of a grouped query stands in GROUP BY or inside an aggregate. */
export function requireGrouped(values: readonly (Bound | undefined)[]): void {
  const free = values.find((value) => value?.free !== undefined)?.free;
  if (free === undefined) return;
  throw new RedshiftError(
    '42803',
    `column "${free}" must appear in the GROUP BY clause or be used in an aggregate function`,
  );
}
