import type { Expression, Query } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { type Bound, combine, constant } from './bound.ts';
import { arrayText, TEXT_ARRAY } from './catalog-arrays.ts';
import { compare } from './comparison.ts';
import type { BoundQuery } from './context.ts';
import { bindExpression, type ExpressionContext } from './expression.ts';
import { nextName } from './names.ts';
import { bindQuery } from './query.ts';
import { type OutputColumn, unsupportedCorrelation } from './scope.ts';
import { BOOL } from './types.ts';

/** Binds a query inside an expression. A correlated one may not hold a window function. */
function bindInner(query: Query, context: ExpressionContext): BoundQuery & { readonly correlated: boolean } {
  const correlation = { found: false, refused: context.scope.correlation?.refused ?? false };
  const bound = bindQuery(query, {
    environment: context.environment,
    commonTables: context.commonTables,
    parent: { ...context.scope, groupKeys: context.groupKeys, correlation },
  });
  if (correlation.found && hasWindow(query.body)) throw unsupportedCorrelation();
  return { ...bound, correlated: correlation.found };
}

function hasWindow(node: unknown): boolean {
  if (node === null || typeof node !== 'object') return false;
  if ('over' in node && node.over !== undefined) return true;
  return Object.values(node).some(hasWindow);
}

/** `IN (SELECT sum(…) … GROUP BY …)` that reads the query around it; MIN and MAX may. */
function isGroupedTotal(query: Query): boolean {
  if (query.body.kind !== 'select' || !query.body.groupBy) return false;
  const item = query.body.items[0]?.expression;
  if (item?.kind !== 'call') return false;
  const name = (item.name.at(-1)?.name ?? '').toLowerCase();
  return ['sum', 'count', 'avg', 'stddev', 'variance', 'listagg', 'median'].includes(name);
}

function single(query: BoundQuery): OutputColumn {
  if (query.columns.length !== 1) throw new RedshiftError('42601', 'subquery must return only one column');
  return query.columns[0] as OutputColumn;
}

/** A query in place of a value: one column, at most one row. */
export function bindScalarQuery(query: Query, context: ExpressionContext): Bound {
  const bound = bindInner(query, context);
  const column = single(bound);
  return constant(`(${bound.sql})`, column.type, { name: column.name, trimmed: column.trimmed });
}

/** `ARRAY(query)`, as PostgreSQL's catalogs use it: no rows make an empty array. */
export function bindArrayQuery(query: Query, context: ExpressionContext): Bound {
  const bound = bindInner(query, context);
  const alias = nextName();
  const list = `coalesce(list(CAST(${elementOf(bound, alias).sql} AS VARCHAR)), CAST([] AS VARCHAR[]))`;
  return constant(`(SELECT ${arrayText(list)} FROM (${bound.sql}) AS ${alias})`, TEXT_ARRAY, { name: 'array' });
}

export function bindExists(query: Query, context: ExpressionContext): Bound {
  return constant(`EXISTS (${bindInner(query, context).sql})`, BOOL, { name: 'exists' });
}

/** The query's only column as a bound value under an alias of its own. */
function elementOf(query: BoundQuery, alias: string): Bound {
  const column = single(query);
  return constant(`${alias}.c1`, column.type, {
    free: 'query',
    trimmed: column.trimmed,
    caseInsensitive: column.caseInsensitive,
  });
}

/** `x IN (query)`: the comparison is written as DuckDB's own IN where both sides keep their form, so that it hashes. */
export function bindInQuery(expression: Expression & { kind: 'inQuery' }, context: ExpressionContext): Bound {
  if (expression.operand.kind === 'row') return bindRowInQuery(expression, context);
  const operand = bindExpression(expression.operand, context);
  const inner = bindInner(expression.query, context);
  if (inner.correlated && isGroupedTotal(expression.query)) throw unsupportedCorrelation();
  const alias = nextName();
  const element = elementOf(inner, alias);
  const { sql: equality, sides } = compare('=', operand, element);
  const not = expression.not ? 'NOT ' : '';
  const sql = sides
    ? `(${sides.left} ${not}IN (SELECT ${sides.right} FROM (${inner.sql}) AS ${alias}))`
    : `(${not}(TRUE = ANY (SELECT ${equality} FROM (${inner.sql}) AS ${alias})))`;
  return combine(sql, BOOL, [operand], { name: '?column?' });
}

function bindRowInQuery(expression: Expression & { kind: 'inQuery' }, context: ExpressionContext): Bound {
  const items = expression.operand.kind === 'row' ? expression.operand.items : [];
  const inner = bindInner(expression.query, context);
  if (inner.columns.length !== items.length) throw new RedshiftError('42601', 'subquery has too few columns');
  const alias = nextName();
  const operands = items.map((item) => bindExpression(item, context));
  const pairs = operands.map((operand, i) => {
    const column = inner.columns[i] as OutputColumn;
    return compare('=', operand, constant(`${alias}.c${i + 1}`, column.type, { trimmed: column.trimmed })).sql;
  });
  const found = (test: string): string => `EXISTS (SELECT 1 FROM (${inner.sql}) AS ${alias} WHERE ${test})`;
  const all = pairs.join(' AND ');
  const isNull = (sqls: readonly string[]): string => `(${sqls.map((sql) => `${sql} IS NULL`).join(' OR ')})`;
  // NULL, when no row is equal but one might be. Two questions, so that rows without NULL are passed over at once.
  const gaps = [isNull(items.map((_item, i) => `${alias}.c${i + 1}`)), isNull(operands.map(({ sql }) => sql))];
  const unsure = gaps.map((gap) => found(`${gap} AND (${all}) IS NULL`)).join(' OR ');
  const [yes, no] = expression.not ? ['FALSE', 'TRUE'] : ['TRUE', 'FALSE'];
  return combine(`CASE WHEN ${found(all)} THEN ${yes} WHEN ${unsure} THEN NULL ELSE ${no} END`, BOOL, operands);
}

/** ANY is another word for IN and ALL for NOT IN: no other operators go with them. */
function requireListTest({ operator, quantifier }: Expression & { kind: 'quantified' }): void {
  if (quantifier === 'any' ? operator === '=' : operator === '<>' || operator === '!=') return;
  throw new RedshiftError('0A000', `${operator} ${quantifier.toUpperCase()} is not supported`);
}

/** `x = ANY (query)`, `x <> ALL (query)`. */
export function bindQuantified(expression: Expression & { kind: 'quantified' }, context: ExpressionContext): Bound {
  requireListTest(expression);
  const operand = bindExpression(expression.operand, context);
  const inner = bindInner(expression.query, context);
  const alias = nextName();
  const comparison = compare(expression.operator, operand, elementOf(inner, alias)).sql;
  const source = `SELECT ${comparison} FROM (${inner.sql}) AS ${alias}`;
  const sql = expression.quantifier === 'any' ? `(TRUE = ANY (${source}))` : `(TRUE = ALL (${source}))`;
  return combine(sql, BOOL, [operand]);
}
