import { RedshiftError } from '../types.ts';
import type { Cursor } from './cursor.ts';
import { parseQuery } from './query.ts';
import type { SessionStatement } from './statement.ts';

type Reader = (cursor: Cursor, position: number) => SessionStatement;

/** DECLARE, FETCH and CLOSE; and savepoints, which Redshift knows by name only. */
export const CURSOR_STATEMENTS: Readonly<Record<string, Reader>> = {
  declare: parseDeclare,
  fetch: parseFetch,
  close: (cursor) => {
    cursor.next();
    return { kind: 'closeCursor', name: cursorName(cursor) };
  },
  savepoint: refuseSavepoint,
  release: refuseSavepoint,
};

function cursorName(cursor: Cursor): string {
  const { name, quoted } = cursor.identifier();
  return quoted ? name : name.toLowerCase();
}

/** `DECLARE name CURSOR [WITHOUT HOLD] FOR query`. */
function parseDeclare(cursor: Cursor, position: number): SessionStatement {
  cursor.next();
  const name = cursorName(cursor);
  cursor.acceptWords('no', 'scroll');
  cursor.expectWords('cursor');
  if (cursor.isWords('with', 'hold')) throw cursor.notSupported('DECLARE CURSOR WITH HOLD');
  cursor.acceptWords('without', 'hold');
  cursor.expectWords('for');
  return { kind: 'declareCursor', name, query: parseQuery(cursor), position };
}

/** `FETCH [NEXT | ALL | FORWARD [count | ALL]] FROM name`. */
function parseFetch(cursor: Cursor): SessionStatement {
  cursor.next();
  const count = parseCount(cursor);
  cursor.expectWords('from');
  return { kind: 'fetchCursor', count, name: cursorName(cursor) };
}

function parseCount(cursor: Cursor): number | undefined {
  if (cursor.acceptWords('all')) return undefined;
  if (!cursor.acceptWords('forward')) {
    cursor.acceptWords('next');
    return 1;
  }
  if (cursor.acceptWords('all')) return undefined;
  return cursor.peek().kind === 'number' ? cursor.expectInteger() : 1;
}

function refuseSavepoint(cursor: Cursor, position: number): SessionStatement {
  const text = cursor.text.slice(position, cursor.text.length).split(';')[0]?.trim();
  throw new RedshiftError('0A000', `SQL command "${text}" not supported.`, { position: position + 1 });
}
