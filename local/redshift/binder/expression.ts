import type { Expression } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { arithmetic, bitwise, concatenate, negate, noSuchOperator } from './arithmetic.ts';
import { type Bound, combine, constant } from './bound.ts';
import { bindCall } from './call.ts';
import { cast, requireBoolean, settle } from './casts.ts';
import { isElement } from './catalog-arrays.ts';
import { comparable, compare, meet } from './comparison.ts';
import { bindInterval, bindNumber, bindParameter, literal } from './constants.ts';
import type { BindEnvironment } from './context.ts';
import { groupKey } from './grouping.ts';
import type { SortingAggregates } from './ordering.ts';
import { bindLike, bindPattern } from './pattern.ts';
import type { CommonTables } from './query.ts';
import { bindReference, navigateSteps } from './reference.ts';
import { bindAnyCast } from './registry-casts.ts';
import type { Scope } from './scope.ts';
import { bindArrayQuery, bindExists, bindInQuery, bindQuantified, bindScalarQuery } from './subquery.ts';
import { BOOL, FLOAT8, isInteger, isNumeric, isText } from './types.ts';
import { unify } from './unify.ts';

/** Where an expression stands: what it sees and what it may hold. */
export interface ExpressionContext {
  readonly environment: BindEnvironment;
  readonly scope: Scope;
  readonly commonTables: CommonTables;
  /** The clause's name, for messages. */
  readonly clause: string;
  readonly allowAggregates: boolean;
  readonly allowWindows: boolean;
  /** Select items to the left (and all of them in ORDER BY and the like), by name. */
  readonly aliases?: Pick<ReadonlyMap<string, Bound>, 'get'>;
  /** How the group keys are written, by the expression they stand for. */
  readonly groupKeys?: ReadonlyMap<string, string>;
  readonly sorting?: SortingAggregates;
}

/** Types an expression and writes it for DuckDB. */
export function bindExpression(expression: Expression, context: ExpressionContext): Bound {
  try {
    const bound = bindKind(expression, context);
    const key = context.groupKeys?.get(bound.sql);
    return key === undefined
      ? bound
      : { ...bound, sql: key, groupKey: groupKey(bound), free: undefined, path: undefined };
  } catch (error) {
    if (error instanceof RedshiftError && error.position === undefined) {
      throw new RedshiftError(error.sqlState, error.message, {
        position: expression.position + 1,
        detail: error.detail,
        hint: error.hint,
        cause: error.cause,
      });
    }
    throw error;
  }
}

function bindKind(expression: Expression, context: ExpressionContext): Bound {
  const bind = (part: Expression): Bound => bindExpression(part, context);
  switch (expression.kind) {
    case 'string':
      return literal(expression.value);
    case 'null':
      return literal(null);
    case 'number':
      return bindNumber(expression.text);
    case 'boolean':
      return constant(expression.value ? 'TRUE' : 'FALSE', BOOL, { name: 'bool' });
    case 'parameter':
      return bindParameter(expression.index, context.environment);
    case 'reference':
      return bindReference(expression, expression.position, context);
    case 'navigate':
      return navigateSteps(bind(expression.base), expression.steps, context);
    case 'binary':
      return bindBinary(expression, context);
    case 'between':
      return bindBetween(bind(expression.operand), bind(expression.low), bind(expression.high), expression.not);
    case 'inList':
      return bindInList(expression, context);
    case 'like':
      return bindLike(
        expression,
        bind(expression.operand),
        bind(expression.pattern),
        expression.escape && bind(expression.escape),
      );
    case 'case':
      return bindCase(expression, context);
    case 'cast':
      return bindAnyCast(bind(expression.operand), expression, context.environment);
    case 'call':
      return bindCall(expression, expression.position, context);
    default:
      return bindRest(expression, context);
  }
}

