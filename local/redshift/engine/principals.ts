import type { DuckDBConnection } from '@duckdb/node-api';
import type { Grant } from '../catalog/model.ts';
import { quoteText } from '../rewriter/sql.ts';
import type { Definition, Privilege } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { CLUSTER_DATABASE } from './cluster.ts';
import { settingValue } from './known-settings.ts';
import { runGrant } from './privileges-grant.ts';
import { done } from './results.ts';
import type { PrincipalKind, Workspace } from './workspace.ts';

const table = (name: string): string => `${CLUSTER_DATABASE}.main.${name}`;

const insert = (name: string, ...values: (string | number | boolean)[]): string =>
  `INSERT INTO ${table(name)} VALUES (${values.map((value) => (typeof value === 'string' ? quoteText(value) : value)).join(', ')})`;

const remove = (name: string, column: string, value: string): string =>
  `DELETE FROM ${table(name)} WHERE ${column} = ${quoteText(value)}`;

/** They belong to the warehouse, not to a database, and take effect with the commit. */
function later(workspace: Workspace, statements: () => readonly string[]): void {
  const { cluster } = workspace;
  workspace.transaction.onCommit(() =>
    cluster.changePrincipals(async (connection: DuckDBConnection) => {
      for (const sql of statements()) await connection.run(sql);
    }),
  );
}

/** CREATE USER, GROUP, ROLE. */
export async function runCreatePrincipal(
  workspace: Workspace,
  create: Definition & { kind: 'createPrincipal' },
): Promise<StatementResult> {
  const { cluster } = workspace;
  const { object } = create;
  const name = workspace.fold(create.name);
  if (workspace.isPrincipal(object, name)) throw new RedshiftError('42710', `${object} "${name}" already exists`);
  const id = cluster.nextId();
  workspace.transaction.newPrincipals.add(`${object} ${name}`);
  if (object === 'user') createUser(workspace, id, name, create);
  else if (object === 'role') later(workspace, () => [insert('roles', id, name, workspace.user)]);
  else {
    const members = create.members.map((member) => workspace.fold(member));
    for (const member of members) requireUser(workspace, member);
    later(workspace, () => [
      insert('groups', id, name),
      ...members.map((member) => insert('group_members', name, member)),
    ]);
  }
  return done(`CREATE ${object.toUpperCase()}`);
}

function createUser(
  workspace: Workspace,
  id: number,
  name: string,
  create: Definition & { kind: 'createPrincipal' },
): void {
  const password = create.password ?? null;
  requireClearPassword(password);
  const user = {
    id,
    name,
    superuser: create.superuser ?? false,
    createDatabase: create.createDatabase ?? false,
    password,
  };
  workspace.transaction.onCommit(() => workspace.cluster.putUser(user));
}

/** A digest is no password here: SCRAM needs the clear text once. */
function requireClearPassword(password: string | null): void {
  if (password !== null && (/^md5[0-9a-f]{32}$/i.test(password) || password.startsWith('sha256|')))
    throw new RedshiftError('0A000', 'a password as an MD5 or SHA-256 digest is not supported; give the clear text');
}

function requireUser(workspace: Workspace, name: string): void {
  if (!workspace.isPrincipal('user', name)) throw new RedshiftError('42704', `user "${name}" does not exist`);
}

export async function runDropPrincipal(
  workspace: Workspace,
  drop: Definition & { kind: 'drop' },
): Promise<StatementResult> {
  const object = drop.object as PrincipalKind;
  for (const parts of drop.names) {
    const name = workspace.fold(parts[0] as Identifier);
    if (!workspace.isPrincipal(object, name)) {
      if (drop.ifExists) continue;
      throw new RedshiftError('42704', `${object} "${name}" does not exist`);
    }
    await dropPrincipal(workspace, object, name);
  }
  return done(`DROP ${object.toUpperCase()}`);
}

async function dropPrincipal(workspace: Workspace, object: PrincipalKind, name: string): Promise<void> {
  if (object === 'role') return dropRole(workspace, name);
  if (object === 'user') requireDroppable(workspace, name);
  if (isGrantee(workspace, object, name))
    throw new RedshiftError(
      '55006',
      `${object} "${name}" can't be dropped because the ${object} has a privilege on some object`,
    );
  if (object === 'group') {
    later(workspace, () => [remove('groups', 'group_name', name), remove('group_members', 'group_name', name)]);
    return;
  }
  workspace.transaction.onCommit(() => workspace.cluster.dropUser(name));
  later(workspace, () => [
    remove('group_members', 'user_name', name),
    remove('user_settings', 'user_name', name),
    `${remove('role_grants', 'grantee', name)} AND grantee_kind = 'user'`,
  ]);
}

