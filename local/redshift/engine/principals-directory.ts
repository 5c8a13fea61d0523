import type { DuckDBConnection } from '@duckdb/node-api';
import type { Grant } from '../catalog/model.ts';

export interface RoleGrant {
  readonly role: string;
  readonly granteeKind: Grant['granteeKind'];
  readonly grantee: string;
  readonly adminOption: boolean;
}

/** Who belongs to what, in the whole warehouse: a picture that every change of a user, group or role replaces. */
export interface Directory {
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>;
  /** Roles and their owners. */
  readonly roles: ReadonlyMap<string, string>;
  readonly roleGrants: readonly RoleGrant[];
  /** What ALTER USER … SET left for the user's next sessions. */
  readonly settings: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly databases: ReadonlyMap<string, DatabaseFacts>;
}

/** What CREATE DATABASE and ALTER DATABASE said of a database. */
export interface DatabaseFacts {
  readonly owner: string;
  readonly connectionLimit?: number;
  readonly caseInsensitive: boolean;
  readonly isolation: 'serializable' | 'snapshot';
}

export const EMPTY_DIRECTORY: Directory = {
  groups: new Map(),
  roles: new Map(),
  roleGrants: [],
  settings: new Map(),
  databases: new Map(),
};

export async function readDirectory(connection: DuckDBConnection, database: string): Promise<Directory> {
  const read = async (columns: string, table: string): Promise<string[][]> =>
    (await connection.runAndReadAll(`SELECT ${columns} FROM ${database}.main.${table}`)).getRows() as string[][];
  const groups = new Map((await read('group_name', 'groups')).map(([name]) => [name as string, new Set<string>()]));
  for (const [group, user] of await read('group_name, user_name', 'group_members'))
    groups.get(group as string)?.add(user as string);
  const roleGrants = await read('role_name, grantee_kind, grantee, CAST(admin_option AS VARCHAR)', 'role_grants');
  const settings = new Map<string, Map<string, string>>();
  for (const [user, name, value] of (await read('user_name, setting_name, setting_value', 'user_settings')) as [
    string,
    string,
    string,
  ][])
    settings.set(user, new Map([...(settings.get(user) ?? []), [name, value]]));
  return {
    groups,
    roles: new Map((await read('role_name, owner', 'roles')) as [string, string][]),
    roleGrants: roleGrants.map(([role, granteeKind, grantee, adminOption]) => ({
      role: role as string,
      granteeKind: granteeKind as RoleGrant['granteeKind'],
      grantee: grantee as string,
      adminOption: adminOption === 'true',
    })),
    settings,
    databases: await readDatabases(read),
  };
}

async function readDatabases(
  read: (columns: string, table: string) => Promise<string[][]>,
): Promise<Directory['databases']> {
  const columns =
    'database_name, owner, CAST(connection_limit AS VARCHAR), CAST(case_insensitive AS VARCHAR), isolation';
  const rows = (await read(columns, 'databases')) as [string, string, string, string, DatabaseFacts['isolation']][];
  return new Map(
    rows.map(([name, owner, limit, caseInsensitive, isolation]) => [
      name,
      {
        owner,
        connectionLimit: Number(limit) < 0 ? undefined : Number(limit),
        caseInsensitive: caseInsensitive === 'true',
        isolation,
      },
    ]),
  );
}

/** A user with everything that speaks for them. */
export interface Actor {
  readonly name: string;
  readonly superuser: boolean;
  readonly groups: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
}

/** All roles that a user has, those that come with other roles included. */
function rolesOf(directory: Directory, user: string): Set<string> {
  const roles = new Set<string>();
  const visit = (kind: 'user' | 'role', name: string): void => {
    for (const { role, granteeKind, grantee } of directory.roleGrants) {
      if (granteeKind !== kind || grantee !== name || roles.has(role)) continue;
      roles.add(role);
      visit('role', role);
    }
  };
  visit('user', user);
  return roles;
}

/** The system itself (`rdsdb`) and whoever has the role sys:superuser are superusers as well. */
export function actorOf(directory: Directory, name: string, superuser: boolean): Actor {
  const groups = [...directory.groups].filter(([, members]) => members.has(name)).map(([group]) => group);
  const roles = rolesOf(directory, name);
  return {
    name,
    superuser: superuser || name === 'rdsdb' || roles.has('sys:superuser'),
    groups: new Set(groups),
    roles,
  };
}

/** Whether what was granted to a grantee is for this user. */
export function speaksFor(actor: Actor, grant: Pick<Grant, 'granteeKind' | 'grantee'>): boolean {
  switch (grant.granteeKind) {
    case 'public':
      return true;
    case 'user':
      return grant.grantee === actor.name;
    case 'group':
      return actor.groups.has(grant.grantee);
    case 'role':
      return actor.roles.has(grant.grantee);
  }
}
