import type { Statement } from '../statements/statement.ts';

const OPERATOR = ['cancel', 'vacuum', 'analyze', 'truncate table'];
const SECURITY = ['create user', 'alter user', 'drop user', 'create role', 'drop role'];
const BUILDER = [
  'create schema',
  'drop schema',
  'create table',
  'alter table',
  'drop table',
  'create view',
  'drop view',
  'create function',
  'drop function',
  'create procedure',
  'drop procedure',
  'alter default privileges',
];

/** The roles that come with the system, and what they may do everywhere. */
const SYSTEM_ROLES: ReadonlyMap<string, readonly string[]> = new Map([
  ['sys:monitor', []],
  ['sys:operator', OPERATOR],
  ['sys:dba', [...OPERATOR, ...BUILDER]],
  ['sys:secadmin', SECURITY],
  ['sys:superuser', [...OPERATOR, ...BUILDER, ...SECURITY]],
]);

export const isSystemRole = (name: string): boolean => SYSTEM_ROLES.has(name);

/** What a role of the system's own may do. */
export const permissionsOfSystemRole = (name: string): readonly string[] => SYSTEM_ROLES.get(name) ?? [];

const OF_KIND: { readonly [Kind in Statement['kind']]?: string } = {
  alterTable: 'alter table',
  alterUser: 'alter user',
  analyze: 'analyze',
  cancel: 'cancel',
  createFunction: 'create function',
  createProcedure: 'create procedure',
  createSchema: 'create schema',
  createTable: 'create table',
  createTableAs: 'create table',
  createView: 'create view',
  dropFunction: 'drop function',
  truncate: 'truncate table',
  vacuum: 'vacuum',
};

/** The permission of the system that allows a statement wherever it is. */
export function systemPermissionFor(statement: Statement): string | undefined {
  if (statement.kind === 'createPrincipal')
    return statement.object === 'group' ? undefined : `create ${statement.object}`;
  if (statement.kind === 'drop')
    return ['group', 'database'].includes(statement.object)
      ? undefined
      : `drop ${statement.object.replace('materialized ', '')}`;
  if (statement.kind === 'grant' || statement.kind === 'revoke')
    return statement.defaults ? 'alter default privileges' : undefined;
  return OF_KIND[statement.kind];
}
