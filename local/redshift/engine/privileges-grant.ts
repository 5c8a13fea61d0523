import { CLOSED, type Grant } from '../catalog/model.ts';
import type { Privilege } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { type GrantedObject, objectsOf } from './granted-objects.ts';
import { requireColumn } from './insertion.ts';
import { denied, type EngineRights, PRIVILEGES_OF } from './privileges.ts';
import { done } from './results.ts';
import type { Workspace } from './workspace.ts';

/** GRANT and REVOKE on objects, and ALTER DEFAULT PRIVILEGES. */
export async function runGrant(workspace: Workspace, statement: Privilege): Promise<StatementResult> {
  requireGrantees(workspace, statement);
  const asked = objectsOf(workspace, statement).flatMap((object) => {
    const entries = entriesOf(workspace, statement, object);
    for (const entry of entries) requireMayGrant(workspace.rights, object, entry, workspace);
    return entries;
  });
  if (statement.kind === 'revoke') await revoke(workspace, statement, asked);
  else await grant(workspace, asked);
  return done(statement.defaults ? 'ALTER DEFAULT PRIVILEGES' : statement.kind.toUpperCase());
}

function requireGrantees(workspace: Workspace, { grantees, object }: Privilege): void {
  for (const { kind, name, grantOption } of grantees) {
    if (kind !== 'public' && !workspace.isPrincipal(kind, name.toLowerCase()))
      throw new RedshiftError('42704', `${kind} "${name}" does not exist`);
    if (grantOption && kind !== 'user')
      throw new RedshiftError('0LP01', 'grant options can only be granted to individual users');
    if (object.kind === 'system' && kind !== 'role')
      throw new RedshiftError('0LP01', 'system permissions can only be granted to roles');
  }
}

/** One entry for each privilege, column and grantee. */
function entriesOf(workspace: Workspace, statement: Privilege, object: GrantedObject): Grant[] {
  const { relation, owner, routines, ...place } = object;
  return statement.privileges.flatMap(({ name, columns }) => {
    const names = columns.map((column) => columnName(workspace, object, column));
    return privilegesNamed(name, object, names.length > 0).flatMap((privilege) =>
      (names.length === 0 ? [undefined] : names).flatMap((column) =>
        statement.grantees.map(
          (grantee): Grant => ({
            ...place,
            privilege,
            column,
            granteeKind: grantee.kind,
            grantee: grantee.name.toLowerCase(),
            grantOption: grantee.grantOption,
            grantor: grantorOf(workspace, object),
          }),
        ),
      ),
    );
  });
}

/** Somebody who grants what is not theirs passes on what they hold themselves. */
function grantorOf(workspace: Workspace, object: GrantedObject): string | undefined {
  const { actor } = workspace.rights;
  const owner = object.relation?.owner ?? object.owner;
  return actor.superuser || owner === undefined || owner === actor.name ? undefined : actor.name;
}

function columnName(workspace: Workspace, object: GrantedObject, column: Identifier): string {
  if (!object.relation)
    throw new RedshiftError('0LP01', 'column privileges are only valid for relations', {
      position: column.position + 1,
    });
  return requireColumn(object.relation, workspace.fold(column), column.position).name;
}

function privilegesNamed(name: string, object: GrantedObject, onColumns: boolean): readonly string[] {
  const { objectKind: kind, routines } = object;
  if (kind === 'assumerole' || kind === 'system') return [name];
  if (kind === 'default' && routines) {
    if (name === 'all' || name === 'execute') return [`${routines}:execute`];
    throw new RedshiftError('0LP01', `invalid privilege type ${name.toUpperCase()} for ${routines}`);
  }
  const shown = kind === 'default' || kind === 'scope' ? 'table' : kind;
  const valid: readonly string[] = onColumns ? ['select', 'update'] : PRIVILEGES_OF[shown];
  if (name === 'all') return valid;
  if (valid.includes(name)) return [name];
  throw new RedshiftError('0LP01', `invalid privilege type ${name.toUpperCase()} for ${onColumns ? 'column' : shown}`);
}

