import type { Cursor } from './cursor.ts';
import { parseAlterGroup, parseAlterUser, parseCreatePrincipal, parseDefaultPrivileges } from './principal.ts';
import { parseQuery } from './query.ts';
import type { Definition, Privilege } from './statement.ts';
import type { Identifier } from './syntax.ts';
import { oneOf, parseAlterTable, parseAttributes, parseCreateTable } from './table-definition.ts';
import { parseArgumentTypes, parseType } from './typename.ts';

export function parseCreate(cursor: Cursor): Definition {
  const position = cursor.next().start;
  const replace = cursor.acceptWords('or', 'replace');
  const principal = cursor.acceptOneOf('user', 'group', 'role') as 'user' | 'group' | 'role' | undefined;
  if (principal) return parseCreatePrincipal(cursor, position, principal);
  const temporary = cursor.acceptWords('local') || cursor.isWords('temp') || cursor.isWords('temporary');
  if (temporary && cursor.acceptOneOf('temp', 'temporary') === undefined) throw cursor.syntaxError();
  if (cursor.acceptWords('table')) return parseCreateTable(cursor, position, temporary);
  if (cursor.acceptWords('schema')) return parseCreateSchema(cursor, position);
  if (cursor.acceptWords('view')) return parseCreateView(cursor, position, replace);
  if (cursor.acceptWords('materialized', 'view')) return parseMaterializedView(cursor, position);
  if (cursor.acceptWords('function')) return parseCreateFunction(cursor, position, replace);
  if (cursor.acceptWords('database')) return parseCreateDatabase(cursor, position);
  const word = cursor.peek();
  if (['external', 'library', 'model', 'procedure', 'datashare', 'rls', 'masking'].includes(word.text)) {
    throw cursor.notSupported(`CREATE ${word.text.toUpperCase()}`);
  }
  throw cursor.syntaxError();
}

function parseCreateDatabase(cursor: Cursor, position: number): Definition {
  const name = cursor.identifier();
  cursor.acceptWords('with');
  if (cursor.acceptWords('owner')) {
    cursor.acceptSymbol('=');
    cursor.identifier();
  }
  return { kind: 'createDatabase', name, position };
}

function parseCreateSchema(cursor: Cursor, position: number): Definition {
  const ifNotExists = cursor.acceptWords('if', 'not', 'exists');
  const name = cursor.isWords('authorization') ? undefined : cursor.identifier();
  const owner = cursor.acceptWords('authorization') ? cursor.identifier() : undefined;
  if (cursor.acceptWords('quota')) {
    if (!cursor.acceptWords('unlimited')) {
      cursor.next();
      cursor.acceptOneOf('mb', 'gb', 'tb');
    }
  }
  return { kind: 'createSchema', name, ifNotExists, owner, position };
}

function parseCreateView(cursor: Cursor, position: number, replace: boolean): Definition {
  const view = cursor.qualifiedName();
  const columns = cursor.isSymbol('(') ? cursor.identifierList() : [];
  cursor.expectWords('as');
  const start = cursor.peek().start;
  const query = parseQuery(cursor);
  const text = cursor.text.slice(start, cursor.peek().start).trim();
  const late = cursor.acceptWords('with', 'no', 'schema', 'binding');
  return { kind: 'createView', view, replace, columns, query, text, late, materialized: false, position };
}

function parseMaterializedView(cursor: Cursor, position: number): Definition {
  const view = cursor.qualifiedName();
  if (cursor.acceptWords('backup')) oneOf(cursor, 'yes', 'no');
  const columns = cursor.isSymbol('(') ? cursor.identifierList() : [];
  parseAttributes(cursor);
  if (cursor.acceptWords('auto', 'refresh')) oneOf(cursor, 'yes', 'no');
  cursor.expectWords('as');
  const start = cursor.peek().start;
  const query = parseQuery(cursor);
  const text = cursor.text.slice(start, cursor.peek().start).trim();
  return { kind: 'createView', view, replace: false, columns, query, text, late: false, materialized: true, position };
}

