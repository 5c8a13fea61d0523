import { parseCastType } from './cast-type.ts';
import type { Cursor } from './cursor.ts';
import { parsePrimary } from './primary.ts';
import { parseQuery, startsQuery } from './query.ts';
import { parseSteps } from './reference.ts';
import type { Expression, ExpressionBody } from './syntax.ts';

/** How tightly operators bind, loosest first (PostgreSQL 8.0's table, which is Redshift's). */
const LEVEL = {
  or: 1,
  and: 2,
  not: 3,
  is: 4,
  comparison: 5,
  pattern: 6,
  other: 7,
  sum: 8,
  product: 9,
  power: 10,
  zone: 11,
  sign: 12,
  cast: 13,
};

const BINARY: Readonly<Record<string, number>> = {
  '=': LEVEL.comparison,
  '<>': LEVEL.comparison,
  '!=': LEVEL.comparison,
  '<': LEVEL.comparison,
  '>': LEVEL.comparison,
  '<=': LEVEL.comparison,
  '>=': LEVEL.comparison,
  '||': LEVEL.other,
  '~': LEVEL.other,
  '!~': LEVEL.other,
  '~*': LEVEL.other,
  '!~*': LEVEL.other,
  '&': LEVEL.other,
  '|': LEVEL.other,
  '#': LEVEL.other,
  '<<': LEVEL.other,
  '>>': LEVEL.other,
  '+': LEVEL.sum,
  '-': LEVEL.sum,
  '*': LEVEL.product,
  '/': LEVEL.product,
  '%': LEVEL.product,
  '^': LEVEL.power,
};
const MAXIMUM_DEPTH = 400;
let depth = 0;

/** Reads one expression. */
export function parseExpression(cursor: Cursor, minimum = 0): Expression {
  depth += 1;
  try {
    if (depth > MAXIMUM_DEPTH) throw cursor.notSupported('an expression nested this deep');
    let left = parsePrefix(cursor);
    for (;;) {
      const extended = parsePostfix(cursor, left, minimum);
      if (extended === undefined) return left;
      left = extended;
    }
  } finally {
    depth -= 1;
  }
}

export const at = (position: number, body: ExpressionBody): Expression => ({ position, ...body });

function parsePrefix(cursor: Cursor): Expression {
  const token = cursor.peek();
  if (token.kind === 'word' && token.text === 'not') {
    cursor.next();
    return at(token.start, { kind: 'unary', operator: 'not', operand: parseExpression(cursor, LEVEL.not) });
  }
  if (token.kind === 'word' && token.text === 'prior' && !cursor.isSymbol('.', 1)) {
    cursor.next();
    return at(token.start, { kind: 'unary', operator: 'prior', operand: parseExpression(cursor, LEVEL.cast) });
  }
  if (token.kind === 'symbol' && ['-', '+', '~', '@', '|/', '||/'].includes(token.text)) {
    cursor.next();
    const level = token.text === '-' || token.text === '+' ? LEVEL.sign : LEVEL.other;
    return at(token.start, { kind: 'unary', operator: token.text, operand: parseExpression(cursor, level) });
  }
  return parsePrimary(cursor);
}

/** Extends an expression to the right, or gives undefined when what follows binds less tightly than `minimum`. */
function parsePostfix(cursor: Cursor, left: Expression, minimum: number): Expression | undefined {
  const token = cursor.peek();
  if (token.kind === 'symbol') return parseSymbol(cursor, left, minimum);
  if (token.kind !== 'word') return undefined;
  if (token.text === 'operator' && cursor.isSymbol('(', 1)) return parseNamedOperator(cursor, left, minimum);
  return parseWord(cursor, left, minimum);
}

function parseSymbol(cursor: Cursor, left: Expression, minimum: number): Expression | undefined {
  const token = cursor.peek();
  if (token.text === '::') {
    cursor.next();
    return at(left.position, { kind: 'cast', operand: left, type: parseCastType(cursor), lax: false });
  }
  if ((token.text === '.' || token.text === '[') && left.kind !== 'number') {
    const steps = parseSteps(cursor);
    return at(left.position, { kind: 'navigate', base: left, steps });
  }
  if (token.text === '(' && cursor.isSymbol('+', 1) && cursor.isSymbol(')', 2)) {
    for (let i = 0; i < 3; i += 1) cursor.next();
    return at(left.position, { kind: 'outerMark', operand: left });
  }
  const level = BINARY[token.text];
  if (level === undefined || level <= minimum) return undefined;
  cursor.next();
  const quantifier = level === LEVEL.comparison ? parseQuantifier(cursor) : undefined;
  if (quantifier && token.text === '=' && !startsQuery(cursor, true)) {
    const [array] = cursor.parenthesized(() => parseExpression(cursor));
    return at(token.start, { kind: 'anyElement', operand: left, array: array as Expression });
  }
  if (quantifier) {
    cursor.expectSymbol('(');
    const query = parseQuery(cursor);
    cursor.expectSymbol(')');
    return at(token.start, { kind: 'quantified', operand: left, operator: token.text, quantifier, query });
  }
  return at(token.start, { kind: 'binary', operator: token.text, left, right: parseExpression(cursor, level) });
}

