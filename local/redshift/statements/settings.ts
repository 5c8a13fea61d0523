import type { Cursor } from './cursor.ts';
import { parseShow } from './show.ts';
import type { SessionStatement } from './statement.ts';

type Reader = (cursor: Cursor, position: number) => SessionStatement;

/** SET, RESET and SHOW. */
export const SETTING_STATEMENTS: Readonly<Record<string, Reader>> = {
  set: parseSet,
  reset: parseReset,
  show: parseShow,
};

/** `SET [SESSION|LOCAL] name {TO|=} value`, `SET SESSION AUTHORIZATION …`, `SET TIME ZONE …`, `SET SEED TO …`. */
function parseSet(cursor: Cursor, position: number): SessionStatement {
  cursor.next();
  const local = cursor.acceptWords('local');
  if (cursor.acceptWords('session', 'authorization')) {
    return { kind: 'set', name: 'session_authorization', value: parseValue(cursor), local, position };
  }
  if (cursor.acceptWords('transaction') || cursor.acceptWords('session', 'characteristics', 'as', 'transaction'))
    return parseCharacteristics(cursor);
  if (!local) cursor.acceptWords('session');
  if (cursor.acceptWords('time', 'zone'))
    return { kind: 'set', name: 'timezone', value: parseValue(cursor), local, position };
  const name = settingName(cursor);
  const isInterval = name === 'timezone' && cursor.isWords('interval');
  if (!isInterval && !cursor.acceptWords('to')) cursor.expectSymbol('=');
  const value = name === 'search_path' ? parsePath(cursor) : parseValue(cursor);
  return { kind: 'set', name, value, local, position };
}

/** A level changes nothing: every transaction sees one state of the data. */
function parseCharacteristics(cursor: Cursor): SessionStatement {
  if (cursor.isWords('read', 'only')) throw cursor.notSupported('SET TRANSACTION READ ONLY');
  while (!cursor.atEnd()) cursor.next();
  return { kind: 'empty' };
}

export function settingName(cursor: Cursor): string {
  const parts = [cursor.identifier()];
  while (cursor.acceptSymbol('.')) parts.push(cursor.identifier());
  return parts.map((part) => part.name.toLowerCase()).join('.');
}

/** A setting's value as text; null is DEFAULT. Lists keep their commas. */
function parseValue(cursor: Cursor): string | null {
  if (cursor.acceptWords('default')) return null;
  const parts = cursor.separated(() => {
    const sign = cursor.acceptSymbol('-') ? '-' : '';
    if (cursor.isWords('interval') && cursor.peek(1).kind === 'string') cursor.next();
    const token = cursor.next();
    if (token.kind === 'word') return cursor.text.slice(token.start, token.end);
    if (token.kind === 'quoted' || token.kind === 'string' || token.kind === 'number') return sign + token.text;
    if (token.kind === 'symbol' && token.text === '$') return `$${cursor.next().text}`;
    throw cursor.syntaxError(token);
  });
  return parts.join(', ');
}

/** The search path is a list of names: each is kept as it would have to be written in a statement. */
function parsePath(cursor: Cursor): string | null {
  if (cursor.acceptWords('default')) return null;
  const parts = cursor.separated(() => {
    if (cursor.acceptSymbol('$')) return `$${cursor.identifier().name}`;
    return cursor.peek().kind === 'string' ? cursor.next().text : cursor.identifier().name.toLowerCase();
  });
  return parts.map(asName).join(', ');
}

const asName = (name: string): string =>
  name === '' || /^[a-z_][a-z0-9_$]*$/.test(name) || name.includes(',') ? name : `"${name.replaceAll('"', '""')}"`;

/** `RESET name`, `RESET ALL`, `RESET SESSION AUTHORIZATION`. */
function parseReset(cursor: Cursor, position: number): SessionStatement {
  cursor.next();
  const name = cursor.acceptWords('session', 'authorization') ? 'session_authorization' : settingName(cursor);
  return { kind: 'set', name, value: null, local: false, reset: true, position };
}
