import type { Cursor } from './cursor.ts';
import { SESSION_STATEMENTS } from './session.ts';
import type { Definition, Privilege } from './statement.ts';
import type { Identifier } from './syntax.ts';

/** CREATE USER, GROUP, ROLE. */
export function parseCreatePrincipal(cursor: Cursor, position: number, object: 'user' | 'group' | 'role'): Definition {
  const ifNotExists = cursor.acceptWords('if', 'not', 'exists');
  const name = cursor.identifier();
  if (object === 'role') {
    if (cursor.acceptWords('externalid')) throw cursor.notSupported('EXTERNALID');
    return { kind: 'createPrincipal', object, name, members: [], ifNotExists, position };
  }
  cursor.acceptWords('with');
  if (object === 'group') {
    const members = cursor.acceptWords('user') ? cursor.separated(() => cursor.identifier()) : [];
    return { kind: 'createPrincipal', object, name, members, ifNotExists, position };
  }
  return { kind: 'createPrincipal', object, name, members: [], ifNotExists, position, ...parseUserOptions(cursor) };
}

interface UserOptions {
  password?: string | null;
  createDatabase?: boolean;
  superuser?: boolean;
}

function parseUserOptions(cursor: Cursor): UserOptions {
  const options: UserOptions = {};
  while (!cursor.atEnd()) {
    if (cursor.acceptWords('password')) options.password = cursor.acceptWords('disable') ? null : cursor.expectString();
    else if (cursor.acceptWords('createdb')) options.createDatabase = true;
    else if (cursor.acceptWords('nocreatedb')) options.createDatabase = false;
    else if (cursor.acceptWords('createuser')) options.superuser = true;
    else if (cursor.acceptWords('nocreateuser')) options.superuser = false;
    else if (cursor.acceptWords('syslog', 'access')) cursor.next();
    else if (cursor.acceptWords('valid', 'until')) cursor.expectString();
    else if (cursor.acceptWords('connection', 'limit')) cursor.next();
    else if (cursor.acceptWords('session', 'timeout')) cursor.next();
    else throw cursor.syntaxError();
  }
  return options;
}

export function parseAlterUser(cursor: Cursor, position: number): Definition {
  const name = cursor.identifier();
  cursor.acceptWords('with');
  if (cursor.acceptWords('rename', 'to')) return { kind: 'alterUser', name, rename: cursor.identifier(), position };
  if (cursor.isWords('set') || cursor.isWords('reset'))
    return { kind: 'alterUser', name, setting: parseUserSetting(cursor), position };
  return { kind: 'alterUser', name, position, ...parseUserOptions(cursor) };
}

/** `SET name {TO|=} value`, `RESET name`. */
function parseUserSetting(cursor: Cursor): { name: string; value: string | null } {
  const reader = SESSION_STATEMENTS[cursor.peek().text] as (typeof SESSION_STATEMENTS)[string];
  const statement = reader(cursor, cursor.peek().start);
  if (statement.kind !== 'set' || statement.local) throw cursor.syntaxError();
  return { name: statement.name, value: statement.value };
}

export function parseAlterGroup(cursor: Cursor, position: number): Definition {
  const name = cursor.identifier();
  const add = cursor.acceptWords('add');
  if (!add) cursor.expectWords('drop');
  cursor.expectWords('user');
  return { kind: 'alterGroup', name, add, members: cursor.separated(() => cursor.identifier()), position };
}

/** GRANT and REVOKE, in all the shapes the manual lists for tables, schemas, databases, functions, languages, roles and defaults. */
export function parsePrivilege(cursor: Cursor): Privilege {
  const position = cursor.peek().start;
  const kind = cursor.next().text as 'grant' | 'revoke';
  const grantOption = kind === 'revoke' && cursor.acceptWords('grant', 'option', 'for');
  const adminOption = kind === 'revoke' && cursor.acceptWords('admin', 'option', 'for');
  if (cursor.acceptWords('role')) return parseRoleGrant(cursor, kind, position, adminOption);
  const privileges = cursor.separated(() => parsePrivilegeName(cursor));
  cursor.expectWords('on');
  return parseGranted(cursor, { kind, privileges, object: parseObject(cursor), grantOption, position });
}