const VOLATILITIES = ['volatile', 'stable', 'immutable'] as const;

/** `CREATE FUNCTION name (types) RETURNS type volatility AS $$ … $$ LANGUAGE sql`. */
function parseCreateFunction(cursor: Cursor, position: number, replace: boolean): Definition {
  const name = cursor.qualifiedName();
  const types = parseArgumentTypes(cursor);
  cursor.expectWords('returns');
  const returns = parseType(cursor);
  const volatility = oneOf(cursor, ...VOLATILITIES);
  cursor.expectWords('as');
  const body = cursor.expectString();
  cursor.expectWords('language');
  const language = cursor.identifier().name.toLowerCase();
  if (language !== 'sql') throw cursor.notSupported(`a function in language ${language}`);
  return { kind: 'createFunction', name, replace, types, returns, volatility, body, language, position };
}

export function parseDrop(cursor: Cursor): Definition {
  const position = cursor.next().start;
  if (cursor.acceptWords('function')) return parseDropFunction(cursor, position);
  const object = cursor.acceptWords('materialized', 'view')
    ? 'materialized view'
    : oneOf(cursor, 'table', 'view', 'schema', 'user', 'group', 'role', 'database');
  const ifExists = cursor.acceptWords('if', 'exists');
  const names = cursor.separated(() => cursor.qualifiedName());
  const cascade = cursor.acceptOneOf('cascade', 'restrict', 'force') === 'cascade';
  return { kind: 'drop', object, names, ifExists, cascade, position };
}

function parseDropFunction(cursor: Cursor, position: number): Definition {
  const ifExists = cursor.acceptWords('if', 'exists');
  const name = cursor.qualifiedName();
  const types = parseArgumentTypes(cursor);
  cursor.acceptOneOf('cascade', 'restrict');
  return { kind: 'dropFunction', name, types, ifExists, position };
}

export function parseAlter(cursor: Cursor): Definition | Privilege {
  const position = cursor.next().start;
  if (cursor.acceptWords('table')) return parseAlterTable(cursor, position);
  if (cursor.acceptWords('user')) return parseAlterUser(cursor, position);
  if (cursor.acceptWords('group')) return parseAlterGroup(cursor, position);
  if (cursor.acceptWords('schema')) return parseAlterSchema(cursor, position);
  if (cursor.acceptWords('default', 'privileges')) return parseDefaultPrivileges(cursor);
  throw cursor.notSupported(`ALTER ${cursor.peek().text.toUpperCase()}`);
}

function parseAlterSchema(cursor: Cursor, position: number): Definition {
  const name = cursor.identifier();
  let rename: Identifier | undefined;
  let owner: Identifier | undefined;
  if (cursor.acceptWords('rename', 'to')) rename = cursor.identifier();
  else if (cursor.acceptWords('owner', 'to')) owner = cursor.identifier();
  else throw cursor.notSupported('ALTER SCHEMA other than RENAME TO and OWNER TO');
  return { kind: 'alterSchema', name, rename, owner, position };
}

export function parseRefresh(cursor: Cursor): Definition {
  const position = cursor.next().start;
  cursor.expectWords('materialized', 'view');
  const view = cursor.qualifiedName();
  cursor.acceptOneOf('cascade', 'restrict');
  return { kind: 'refresh', view, position };
}

export function parseTruncate(cursor: Cursor): Definition {
  const position = cursor.next().start;
  cursor.acceptWords('table');
  return { kind: 'truncate', table: cursor.qualifiedName(), position };
}

export function parseComment(cursor: Cursor): Definition {
  const position = cursor.next().start;
  cursor.expectWords('on');
  const object = cursor.identifier().name.toLowerCase();
  const on = (['table', 'view', 'column', 'schema'] as const).find((kind) => kind === object) ?? 'other';
  const name = cursor.qualifiedName();
  if (on === 'other') while (!cursor.isWords('is') && !cursor.atEnd()) cursor.next();
  cursor.expectWords('is');
  const text = cursor.acceptWords('null') ? null : cursor.expectString();
  return { kind: 'comment', on, name, text, position };
}
