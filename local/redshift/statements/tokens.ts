import { RedshiftError } from '../types.ts';

/** What a stretch of a statement's text is. Comments and blanks are dropped. */
export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Words lower-cased, quoted names and strings unescaped, symbols and numbers as written. */
  readonly text: string;
  /** Offset of the first character in the text, from 0. */
  readonly start: number;
  /** Offset behind the last character. */
  readonly end: number;
}

/** The longest first. */
const SYMBOLS = ['!~*', '||/', '->>', '::', '<=', '>=', '<>', '!=', '||', '!~', '~*', '<<', '>>', '|/', '->', ':='];
const BEGINS_SYMBOL = new Set(SYMBOLS.map((symbol) => symbol[0]));
const WORD = /#?[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff#]*/y;
const BLANKS = /[\s\ufeff]+/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const BACKSLASH: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** Cuts a text into tokens. Unclosed strings, names and comments are syntax errors with their place. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at = skipBlanks(text, at);
    if (at >= text.length) break;
    const token = readToken(text, at);
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length });
  return tokens;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  for (;;) {
    BLANKS.lastIndex = at;
    if (BLANKS.test(text)) at = BLANKS.lastIndex;
    if (text.startsWith('--', at)) {
      const lineEnd = text.indexOf('\n', at);
      at = lineEnd < 0 ? text.length : lineEnd + 1;
    } else if (text.startsWith('/*', at)) {
      const commentEnd = endOfComment(text, at);
      if (commentEnd === undefined) throw unterminated('/* comment', at);
      at = commentEnd;
    } else {
      return at;
    }
  }
}

/** Where the comment that begins here ends, if it does. Comments nest, as in PostgreSQL. */
export function endOfComment(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length - 1; at += 1) {
    if (text.startsWith('/*', at)) {
      depth += 1;
      at += 1;
    } else if (text.startsWith('*/', at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function readToken(text: string, at: number): Token {
  const first = text[at] as string;
  if (first === "'") return readString(text, at, at);
  if ((first === 'e' || first === 'E') && text[at + 1] === "'") return readString(text, at, at + 1);
  if (first === '"') return readQuotedName(text, at);
  if (first === '$') return readDollar(text, at);
  if (isDigit(first) || (first === '.' && isDigit(text[at + 1] ?? ''))) return readNumber(text, at);
  // `#name` is a temporary table; before anything else `#` is an operator.
  WORD.lastIndex = at;
  if (WORD.test(text))
    return { kind: 'word', text: lower(text.slice(at, WORD.lastIndex)), start: at, end: WORD.lastIndex };
  const symbol = BEGINS_SYMBOL.has(first) ? SYMBOLS.find((candidate) => text.startsWith(candidate, at)) : undefined;
  const found = symbol ?? first;
  return { kind: 'symbol', text: found, start: at, end: at + found.length };
}

const isDigit = (character: string): boolean => character >= '0' && character <= '9';

/** Letters of ASCII in lower case, no others; most texts have no others. */
export function lower(text: string): string {
  const all = text.toLowerCase();
  if (all === text || !/[^\0-\x7f]/.test(text)) return all;
  return text.replace(/[A-Z]+/g, (upper) => upper.toLowerCase());
}

function readNumber(text: string, start: number): Token {
  NUMBER.lastIndex = start;
  const match = NUMBER.exec(text) as RegExpExecArray;
  const end = start + match[0].length;
  return { kind: 'number', text: match[0], start, end };
}

/** Redshift reads backslash escapes in plain literals too, as PostgreSQL 8.0 did. */
function readString(text: string, start: number, quoteAt: number): Token {
  let value = '';
  for (let at = quoteAt + 1; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === '\\' && at + 1 < text.length) {
      at += 1;
      value += BACKSLASH[text[at] as string] ?? text[at];
    } else if (character !== "'") {
      value += character;
    } else if (text[at + 1] === "'") {
      value += "'";
      at += 1;
    } else {
      return { kind: 'string', text: value, start, end: at + 1 };
    }
  }
  throw unterminated('quoted string', start);
}

function readQuotedName(text: string, start: number): Token {
  let value = '';
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] !== '"') {
      value += text[at];
    } else if (text[at + 1] === '"') {
      value += '"';
      at += 1;
    } else {
      if (value === '') throw new RedshiftError('42601', 'zero-length delimited identifier', { position: start + 1 });
      return { kind: 'quoted', text: value, start, end: at + 1 };
    }
  }
  throw unterminated('quoted identifier', start);
}

/** `$1` is a parameter; `$$ … $$` and `$tag$ … $tag$` are strings. */
function readDollar(text: string, start: number): Token {
  const parameter = /\$\d+/y;
  parameter.lastIndex = start;
  const number = parameter.exec(text);
  if (number) return { kind: 'parameter', text: number[0].slice(1), start, end: start + number[0].length };
  const opening = /\$[A-Za-z_]*\$/y;
  opening.lastIndex = start;
  const tag = opening.exec(text)?.[0];
  if (tag === undefined) return { kind: 'symbol', text: '$', start, end: start + 1 };
  const close = text.indexOf(tag, start + tag.length);
  if (close < 0) throw unterminated('dollar-quoted string', start);
  return { kind: 'string', text: text.slice(start + tag.length, close), start, end: close + tag.length };
}

function unterminated(what: string, offset: number): RedshiftError {
  return new RedshiftError('42601', `unterminated ${what}`, { position: offset + 1 });
}
