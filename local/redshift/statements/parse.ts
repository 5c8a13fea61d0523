import { RedshiftError } from '../types.ts';
import { parseCopy, parseUnload } from './copy.ts';
import { Cursor } from './cursor.ts';
import { parseAlter, parseComment, parseCreate, parseDrop, parseRefresh, parseTruncate } from './definition.ts';
import { parseDelete, parseInsert, parseMerge, parseUpdate } from './manipulation.ts';
import { parsePrivilege } from './privilege.ts';
import { parseQuery, parseWith } from './query.ts';
import { parseCall } from './routine.ts';
import { SESSION_STATEMENTS } from './session.ts';
import type { Statement } from './statement.ts';
import type { Query } from './syntax.ts';

export interface ParsedStatement {
  readonly statement: Statement;
  /** The statement's own text, without the semicolon. */
  readonly text: string;
}

const MAXIMUM_BYTES = 16 * 1024 * 1024;

/** Reads a text of statements that semicolons part. Empty ones are left out. */
export function parseStatements(text: string): ParsedStatement[] {
  if (text.includes('\0')) throw new RedshiftError('22021', 'invalid byte sequence for encoding "UTF8": 0x00');
  requireSize(text);
  const cursor = new Cursor(text);
  const parsed: ParsedStatement[] = [];
  for (;;) {
    while (cursor.acceptSymbol(';'));
    if (cursor.peek().kind === 'end') return parsed;
    const start = cursor.peek().start;
    const statement = parseStatement(cursor);
    cursor.expectEnd();
    parsed.push({ statement, text: text.slice(start, cursor.peek().start).trimEnd() });
  }
}

function requireSize(text: string): void {
  if (text.length <= MAXIMUM_BYTES / 3) return;
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAXIMUM_BYTES) return;
  const message = `Statement is too large. Statement Size: ${bytes} bytes. Maximum Allowed: ${MAXIMUM_BYTES} bytes`;
  throw new RedshiftError('54000', message);
}

/** Reads a text that must be one query: a view's source, UNLOAD's text. */
export function parseQueryText(text: string): Query {
  const cursor = new Cursor(text);
  const query = parseQuery(cursor);
  while (cursor.acceptSymbol(';'));
  if (cursor.peek().kind !== 'end') throw cursor.syntaxError();
  return query;
}

type Reader = (cursor: Cursor) => Statement;

const READERS: Readonly<Record<string, Reader>> = {
  select: (cursor) => ({ kind: 'select', query: parseQuery(cursor) }),
  with: parseWithStatement,
  insert: parseInsert,
  update: (cursor) => parseUpdate(cursor, []),
  delete: (cursor) => parseDelete(cursor, []),
  merge: parseMerge,
  copy: parseCopy,
  unload: (cursor) => parseUnload(cursor, parseQueryText),
  create: parseCreate,
  drop: parseDrop,
  alter: parseAlter,
  refresh: parseRefresh,
  truncate: parseTruncate,
  comment: parseComment,
  grant: parsePrivilege,
  revoke: parsePrivilege,
  explain: parseExplain,
  call: parseCall,
};
const KNOWN_ELSEWHERE = ['attach', 'detach', 'desc', 'use', 'listen', 'notify', 'checkpoint'];

function parseStatement(cursor: Cursor): Statement {
  const token = cursor.peek();
  if (cursor.isSymbol('(')) return { kind: 'select', query: parseQuery(cursor) };
  if (token.kind !== 'word') throw cursor.syntaxError();
  const reader = Object.hasOwn(READERS, token.text) ? READERS[token.text] : undefined;
  if (reader) return reader(cursor);
  const session = Object.hasOwn(SESSION_STATEMENTS, token.text) ? SESSION_STATEMENTS[token.text] : undefined;
  if (session) return session(cursor, token.start);
  if (KNOWN_ELSEWHERE.includes(token.text)) {
    const isPolicy = cursor.peek(2).text === 'policy';
    const what = isPolicy ? `${token.text} ${cursor.peek(1).text} policy` : token.text;
    throw cursor.notSupported(what.toUpperCase());
  }
  throw cursor.syntaxError();
}

/** WITH may stand before SELECT, UPDATE and DELETE; MERGE and INSERT take none in front. */
function parseWithStatement(cursor: Cursor): Statement {
  const mark = cursor.offset;
  const tables = parseWith(cursor);
  if (cursor.isWords('update')) return parseUpdate(cursor, tables);
  if (cursor.isWords('delete')) return parseDelete(cursor, tables);
  cursor.seek(mark);
  return { kind: 'select', query: parseQuery(cursor) };
}

function parseExplain(cursor: Cursor): Statement {
  cursor.next();
  cursor.acceptWords('verbose');
  return { kind: 'explain', statement: parseStatement(cursor) };
}
