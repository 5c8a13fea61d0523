import type { Grant } from '../catalog/model.ts';
import { quoteText } from '../rewriter/sql.ts';
import type { Definition } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { settingValue } from './known-settings.ts';
import { insert, later, remove, table } from './principal-tables.ts';
import { catalogs, renamePrincipal } from './renamed-principals.ts';
import { done } from './results.ts';
import { noUser } from './unknown-names.ts';
import { userFacts } from './user-facts.ts';
import type { PrincipalKind, Workspace } from './workspace.ts';

/** CREATE USER, GROUP, ROLE. */
export async function runCreatePrincipal(
  workspace: Workspace,
  create: Definition & { kind: 'createPrincipal' },
): Promise<StatementResult> {
  const { cluster } = workspace;
  const { object } = create;
  const name = workspace.fold(create.name);
  if (name === 'public' || (object === 'role' && name.startsWith('sys:')))
    throw new RedshiftError('42939', `${object} name "${name}" is reserved`);
  if (workspace.isPrincipal(object, name)) throw new RedshiftError('42710', `${object} "${name}" already exists`);
  const id = cluster.nextId();
  workspace.transaction.principals.set(`${object} ${name}`, true);
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
  const user = { id, name, superuser: false, createDatabase: false, password: null, ...userFacts(create) };
  const groups = (create.groups ?? []).map((group) => workspace.fold(group));
  for (const group of groups) requireGroup(workspace, group);
  workspace.transaction.onCommit(() => workspace.cluster.putUser(user));
  if (groups.length > 0) later(workspace, () => groups.map((group) => insert('group_members', group, name)));
}

function requireGroup(workspace: Workspace, name: string): void {
  if (!workspace.isPrincipal('group', name)) throw new RedshiftError('42704', `group "${name}" does not exist`);
}

function requireUser(workspace: Workspace, name: string): void {
  if (!workspace.isPrincipal('user', name)) throw noUser(name);
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
    await dropPrincipal(workspace, object, name, drop.force ?? false);
    workspace.transaction.principals.set(`${object} ${name}`, false);
  }
  return done(`DROP ${object.toUpperCase()}`);
}

async function dropPrincipal(workspace: Workspace, object: PrincipalKind, name: string, force: boolean): Promise<void> {
  if (object === 'role') return dropRole(workspace, name, force);
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

/** Without FORCE a role goes only when nobody has it and it has no other role. */
function requireUnassigned(workspace: Workspace, name: string): void {
  const { roleGrants } = workspace.cluster.directory;
  if (roleGrants.some((grant) => grant.role === name && grant.granteeKind === 'user'))
    throw new RedshiftError('2BP01', 'cannot drop this role since it has been granted on a user');
  const isRelated = roleGrants.some(
    (grant) => grant.granteeKind === 'role' && (grant.role === name || grant.grantee === name),
  );
  if (isRelated) throw new RedshiftError('2BP01', 'cannot drop this role since it depends on another role');
}

/** A role takes its privileges with it. */
async function dropRole(workspace: Workspace, name: string, force: boolean): Promise<void> {
  if (!force) requireUnassigned(workspace, name);
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

export async function runAlterUser(
  workspace: Workspace,
  alter: Definition & { kind: 'alterUser' },
): Promise<StatementResult> {
  const name = workspace.fold(alter.name);
  const { cluster } = workspace;
  requireUser(workspace, name);
  if (alter.setting) return setForUser(workspace, name, alter.setting);
  const next = alter.rename ? workspace.fold(alter.rename) : name;
  if (next !== name) await renamePrincipal(workspace, 'user', name, next);
  const facts = userFacts(alter);
  workspace.transaction.onCommit(async () => {
    const user = cluster.users.get(name);
    if (!user) return;
    if (next !== name) await cluster.dropUser(name);
    await cluster.putUser({ ...user, ...facts, name: next });
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
  requireGroup(workspace, name);
  if (alter.rename) {
    await renamePrincipal(workspace, 'group', name, workspace.fold(alter.rename));
    return done('ALTER GROUP');
  }
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

export async function runAlterRole(
  workspace: Workspace,
  alter: Definition & { kind: 'alterRole' },
): Promise<StatementResult> {
  const name = workspace.fold(alter.name);
  if (!workspace.isPrincipal('role', name)) throw new RedshiftError('42704', `role "${name}" does not exist`);
  if (alter.rename) await renamePrincipal(workspace, 'role', name, workspace.fold(alter.rename));
  if (alter.owner) {
    const owner = workspace.fold(alter.owner);
    requireUser(workspace, owner);
    const change = `UPDATE ${table('roles')} SET owner = ${quoteText(owner)} WHERE role_name = ${quoteText(name)}`;
    later(workspace, () => [change]);
  }
  return done('ALTER ROLE');
}
