import type { Expression, OrderItem, Select, SelectItem } from '../statements/syntax.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';
import type { Bound } from './bound.ts';
import { cast, requireBoolean, settle } from './casts.ts';
import { bindConnectBy } from './connect.ts';
import type { BoundQuery } from './context.ts';
import { bindExpression, type ExpressionContext } from './expression.ts';
import { bindFromList, type FromState } from './from.ts';
import { bindGroupBy, type Grouping, groupKey, requireGrouped } from './grouping.ts';
import { nextName } from './names.ts';
import { requireOneSortOrder, sortKeys } from './ordering.ts';
import { withOuterMarks } from './outer-marks.ts';
import type { QueryContext } from './query.ts';
import { fold, type OutputColumn, type Scope } from './scope.ts';
import { expandStar } from './star.ts';
import { withRowsInFrom } from './table-functions.ts';

/** Binds one SELECT with the ORDER BY that belongs to it. */
export function bindSelect(written: Select, context: QueryContext, orderBy: readonly OrderItem[]): BoundQuery {
  const select = withOuterMarks(withRowsInFrom(written), context);
  const plain = select.connect ? bindConnectBy(select, context) : undefined;
  const from: FromState = plain ?? bindFromList(select.from, context);
  const scope: Scope = { sources: from.sources, merged: from.merged, parent: context.parent };
  const base: ExpressionContext = {
    environment: context.environment,
    commonTables: context.commonTables,
    scope,
    clause: 'SELECT',
    allowAggregates: true,
    allowWindows: true,
    sorting: { count: 0 },
  };
  const where = select.where && !plain ? bindWhere(select.where, select.items, base) : undefined;
  const grouping = bindGroupBy(select, base);
  const grouped: ExpressionContext = { ...base, groupKeys: grouping?.keys };
  const { items, aliases } = bindItems(select.items, grouped);
  const withAliases: ExpressionContext = { ...grouped, aliases };
  const having =
    select.having &&
    requireBoolean(bindExpression(select.having, { ...withAliases, clause: 'HAVING', allowWindows: false }), 'HAVING');
  const qualify =
    select.qualify && requireBoolean(bindExpression(select.qualify, { ...withAliases, clause: 'QUALIFY' }), 'QUALIFY');
  const order = bindOrderBy(orderBy, items, withAliases);
  if ((base.sorting?.count ?? 0) > 1) requireOneSortOrder([select.items, select.having, orderBy]);
  if (
    grouping ||
    having ||
    [...items.map((item) => item.value), ...order.map((item) => item.value)].some((value) => value.aggregate)
  ) {
    requireGrouped([...items.map((item) => item.value), ...order.map((item) => item.value), having, qualify]);
  }
  return assemble(select, { from, where, grouping, items, having, qualify, order }, withAliases);
}

interface Item {
  readonly name: string;
  readonly value: Bound;
  readonly literal?: string | null;
}

interface Parts {
  readonly from: FromState;
  readonly where?: Bound;
  readonly grouping?: Grouping;
  readonly items: readonly Item[];
  readonly having?: Bound;
  readonly qualify?: Bound;
  readonly order: readonly Order[];
}

/** WHERE sees the select items' aliases where no column has the name. */
function bindWhere(expression: Expression, items: readonly SelectItem[], context: ExpressionContext): Bound {
  const inside: ExpressionContext = { ...context, clause: 'WHERE', allowAggregates: false, allowWindows: false };
  const known = new Map(
    items.flatMap((item, i) => (item.alias ? [[fold(item.alias, context.environment.settings), i] as const] : [])),
  );
  /** An alias sees those to its left, so that none means itself. */
  const before = (end: number): ExpressionContext => ({
    ...inside,
    aliases: {
      get: (name) => {
        const index = known.get(name);
        if (index === undefined || index >= end) return undefined;
        return settle(bindExpression((items[index] as SelectItem).expression, before(index)));
      },
    },
  });
  return requireBoolean(bindExpression(expression, before(items.length)), 'WHERE');
}

const MAXIMUM_ITEMS = 1664;
const tooManyItems = (): RedshiftError =>
  new RedshiftError('54011', `target lists can have at most ${MAXIMUM_ITEMS} entries`);

/** Select items see the aliases of those to their left. */
function bindItems(
  items: readonly SelectItem[],
  context: ExpressionContext,
): { items: Item[]; aliases: Map<string, Bound> } {
  const bound: Item[] = [];
  const aliases = new Map<string, Bound>();
  const inner: ExpressionContext = { ...context, aliases };
  if (items.length > MAXIMUM_ITEMS) throw tooManyItems();
  for (const item of items) {
    if (item.expression.kind === 'star') {
      bound.push(...expandStar(item.expression, inner));
      continue;
    }
    const { open, value } = bindItem(item.expression, inner);
    const name = item.alias ? fold(item.alias, context.environment.settings) : (value.name ?? '?column?');
    bound.push({ name, value, literal: open.note ? undefined : open.literal });
    if (item.alias && !aliases.has(name)) aliases.set(name, value);
  }
  return { items: bound, aliases };
}

