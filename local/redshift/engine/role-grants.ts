import { quoteText } from '../rewriter/sql.ts';
import type { Privilege } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { insert, later, table } from './principal-tables.ts';
import { runGrant } from './privileges-grant.ts';
import { done } from './results.ts';
import { isSystemRole } from './system-permissions.ts';
import type { Workspace } from './workspace.ts';

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

async function grantRole(workspace: Workspace, statement: Privilege, role: string): Promise<void> {
  if (!workspace.isPrincipal('role', role) && !isSystemRole(role))
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
