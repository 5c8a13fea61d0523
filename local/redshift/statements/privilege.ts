import type { RedshiftType } from '../types.ts';
import type { Cursor } from './cursor.ts';
import { parseArguments } from './routine.ts';
import type { Privilege } from './statement.ts';
import type { Identifier } from './syntax.ts';

type Kind = Privilege['kind'];
type Head = Pick<Privilege, 'kind' | 'grantOption' | 'position'>;

/** GRANT and REVOKE, in all the shapes the manual lists. What cannot be enforced is refused by its name. */
export function parsePrivilege(cursor: Cursor): Privilege {
  const position = cursor.peek().start;
  const kind = cursor.next().text as Kind;
  const adminOption = kind === 'revoke' && cursor.acceptWords('admin', 'option', 'for');
  if (cursor.isWords('role')) return parseRoleGrant(cursor, { kind, grantOption: adminOption, position });
  const head = { kind, grantOption: kind === 'revoke' && cursor.acceptWords('grant', 'option', 'for'), position };
  const system = parseSystemPermissions(cursor, head) ?? parseBareRole(cursor, head);
  if (system) return system;
  if (cursor.acceptWords('assumerole')) return parseAssumeRole(cursor, head);
  const privileges = cursor.separated(() => parsePrivilegeName(cursor));
  if (cursor.acceptWords('for')) return parseScope(cursor, { ...head, privileges });
  cursor.expectWords('on');
  refuseObject(cursor);
  return parseGranted(cursor, { ...head, privileges, object: parseObject(cursor) });
}

/** `ALTER DEFAULT PRIVILEGES [FOR USER …] [IN SCHEMA …] {GRANT|REVOKE} … ON {TABLES|FUNCTIONS|PROCEDURES} {TO|FROM} …`. */
export function parseDefaultPrivileges(cursor: Cursor): Privilege {
  const users = cursor.acceptWords('for', 'user') ? cursor.separated(() => cursor.identifier()) : [];
  const schemas = cursor.acceptWords('in', 'schema') ? cursor.separated(() => cursor.identifier()) : [];
  const position = cursor.peek().start;
  const kind = cursor.acceptOneOf('grant', 'revoke') as Kind | undefined;
  if (kind === undefined) throw cursor.syntaxError();
  const grantOption = kind === 'revoke' && cursor.acceptWords('grant', 'option', 'for');
  const privileges = cursor.separated(() => parsePrivilegeName(cursor));
  cursor.expectWords('on');
  const on = cursor.acceptOneOf('tables', 'functions', 'procedures') as 'tables' | 'functions' | 'procedures';
  if (on === undefined) throw cursor.syntaxError();
  const object = { kind: 'default', names: [] } as const;
  return parseGranted(cursor, { kind, privileges, object, defaults: { users, schemas, on }, grantOption, position });
}

/** To whom, or from whom. The grant option belongs to the name that it stands behind. */
function parseGranted(cursor: Cursor, start: Omit<Privilege, 'grantees'>): Privilege {
  expectDirection(cursor, start.kind);
  const grantees = cursor.separated(() => {
    const grantee = parseGrantee(cursor);
    return { ...grantee, grantOption: start.kind === 'grant' && cursor.acceptWords('with', 'grant', 'option') };
  });
  const cascade = cursor.acceptOneOf('cascade', 'restrict') === 'cascade';
  return { ...start, grantees, cascade };
}

function expectDirection(cursor: Cursor, kind: Kind): void {
  cursor.expectWords(kind === 'grant' ? 'to' : 'from');
}

function parseRoleGrant(cursor: Cursor, head: Head): Privilege {
  const names = cursor.separated(() => {
    cursor.acceptWords('role');
    return [roleName(cursor)];
  });
  expectDirection(cursor, head.kind);
  const grantees = cursor.separated(() => parseGrantee(cursor));
  const grantOption = cursor.acceptWords('with', 'admin', 'option') || head.grantOption;
  return { ...head, privileges: [], object: { kind: 'role', names }, grantees, grantOption };
}

/** `GRANT name TO user`: the word ROLE may be left out. */
function parseBareRole(cursor: Cursor, head: Head): Privilege | undefined {
  const direction = head.kind === 'grant' ? 'to' : 'from';
  const isPrivilege = cursor.peek().kind === 'word' && PRIVILEGES.includes(cursor.peek().text);
  const next = cursor.peek(1);
  if (isPrivilege || next.kind !== 'word' || next.text !== direction) return undefined;
  return parseRoleGrant(cursor, head);
}

/** A role of the system has a colon in its name: `sys:superuser`. */
export function roleName(cursor: Cursor): Identifier {
  const name = cursor.identifier();
  if (name.quoted || !cursor.acceptSymbol(':')) return name;
  return { ...name, name: `${name.name}:${cursor.identifier().name}` };
}

/** Permissions of the system, which are for roles; in the manual's words. */
const SYSTEM_PERMISSIONS = [
  'create or replace external function',
  'create or replace function',
  'create or replace procedure',
  'create or replace view',
  'alter default privileges',
  'alter datashare',
  'alter table',
  'alter user',
  'access system table',
  'access catalog',
  'create datashare',
  'create external function',
  'create function',
  'create library',
  'create model',
  'create procedure',
  'create role',
  'create schema',
  'create table',
  'create user',
  'create view',
  'drop datashare',
  'drop function',
  'drop library',
  'drop model',
  'drop procedure',
  'drop role',
  'drop schema',
  'drop table',
  'drop user',
  'drop view',
  'explain masking',
  'explain rls',
  'ignore rls',
  'truncate table',
  'analyze',
  'cancel',
  'vacuum',
] as const;

