import { CLOSED, type Grant } from '../catalog/model.ts';
import type { ShowObject } from '../statements/statement.ts';
import { RedshiftError, type ResultColumn, type StatementResult } from '../types.ts';
import { noDatabase } from './unknown-names.ts';
import type { Workspace } from './workspace.ts';

type Asked = ShowObject & { kind: 'grants' };

const text = (name: string): ResultColumn => ({ name, type: { kind: 'varchar', length: 128 } });
/** What SHOW GRANTS answers. */
export const GRANT_COLUMNS: readonly ResultColumn[] = [
  text('database_name'),
  text('schema_name'),
  text('object_name'),
  text('object_type'),
  text('privilege_type'),
  { name: 'identity_id', type: { kind: 'int4' } },
  text('identity_name'),
  text('identity_type'),
  { name: 'admin_option', type: { kind: 'bool' } },
  text('privilege_scope'),
  text('grantor_name'),
];

/** SHOW GRANTS: what was granted on an object, or to somebody. */
export function showGrants(workspace: Workspace, asked: Asked): StatementResult {
  const matches =
    asked.of === 'user' || asked.of === 'role' || asked.of === 'group' || asked.of === 'public'
      ? grantedTo(workspace, asked)
      : grantedOn(workspace, asked);
  const seen = workspace.transaction.catalog.grants.filter(
    (grant) =>
      grant.objectKind !== 'default' && grant.privilege !== CLOSED && matches(grant) && isSeen(workspace, grant),
  );
  const rows = seen.map((grant) => rowOf(workspace, grant)).slice(0, asked.limit);
  return { tag: 'SHOW', columns: GRANT_COLUMNS, rows, rowCount: rows.length };
}

function grantedTo(workspace: Workspace, { of, name }: Asked): (grant: Grant) => boolean {
  const grantee = of === 'public' ? 'public' : workspace.fold(name[0] as Asked['name'][number]);
  if (of !== 'public' && !workspace.isPrincipal(of as 'user', grantee))
    throw new RedshiftError('42704', `${of} "${grantee}" does not exist`);
  return (grant) => grant.granteeKind === of && grant.grantee === grantee;
}

function grantedOn(workspace: Workspace, { of, name }: Asked): (grant: Grant) => boolean {
  const [object = '', schema] = name.map((part) => workspace.fold(part)).reverse();
  if (of === 'table') {
    const relation = workspace.require(name, ['table', 'view', 'late_binding_view', 'materialized_view']);
    return (grant) =>
      grant.objectKind === 'table' && grant.schema === relation.schema && grant.objectName === relation.name;
  }
  if (of === 'schema') workspace.requireSchema(object);
  if (of === 'database' && !workspace.cluster.catalogs.has(object)) throw noDatabase(object);
  return (grant) =>
    grant.objectKind === of &&
    (grant.objectName === object || grant.objectName.startsWith(`${object}(`)) &&
    (of !== 'function' || schema === undefined || grant.schema === schema);
}

/** Superusers see all, everybody else what is theirs or everybody's. */
function isSeen(workspace: Workspace, grant: Grant): boolean {
  const { actor } = workspace.rights;
  if (actor.superuser || grant.granteeKind === 'public') return true;
  if (grant.granteeKind === 'user') return grant.grantee === actor.name;
  return (grant.granteeKind === 'group' ? actor.groups : actor.roles).has(grant.grantee);
}

function rowOf(workspace: Workspace, grant: Grant): (string | null)[] {
  const isSchemaless = grant.objectKind === 'database' || grant.objectKind === 'language';
  const user = grant.granteeKind === 'user' ? workspace.cluster.users.get(grant.grantee)?.id : undefined;
  return [
    grant.objectKind === 'database' ? grant.objectName : workspace.database,
    isSchemaless ? null : grant.schema,
    grant.objectKind === 'database' || grant.objectKind === 'schema' ? null : grant.objectName,
    grant.column === undefined ? grant.objectKind.toUpperCase() : 'COLUMN',
    grant.privilege.toUpperCase(),
    String(user ?? 0),
    grant.grantee,
    grant.granteeKind,
    grant.grantOption ? 't' : 'f',
    grant.objectKind.toUpperCase(),
    null,
  ];
}