/** IS TRUE and its kin are for conditions: Redshift does not compute them as a column. */
function bindItem(expression: Expression, context: ExpressionContext): { open: Bound; value: Bound } {
  const open = bindExpression(expression, context);
  if (expression.kind === 'is' && expression.test !== 'null' && open.free !== undefined)
    throw new RedshiftError('0A000', `Not implemented: IS ${expression.test.toUpperCase()} in the select list`);
  return { open, value: settle(open) };
}

interface Order {
  readonly value: Bound;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  /** The select item that this is, from 0. */
  readonly item?: number;
}

function bindOrderBy(items: readonly OrderItem[], selected: readonly Item[], context: ExpressionContext): Order[] {
  return items.map((item) => {
    const index = orderIndex(item.expression, selected, context);
    const value =
      index === undefined
        ? settle(bindExpression(item.expression, { ...context, clause: 'ORDER BY' }))
        : (selected[index] as Item).value;
    const same = index ?? selected.findIndex((candidate) => candidate.value.sql === value.sql);
    const nullsFirst = item.nulls === undefined ? item.descending : item.nulls === 'first';
    return { value, descending: item.descending, nullsFirst, item: same >= 0 ? same : undefined };
  });
}

/** A number counts select items; a bare name is an output column's name before it is a source's column. */
function orderIndex(expression: Expression, selected: readonly Item[], context: ExpressionContext): number | undefined {
  if (expression.kind === 'number' && /^\d+$/.test(expression.text)) {
    const index = Number(expression.text) - 1;
    if (!selected[index])
      throw new RedshiftError('42P10', `ORDER BY position ${expression.text} is not in select list`, {
        position: expression.position + 1,
      });
    return index;
  }
  if (expression.kind !== 'reference' || expression.steps.length > 0) return undefined;
  const name = fold(expression.root, context.environment.settings);
  const found = selected.findIndex((item) => item.name === name);
  return found >= 0 ? found : undefined;
}

/** Puts the clauses together. DISTINCT with sort keys of their own is sorted outside, where the keys are columns. */
function assemble(select: Select, parts: Parts, context: ExpressionContext): BoundQuery {
  const { items, grouping } = parts;
  const columns = items.map(outputColumn);
  const list = items.map((item, i) => `${item.value.sql} AS c${i + 1}`).join(', ');
  const clauses = [
    `SELECT ${select.distinct ? distinctSql(items) : ''}${list}`,
    parts.from.sql === '' ? '' : `FROM ${parts.from.sql}`,
    parts.where ? `WHERE ${parts.where.sql}` : '',
    grouping ? grouping.sql : '',
    parts.having ? `HAVING ${parts.having.sql}` : '',
    parts.qualify ? `QUALIFY ${parts.qualify.sql}` : '',
  ];
  const core = clauses.filter((clause) => clause !== '').join(' ');
  // A literal orders nothing, and DuckDB refuses to be asked.
  const order = parts.order.filter((item) => !/^(?:'(?:[^']|'')*'|NULL)$/.test(item.value.sql));
  const top = select.top ? ` LIMIT ${cast(bindExpression(select.top, context), { kind: 'int8' }, 'implicit').sql}` : '';
  if (order.length === 0) return { sql: `${core}${top}`, columns };
  if (!select.distinct)
    return { sql: `${core} ORDER BY ${order.flatMap((order) => sortKeys(order)).join(', ')}${top}`, columns };
  return { sql: distinctOrder(core, order, columns) + top, columns };
}

/** DISTINCT tells rows apart by their values, not by how they are written. */
function distinctSql(items: readonly Item[]): string {
  const keys = items.map((item) => groupKey(item.value));
  return keys.every((key, i) => key === items[i]?.value.sql) ? 'DISTINCT ' : `DISTINCT ON (${keys.join(', ')}) `;
}

function distinctOrder(core: string, orders: readonly Order[], columns: readonly OutputColumn[]): string {
  const alias = nextName();
  const keys = orders.flatMap((order) => {
    if (order.item === undefined)
      throw new RedshiftError('42P10', 'for SELECT DISTINCT, ORDER BY expressions must appear in select list');
    const column = columns[order.item] as OutputColumn;
    return sortKeys({
      ...order,
      value: { ...order.value, sql: `${alias}.c${order.item + 1}`, type: column.type, literal: undefined },
    });
  });
  return `SELECT ${alias}.* FROM (${core}) AS ${alias} ORDER BY ${keys.join(', ')}`;
}

function outputColumn(item: Item): OutputColumn {
  const { type } = item.value;
  return {
    name: item.name,
    type: type as RedshiftType,
    literal: item.literal,
    trimmed: item.value.trimmed,
    caseInsensitive: item.value.caseInsensitive,
  };
}