function parseSystemPermissions(cursor: Cursor, head: Head): Privilege | undefined {
  const read = (): string | undefined =>
    SYSTEM_PERMISSIONS.find((permission) => cursor.acceptWords(...permission.split(' ')));
  const mark = cursor.offset;
  const privileges: { name: string; columns: [] }[] = [];
  do {
    const name = read();
    if (name === undefined) break;
    privileges.push({ name: name.replace('create or replace', 'create'), columns: [] });
  } while (cursor.acceptSymbol(','));
  if (privileges.length === 0 || !cursor.isWords(head.kind === 'grant' ? 'to' : 'from')) {
    cursor.seek(mark);
    return undefined;
  }
  const policy = privileges.find(({ name }) => /rls|masking|model|datashare|library|catalog|external/.test(name));
  if (policy) throw cursor.notSupported(`${head.kind.toUpperCase()} ${policy.name.toUpperCase()}`);
  return parseGranted(cursor, { ...head, privileges, object: { kind: 'system', names: [] } });
}

/** `ASSUMEROLE ON { 'role', … | default | ALL } TO … FOR { ALL | COPY | UNLOAD | … }`. */
function parseAssumeRole(cursor: Cursor, head: Head): Privilege {
  cursor.expectWords('on');
  const roles = cursor.separated(() => {
    const { kind, text } = cursor.next();
    if (kind !== 'string' && text !== 'default' && text !== 'all') throw cursor.syntaxError();
    return [{ name: text, quoted: true, position: cursor.peek().start }];
  });
  const granted = parseGranted(cursor, { ...head, privileges: [], object: { kind: 'assumerole', names: roles } });
  cursor.expectWords('for');
  const purposes = cursor.separated(() => parsePurpose(cursor));
  return { ...granted, privileges: purposes.map((name) => ({ name, columns: [] })) };
}

function parsePurpose(cursor: Cursor): string {
  if (cursor.acceptWords('external', 'function')) return 'external function';
  if (cursor.acceptWords('create', 'model')) return 'create model';
  const word = cursor.acceptOneOf('all', 'copy', 'unload');
  if (word === undefined) throw cursor.syntaxError();
  return word;
}

/** `… FOR TABLES IN {SCHEMA name | DATABASE name}`: what there is and what will be. */
function parseScope(cursor: Cursor, head: Head & Pick<Privilege, 'privileges'>): Privilege {
  const what = cursor.peek();
  if (!cursor.acceptWords('tables')) throw cursor.notSupported(`a permission FOR ${what.text.toUpperCase()} IN`);
  cursor.expectWords('in');
  const container = cursor.acceptOneOf('schema', 'database') as 'schema' | 'database' | undefined;
  if (container === undefined) throw cursor.syntaxError();
  const names = [cursor.qualifiedName()];
  if (container === 'schema' && cursor.isWords('database')) throw cursor.notSupported('IN SCHEMA … DATABASE');
  return parseGranted(cursor, { ...head, object: { kind: container === 'schema' ? 'schemaScope' : 'scope', names } });
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
  'all',
  'assumerole',
  'share',
];

function parsePrivilegeName(cursor: Cursor): Privilege['privileges'][number] {
  const word = cursor.acceptOneOf(...PRIVILEGES);
  if (word === undefined) throw cursor.syntaxError();
  if (word === 'all') cursor.acceptWords('privileges');
  const columns = cursor.isSymbol('(') ? cursor.identifierList() : [];
  return { name: word === 'temporary' ? 'temp' : word, columns };
}

const REFUSED_OBJECTS = ['external', 'datashare', 'model', 'copy', 'library', 'template'];

function refuseObject(cursor: Cursor): void {
  const word = cursor.peek();
  const isObject = ['word', 'quoted'].includes(cursor.peek(1).kind) && !cursor.isWords(word.text, 'to');
  if (word.kind === 'word' && REFUSED_OBJECTS.includes(word.text) && isObject && cursor.peek(1).text !== 'from')
    throw cursor.notSupported(`a privilege on ${word.text.toUpperCase()}`);
}

function parseObject(cursor: Cursor): Privilege['object'] {
  for (const [words, kind] of ALL_IN_SCHEMA)
    if (cursor.acceptWords('all', words, 'in', 'schema'))
      return { kind, names: cursor.separated(() => cursor.qualifiedName()) };
  const kind = cursor.acceptOneOf('table', 'schema', 'database', 'function', 'procedure', 'language');
  if (kind === 'function' || kind === 'procedure') return parseRoutines(cursor, kind);
  return {
    kind: (kind ?? 'table') as Privilege['object']['kind'],
    names: cursor.separated(() => cursor.qualifiedName()),
  };
}

const ALL_IN_SCHEMA = [
  ['tables', 'allTables'],
  ['functions', 'allFunctions'],
  ['procedures', 'allProcedures'],
] as const;

function parseRoutines(cursor: Cursor, kind: 'function' | 'procedure'): Privilege['object'] {
  const signatures: (readonly RedshiftType[])[] = [];
  const names = cursor.separated(() => {
    const name = cursor.qualifiedName();
    signatures.push(parseArguments(cursor).map(({ type }) => type));
    return name;
  });
  return { kind, names, signatures };
}

function parseGrantee(cursor: Cursor): Privilege['grantees'][number] {
  if (cursor.acceptWords('public')) return { kind: 'public', name: 'public', grantOption: false };
  for (const refused of ['rls', 'namespace', 'account', 'iam_role'])
    if (cursor.isWords(refused) && cursor.peek(1).kind !== 'symbol' && cursor.peek(1).kind !== 'end')
      throw cursor.notSupported(`a grant to ${refused.toUpperCase()}`);
  const kind = (cursor.acceptOneOf('group', 'role') ?? 'user') as 'group' | 'role' | 'user';
  return { kind, name: cursor.identifier().name, grantOption: false };
}
