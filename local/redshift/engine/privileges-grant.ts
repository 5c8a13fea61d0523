import { type Grant, type Relation, relationKey } from '../catalog/model.ts';
import type { Privilege } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { requireColumn } from './insertion.ts';
import { denied, type EngineRights, PRIVILEGES_OF } from './privileges.ts';
import { done } from './results.ts';
import type { Workspace } from './workspace.ts';

type ObjectKind = keyof typeof PRIVILEGES_OF;
type GrantedObject = Pick<Grant, 'schema' | 'objectName'> & {
  readonly objectKind: ObjectKind | 'default';
  readonly relation?: Relation;
};

/** GRANT and REVOKE on objects, and ALTER DEFAULT PRIVILEGES. */
export async function runGrant(workspace: Workspace, statement: Privilege): Promise<StatementResult> {
  requireGrantees(workspace, statement);
  const asked = objectsOf(workspace, statement).flatMap((object) => {
    const entries = entriesOf(workspace, statement, object);
    for (const entry of entries) requireMayGrant(workspace.rights, object, entry, workspace);
    return entries;
  });
  if (statement.kind === 'revoke') await revoke(workspace, statement, asked);
  else await workspace.transaction.change({ kind: 'addGrants', grants: withKeptOptions(workspace, asked) });
  return done(statement.defaults ? 'ALTER DEFAULT PRIVILEGES' : statement.kind.toUpperCase());
}

function requireGrantees(workspace: Workspace, { grantees }: Privilege): void {
  for (const { kind, name, grantOption } of grantees) {
    if (kind !== 'public' && !workspace.isPrincipal(kind, name.toLowerCase()))
      throw new RedshiftError('42704', `${kind} "${name}" does not exist`);
    if (grantOption && kind !== 'user')
      throw new RedshiftError('0LP01', 'grant options can only be granted to individual users');
  }
}

function objectsOf(workspace: Workspace, statement: Privilege): GrantedObject[] {
  const { object } = statement;
  if (statement.defaults) return defaultsOf(workspace, statement.defaults);
  return object.names.flatMap((parts): GrantedObject[] => {
    const name = workspace.fold(parts.at(-1) as Identifier);
    switch (object.kind) {
      case 'table': {
        const kinds = ['table', 'view', 'late_binding_view', 'materialized_view'] as const;
        return [onRelation(workspace.require(parts, kinds))];
      }
      case 'allTables': {
        workspace.requireSchema(name);
        const all = [...workspace.transaction.catalog.relations.values()];
        return all.filter((relation) => relation.schema === name).map(onRelation);
      }
      case 'schema':
        workspace.requireSchema(name);
        return [{ objectKind: 'schema', schema: name, objectName: name }];
      case 'database':
        if (!workspace.cluster.catalogs.has(name))
          throw new RedshiftError('3D000', `database "${name}" does not exist`);
        return [{ objectKind: 'database', schema: 'public', objectName: name }];
      case 'function':
        requireFunction(workspace, parts);
        return [{ objectKind: 'function', schema: 'public', objectName: name }];
      default:
        return [{ objectKind: object.kind as ObjectKind, schema: 'public', objectName: name }];
    }
  });
}

function requireFunction(workspace: Workspace, parts: readonly Identifier[]): void {
  const [name, schema] = parts.map((part) => workspace.fold(part)).reverse() as [string, string?];
  const schemas = schema === undefined ? workspace.searchPath() : [schema];
  const { functions } = workspace.transaction.catalog;
  if (!schemas.some((candidate) => functions.has(relationKey(candidate, name))))
    throw new RedshiftError('42883', `function ${name} does not exist`);
}

const onRelation = (relation: Relation): GrantedObject => ({
  objectKind: 'table',
  schema: relation.schema,
  objectName: relation.name,
  relation,
});

