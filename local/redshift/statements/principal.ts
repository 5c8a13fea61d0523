import type { Cursor } from './cursor.ts';
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
  if (cursor.isWords('set') || cursor.isWords('reset')) throw cursor.notSupported('ALTER USER … SET');
  return { kind: 'alterUser', name, position, ...parseUserOptions(cursor) };
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
  let grantOption = kind === 'revoke' && cursor.acceptWords('grant', 'option', 'for');
  if (kind === 'revoke') cursor.acceptWords('admin', 'option', 'for');
  if (cursor.acceptWords('role')) return parseRoleGrant(cursor, kind, position);
  const columns: Identifier[] = [];
  const privileges = cursor.separated(() => parsePrivilegeName(cursor, columns));
  cursor.expectWords('on');
  const object = parseObject(cursor);
  if (kind === 'grant') cursor.expectWords('to');
  else cursor.expectWords('from');
  const grantees = cursor.separated(() => parseGrantee(cursor));
  if (cursor.acceptWords('with', 'grant', 'option')) grantOption = true;
  cursor.acceptOneOf('cascade', 'restrict');
  return { kind, privileges, columns, object, grantees, grantOption, position };
}

function parseRoleGrant(cursor: Cursor, kind: 'grant' | 'revoke', position: number): Privilege {
  const names = cursor.separated(() => {
    cursor.acceptWords('role');
    return [cursor.identifier()];
  });
  if (kind === 'grant') cursor.expectWords('to');
  else cursor.expectWords('from');
  const grantees = cursor.separated(() => parseGrantee(cursor));
  const grantOption = cursor.acceptWords('with', 'admin', 'option');
  return { kind, privileges: ['usage'], columns: [], object: { kind: 'role', names }, grantees, grantOption, position };
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

function parsePrivilegeName(cursor: Cursor, columns: Identifier[]): string {
  if (cursor.acceptWords('all')) {
    cursor.acceptWords('privileges');
    return 'all';
  }
  const word = cursor.acceptOneOf(...PRIVILEGES);
  if (word === undefined) throw cursor.syntaxError();
  if (cursor.isSymbol('(')) columns.push(...cursor.identifierList());
  return word === 'temporary' ? 'temp' : word;
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
  if (cursor.acceptWords('public')) return { kind: 'public', name: 'public' };
  const kind = (cursor.acceptOneOf('group', 'role') ?? 'user') as 'group' | 'role' | 'user';
  return { kind, name: cursor.identifier().name };
}
