import { parseCastType } from './cast-type.ts';
import type { Cursor } from './cursor.ts';
import { at, parseExpression } from './expression.ts';
import { parseOrderBy } from './query.ts';
import type { Call, Expression, FrameBound, Identifier, Window, WindowFrame } from './syntax.ts';

const EMPTY: Omit<Call, 'name' | 'arguments'> = { kind: 'call', distinct: false, star: false, approximate: false };

/** A call as the grammar of SQL spells some of them with words instead of commas. */
export function parseSpecialCall(cursor: Cursor): Expression | undefined {
  const token = cursor.peek();
  if (token.text === 'approximate' && cursor.peek(1).kind === 'word') {
    cursor.next();
    const call = parseExpression(cursor, 13);
    if (call.kind !== 'call') throw cursor.syntaxError();
    return { ...call, approximate: true };
  }
  if (!cursor.isSymbol('(', 1)) return undefined;
  const reader = Object.hasOwn(SPECIAL, token.text) ? SPECIAL[token.text] : undefined;
  return reader?.(cursor, token.start);
}

type Reader = (cursor: Cursor, position: number) => Expression;

const SPECIAL: Readonly<Record<string, Reader>> = {
  cast: (cursor, position) => parseCast(cursor, position, false),
  try_cast: (cursor, position) => parseCast(cursor, position, true),
  convert: parseConvert,
  extract: parseExtract,
  position: parsePosition,
  substring: parseSubstring,
  trim: parseTrim,
  object_transform: parseObjectTransform,
};

const named = (name: string, position: number): Identifier[] => [{ name, quoted: false, position }];

function call(name: string, position: number, ...args: Expression[]): Expression {
  return at(position, { ...EMPTY, name: named(name, position), arguments: args });
}

function open(cursor: Cursor): void {
  cursor.next();
  cursor.expectSymbol('(');
}

function parseCast(cursor: Cursor, position: number, lax: boolean): Expression {
  open(cursor);
  const operand = parseExpression(cursor);
  cursor.expectWords('as');
  const type = parseCastType(cursor);
  cursor.expectSymbol(')');
  return at(position, { kind: 'cast', operand, type, lax });
}

function parseConvert(cursor: Cursor, position: number): Expression {
  open(cursor);
  const type = parseCastType(cursor);
  cursor.expectSymbol(',');
  const operand = parseExpression(cursor);
  cursor.expectSymbol(')');
  return at(position, { kind: 'cast', operand, type, lax: false });
}

/** `EXTRACT(part FROM value)`, the part a word or a text. */
function parseExtract(cursor: Cursor, position: number): Expression {
  open(cursor);
  const part = cursor.next();
  if (part.kind !== 'word' && part.kind !== 'string') throw cursor.syntaxError(part);
  cursor.expectWords('from');
  const value = parseExpression(cursor);
  cursor.expectSymbol(')');
  return call('extract', position, at(part.start, { kind: 'string', value: part.text }), value);
}

function parsePosition(cursor: Cursor, position: number): Expression {
  open(cursor);
  const needle = parseExpression(cursor, 6);
  cursor.expectWords('in');
  const text = parseExpression(cursor);
  cursor.expectSymbol(')');
  return call('position', position, text, needle);
}

function parseSubstring(cursor: Cursor, position: number): Expression {
  open(cursor);
  const parts = [parseExpression(cursor)];
  if (cursor.acceptWords('from')) {
    parts.push(parseExpression(cursor));
    if (cursor.acceptWords('for')) parts.push(parseExpression(cursor));
  } else {
    while (cursor.acceptSymbol(',')) parts.push(parseExpression(cursor));
  }
  cursor.expectSymbol(')');
  return call('substring', position, ...parts);
}

/** `TRIM([BOTH|LEADING|TRAILING] [characters] FROM text)` and `TRIM(text)`. */
function parseTrim(cursor: Cursor, position: number): Expression {
  open(cursor);
  const side = cursor.acceptOneOf('both', 'leading', 'trailing') ?? 'both';
  const name = { both: 'btrim', leading: 'ltrim', trailing: 'rtrim' }[side] as string;
  const first = cursor.acceptWords('from') ? undefined : parseExpression(cursor);
  const parts: Expression[] = [];
  if (first === undefined || cursor.acceptWords('from')) parts.push(parseExpression(cursor));
  if (first !== undefined) parts.push(first);
  while (cursor.acceptSymbol(',')) parts.push(parseExpression(cursor));
  cursor.expectSymbol(')');
  return call(name, position, ...parts);
}