function defaultsOf(workspace: Workspace, defaults: NonNullable<Privilege['defaults']>): GrantedObject[] {
  const users = defaults.users.length === 0 ? [workspace.user] : defaults.users.map((name) => workspace.fold(name));
  for (const user of users) {
    if (!workspace.cluster.users.has(user)) throw new RedshiftError('42704', `user "${user}" does not exist`);
    if (user !== workspace.user && !workspace.rights.actor.superuser)
      throw new RedshiftError('42501', 'must be superuser to alter default privileges of other users');
  }
  const schemas = defaults.schemas.map((name) => workspace.fold(name));
  for (const schema of schemas) workspace.requireSchema(schema);
  return users.flatMap((objectName) =>
    (schemas.length === 0 ? [''] : schemas).map((schema) => ({ objectKind: 'default' as const, schema, objectName })),
  );
}

/** One entry for each privilege, column and grantee. */
function entriesOf(workspace: Workspace, statement: Privilege, object: GrantedObject): Grant[] {
  const { relation: _relation, ...place } = object;
  return statement.privileges.flatMap(({ name, columns }) => {
    const names = columns.map((column) => columnName(workspace, object, column));
    return privilegesNamed(name, object.objectKind, names.length > 0).flatMap((privilege) =>
      (names.length === 0 ? [undefined] : names).flatMap((column) =>
        statement.grantees.map(
          (grantee): Grant => ({
            ...place,
            privilege,
            column,
            granteeKind: grantee.kind,
            grantee: grantee.name.toLowerCase(),
            grantOption: grantee.grantOption,
          }),
        ),
      ),
    );
  });
}

function columnName(workspace: Workspace, object: GrantedObject, column: Identifier): string {
  if (!object.relation)
    throw new RedshiftError('0LP01', 'column privileges are only valid for relations', {
      position: column.position + 1,
    });
  return requireColumn(object.relation, workspace.fold(column), column.position).name;
}

function privilegesNamed(name: string, kind: GrantedObject['objectKind'], onColumns: boolean): readonly string[] {
  const shown = kind === 'default' ? 'table' : kind;
  const valid: readonly string[] = onColumns ? ['select', 'update'] : PRIVILEGES_OF[shown];
  if (name === 'all') return valid;
  if (valid.includes(name)) return [name];
  throw new RedshiftError('0LP01', `invalid privilege type ${name.toUpperCase()} for ${onColumns ? 'column' : shown}`);
}

/** The owner, a superuser, or who holds the privilege with the grant option. */
function requireMayGrant(rights: EngineRights, object: GrantedObject, grant: Grant, workspace: Workspace): void {
  if (rights.actor.superuser || object.objectKind === 'default') return;
  const { relation, objectName } = object;
  switch (object.objectKind) {
    case 'table':
      if (relation && rights.mayOnRelation(grant.privilege, relation, workspace.database, true)) return;
      throw denied('relation', objectName);
    case 'schema':
      if (rights.mayOnSchema(grant.privilege, objectName, workspace.database, true)) return;
      throw denied('schema', objectName);
    case 'database':
      if (rights.mayOnDatabase(grant.privilege, objectName, true)) return;
      throw denied('database', objectName);
    default:
      throw denied(object.objectKind, objectName);
  }
}

const isSameObject = (a: Grant, b: Grant): boolean =>
  a.privilege === b.privilege &&
  a.objectKind === b.objectKind &&
  a.schema === b.schema &&
  a.objectName === b.objectName &&
  a.granteeKind === b.granteeKind &&
  a.grantee === b.grantee;

/** A second GRANT without the option does not take the option away. */
function withKeptOptions(workspace: Workspace, asked: readonly Grant[]): Grant[] {
  const { grants } = workspace.transaction.catalog;
  return asked.map((grant) => {
    const before = grants.find((other) => isSameObject(other, grant) && other.column === grant.column);
    return before?.grantOption ? { ...grant, grantOption: true } : grant;
  });
}

/** What is revoked from the whole table is revoked from its columns too. */
async function revoke(workspace: Workspace, statement: Privilege, asked: readonly Grant[]): Promise<void> {
  const held = workspace.transaction.catalog.grants.filter((grant) =>
    asked.some(
      (other) =>
        isSameObject({ ...other, privilege: grant.privilege === 'all' ? 'all' : other.privilege }, grant) &&
        (other.column === undefined || other.column === grant.column),
    ),
  );
  const grants = statement.grantOption ? held.map((grant) => ({ ...grant, grantOption: false })) : held;
  await workspace.transaction.change({ kind: statement.grantOption ? 'addGrants' : 'removeGrants', grants });
}