/** `ALTER DEFAULT PRIVILEGES [FOR USER …] [IN SCHEMA …] {GRANT|REVOKE} … ON TABLES {TO|FROM} …`. */
export function parseDefaultPrivileges(cursor: Cursor): Privilege {
  const users = cursor.acceptWords('for', 'user') ? cursor.separated(() => cursor.identifier()) : [];
  const schemas = cursor.acceptWords('in', 'schema') ? cursor.separated(() => cursor.identifier()) : [];
  const position = cursor.peek().start;
  const kind = cursor.acceptOneOf('grant', 'revoke') as 'grant' | 'revoke' | undefined;
  if (kind === undefined) throw cursor.syntaxError();
  const grantOption = kind === 'revoke' && cursor.acceptWords('grant', 'option', 'for');
  const privileges = cursor.separated(() => parsePrivilegeName(cursor));
  cursor.expectWords('on');
  if (!cursor.acceptWords('tables')) throw cursor.notSupported('ALTER DEFAULT PRIVILEGES for anything but TABLES');
  const object = { kind: 'default', names: [] } as const;
  return parseGranted(cursor, { kind, privileges, object, defaults: { users, schemas }, grantOption, position });
}

/** To whom, or from whom. The grant option belongs to the name that it stands behind. */
function parseGranted(cursor: Cursor, start: Omit<Privilege, 'grantees'>): Privilege {
  const { kind } = start;
  if (kind === 'grant') cursor.expectWords('to');
  else cursor.expectWords('from');
  const grantees = cursor.separated(() => {
    const grantee = parseGrantee(cursor);
    return { ...grantee, grantOption: kind === 'grant' && cursor.acceptWords('with', 'grant', 'option') };
  });
  cursor.acceptOneOf('cascade', 'restrict');
  return { ...start, grantees };
}

function parseRoleGrant(cursor: Cursor, kind: 'grant' | 'revoke', position: number, adminOption: boolean): Privilege {
  const names = cursor.separated(() => {
    cursor.acceptWords('role');
    return [roleName(cursor)];
  });
  if (kind === 'grant') cursor.expectWords('to');
  else cursor.expectWords('from');
  const grantees = cursor.separated(() => parseGrantee(cursor));
  const grantOption = cursor.acceptWords('with', 'admin', 'option') || adminOption;
  return { kind, privileges: [], object: { kind: 'role', names }, grantees, grantOption, position };
}

/** A role of the system has a colon in its name: `sys:superuser`. */
function roleName(cursor: Cursor): Identifier {
  const name = cursor.identifier();
  if (name.quoted || !cursor.acceptSymbol(':')) return name;
  return { ...name, name: `${name.name}:${cursor.identifier().name}` };
}

const PRIVILEGES = [
  'select',
  'insert',
  'update',
  'delete',
  'truncate',
  'drop',
  'references',
  'rule',
  'trigger',
  'create',
  'usage',
  'execute',
  'temp',
  'temporary',
  'alter',
  'assumerole',
  'ignore',
];

function parsePrivilegeName(cursor: Cursor): Privilege['privileges'][number] {
  const isAll = cursor.acceptWords('all');
  if (isAll) cursor.acceptWords('privileges');
  const word = isAll ? 'all' : cursor.acceptOneOf(...PRIVILEGES);
  if (word === undefined) throw cursor.syntaxError();
  const columns = cursor.isSymbol('(') ? cursor.identifierList() : [];
  return { name: word === 'temporary' ? 'temp' : word, columns };
}

function parseObject(cursor: Cursor): Privilege['object'] {
  if (cursor.acceptWords('all', 'tables', 'in', 'schema')) {
    return { kind: 'allTables', names: cursor.separated(() => cursor.qualifiedName()) };
  }
  const kind = cursor.acceptOneOf('table', 'schema', 'database', 'function', 'language') as
    | Privilege['object']['kind']
    | undefined;
  if (kind === 'function') {
    const names = cursor.separated(() => {
      const name = cursor.qualifiedName();
      while (!cursor.isWords('to') && !cursor.isWords('from') && !cursor.isSymbol(',') && !cursor.atEnd())
        cursor.next();
      return name;
    });
    return { kind, names };
  }
  return { kind: kind ?? 'table', names: cursor.separated(() => cursor.qualifiedName()) };
}

function parseGrantee(cursor: Cursor): Privilege['grantees'][number] {
  if (cursor.acceptWords('public')) return { kind: 'public', name: 'public', grantOption: false };
  const kind = (cursor.acceptOneOf('group', 'role') ?? 'user') as 'group' | 'role' | 'user';
  return { kind, name: cursor.identifier().name, grantOption: false };
}
