import type { RedshiftType } from '../types.ts';
import type { Cursor } from './cursor.ts';
import { CURSOR_STATEMENTS } from './cursors.ts';
import { parseExpression } from './expression.ts';
import type { SessionStatement } from './statement.ts';
import { parseType } from './typename.ts';

type Reader = (cursor: Cursor, position: number) => SessionStatement;

/** Statements about the session itself: settings, transactions, prepared statements, maintenance. */
export const SESSION_STATEMENTS: Readonly<Record<string, Reader>> = {
  begin: parseBegin,
  start: parseBegin,
  commit: (cursor) => endOfTransaction(cursor, 'commit'),
  end: (cursor) => endOfTransaction(cursor, 'commit'),
  rollback: (cursor) => endOfTransaction(cursor, 'rollback'),
  abort: (cursor) => endOfTransaction(cursor, 'rollback'),
  set: parseSet,
  reset: parseReset,
  show: parseShow,
  vacuum: parseVacuum,
  analyze: parseAnalyze,
  analyse: parseAnalyze,
  prepare: parsePrepare,
  execute: parseExecute,
  deallocate: parseDeallocate,
  ...CURSOR_STATEMENTS,
  lock: parseLock,
  discard: parseDiscard,
};

function parseBegin(cursor: Cursor): SessionStatement {
  const word = cursor.next().text;
  if (word === 'start') cursor.expectWords('transaction');
  else cursor.acceptOneOf('work', 'transaction');
  let readOnly = false;
  while (!cursor.atEnd()) {
    cursor.acceptSymbol(',');
    if (cursor.acceptWords('isolation', 'level')) parseIsolation(cursor);
    else if (cursor.acceptWords('read', 'only')) readOnly = true;
    else cursor.expectWords('read', 'write');
  }
  return { kind: 'begin', readOnly };
}

function parseIsolation(cursor: Cursor): void {
  if (cursor.acceptWords('read', 'committed') || cursor.acceptWords('read', 'uncommitted')) return;
  if (cursor.acceptWords('repeatable', 'read') || cursor.acceptOneOf('serializable', 'snapshot')) return;
  throw cursor.syntaxError();
}

function endOfTransaction(cursor: Cursor, kind: 'commit' | 'rollback'): SessionStatement {
  cursor.next();
  cursor.acceptOneOf('work', 'transaction');
  if (cursor.isWords('to')) throw cursor.notSupported('ROLLBACK TO SAVEPOINT');
  return { kind };
}

/** `SET [SESSION|LOCAL] name {TO|=} value`, `SET SESSION AUTHORIZATION …`, `SET TIME ZONE …`. */
function parseSet(cursor: Cursor, position: number): SessionStatement {
  cursor.next();
  const local = cursor.acceptWords('local');
  if (cursor.isWords('session', 'authorization')) {
    cursor.next();
    cursor.next();
    return { kind: 'set', name: 'session_authorization', value: parseValue(cursor), local, position };
  }
  if (!local) cursor.acceptWords('session');
  if (cursor.acceptWords('time', 'zone'))
    return { kind: 'set', name: 'timezone', value: parseValue(cursor), local, position };
  if (cursor.isWords('transaction') || cursor.isWords('session', 'characteristics'))
    throw cursor.notSupported('SET TRANSACTION');
  const name = settingName(cursor);
  if (!cursor.acceptWords('to')) cursor.expectSymbol('=');
  return { kind: 'set', name, value: parseValue(cursor), local, position };
}

function settingName(cursor: Cursor): string {
  return cursor
    .qualifiedName()
    .map((part) => part.name.toLowerCase())
    .join('.');
}

/** A setting's value as text; null is DEFAULT. Lists keep their commas. */
function parseValue(cursor: Cursor): string | null {
  if (cursor.acceptWords('default')) return null;
  const parts = cursor.separated(() => {
    const sign = cursor.acceptSymbol('-') ? '-' : '';
    const token = cursor.next();
    if (token.kind === 'word') return cursor.text.slice(token.start, token.end);
    if (token.kind === 'quoted' || token.kind === 'string' || token.kind === 'number') return sign + token.text;
    if (token.kind === 'symbol' && token.text === '$') return `$${cursor.next().text}`;
    throw cursor.syntaxError(token);
  });
  return parts.join(', ');
}

