import type { Expression, Select } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import type { Bound } from './bound.ts';
import { requireBoolean } from './casts.ts';
import { bindExpression } from './expression.ts';
import { bindFromList, type FromState, scopeOf } from './from.ts';
import { nextName } from './names.ts';
import type { QueryContext } from './query.ts';
import type { ScopeColumn } from './scope.ts';
import { INT4 } from './types.ts';

/**
 * `START WITH … CONNECT BY PRIOR …` as a recursive query. WHERE filters what the walk has found, and may ask for LEVEL.
 */
export function bindConnectBy(select: Select, context: QueryContext): FromState {
  const connect = select.connect;
  const state = bindFromList(select.from, context);
  const source = state.sources[0];
  if (!connect || state.sources.length !== 1 || !source) throw new RedshiftError('0A000', 'CONNECT BY reads one table');
  const [walk, outer] = [nextName(), nextName()];
  const names = source.columns.map((_column, i) => `c${i + 1}`);
  const list = source.columns.map((column, i) => `${column.sql} AS ${names[i]}`).join(', ');
  const start = connect.startWith
    ? ` WHERE ${requireBoolean(bindExpression(connect.startWith, scopeOf(context, state, 'START WITH')), 'START WITH').sql}`
    : '';
  const prior = source.columns.map(
    (column, i): ScopeColumn => ({ ...column, path: undefined, sql: `${walk}.${names[i]}` }),
  );
  const by = requireBoolean(bindPrior(connect.by, context, state, prior), 'CONNECT BY');
  const recursive = `WITH RECURSIVE ${walk} AS (SELECT ${list}, 1 AS level FROM ${state.sql}${start} UNION ALL SELECT ${list}, ${walk}.level + 1 FROM ${state.sql} JOIN ${walk} ON ${by.sql})`;
  const columns: ScopeColumn[] = source.columns.map((column, i) => ({
    ...column,
    path: undefined,
    sql: `${outer}.${names[i]}`,
  }));
  const level: ScopeColumn = { name: 'level', type: INT4, sql: `${outer}.level` };
  const found: FromState = {
    sql: `(${recursive} SELECT * FROM ${walk}) AS ${outer}`,
    sources: [
      { ...source, columns },
      { name: '', columns: [level], pseudo: true },
    ],
    merged: [],
  };
  if (!select.where) return found;
  const where = requireBoolean(bindExpression(select.where, scopeOf(context, found, 'WHERE')), 'WHERE');
  return { ...found, sql: `(SELECT * FROM ${found.sql} WHERE ${where.sql}) AS ${outer}` };
}

/** PRIOR reads the row that the walk comes from. */
function bindPrior(
  expression: Expression,
  context: QueryContext,
  state: FromState,
  prior: readonly ScopeColumn[],
): Bound {
  const here = scopeOf(context, state, 'CONNECT BY');
  const there = scopeOf(
    context,
    { ...state, sources: [{ ...(state.sources[0] as FromState['sources'][number]), columns: prior }] },
    'CONNECT BY',
  );
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
