import type { CatalogState, Grant } from '../catalog/model.ts';
import { quoteText } from '../rewriter/sql.ts';
import { RedshiftError } from '../types.ts';
import { later, table } from './principal-tables.ts';
import type { PrincipalKind, Workspace } from './workspace.ts';

/** The catalogs of all databases, this transaction's own first. */
export function catalogs(workspace: Workspace): CatalogState[] {
  const others = [...workspace.cluster.catalogs].filter(([database]) => database !== workspace.database);
  return [workspace.transaction.catalog, ...others.map(([, catalog]) => catalog)];
}

/** Names stand for users, groups and roles in the catalogs: a new name is written wherever the old one stands. */
export async function renamePrincipal(
  workspace: Workspace,
  kind: PrincipalKind,
  from: string,
  to: string,
): Promise<void> {
  if (kind === 'user' && from === workspace.loginUser)
    throw new RedshiftError('0A000', 'session user cannot be renamed');
  if (workspace.isPrincipal(kind, to)) throw new RedshiftError('42710', `${kind} "${to}" already exists`);
  const [, ...others] = catalogs(workspace);
  if (others.some((catalog) => isNamed(catalog, kind, from)))
    throw new RedshiftError(
      '0A000',
      `the box cannot rename a ${kind} that owns or may do something in another database`,
    );
  await renameInCatalog(workspace, kind, from, to);
  workspace.transaction.principals.set(`${kind} ${from}`, false);
  workspace.transaction.principals.set(`${kind} ${to}`, true);
  later(workspace, () => renameInTables(kind, from, to));
}

const namesIn = (grant: Grant, kind: PrincipalKind, name: string): boolean =>
  (grant.granteeKind === kind && grant.grantee === name) ||
  (kind === 'user' && ((grant.objectKind === 'default' && grant.objectName === name) || grant.grantor === name));

const owned = (catalog: CatalogState): { owner: string }[] => [
  ...catalog.schemas.values(),
  ...catalog.relations.values(),
  ...[...catalog.functions.values()].flat(),
];

const isNamed = (catalog: CatalogState, kind: PrincipalKind, name: string): boolean =>
  catalog.grants.some((grant) => namesIn(grant, kind, name)) ||
  (kind === 'user' && owned(catalog).some(({ owner }) => owner === name));

async function renameInCatalog(workspace: Workspace, kind: PrincipalKind, from: string, to: string): Promise<void> {
  const { transaction } = workspace;
  const grants = transaction.catalog.grants.filter((grant) => namesIn(grant, kind, from));
  const renamed = grants.map((grant) => ({
    ...grant,
    grantee: grant.granteeKind === kind && grant.grantee === from ? to : grant.grantee,
    objectName: grant.objectKind === 'default' && grant.objectName === from ? to : grant.objectName,
    grantor: kind === 'user' && grant.grantor === from ? to : grant.grantor,
  }));
  if (grants.length > 0) await transaction.change({ kind: 'removeGrants', grants });
  if (renamed.length > 0) await transaction.change({ kind: 'addGrants', grants: renamed });
  if (kind !== 'user') return;
  const isTheirs = ({ owner }: { owner: string }): boolean => owner === from;
  for (const schema of [...transaction.catalog.schemas.values()].filter(isTheirs))
    await transaction.change({ kind: 'putSchema', schema: { ...schema, owner: to } });
  for (const relation of [...transaction.catalog.relations.values()].filter(isTheirs))
    await transaction.change({ kind: 'putRelation', relation: { ...relation, owner: to } });
  for (const fn of [...transaction.catalog.functions.values()].flat().filter(isTheirs))
    await transaction.change({ kind: 'putFunction', function: { ...fn, owner: to } });
}

function renameInTables(kind: PrincipalKind, from: string, to: string): string[] {
  const set = (name: string, column: string, condition = ''): string =>
    `UPDATE ${table(name)} SET ${column} = ${quoteText(to)} WHERE ${column} = ${quoteText(from)}${condition}`;
  const granted = set('role_grants', 'grantee', ` AND grantee_kind = '${kind}'`);
  if (kind === 'group') return [set('groups', 'group_name'), set('group_members', 'group_name')];
  if (kind === 'role') return [set('roles', 'role_name'), set('role_grants', 'role_name'), granted];
  return [set('group_members', 'user_name'), set('user_settings', 'user_name'), set('roles', 'owner'), granted];
}