/** `OBJECT_TRANSFORM(input KEEP path, … SET path, value, …)`. */
function parseObjectTransform(cursor: Cursor, position: number): Expression {
  open(cursor);
  const input = parseExpression(cursor);
  const keep = cursor.acceptWords('keep') ? cursor.separated(() => parseExpression(cursor)) : undefined;
  const set = cursor.acceptWords('set') ? cursor.separated(() => parseExpression(cursor)) : undefined;
  cursor.expectSymbol(')');
  return at(position, { ...EMPTY, name: named('object_transform', position), arguments: [input], keep, set });
}

/** `name(arguments)` with all that may follow it. */
export function parseCall(cursor: Cursor, name: readonly Identifier[]): Expression {
  const position = (name[0] as Identifier).position;
  cursor.expectSymbol('(');
  const body: { -readonly [Key in keyof Call]: Call[Key] } = { ...EMPTY, name, arguments: [] };
  if (cursor.isSymbol('*') && cursor.isSymbol(')', 1)) {
    cursor.next();
    body.star = true;
  } else if (!cursor.isSymbol(')')) {
    body.distinct = cursor.acceptWords('distinct');
    if (!body.distinct && !cursor.isSymbol('(', 1)) cursor.acceptWords('all');
    body.arguments = cursor.separated(() => parseExpression(cursor));
    if (cursor.isWords('order', 'by')) throw cursor.syntaxError();
    body.nulls = parseNulls(cursor);
  }
  cursor.expectSymbol(')');
  parseCallTail(cursor, body);
  return at(position, body);
}

function parseCallTail(cursor: Cursor, body: { -readonly [Key in keyof Call]: Call[Key] }): void {
  if (cursor.acceptWords('within', 'group')) {
    cursor.expectSymbol('(');
    body.withinGroup = parseOrderBy(cursor);
    cursor.expectSymbol(')');
  }
  body.nulls ??= parseNulls(cursor);
  if (cursor.isWords('filter') && cursor.isSymbol('(', 1)) throw cursor.syntaxError(cursor.peek(1));
  if (cursor.acceptWords('over')) body.over = parseWindow(cursor);
}

function parseNulls(cursor: Cursor): 'ignore' | 'respect' | undefined {
  if (cursor.acceptWords('ignore', 'nulls')) return 'ignore';
  return cursor.acceptWords('respect', 'nulls') ? 'respect' : undefined;
}

function parseWindow(cursor: Cursor): Window {
  cursor.expectSymbol('(');
  const partitionBy = cursor.acceptWords('partition', 'by') ? cursor.separated(() => parseExpression(cursor)) : [];
  const orderBy = cursor.isWords('order', 'by') ? parseOrderBy(cursor) : [];
  const unit = cursor.acceptOneOf('rows', 'range') as 'rows' | 'range' | undefined;
  const frame = unit === undefined ? undefined : parseFrame(cursor, unit);
  cursor.expectSymbol(')');
  return { partitionBy, orderBy, frame };
}

function parseFrame(cursor: Cursor, unit: 'rows' | 'range'): WindowFrame {
  if (!cursor.acceptWords('between')) return { unit, start: parseBound(cursor) };
  const start = parseBound(cursor);
  cursor.expectWords('and');
  return { unit, start, end: parseBound(cursor) };
}

function parseBound(cursor: Cursor): FrameBound {
  if (cursor.acceptWords('unbounded', 'preceding')) return { kind: 'unboundedPreceding' };
  if (cursor.acceptWords('unbounded', 'following')) return { kind: 'unboundedFollowing' };
  if (cursor.acceptWords('current', 'row')) return { kind: 'currentRow' };
  const offset = parseExpression(cursor);
  if (cursor.acceptWords('preceding')) return { kind: 'preceding', offset };
  cursor.expectWords('following');
  return { kind: 'following', offset };
}