/** `OPERATOR(pg_catalog.~)`, as psql writes its patterns; it binds as any other operator does. */
function parseNamedOperator(cursor: Cursor, left: Expression, minimum: number): Expression | undefined {
  if (LEVEL.other <= minimum) return undefined;
  const position = cursor.next().start;
  cursor.expectSymbol('(');
  if (cursor.peek().kind === 'word') {
    cursor.expectWords('pg_catalog');
    cursor.expectSymbol('.');
  }
  const operator = cursor.next();
  if (BINARY[operator.text] === undefined) throw cursor.syntaxError(operator);
  cursor.expectSymbol(')');
  return at(position, { kind: 'binary', operator: operator.text, left, right: parseExpression(cursor, LEVEL.other) });
}

function parseQuantifier(cursor: Cursor): 'any' | 'all' | undefined {
  if (!cursor.isSymbol('(', 1) || !['any', 'some', 'all'].includes(cursor.peek().text)) return undefined;
  const word = cursor.next().text;
  return word === 'all' ? 'all' : 'any';
}

function parseWord(cursor: Cursor, left: Expression, minimum: number): Expression | undefined {
  const position = cursor.peek().start;
  if (LEVEL.or > minimum && cursor.acceptWords('or')) {
    return at(position, { kind: 'binary', operator: 'or', left, right: parseExpression(cursor, LEVEL.or) });
  }
  if (LEVEL.and > minimum && cursor.acceptWords('and')) {
    return at(position, { kind: 'binary', operator: 'and', left, right: parseExpression(cursor, LEVEL.and) });
  }
  if (LEVEL.is > minimum) {
    const test = parseIs(cursor, left);
    if (test) return test;
  }
  if (LEVEL.zone > minimum && cursor.acceptWords('at', 'time', 'zone')) {
    const zone = parseExpression(cursor, LEVEL.zone);
    const name = [{ name: 'timezone', quoted: false, position }];
    return at(position, {
      kind: 'call',
      name,
      arguments: [zone, left],
      distinct: false,
      star: false,
      approximate: false,
    });
  }
  if (LEVEL.pattern > minimum && cursor.acceptWords('collate')) {
    throw cursor.notSupported('COLLATE in an expression');
  }
  return LEVEL.pattern > minimum ? parsePattern(cursor, left) : undefined;
}

function parseIs(cursor: Cursor, left: Expression): Expression | undefined {
  const position = cursor.peek().start;
  if (cursor.acceptWords('isnull')) return at(position, { kind: 'is', operand: left, test: 'null', not: false });
  if (cursor.acceptWords('notnull')) return at(position, { kind: 'is', operand: left, test: 'null', not: true });
  if (!cursor.acceptWords('is')) return undefined;
  const not = cursor.acceptWords('not');
  const test = cursor.acceptOneOf('null', 'true', 'false', 'unknown');
  if (test === undefined) throw cursor.syntaxError();
  return at(position, { kind: 'is', operand: left, test: test as 'null', not });
}

function parsePattern(cursor: Cursor, left: Expression): Expression | undefined {
  const position = cursor.peek().start;
  const mark = cursor.offset;
  const not = cursor.acceptWords('not');
  if (cursor.acceptWords('between')) return parseBetween(cursor, left, not, position);
  if (cursor.acceptWords('in')) return parseIn(cursor, left, not, position);
  const style = cursor.acceptOneOf('like', 'ilike', 'similar') as 'like' | 'ilike' | 'similar' | undefined;
  if (style === undefined) {
    cursor.seek(mark);
    return undefined;
  }
  if (style === 'similar') cursor.expectWords('to');
  const pattern = parseExpression(cursor, LEVEL.pattern);
  const escape = cursor.acceptWords('escape') ? parseExpression(cursor, LEVEL.pattern) : undefined;
  return at(position, { kind: 'like', operand: left, pattern, style, escape, not });
}

function parseBetween(cursor: Cursor, left: Expression, not: boolean, position: number): Expression {
  const low = parseExpression(cursor, LEVEL.pattern);
  cursor.expectWords('and');
  return at(position, { kind: 'between', operand: left, low, high: parseExpression(cursor, LEVEL.pattern), not });
}

function parseIn(cursor: Cursor, left: Expression, not: boolean, position: number): Expression {
  if (startsQuery(cursor, true)) {
    cursor.expectSymbol('(');
    const query = parseQuery(cursor);
    cursor.expectSymbol(')');
    return at(position, { kind: 'inQuery', operand: left, query, not });
  }
  const items = cursor.parenthesized(() => parseExpression(cursor));
  return at(position, { kind: 'inList', operand: left, items, not });
}
