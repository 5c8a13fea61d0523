import { parseCastType } from './cast-type.ts';
import type { Cursor } from './cursor.ts';
import { at, parseExpression } from './expression.ts';
import { RESERVED } from './keywords.ts';
import { parseAlias, parseQuery, parseSelectItem, startsQuery } from './query.ts';
import type { Expression, FromItem, Identifier, JoinType, Unpivot } from './syntax.ts';

/** One item of FROM: a source with the joins that hang on it. */
export function parseFrom(cursor: Cursor): FromItem {
  let left = parseSource(cursor);
  for (;;) {
    const position = cursor.peek().start;
    const join = parseJoinType(cursor);
    if (!join) return left;
    const right = parseSource(cursor);
    const on = join.type !== 'cross' && cursor.acceptWords('on') ? parseExpression(cursor) : undefined;
    const using = join.type !== 'cross' && !on && cursor.acceptWords('using') ? cursor.identifierList() : undefined;
    if (!on && !using && !join.natural && join.type !== 'cross') throw cursor.syntaxError();
    left = { kind: 'join', ...join, left, right, on, using, position };
  }
}

function parseJoinType(cursor: Cursor): { type: JoinType; natural: boolean } | undefined {
  if (cursor.acceptWords('cross', 'join')) return { type: 'cross', natural: false };
  const mark = cursor.offset;
  const natural = cursor.acceptWords('natural');
  const side = cursor.acceptOneOf('inner', 'left', 'right', 'full') as JoinType | undefined;
  if (side && side !== 'inner') cursor.acceptWords('outer');
  if (cursor.acceptWords('join')) return { type: side ?? 'inner', natural };
  if (natural || side) throw cursor.syntaxError();
  cursor.seek(mark);
  return undefined;
}

function parseSource(cursor: Cursor): FromItem {
  let source = parsePlainSource(cursor);
  for (;;) {
    if (cursor.isWords('pivot') && cursor.isSymbol('(', 1)) source = parsePivot(cursor, source);
    else if (cursor.isWords('unpivot') && (cursor.isSymbol('(', 1) || isNullsClause(cursor)))
      source = parseUnpivot(cursor, source);
    else return source;
  }
}

const isNullsClause = (cursor: Cursor): boolean =>
  (cursor.peek(1).text === 'include' || cursor.peek(1).text === 'exclude') && cursor.peek(2).text === 'nulls';

function parsePlainSource(cursor: Cursor): FromItem {
  const position = cursor.peek().start;
  if (cursor.isWords('lateral')) throw cursor.syntaxError();
  if (cursor.acceptWords('unpivot')) {
    const expression = parseExpression(cursor, 13);
    const alias = parseAlias(cursor);
    return { kind: 'unpivotObject', expression, alias, at: parseAt(cursor), position };
  }
  if (startsQuery(cursor, true)) {
    const mark = cursor.offset;
    const derived = parseDerived(cursor, position);
    if (derived) return derived;
    cursor.seek(mark);
  }
  if (cursor.isSymbol('(')) {
    cursor.next();
    const inner = parseFrom(cursor);
    cursor.expectSymbol(')');
    return inner;
  }
  if (cursor.isWords('unnest') && cursor.isSymbol('(', 1)) return parseUnnest(cursor, position);
  const expression = parseExpression(cursor, 13);
  const alias = parseAlias(cursor);
  const columns = alias && cursor.isSymbol('(') ? parseColumnAliases(cursor, expression) : [];
  return { kind: 'named', expression, alias, columns, at: parseAt(cursor), position };
}

/** Names of columns; those of a function's rows come with their types, which the function knows. */
function parseColumnAliases(cursor: Cursor, source: Expression): readonly Identifier[] {
  if (source.kind !== 'call') return cursor.identifierList();
  return cursor.parenthesized(() => {
    const name = cursor.identifier();
    if (!cursor.isSymbol(',') && !cursor.isSymbol(')')) parseCastType(cursor);
    return name;
  });
}

/** `UNNEST(array) [WITH OFFSET] [AS] alias (element [, offset])`. */
function parseUnnest(cursor: Cursor, position: number): FromItem {
  cursor.next();
  cursor.expectSymbol('(');
  const expression = parseExpression(cursor);
  cursor.expectSymbol(')');
  const offset = cursor.acceptWords('with', 'offset');
  const alias = parseAlias(cursor);
  const columns = cursor.isSymbol('(') ? cursor.identifierList() : [];
  if (!alias || columns.length === 0 || columns.length > (offset ? 2 : 1)) throw cursor.syntaxError();
  return { kind: 'named', expression, alias, columns, unnest: offset ? 'offset' : 'plain', position };
}

/** `(query) [AS] alias (columns)`; gives up when the parenthesis turns out to hold a join. */
function parseDerived(cursor: Cursor, position: number): FromItem | undefined {
  cursor.expectSymbol('(');
  const query = parseQuery(cursor);
  if (!cursor.acceptSymbol(')')) return undefined;
  const alias = parseAlias(cursor);
  const columns = alias && cursor.isSymbol('(') ? cursor.identifierList() : [];
  return { kind: 'derived', query, alias, columns, position };
}

function parseAt(cursor: Cursor): Identifier | undefined {
  return cursor.acceptWords('at') ? cursor.identifier() : undefined;
}

/** The alias behind PIVOT and UNPIVOT. */
function parseTailAlias(cursor: Cursor): { alias?: Identifier; columns: readonly Identifier[] } {
  const token = cursor.peek();
  if (token.kind === 'word' && RESERVED.has(token.text) && token.text !== 'as') return { columns: [] };
  const alias = parseAlias(cursor);
  return { alias, columns: alias && cursor.isSymbol('(') ? cursor.identifierList() : [] };
}

function parsePivot(cursor: Cursor, source: FromItem): FromItem {
  const position = cursor.next().start;
  cursor.expectSymbol('(');
  const aggregates = cursor.separated(() => parseSelectItem(cursor));
  cursor.expectWords('for');
  const column = cursor.identifier();
  cursor.expectWords('in');
  const values = cursor.parenthesized(() => parseSelectItem(cursor));
  cursor.expectSymbol(')');
  return { kind: 'pivot', source, aggregates, column, values, ...parseTailAlias(cursor), position };
}

function parseUnpivot(cursor: Cursor, source: FromItem): FromItem {
  const position = cursor.next().start;
  const includeNulls = cursor.acceptOneOf('include', 'exclude') === 'include';
  cursor.acceptWords('nulls');
  cursor.expectSymbol('(');
  const value = cursor.identifier();
  cursor.expectWords('for');
  const name = cursor.identifier();
  cursor.expectWords('in');
  const inputs: Unpivot['inputs'] = cursor.parenthesized(() => {
    const column = cursor.identifier();
    const label = cursor.acceptWords('as') ? parseLabel(cursor) : undefined;
    return { column, label };
  });
  cursor.expectSymbol(')');
  return { kind: 'unpivot', source, includeNulls, value, name, inputs, ...parseTailAlias(cursor), position };
}

function parseLabel(cursor: Cursor): ReturnType<typeof parseExpression> {
  const token = cursor.peek();
  if (token.kind !== 'word') return parseExpression(cursor);
  const name = cursor.identifier();
  return at(name.position, { kind: 'string', value: name.name });
}
