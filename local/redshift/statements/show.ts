import type { Cursor } from './cursor.ts';
import { settingName } from './settings.ts';
import type { SessionStatement, ShowObject } from './statement.ts';
import { parseArgumentTypes } from './typename.ts';

/** `SHOW name`, `SHOW ALL`, and SHOW for what there is in the catalog. */
export function parseShow(cursor: Cursor, position: number): SessionStatement {
  cursor.next();
  if (cursor.acceptWords('time', 'zone')) return { kind: 'show', name: 'timezone', position };
  if (cursor.acceptWords('transaction', 'isolation', 'level'))
    return { kind: 'show', name: 'transaction_isolation', position };
  if (cursor.acceptWords('session', 'authorization')) return { kind: 'show', name: 'session_authorization', position };
  const object = parseObject(cursor);
  return object ? { kind: 'showObject', object, position } : { kind: 'show', name: settingName(cursor), position };
}

const REFUSED = ['datashares', 'external', 'model', 'models', 'template', 'policies', 'column', 'constraints'];

function parseObject(cursor: Cursor): ShowObject | undefined {
  const word = cursor.peek().text;
  if (cursor.peek().kind !== 'word' || cursor.isSymbol('.', 1)) return undefined;
  if (REFUSED.includes(word) && cursor.peek(1).kind !== 'end') throw cursor.notSupported(`SHOW ${word.toUpperCase()}`);
  switch (word) {
    case 'table':
    case 'view':
      cursor.next();
      return { kind: word, name: cursor.qualifiedName() };
    case 'procedure':
      cursor.next();
      return { kind: 'procedure', name: cursor.qualifiedName(), types: optionalTypes(cursor) };
    case 'databases':
      return parseDatabases(cursor);
    case 'schemas':
      return parseList(cursor, 'schemas', 'database');
    case 'tables':
      return parseList(cursor, 'tables', 'schema');
    case 'columns':
      return parseList(cursor, 'columns', 'table');
    case 'grants':
      return parseGrants(cursor);
    default:
      return undefined;
  }
}

const optionalTypes = (cursor: Cursor): ReturnType<typeof parseArgumentTypes> | undefined =>
  cursor.isSymbol('(') ? parseArgumentTypes(cursor) : undefined;

function parseDatabases(cursor: Cursor): ShowObject {
  cursor.next();
  if (cursor.isWords('from')) throw cursor.notSupported('SHOW DATABASES FROM DATA CATALOG');
  return { kind: 'list', of: 'databases', from: [], ...parseFilter(cursor) };
}

/** `SHOW TABLES FROM SCHEMA name [LIKE 'pattern'] [LIMIT count]`. */
function parseList(cursor: Cursor, of: 'schemas' | 'tables' | 'columns', container: string): ShowObject {
  cursor.next();
  cursor.expectWords('from', container);
  return { kind: 'list', of, from: cursor.qualifiedName(), ...parseFilter(cursor) };
}

function parseFilter(cursor: Cursor): { like?: string; limit?: number } {
  const like = cursor.acceptWords('like') ? cursor.expectString() : undefined;
  const limit = cursor.acceptWords('limit') ? cursor.expectInteger() : undefined;
  return { like, limit };
}

/** `SHOW GRANTS ON {DATABASE|SCHEMA|TABLE} name`, `SHOW GRANTS FOR {user|ROLE name|PUBLIC}`. */
function parseGrants(cursor: Cursor): ShowObject {
  cursor.next();
  if (cursor.acceptWords('for')) {
    const kind = cursor.acceptOneOf('role', 'group') ?? (cursor.acceptWords('public') ? 'public' : 'user');
    const name = kind === 'public' ? [] : cursor.qualifiedName();
    return { kind: 'grants', of: kind as 'role' | 'user' | 'group' | 'public', name, ...parseFilter(cursor) };
  }
  cursor.expectWords('on');
  const of = (cursor.acceptOneOf('database', 'schema', 'table', 'function') ?? 'table') as 'database';
  const name = cursor.qualifiedName();
  if (cursor.isSymbol('(')) parseArgumentTypes(cursor);
  return { kind: 'grants', of, name, ...parseFilter(cursor) };
}
