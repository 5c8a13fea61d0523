import { parseCall, parseSpecialCall } from './call.ts';
import type { Cursor } from './cursor.ts';
import { at, parseExpression } from './expression.ts';
import { BARE_CALLS, FUNCTION_WORDS, NAMES_ALL_THE_SAME, RESERVED } from './keywords.ts';
import { parseQuery, startsQuery } from './query.ts';
import { asNames, parseSteps } from './reference.ts';
import type { Expression, Identifier } from './syntax.ts';
import { isTypedLiteral, parseIntervalQualifier, parseType } from './typename.ts';

/** Reads a literal, a name, a call, a parenthesis: what operators stand between. */
export function parsePrimary(cursor: Cursor): Expression {
  const token = cursor.peek();
  switch (token.kind) {
    case 'string':
      cursor.next();
      return at(token.start, { kind: 'string', value: token.text });
    case 'number':
      cursor.next();
      return at(token.start, { kind: 'number', text: token.text });
    case 'parameter':
      cursor.next();
      return at(token.start, { kind: 'parameter', index: Number(token.text) });
    case 'quoted':
      return parseReference(cursor);
    case 'word':
      return parseWordPrimary(cursor);
    default:
      if (cursor.isSymbol('(')) return parseParenthesis(cursor);
      if (cursor.acceptSymbol('*'))
        return at(token.start, { kind: 'star', qualifier: [], exclude: parseExclude(cursor) });
      throw cursor.syntaxError();
  }
}

function parseParenthesis(cursor: Cursor): Expression {
  const position = cursor.peek().start;
  if (startsQuery(cursor, true)) {
    cursor.expectSymbol('(');
    const query = parseQuery(cursor);
    cursor.expectSymbol(')');
    return at(position, { kind: 'subquery', query });
  }
  const items = cursor.parenthesized(() => parseExpression(cursor));
  return items.length === 1 ? (items[0] as Expression) : at(position, { kind: 'row', items });
}

function parseWordPrimary(cursor: Cursor): Expression {
  const token = cursor.peek();
  const simple = parseConstant(cursor);
  if (simple) return simple;
  if (token.text === 'case') return parseCase(cursor);
  if (token.text === 'exists' && cursor.isSymbol('(', 1)) return parseExists(cursor);
  if (token.text === 'array' && cursor.isSymbol('(', 1) && cursor.peek(2).text === 'select')
    return parseArrayQuery(cursor);
  if (token.text === 'interval' && cursor.peek(1).kind === 'string') return parseInterval(cursor);
  if (isTypedLiteral(cursor)) {
    const type = parseType(cursor);
    const operand = at(cursor.peek().start, { kind: 'string', value: cursor.expectString() });
    return at(token.start, { kind: 'cast', operand, type, lax: false });
  }
  const special = parseSpecialCall(cursor);
  if (special) return special;
  if (BARE_CALLS.has(token.text) && !cursor.isSymbol('(', 1) && !cursor.isSymbol('.', 1)) {
    const name = [cursor.identifier()];
    return at(token.start, { kind: 'call', name, arguments: [], distinct: false, star: false, approximate: false });
  }
  const callable = FUNCTION_WORDS.has(token.text) && cursor.isSymbol('(', 1);
  if (RESERVED.has(token.text) && !NAMES_ALL_THE_SAME.has(token.text) && !callable) throw cursor.syntaxError();
  return parseReference(cursor);
}

function parseConstant(cursor: Cursor): Expression | undefined {
  const token = cursor.peek();
  const word = cursor.acceptOneOf('true', 'false', 'null', 'default');
  if (word === undefined) return undefined;
  if (word === 'null') return at(token.start, { kind: 'null' });
  if (word === 'default') return at(token.start, { kind: 'default' });
  return at(token.start, { kind: 'boolean', value: word === 'true' });
}

function parseExists(cursor: Cursor): Expression {
  const position = cursor.next().start;
  cursor.expectSymbol('(');
  const query = parseQuery(cursor);
  cursor.expectSymbol(')');
  return at(position, { kind: 'exists', query });
}

function parseArrayQuery(cursor: Cursor): Expression {
  const position = cursor.next().start;
  cursor.expectSymbol('(');
  const query = parseQuery(cursor);
  cursor.expectSymbol(')');
  return at(position, { kind: 'arrayQuery', query });
}

function parseInterval(cursor: Cursor): Expression {
  const position = cursor.next().start;
  const text = cursor.expectString();
  return at(position, { kind: 'interval', text, qualifier: parseIntervalQualifier(cursor) });
}

function parseCase(cursor: Cursor): Expression {
  const position = cursor.next().start;
  const operand = cursor.isWords('when') ? undefined : parseExpression(cursor);
  const branches: { when: Expression; then: Expression }[] = [];
  while (cursor.acceptWords('when')) {
    const when = parseExpression(cursor);
    cursor.expectWords('then');
    branches.push({ when, then: parseExpression(cursor) });
  }
  if (branches.length === 0) throw cursor.syntaxError();
  const otherwise = cursor.acceptWords('else') ? parseExpression(cursor) : undefined;
  cursor.expectWords('end');
  return at(position, { kind: 'case', operand, branches, otherwise });
}

/** A name with what hangs on it: a column, a path into SUPER, `t.*`, or a call when a parenthesis follows. */
function parseReference(cursor: Cursor): Expression {
  const root = cursor.identifier();
  const steps = parseSteps(cursor);
  const names = asNames(root, steps);
  if (cursor.isSymbol('.') && cursor.isSymbol('*', 1)) {
    if (!names) throw cursor.syntaxError();
    cursor.next();
    cursor.next();
    return at(root.position, { kind: 'star', qualifier: names, exclude: parseExclude(cursor) });
  }
  const isOuterMark = cursor.isSymbol('+', 1) && cursor.isSymbol(')', 2);
  if (cursor.isSymbol('(') && names && !isOuterMark) return parseCall(cursor, names);
  return at(root.position, { kind: 'reference', root, steps });
}

function parseExclude(cursor: Cursor): readonly Identifier[] {
  if (!cursor.isWords('exclude')) return [];
  cursor.next();
  if (cursor.isSymbol('(')) return cursor.identifierList();
  const names = [cursor.identifier()];
  while (isExcludedNext(cursor)) {
    cursor.next();
    names.push(cursor.identifier());
  }
  return names;
}

/** EXCLUDE ends the select list: without parentheses, bare names behind its commas are excluded too. */
function isExcludedNext(cursor: Cursor): boolean {
  const name = cursor.peek(1);
  const behind = cursor.peek(2);
  const isName = name.kind === 'word' || name.kind === 'quoted';
  return cursor.isSymbol(',') && isName && (cursor.isSymbol(',', 2) || /^(?:from|into)$/i.test(behind.text));
}