/** A role takes its privileges with it. */
async function dropRole(workspace: Workspace, name: string): Promise<void> {
  const grants = workspace.transaction.catalog.grants.filter(isTo('role', name));
  if (grants.length > 0) await workspace.transaction.change({ kind: 'removeGrants', grants });
  if (isGrantee(workspace, 'role', name))
    throw new RedshiftError('55006', `role "${name}" can't be dropped because it has a privilege in another database`);
  later(workspace, () => [
    remove('roles', 'role_name', name),
    remove('role_grants', 'role_name', name),
    `${remove('role_grants', 'grantee', name)} AND grantee_kind = 'role'`,
  ]);
}

const isTo =
  (kind: PrincipalKind, name: string) =>
  (grant: Grant): boolean =>
    (grant.granteeKind === kind && grant.grantee === name) ||
    (kind === 'user' && grant.objectKind === 'default' && grant.objectName === name);

function catalogs(workspace: Workspace): Workspace['transaction']['catalog'][] {
  const others = [...workspace.cluster.catalogs].filter(([database]) => database !== workspace.database);
  return [workspace.transaction.catalog, ...others.map(([, catalog]) => catalog)];
}

const isGrantee = (workspace: Workspace, kind: PrincipalKind, name: string): boolean =>
  catalogs(workspace).some((catalog) => catalog.grants.some(isTo(kind, name)));

const isOwner = (workspace: Workspace, name: string): boolean =>
  catalogs(workspace).some((catalog) =>
    [...catalog.schemas.values(), ...catalog.relations.values(), ...[...catalog.functions.values()].flat()].some(
      ({ owner }) => owner === name,
    ),
  );

function requireDroppable(workspace: Workspace, name: string): void {
  if (name === workspace.user) throw new RedshiftError('55006', 'current user cannot be dropped');
  if (isOwner(workspace, name))
    throw new RedshiftError('55006', `user "${name}" can't be dropped because the user owns some object`);
}

/** Names stand for users in the catalog, so that one who owns or may do something keeps theirs. */
function requireRenamable(workspace: Workspace, name: string): void {
  if (name === workspace.user) throw new RedshiftError('0A000', 'session user cannot be renamed');
  const { groups, roleGrants, settings } = workspace.cluster.directory;
  const belongs =
    [...groups.values()].some((members) => members.has(name)) ||
    roleGrants.some(({ granteeKind, grantee }) => granteeKind === 'user' && grantee === name);
  if (belongs || settings.has(name) || isOwner(workspace, name) || isGrantee(workspace, 'user', name))
    throw new RedshiftError('0A000', 'renaming a user who owns, belongs to or may do something is not supported');
}

export async function runAlterUser(
  workspace: Workspace,
  alter: Definition & { kind: 'alterUser' },
): Promise<StatementResult> {
  const name = workspace.fold(alter.name);
  const { cluster } = workspace;
  requireUser(workspace, name);
  if (alter.setting) return setForUser(workspace, name, alter.setting);
  if (alter.rename) requireRenamable(workspace, name);
  requireClearPassword(alter.password ?? null);
  const next = alter.rename ? workspace.fold(alter.rename) : name;
  if (next !== name && workspace.isPrincipal('user', next))
    throw new RedshiftError('42710', `user "${next}" already exists`);
  workspace.transaction.onCommit(async () => {
    const user = cluster.users.get(name);
    if (!user) return;
    if (next !== name) await cluster.dropUser(name);
    await cluster.putUser({
      ...user,
      name: next,
      password: alter.password === undefined ? user.password : alter.password,
      superuser: alter.superuser ?? user.superuser,
      createDatabase: alter.createDatabase ?? user.createDatabase,
    });
  });
  return done('ALTER USER');
}

