import { quoteText, raise } from '../rewriter/sql.ts';
import type { Expression, Select } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import type { Bound } from './bound.ts';
import { requireBoolean } from './casts.ts';
import { bindExpression } from './expression.ts';
import { bindFromList, type FromState, scopeOf } from './from.ts';
import { nextName } from './names.ts';
import type { QueryContext } from './query.ts';
import type { ScopeColumn, ScopeSource } from './scope.ts';
import { INT4 } from './types.ts';

/**
 * `START WITH … CONNECT BY PRIOR …` as a recursive query. WHERE filters what the walk has found, and may ask for LEVEL.
 */
export function bindConnectBy(select: Select, context: QueryContext): FromState {
  const connect = select.connect;
  const state = bindFromList(select.from, context);
  if (!connect || state.sources.length === 0) throw new RedshiftError('0A000', 'CONNECT BY reads tables');
  const [walk, outer] = [nextName(), nextName()];
  const numbers = new Map(state.sources.flatMap((source) => source.columns).map((column, i) => [column, i + 1]));
  const under = (alias: string): ScopeSource[] =>
    state.sources.map((source) => ({
      ...source,
      columns: source.columns.map((column) => ({
        ...column,
        path: undefined,
        sql: `${alias}.c${numbers.get(column)}`,
      })),
    }));
  const list = [...numbers].map(([column, number]) => `${column.sql} AS c${number}`).join(', ');
  const start = connect.startWith
    ? ` WHERE ${requireBoolean(bindExpression(connect.startWith, scopeOf(context, state, 'START WITH')), 'START WITH').sql}`
    : '';
  const by = requireBoolean(bindPrior(connect.by, context, state, under(walk)), 'CONNECT BY');
  const recursive = `WITH RECURSIVE ${walk} AS (SELECT ${list}, 1 AS level FROM ${state.sql}${start} UNION ALL SELECT ${list}, ${walk}.level + 1 FROM ${state.sql} JOIN ${walk} ON ${by.sql} AND ${withinDepth(walk)})`;
  const level: ScopeColumn = { name: 'level', type: INT4, sql: `${outer}.level` };
  const found: FromState = {
    sql: `(${recursive} SELECT * FROM ${walk}) AS ${outer}`,
    sources: [...under(outer), { name: '', columns: [level], pseudo: true }],
    merged: [],
  };
  if (!select.where) return found;
  const where = requireBoolean(bindExpression(select.where, scopeOf(context, found, 'WHERE')), 'WHERE');
  return { ...found, sql: `(SELECT * FROM ${found.sql} WHERE ${where.sql}) AS ${outer}` };
}

const DEEPEST = 2_000;

/** A row that is below itself would be walked for ever. */
const withinDepth = (walk: string): string =>
  `CASE WHEN ${walk}.level < ${DEEPEST} THEN TRUE ELSE ${raise('54001', quoteText('CONNECT BY walks too deep: the rows may form a circle'), 'BOOLEAN')} END`;

/** PRIOR reads the row that the walk comes from. */
function bindPrior(
  expression: Expression,
  context: QueryContext,
  state: FromState,
  prior: readonly ScopeSource[],
): Bound {
  const here = scopeOf(context, state, 'CONNECT BY');
  const there = scopeOf(context, { ...state, sources: prior, merged: [] }, 'CONNECT BY');
  const replaced = replacePrior(expression, there);
  return bindExpression(replaced, here);
}

function replacePrior<Node>(node: Node, there: ReturnType<typeof scopeOf>): Node {
  if (Array.isArray(node)) return node.map((item) => replacePrior(item, there)) as Node;
  if (node === null || typeof node !== 'object') return node;
  const record = node as Record<string, unknown>;
  if (record.kind === 'unary' && record.operator === 'prior') {
    const bound = bindExpression(record.operand as Parameters<typeof bindExpression>[0], there);
    return { kind: 'bound', bound, position: record.position } as Node;
  }
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, replacePrior(value, there)])) as Node;
}
