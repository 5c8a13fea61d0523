import type { Cursor } from './cursor.ts';
import { roleName } from './privilege.ts';
import { SESSION_STATEMENTS } from './session.ts';
import type { Definition, UserOptions } from './statement.ts';

/** CREATE USER, GROUP, ROLE. */
export function parseCreatePrincipal(cursor: Cursor, position: number, object: 'user' | 'group' | 'role'): Definition {
  const ifNotExists = cursor.acceptWords('if', 'not', 'exists');
  const name = object === 'role' ? roleName(cursor) : cursor.identifier();
  refuseIdentityProvider(cursor);
  if (object === 'role') return { kind: 'createPrincipal', object, name, members: [], ifNotExists, position };
  cursor.acceptWords('with');
  if (object === 'group') {
    const members = cursor.acceptWords('user') ? cursor.separated(() => cursor.identifier()) : [];
    return { kind: 'createPrincipal', object, name, members, ifNotExists, position };
  }
  return { kind: 'createPrincipal', object, name, members: [], ifNotExists, position, ...parseUserOptions(cursor) };
}

/** Names and ids of an identity provider: `namespace:user`, EXTERNALID. */
function refuseIdentityProvider(cursor: Cursor): void {
  if (cursor.isSymbol(':')) throw cursor.notSupported("an identity provider's user");
  if (cursor.isWords('externalid')) throw cursor.notSupported('EXTERNALID');
}

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

function parseUserOptions(cursor: Cursor): UserOptions {
  const options: Mutable<UserOptions> = {};
  while (!cursor.atEnd()) {
    refuseIdentityProvider(cursor);
    if (cursor.acceptWords('password')) options.password = cursor.acceptWords('disable') ? null : cursor.expectString();
    else if (cursor.acceptWords('createdb')) options.createDatabase = true;
    else if (cursor.acceptWords('nocreatedb')) options.createDatabase = false;
    else if (cursor.acceptWords('createuser')) options.superuser = true;
    else if (cursor.acceptWords('nocreateuser')) options.superuser = false;
    else if (cursor.acceptWords('in', 'group')) options.groups = cursor.separated(() => cursor.identifier());
    else if (cursor.acceptWords('valid', 'until')) options.validUntil = cursor.expectString();
    else if (cursor.acceptWords('connection', 'limit')) options.connectionLimit = parseLimit(cursor);
    else if (cursor.acceptWords('session', 'timeout')) cursor.expectInteger();
    else if (cursor.acceptWords('syslog', 'access')) {
      if (cursor.acceptOneOf('restricted', 'unrestricted') === undefined) throw cursor.syntaxError();
    } else throw cursor.syntaxError();
  }
  return options;
}

/** A number, or UNLIMITED. */
export function parseLimit(cursor: Cursor): number | null {
  return cursor.acceptWords('unlimited') ? null : cursor.expectInteger();
}

export function parseAlterUser(cursor: Cursor, position: number): Definition {
  const name = cursor.identifier();
  refuseIdentityProvider(cursor);
  cursor.acceptWords('with');
  if (cursor.acceptWords('rename', 'to')) return { kind: 'alterUser', name, rename: cursor.identifier(), position };
  if (cursor.acceptWords('reset', 'session', 'timeout')) return { kind: 'alterUser', name, position };
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

/** `ALTER GROUP name {ADD|DROP} USER …`, `ALTER GROUP name RENAME TO other`. */
export function parseAlterGroup(cursor: Cursor, position: number): Definition {
  const name = cursor.identifier();
  if (cursor.acceptWords('rename', 'to'))
    return { kind: 'alterGroup', name, rename: cursor.identifier(), add: false, members: [], position };
  const add = cursor.acceptWords('add');
  if (!add) cursor.expectWords('drop');
  cursor.expectWords('user');
  return { kind: 'alterGroup', name, add, members: cursor.separated(() => cursor.identifier()), position };
}

/** `ALTER ROLE name [WITH] {RENAME TO other | OWNER TO user}`. */
export function parseAlterRole(cursor: Cursor, position: number): Definition {
  const name = cursor.identifier();
  cursor.acceptWords('with');
  refuseIdentityProvider(cursor);
  if (cursor.acceptWords('rename', 'to')) return { kind: 'alterRole', name, rename: cursor.identifier(), position };
  cursor.expectWords('owner', 'to');
  return { kind: 'alterRole', name, owner: cursor.identifier(), position };
}
