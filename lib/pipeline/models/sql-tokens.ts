/** A stretch of SQL that is neither blank nor comment. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'text' | 'other';
  /** Words in lower case; quoted names and texts without their quotes; everything else as it stands. */
  readonly text: string;
  /** UTF-16 offsets in the text, end exclusive. */
  readonly start: number;
  readonly end: number;
}

/** What is wrong with a text, at an offset. */
export interface SqlProblem {
  readonly offset: number;
  readonly message: string;
}

export type Tokens =
  | { readonly kind: 'tokens'; readonly tokens: readonly Token[] }
  | ({ readonly kind: 'invalid' } & SqlProblem);

const word = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const number = /\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?/y;
const quoted = /"(?:[^"]|"")*"/y;
/** Redshift reads backslash escapes in every literal. */
const text = /'(?:[^'\\]|''|\\[\s\S])*'/y;
const dollarTag = /\$(?:[A-Za-z_]\w*)?\$/y;
const blank = /(?:\s|\ufeff|--[^\n]*(?:\n|$))+/y;
const commentEdge = /\/\*|\*\//g;

/** Cuts SQL into tokens: a pass over the text, because a model must be read in far less than a millisecond. */
export function sqlTokens(sql: string): Tokens {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const blankEnd = matchEnd(blank, sql, at);
    if (blankEnd !== undefined) {
      at = blankEnd;
    } else if (sql.startsWith('/*', at)) {
      const end = commentEnd(sql, at);
      if (end === undefined) return unclosed('comment', at);
      at = end;
    } else {
      const token = tokenAt(sql, at);
      if ('message' in token) return { kind: 'invalid', ...token };
      tokens.push(token);
      at = token.end;
    }
  }
  return { kind: 'tokens', tokens };
}

function tokenAt(sql: string, at: number): Token | SqlProblem {
  const first = sql.charAt(at);
  if (first === "'") return enclosed('text', text, sql, at);
  if (first === '"') return enclosed('quoted', quoted, sql, at);
  if (first === '$') return dollar(sql, at);
  const wordEnd = matchEnd(word, sql, at);
  if (wordEnd !== undefined)
    return { kind: 'word', text: sql.slice(at, wordEnd).toLowerCase(), start: at, end: wordEnd };
  const end = matchEnd(number, sql, at) ?? (sql.startsWith('::', at) ? at + 2 : at + 1);
  return { kind: 'other', text: sql.slice(at, end), start: at, end };
}

function enclosed(kind: 'text' | 'quoted', pattern: RegExp, sql: string, at: number): Token | SqlProblem {
  const end = matchEnd(pattern, sql, at);
  if (end === undefined) return unclosed(kind === 'text' ? 'text' : 'quoted name', at);
  const quote = sql.charAt(at);
  return { kind, text: sql.slice(at + 1, end - 1).replaceAll(quote + quote, quote), start: at, end };
}

/** `$$ … $$`, `$tag$ … $tag$`, or a `$1`. */
function dollar(sql: string, at: number): Token | SqlProblem {
  const opened = matchEnd(dollarTag, sql, at);
  if (opened === undefined) return { kind: 'other', text: '$', start: at, end: at + 1 };
  const tag = sql.slice(at, opened);
  const close = sql.indexOf(tag, opened);
  if (close < 0) return unclosed('text', at);
  return { kind: 'text', text: sql.slice(opened, close), start: at, end: close + tag.length };
}

/** Comments nest, as in PostgreSQL. */
function commentEnd(sql: string, from: number): number | undefined {
  let depth = 0;
  commentEdge.lastIndex = from;
  for (let edge = commentEdge.exec(sql); edge; edge = commentEdge.exec(sql)) {
    depth += edge[0] === '/*' ? 1 : -1;
    if (depth === 0) return commentEdge.lastIndex;
  }
  return undefined;
}

function matchEnd(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : undefined;
}

function unclosed(what: string, offset: number): { kind: 'invalid' } & SqlProblem {
  return { kind: 'invalid', offset, message: `this ${what} is never closed` };
}

/** Line and column of an offset, both from 1; a column counts characters as editors do: an emoji is one. */
export function placeOf(sql: string, offset: number): { readonly line: number; readonly column: number } {
  const before = sql.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return { line, column: [...before.slice(lineStart)].length + 1 };
}