/** ALTER USER … SET: the user's next sessions begin with it. */
function setForUser(
  workspace: Workspace,
  user: string,
  setting: { readonly name: string; readonly value: string | null },
): StatementResult {
  const value = settingValue(setting.name, setting.value);
  const old = `${remove('user_settings', 'user_name', user)} AND setting_name = ${quoteText(setting.name)}`;
  later(workspace, () => (value === null ? [old] : [old, insert('user_settings', user, setting.name, value)]));
  return done('ALTER USER');
}

export async function runAlterGroup(
  workspace: Workspace,
  alter: Definition & { kind: 'alterGroup' },
): Promise<StatementResult> {
  const name = workspace.fold(alter.name);
  if (!workspace.isPrincipal('group', name)) throw new RedshiftError('42704', `group "${name}" does not exist`);
  const members = alter.members.map((member) => workspace.fold(member));
  for (const member of members) requireUser(workspace, member);
  later(workspace, () =>
    members.flatMap((member) => [
      `${remove('group_members', 'group_name', name)} AND user_name = ${quoteText(member)}`,
      ...(alter.add ? [insert('group_members', name, member)] : []),
    ]),
  );
  return done('ALTER GROUP');
}

/** GRANT and REVOKE. */
export async function runPrivilege(workspace: Workspace, statement: Privilege): Promise<StatementResult> {
  return statement.object.kind === 'role' ? grantRoles(workspace, statement) : runGrant(workspace, statement);
}

async function grantRoles(workspace: Workspace, statement: Privilege): Promise<StatementResult> {
  for (const { kind, name } of statement.grantees) {
    if (kind !== 'user' && kind !== 'role')
      throw new RedshiftError('0A000', 'a role can be granted to users and roles only');
    if (!workspace.isPrincipal(kind, name.toLowerCase()))
      throw new RedshiftError('42704', `${kind} "${name}" does not exist`);
  }
  for (const parts of statement.object.names)
    await grantRole(workspace, statement, workspace.fold(parts[0] as Identifier));
  return done(statement.kind.toUpperCase());
}

const SYSTEM_ROLES = ['sys:superuser'];

async function grantRole(workspace: Workspace, statement: Privilege, role: string): Promise<void> {
  if (/^sys:/.test(role) && !SYSTEM_ROLES.includes(role))
    throw new RedshiftError('0A000', `the system-defined role "${role}" is not supported`);
  if (!workspace.isPrincipal('role', role) && !SYSTEM_ROLES.includes(role))
    throw new RedshiftError('42704', `role "${role}" does not exist`);
  requireMayGrantRole(workspace, role);
  const grantees = statement.grantees.map(({ kind, name }) => ({ kind, name: name.toLowerCase() }));
  for (const { kind, name } of grantees)
    if (statement.kind === 'grant' && kind === 'role') requireNoCircle(workspace, role, name);
  const keepsRole = statement.kind === 'revoke' && statement.grantOption;
  later(workspace, () =>
    grantees.flatMap(({ kind, name }) => {
      const place = `role_name = ${quoteText(role)} AND grantee_kind = '${kind}' AND grantee = ${quoteText(name)}`;
      if (keepsRole) return [`UPDATE ${table('role_grants')} SET admin_option = FALSE WHERE ${place}`];
      const old = `DELETE FROM ${table('role_grants')} WHERE ${place}`;
      return statement.kind === 'grant' ? [old, insert('role_grants', role, kind, name, statement.grantOption)] : [old];
    }),
  );
}

function requireMayGrantRole(workspace: Workspace, role: string): void {
  const { actor } = workspace.rights;
  const { roles, roleGrants } = workspace.cluster.directory;
  const administers = roleGrants.some(
    (grant) =>
      grant.role === role &&
      grant.adminOption &&
      (grant.granteeKind === 'user' ? grant.grantee === actor.name : actor.roles.has(grant.grantee)),
  );
  if (actor.superuser || administers || roles.get(role) === actor.name) return;
  throw new RedshiftError('42501', `permission denied for role ${role}`);
}

/** A role cannot come back to itself. */
function requireNoCircle(workspace: Workspace, role: string, grantee: string): void {
  const { roleGrants } = workspace.cluster.directory;
  const reaches = (from: string): boolean =>
    from === grantee ||
    roleGrants.some((grant) => grant.granteeKind === 'role' && grant.grantee === from && reaches(grant.role));
  if (reaches(role))
    throw new RedshiftError(
      '0LP01',
      `role "${role}" cannot be granted to role "${grantee}": they would contain each other`,
    );
}