function bindRest(expression: Expression, context: ExpressionContext): Bound {
  switch (expression.kind) {
    case 'unary':
      return bindUnary(expression.operator, bindExpression(expression.operand, context));
    case 'is':
      return bindIs(expression, bindExpression(expression.operand, context));
    case 'subquery':
      return bindScalarQuery(expression.query, context);
    case 'exists':
      return bindExists(expression.query, context);
    case 'inQuery':
      return bindInQuery(expression, context);
    case 'arrayQuery':
      return bindArrayQuery(expression.query, context);
    case 'anyElement':
      return isElement(bindExpression(expression.operand, context), bindExpression(expression.array, context));
    case 'quantified':
      return bindQuantified(expression, context);
    case 'interval':
      return bindInterval(expression.text, expression.qualifier, context.environment.settings);
    case 'outerMark':
      throw new RedshiftError('42601', 'the outer join operator (+) stands only in WHERE, joined by AND');
    case 'bound':
      return expression.bound as Bound;
    case 'default':
      throw new RedshiftError('42601', 'DEFAULT is not allowed in this context');
    case 'star':
      throw new RedshiftError('42601', 'syntax error at or near "*"');
    default:
      throw new RedshiftError('0A000', 'a row of values is not supported here');
  }
}

function bindUnary(operator: string, operand: Bound): Bound {
  switch (operator) {
    case 'not':
      return combine(`(NOT ${requireBoolean(operand, 'NOT').sql})`, BOOL, [operand], { name: '?column?' });
    case '-':
      return { ...negate(operand), name: '?column?' };
    case '+':
      return operand;
    case '~':
      if (operand.type.kind === 'varbyte')
        return combine(`unhex(mr_bytes('~', hex(${operand.sql}), NULL))`, operand.type, [operand]);
      if (!isInteger(operand.type)) throw noSuchOperator('~', undefined, operand.type);
      return combine(`(~ ${operand.sql})`, operand.type, [operand]);
    case '@':
      if (!isNumeric(operand.type)) throw noSuchOperator('@', undefined, operand.type);
      return combine(`abs(${operand.sql})`, operand.type, [operand]);
    case '|/':
      return combine(`sqrt(${cast(operand, FLOAT8, 'implicit').sql})`, FLOAT8, [operand]);
    case '||/':
      return combine(`cbrt(${cast(operand, FLOAT8, 'implicit').sql})`, FLOAT8, [operand]);
    default:
      throw new RedshiftError('42601', `syntax error at or near "${operator}"`);
  }
}

const COMPARISONS = new Set(['=', '<>', '!=', '<', '<=', '>', '>=']);
const ARITHMETIC = new Set(['+', '-', '*', '/', '%', '^']);
const PATTERNS = new Set(['~', '!~', '~*', '!~*']);

function bindBinary(expression: Expression & { kind: 'binary' }, context: ExpressionContext): Bound {
  const { operator } = expression;
  if (COMPARISONS.has(operator) && expression.left.kind === 'row') return bindRowComparison(expression, context);
  const [left, right] = [bindExpression(expression.left, context), bindExpression(expression.right, context)];
  const name = { name: '?column?' };
  if (operator === 'and' || operator === 'or') {
    const clause = operator.toUpperCase();
    const sql = `(${requireBoolean(left, clause).sql} ${clause} ${requireBoolean(right, clause).sql})`;
    return combine(sql, BOOL, [left, right], name);
  }
  if (COMPARISONS.has(operator)) return { ...compare(operator, left, right), ...name };
  if (ARITHMETIC.has(operator)) return { ...arithmetic(operator, left, right), ...name };
  if (operator === '||') return { ...concatenate(left, right), ...name };
  if (PATTERNS.has(operator)) return { ...bindPattern(operator, left, right), ...name };
  return { ...bitwise(operator, left, right), ...name };
}

/** `(a, b) = (1, 2)`. */
function bindRowComparison(expression: Expression & { kind: 'binary' }, context: ExpressionContext): Bound {
  const { left, right, operator } = expression;
  if (
    left.kind !== 'row' ||
    right.kind !== 'row' ||
    left.items.length !== right.items.length ||
    !['=', '<>', '!='].includes(operator)
  ) {
    throw new RedshiftError('0A000', 'a row of values is not supported here');
  }
  const pairs = left.items.map((item, i) =>
    compare('=', bindExpression(item, context), bindExpression(right.items[i] as Expression, context)),
  );
  const all = pairs.map((pair) => pair.sql).join(' AND ');
  return combine(operator === '=' ? `(${all})` : `(NOT (${all}))`, BOOL, pairs);
}