function parseReset(cursor: Cursor, position: number): SessionStatement {
  cursor.next();
  if (cursor.acceptWords('session', 'authorization'))
    return { kind: 'set', name: 'session_authorization', value: null, local: false, position };
  return { kind: 'set', name: settingName(cursor), value: null, local: false, position };
}

const SHOWN_OBJECTS = [
  'columns',
  'databases',
  'datashares',
  'external',
  'grants',
  'model',
  'procedure',
  'schemas',
  'table',
  'tables',
  'view',
];

function parseShow(cursor: Cursor, position: number): SessionStatement {
  cursor.next();
  if (cursor.acceptWords('time', 'zone')) return { kind: 'show', name: 'timezone', position };
  if (SHOWN_OBJECTS.includes(cursor.peek().text)) throw cursor.notSupported(`SHOW ${cursor.peek().text.toUpperCase()}`);
  if (cursor.acceptWords('transaction', 'isolation', 'level'))
    return { kind: 'show', name: 'transaction_isolation', position };
  return { kind: 'show', name: settingName(cursor), position };
}

function parseVacuum(cursor: Cursor, position: number): SessionStatement {
  cursor.next();
  cursor.acceptOneOf('full', 'sort', 'delete', 'reindex', 'recluster');
  if (cursor.acceptWords('only')) cursor.acceptOneOf('full', 'sort', 'delete');
  const table = cursor.atEnd() || cursor.isWords('to') ? [] : cursor.qualifiedName();
  if (cursor.acceptWords('to')) {
    cursor.next();
    cursor.expectWords('percent');
  }
  cursor.acceptWords('boost');
  return { kind: 'vacuum', table, position };
}

function parseAnalyze(cursor: Cursor, position: number): SessionStatement {
  cursor.next();
  if (cursor.acceptWords('compression')) throw cursor.notSupported('ANALYZE COMPRESSION');
  cursor.acceptWords('verbose');
  const table = cursor.atEnd() ? [] : cursor.qualifiedName();
  if (cursor.isSymbol('(')) cursor.identifierList();
  if (!cursor.acceptWords('predicate', 'columns')) cursor.acceptWords('all', 'columns');
  return { kind: 'analyze', table, position };
}

/** `PREPARE name (types) AS statement`: the statement's text is kept, to be bound when it is executed. */
function parsePrepare(cursor: Cursor, position: number): SessionStatement {
  cursor.next();
  const name = cursor.identifier().name;
  const types: RedshiftType[] = cursor.isSymbol('(') ? cursor.parenthesized(() => parseType(cursor)) : [];
  cursor.expectWords('as');
  const start = cursor.peek().start;
  while (!cursor.atEnd()) cursor.next();
  return { kind: 'prepare', name, types, text: cursor.text.slice(start, cursor.peek().start), position };
}

function parseExecute(cursor: Cursor, position: number): SessionStatement {
  cursor.next();
  const name = cursor.identifier().name;
  const values = cursor.isSymbol('(') ? cursor.parenthesized(() => parseExpression(cursor)) : [];
  return { kind: 'executePrepared', name, arguments: values, position };
}

function parseDeallocate(cursor: Cursor): SessionStatement {
  cursor.next();
  cursor.acceptWords('prepare');
  return { kind: 'deallocate', name: cursor.acceptWords('all') ? null : cursor.identifier().name };
}

function parseLock(cursor: Cursor): SessionStatement {
  cursor.next();
  cursor.acceptWords('table');
  const table = cursor.qualifiedName();
  while (cursor.acceptSymbol(',')) cursor.qualifiedName();
  return { kind: 'lock', table };
}

function parseDiscard(cursor: Cursor): SessionStatement {
  throw cursor.syntaxError();
}
