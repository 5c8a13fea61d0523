import type { Grant } from '../catalog/model.ts';
import { quoteText } from '../rewriter/sql.ts';
import type { Definition, Privilege } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { CLUSTER_DATABASE } from './cluster.ts';
import { done } from './results.ts';
import type { Workspace } from './workspace.ts';

const table = (name: string): string => `${CLUSTER_DATABASE}.main.${name}`;

async function names(workspace: Workspace, kind: 'group' | 'role'): Promise<Set<string>> {
  const rows = await workspace.cluster.connection.runAndReadAll(`SELECT ${kind}_name FROM ${table(`${kind}s`)}`);
  return new Set(rows.getRows().map(([name]) => name as string));
}

/** CREATE USER, GROUP, ROLE. They belong to the warehouse, not to a database, and take effect with the commit. */
export async function runCreatePrincipal(
  workspace: Workspace,
  create: Definition & { kind: 'createPrincipal' },
): Promise<StatementResult> {
  const name = workspace.fold(create.name);
  const tag = `CREATE ${create.object.toUpperCase()}`;
  const present = await isKnown(workspace, create.object, name);
  if (present) throw new RedshiftError('42710', `${create.object} "${name}" already exists`);
  const id = workspace.cluster.nextId();
  const { cluster } = workspace;
  workspace.transaction.newPrincipals.add(`${create.object} ${name}`);
  workspace.transaction.onCommit(async () => {
    if (create.object === 'user') {
      await cluster.putUser({
        id,
        name,
        superuser: create.superuser ?? false,
        createDatabase: create.createDatabase ?? false,
        password: create.password ?? null,
      });
    } else if (create.object === 'group') {
      await cluster.connection.run(`INSERT INTO ${table('groups')} VALUES (${id}, ${quoteText(name)})`);
      for (const member of create.members)
        await cluster.connection.run(
          `INSERT INTO ${table('group_members')} VALUES (${quoteText(name)}, ${quoteText(workspace.fold(member))})`,
        );
    } else {
      await cluster.connection.run(
        `INSERT INTO ${table('roles')} VALUES (${id}, ${quoteText(name)}, ${quoteText(workspace.user)})`,
      );
    }
  });
  return done(tag);
}

export async function runDropPrincipal(
  workspace: Workspace,
  drop: Definition & { kind: 'drop' },
): Promise<StatementResult> {
  const object = drop.object as 'user' | 'group' | 'role';
  for (const parts of drop.names) {
    const name = workspace.fold(parts[0] as Identifier);
    const present = object === 'user' ? workspace.cluster.users.has(name) : (await names(workspace, object)).has(name);
    if (!present) {
      if (drop.ifExists) continue;
      throw new RedshiftError('42704', `${object} "${name}" does not exist`);
    }
    if (object === 'user' && name === workspace.user)
      throw new RedshiftError('55006', 'current user cannot be dropped');
    const { cluster } = workspace;
    workspace.transaction.onCommit(async () => {
      if (object === 'user') await cluster.dropUser(name);
      else await cluster.connection.run(`DELETE FROM ${table(`${object}s`)} WHERE ${object}_name = ${quoteText(name)}`);
      if (object === 'group')
        await cluster.connection.run(`DELETE FROM ${table('group_members')} WHERE group_name = ${quoteText(name)}`);
      if (object === 'role')
        await cluster.connection.run(`DELETE FROM ${table('role_grants')} WHERE role_name = ${quoteText(name)}`);
    });
  }
  return done(`DROP ${object.toUpperCase()}`);
}

/** `md5…` passwords are refused: SCRAM needs the clear text once. */
export async function runAlterUser(
  workspace: Workspace,
  alter: Definition & { kind: 'alterUser' },
): Promise<StatementResult> {
  const name = workspace.fold(alter.name);
  const user = workspace.cluster.users.get(name);
  if (!user) throw new RedshiftError('42704', `user "${name}" does not exist`);
  if (alter.rename && name === workspace.user) throw new RedshiftError('0A000', 'session user cannot be renamed');
  const { cluster } = workspace;
  const changed = {
    ...user,
    name: alter.rename ? workspace.fold(alter.rename) : user.name,
    password: alter.password === undefined ? user.password : alter.password,
    superuser: alter.superuser ?? user.superuser,
    createDatabase: alter.createDatabase ?? user.createDatabase,
  };
  workspace.transaction.onCommit(async () => {
    if (alter.rename) await cluster.dropUser(name);
    await cluster.putUser(changed);
  });
  return done('ALTER USER');
}