/** The owner, a superuser, or who holds the privilege with the grant option. */
function requireMayGrant(rights: EngineRights, object: GrantedObject, entry: Grant, workspace: Workspace): void {
  if (rights.actor.superuser || object.objectKind === 'default' || object.owner === rights.actor.name) return;
  const { relation, objectName } = object;
  switch (object.objectKind) {
    case 'table':
      if (relation && rights.mayOnRelation(entry.privilege, relation, workspace.database, true)) return;
      throw denied('relation', objectName);
    case 'schema':
      if (rights.mayOnSchema(entry.privilege, objectName, workspace.database, true)) return;
      throw denied('schema', objectName);
    case 'database':
      if (rights.mayOnDatabase(entry.privilege, objectName, true)) return;
      throw denied('database', objectName);
    case 'function':
    case 'procedure':
    case 'language':
      throw denied(object.objectKind, objectName);
    default:
      throw new RedshiftError('42501', 'must be superuser to grant this');
  }
}

const isSameObject = (a: Grant, b: Grant): boolean =>
  a.objectKind === b.objectKind && a.schema === b.schema && a.objectName === b.objectName;

const isSame = (a: Grant, b: Grant): boolean =>
  a.privilege === b.privilege && isSameObject(a, b) && a.granteeKind === b.granteeKind && a.grantee === b.grantee;

/** A second GRANT without the option does not take the option away. What PUBLIC gets back is not closed any more. */
async function grant(workspace: Workspace, asked: readonly Grant[]): Promise<void> {
  const { grants } = workspace.transaction.catalog;
  const kept = asked.map((entry) => {
    const before = grants.find((other) => isSame(other, entry) && other.column === entry.column);
    return before?.grantOption ? { ...entry, grantOption: true } : entry;
  });
  const open = asked.filter((entry) => isOpenAtFirst(entry) && entry.granteeKind === 'public').map(closing);
  if (open.length > 0) await workspace.transaction.change({ kind: 'removeGrants', grants: open });
  await workspace.transaction.change({ kind: 'addGrants', grants: kept });
}

const isOpenAtFirst = ({ objectKind, privilege }: Grant): boolean =>
  ['function', 'procedure', 'language', 'assumerole'].includes(objectKind) ||
  (objectKind === 'default' && privilege.includes(':'));

function closing(entry: Grant): Grant {
  const prefix = /^(?:function|procedure):/.exec(entry.privilege)?.[0] ?? '';
  return { ...entry, privilege: `${prefix}${CLOSED}`, column: undefined, grantOption: false };
}

/** What is revoked from the whole table is revoked from its columns too. */
async function revoke(workspace: Workspace, statement: Privilege, asked: readonly Grant[]): Promise<void> {
  const { transaction } = workspace;
  const held = transaction.catalog.grants.filter((grant) =>
    asked.some(
      (other) =>
        isSame({ ...other, privilege: grant.privilege === 'all' ? 'all' : other.privilege }, grant) &&
        (other.column === undefined || other.column === grant.column),
    ),
  );
  const passedOn = dependentGrants(transaction.catalog.grants, held);
  if (passedOn.length > 0 && !statement.cascade)
    throw new RedshiftError('2BP01', 'dependent privileges exist', { hint: 'Use CASCADE to revoke them too.' });
  if (passedOn.length > 0) await transaction.change({ kind: 'removeGrants', grants: passedOn });
  const grants = statement.grantOption ? held.map((grant) => ({ ...grant, grantOption: false })) : held;
  await transaction.change({ kind: statement.grantOption ? 'addGrants' : 'removeGrants', grants });
  const closed = asked.filter((entry) => isOpenAtFirst(entry) && entry.granteeKind === 'public').map(closing);
  if (closed.length > 0) await transaction.change({ kind: 'addGrants', grants: closed });
}

/** What those who lose a privilege had passed on with the grant option, and so on. */
function dependentGrants(grants: readonly Grant[], lost: readonly Grant[]): Grant[] {
  const found = new Set<Grant>();
  const visit = (from: Grant): void => {
    if (!from.grantOption) return;
    for (const other of grants) {
      const isPassedOn = other.grantor === from.grantee && other.privilege === from.privilege;
      if (!isPassedOn || !isSameObject(other, from) || found.has(other) || lost.includes(other)) continue;
      found.add(other);
      visit(other);
    }
  };
  for (const grant of lost) visit(grant);
  return [...found];
}
