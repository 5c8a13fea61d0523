import type { RedshiftError } from '../types.ts';
import type { Cursor } from './cursor.ts';
import { parseAlterDatabase, parseCreateDatabase } from './database.ts';
import { parseAlterGroup, parseAlterRole, parseAlterUser, parseCreatePrincipal } from './principal.ts';
import { parseDefaultPrivileges, roleName } from './privilege.ts';
import { parseQuery } from './query.ts';
import { parseAlterProcedure, parseCreateProcedure, parseDropProcedure } from './routine.ts';
import type { RoutineStatement } from './routine-statement.ts';
import type { Definition, Privilege } from './statement.ts';
import { oneOf, parseAlterTable, parseAttributes, parseCreateTable } from './table-definition.ts';
import { parseArgumentTypes, parseType } from './typename.ts';

export function parseCreate(cursor: Cursor): Definition | RoutineStatement {
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
  if (cursor.acceptWords('procedure')) return parseCreateProcedure(cursor, position, replace);
  if (cursor.acceptWords('database')) return parseCreateDatabase(cursor, position);
  throw refused(cursor, 'CREATE');
}

const REFUSED_OBJECTS = ['external', 'library', 'model', 'datashare', 'template'];

/** What Redshift makes and the box does not, by its name. */
function refused(cursor: Cursor, verb: string): RedshiftError {
  const word = cursor.peek();
  if (cursor.isWords('rls', 'policy') || cursor.isWords('masking', 'policy') || cursor.isWords('identity', 'provider'))
    return cursor.notSupported(`${verb} ${word.text.toUpperCase()} ${cursor.peek(1).text.toUpperCase()}`);
  if (word.kind === 'word' && REFUSED_OBJECTS.includes(word.text))
    return cursor.notSupported(`${verb} ${word.text.toUpperCase()}`);
  return cursor.syntaxError();
}

function parseCreateSchema(cursor: Cursor, position: number): Definition {
  const ifNotExists = cursor.acceptWords('if', 'not', 'exists');
  const name = cursor.isWords('authorization') ? undefined : cursor.identifier();
  const owner = cursor.acceptWords('authorization') ? cursor.identifier() : undefined;
  if (cursor.acceptWords('quota')) parseQuota(cursor);
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

const DROPPED = ['table', 'view', 'schema', 'user', 'group', 'role', 'database'] as const;

export function parseDrop(cursor: Cursor): Definition | RoutineStatement {
  const position = cursor.next().start;
  if (cursor.acceptWords('function')) return parseDropFunction(cursor, position);
  if (cursor.acceptWords('procedure')) return parseDropProcedure(cursor, position);
  const object = cursor.acceptWords('materialized', 'view')
    ? 'materialized view'
    : (cursor.acceptOneOf(...DROPPED) as (typeof DROPPED)[number] | undefined);
  if (object === undefined) throw refused(cursor, 'DROP');
  const ifExists = cursor.acceptWords('if', 'exists');
  const names = cursor.separated(() => (object === 'role' ? [roleName(cursor)] : cursor.qualifiedName()));
  if (cursor.isWords('drop', 'external', 'database')) throw cursor.notSupported('DROP EXTERNAL DATABASE');
  const manner = cursor.acceptOneOf(
    'cascade',
    'restrict',
    ...(object === 'role' || object === 'database' ? ['force'] : []),
  );
  return { kind: 'drop', object, names, ifExists, cascade: manner === 'cascade', force: manner === 'force', position };
}

function parseDropFunction(cursor: Cursor, position: number): Definition {
  const ifExists = cursor.acceptWords('if', 'exists');
  const name = cursor.qualifiedName();
  const types = parseArgumentTypes(cursor);
  cursor.acceptOneOf('cascade', 'restrict');
  return { kind: 'dropFunction', name, types, ifExists, position };
}

export function parseAlter(cursor: Cursor): Definition | Privilege | RoutineStatement {
  const position = cursor.next().start;
  if (cursor.acceptWords('table')) return parseAlterTable(cursor, position);
  if (cursor.acceptWords('user')) return parseAlterUser(cursor, position);
  if (cursor.acceptWords('group')) return parseAlterGroup(cursor, position);
  if (cursor.acceptWords('schema')) return parseAlterSchema(cursor, position);
  if (cursor.acceptWords('role')) return parseAlterRole(cursor, position);
  if (cursor.acceptWords('procedure')) return parseAlterProcedure(cursor, position);
  if (cursor.acceptWords('database')) return parseAlterDatabase(cursor, position);
  if (cursor.acceptWords('materialized', 'view')) return parseAlterMaterializedView(cursor, position);
  if (cursor.acceptWords('default', 'privileges')) return parseDefaultPrivileges(cursor);
  throw refused(cursor, 'ALTER');
}

function parseAlterSchema(cursor: Cursor, position: number): Definition {
  const name = cursor.identifier();
  if (cursor.acceptWords('rename', 'to')) return { kind: 'alterSchema', name, rename: cursor.identifier(), position };
  if (cursor.acceptWords('quota')) {
    parseQuota(cursor);
    return { kind: 'alterSchema', name, position };
  }
  cursor.expectWords('owner', 'to');
  return { kind: 'alterSchema', name, owner: cursor.identifier(), position };
}

/** The box has no disk of which a schema could have a part: a quota is read and never reached. */
function parseQuota(cursor: Cursor): void {
  if (cursor.acceptWords('unlimited')) return;
  cursor.expectInteger();
  cursor.acceptOneOf('mb', 'gb', 'tb');
}

/** How a materialized view is refreshed is the box's own affair: it is, when it is asked to. */
function parseAlterMaterializedView(cursor: Cursor, position: number): Definition {
  const table = cursor.qualifiedName();
  if (cursor.isWords('row')) throw cursor.notSupported('ROW LEVEL SECURITY');
  cursor.expectWords('auto', 'refresh');
  oneOf(cursor, 'yes', 'no');
  return { kind: 'alterTable', table, action: { kind: 'autoRefresh' }, position };
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