export async function runAlterGroup(
  workspace: Workspace,
  alter: Definition & { kind: 'alterGroup' },
): Promise<StatementResult> {
  const name = workspace.fold(alter.name);
  if (!(await names(workspace, 'group')).has(name)) throw new RedshiftError('42704', `group "${name}" does not exist`);
  const { cluster } = workspace;
  const members = alter.members.map((member) => workspace.fold(member));
  workspace.transaction.onCommit(async () => {
    for (const member of members) {
      await cluster.connection.run(
        `DELETE FROM ${table('group_members')} WHERE group_name = ${quoteText(name)} AND user_name = ${quoteText(member)}`,
      );
      if (alter.add)
        await cluster.connection.run(
          `INSERT INTO ${table('group_members')} VALUES (${quoteText(name)}, ${quoteText(member)})`,
        );
    }
  });
  return done('ALTER GROUP');
}

/** GRANT and REVOKE: recorded in the catalog. */
export async function runPrivilege(workspace: Workspace, statement: Privilege): Promise<StatementResult> {
  const tag = statement.kind.toUpperCase();
  await requireGrantees(workspace, statement);
  if (statement.object.kind === 'role') return grantRole(workspace, statement);
  const grants = grantsOf(workspace, statement);
  await workspace.transaction.change({ kind: statement.kind === 'grant' ? 'addGrants' : 'removeGrants', grants });
  return done(tag);
}

async function requireGrantees(workspace: Workspace, statement: Privilege): Promise<void> {
  for (const { kind, name } of statement.grantees) {
    if (kind !== 'public' && !(await isKnown(workspace, kind, name.toLowerCase()))) {
      throw new RedshiftError('42704', `${kind} "${name}" does not exist`);
    }
  }
}

async function isKnown(workspace: Workspace, kind: 'user' | 'group' | 'role', name: string): Promise<boolean> {
  if (workspace.transaction.newPrincipals.has(`${kind} ${name}`)) return true;
  return kind === 'user' ? workspace.cluster.users.has(name) : (await names(workspace, kind)).has(name);
}

async function grantRole(workspace: Workspace, statement: Privilege): Promise<StatementResult> {
  const { cluster } = workspace;
  for (const parts of statement.object.names) {
    const role = workspace.fold(parts[0] as Identifier);
    if (!(await isKnown(workspace, 'role', role)) && !role.startsWith('sys:'))
      throw new RedshiftError('42704', `role "${role}" does not exist`);
    workspace.transaction.onCommit(async () => {
      for (const grantee of statement.grantees) {
        await cluster.connection.run(
          `DELETE FROM ${table('role_grants')} WHERE role_name = ${quoteText(role)} AND grantee_kind = '${grantee.kind}' AND grantee = ${quoteText(grantee.name)}`,
        );
        if (statement.kind === 'grant')
          await cluster.connection.run(
            `INSERT INTO ${table('role_grants')} VALUES (${quoteText(role)}, '${grantee.kind}', ${quoteText(grantee.name)}, ${statement.grantOption})`,
          );
      }
    });
  }
  return done(statement.kind.toUpperCase());
}

function grantsOf(workspace: Workspace, statement: Privilege): Grant[] {
  const objects = objectsOf(workspace, statement);
  return objects.flatMap((object) =>
    statement.privileges.flatMap((privilege) =>
      statement.grantees.map(
        (grantee): Grant => ({
          privilege,
          ...object,
          granteeKind: grantee.kind,
          grantee: grantee.name.toLowerCase(),
          grantOption: statement.grantOption,
        }),
      ),
    ),
  );
}

function objectsOf(workspace: Workspace, statement: Privilege): Pick<Grant, 'objectKind' | 'schema' | 'objectName'>[] {
  const { object } = statement;
  return object.names.flatMap((parts): Pick<Grant, 'objectKind' | 'schema' | 'objectName'>[] => {
    const name = workspace.fold(parts.at(-1) as Identifier);
    if (object.kind === 'table') {
      const relation = workspace.require(parts, ['table', 'view', 'late_binding_view', 'materialized_view']);
      return [{ objectKind: 'table' as const, schema: relation.schema, objectName: relation.name }];
    }
    if (object.kind === 'allTables') {
      workspace.requireSchema(name);
      const inside = [...workspace.transaction.catalog.relations.values()].filter(
        (relation) => relation.schema === name,
      );
      return inside.map((relation) => ({ objectKind: 'table' as const, schema: name, objectName: relation.name }));
    }
    if (object.kind === 'schema') workspace.requireSchema(name);
    return [
      { objectKind: object.kind as 'schema', schema: object.kind === 'schema' ? name : 'public', objectName: name },
    ];
  });
}