function bindIs(expression: Expression & { kind: 'is' }, operand: Bound): Bound {
  const not = expression.not ? 'NOT ' : '';
  if (expression.test === 'null' || expression.test === 'unknown') {
    const sql = operand.type.kind === 'super' ? `nullif(${operand.sql}, 'null')` : settle(operand).sql;
    return combine(`(${sql} IS ${not}NULL)`, BOOL, [operand], { name: '?column?' });
  }
  const value = isInteger(operand.type)
    ? cast(operand, BOOL, 'explicit')
    : requireBoolean(operand, `IS ${expression.test.toUpperCase()}`);
  return combine(`(${value.sql} IS ${not}DISTINCT FROM ${expression.test.toUpperCase()})`, BOOL, [operand], {
    sql: `(${value.sql} IS ${expression.not ? '' : 'NOT '}DISTINCT FROM ${expression.test.toUpperCase()})`,
  });
}

function bindBetween(operand: Bound, low: Bound, high: Bound, not: boolean): Bound {
  const sql = `(${compare('>=', operand, low).sql} AND ${compare('<=', operand, high).sql})`;
  return combine(not ? `(NOT ${sql})` : sql, BOOL, [operand, low, high], { name: '?column?' });
}

/** `IN (…)`: one comparison for all items where the types allow it. */
function bindInList(expression: Expression & { kind: 'inList' }, context: ExpressionContext): Bound {
  if (expression.operand.kind === 'row') return bindRowIn(expression, context);
  const operand = bindExpression(expression.operand, context);
  const items = expression.items.map((item) => bindExpression(item, context));
  const name = { name: '?column?' };
  const isPlain =
    operand.type.kind !== 'super' &&
    !operand.caseInsensitive &&
    items.every((item) => item.type.kind !== 'super' && !item.caseInsensitive);
  const pairs = isPlain ? items.map((item) => meet('=', operand, item)) : [];
  const left = pairs[0]?.[0];
  if (left && pairs.every(([other]) => other.sql === left.sql)) {
    const sqlOf = (value: Bound): string => (isText(value.type) ? comparable(value) : value.sql);
    const sql = `(${sqlOf(left)} ${expression.not ? 'NOT ' : ''}IN (${pairs.map(([, item]) => sqlOf(item)).join(', ')}))`;
    return combine(sql, BOOL, [operand, ...items], name);
  }
  const any = items.map((item) => compare('=', operand, item).sql).join(' OR ');
  return combine(expression.not ? `(NOT (${any}))` : `(${any})`, BOOL, [operand, ...items], name);
}

function bindRowIn(expression: Expression & { kind: 'inList' }, context: ExpressionContext): Bound {
  const parts = expression.items.map((item) =>
    bindRowComparison(
      { kind: 'binary', operator: '=', left: expression.operand, right: item, position: item.position },
      context,
    ),
  );
  const any = parts.map((part) => part.sql).join(' OR ');
  return combine(expression.not ? `(NOT (${any}))` : `(${any})`, BOOL, parts);
}

function bindCase(expression: Expression & { kind: 'case' }, context: ExpressionContext): Bound {
  const operand = expression.operand && bindExpression(expression.operand, context);
  const whens = expression.branches.map(({ when }) => {
    const bound = bindExpression(when, context);
    return operand ? compare('=', operand, bound) : requireBoolean(bound, 'CASE/WHEN');
  });
  const results = expression.branches.map(({ then }) => bindExpression(then, context));
  const otherwise = expression.otherwise ? bindExpression(expression.otherwise, context) : literal(null);
  const { type, values } = unify([...results, otherwise], 'CASE');
  const branches = whens.map((when, i) => `WHEN ${when.sql} THEN ${(values[i] as Bound).sql}`).join(' ');
  const sql = `CASE ${branches} ELSE ${(values.at(-1) as Bound).sql} END`;
  return combine(sql, type, [...whens, ...values], { name: 'case' });
}
