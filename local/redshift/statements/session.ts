import type { RedshiftType } from '../types.ts';
import type { Cursor } from './cursor.ts';
import { CURSOR_STATEMENTS } from './cursors.ts';
import { parseExpression } from './expression.ts';
import { SETTING_STATEMENTS } from './settings.ts';
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
  ...SETTING_STATEMENTS,
  vacuum: parseVacuum,
  analyze: parseAnalyze,
  analyse: parseAnalyze,
  prepare: parsePrepare,
  execute: parseExecute,
  deallocate: parseDeallocate,
  ...CURSOR_STATEMENTS,
  lock: parseLock,
  cancel: parseCancel,
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
  if (cursor.acceptWords('compression')) return parseCompression(cursor, position);
  cursor.acceptWords('verbose');
  const table = cursor.atEnd() ? [] : cursor.qualifiedName();
  if (cursor.isSymbol('(')) cursor.identifierList();
  if (!cursor.acceptWords('predicate', 'columns')) cursor.acceptWords('all', 'columns');
  return { kind: 'analyze', table, position };
}

/** `ANALYZE COMPRESSION [table [(columns)]] [COMPROWS rows]`. */
function parseCompression(cursor: Cursor, position: number): SessionStatement {
  const isTable = !cursor.atEnd() && !cursor.isWords('comprows');
  const table = isTable ? cursor.qualifiedName() : [];
  const columns = cursor.isSymbol('(') ? cursor.identifierList() : [];
  if (cursor.acceptWords('comprows')) cursor.expectInteger();
  return { kind: 'analyzeCompression', table, columns, position };
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
  return { kind: 'lock', tables: cursor.separated(() => cursor.qualifiedName()) };
}

/** `CANCEL process [ 'message' ]`. */
function parseCancel(cursor: Cursor): SessionStatement {
  cursor.next();
  const processId = cursor.expectInteger();
  if (cursor.peek().kind === 'string') cursor.next();
  return { kind: 'cancel', processId };
}

function parseDiscard(cursor: Cursor): SessionStatement {
  throw cursor.syntaxError();
}
