import type { SessionStatement } from '../statements/statement.ts';
import { RedshiftError, type ResultColumn, type StatementResult } from '../types.ts';
import { done, resultName } from './results.ts';
import { noUser } from './unknown-names.ts';
import type { Workspace } from './workspace.ts';

type Kind<Name extends SessionStatement['kind']> = Extract<SessionStatement, { kind: Name }>;

/** SET and RESET. */
export async function runSet(workspace: Workspace, statement: Kind<'set'>): Promise<StatementResult> {
  const { name, value, local } = statement;
  const tag = statement.reset ? 'RESET' : 'SET';
  if (name === 'session_authorization') setUser(workspace, value, local);
  else if (name === 'seed' && !statement.reset) await setSeed(workspace, value);
  else if (name === 'all' && statement.reset) workspace.settings.resetAll();
  else workspace.settings.set(name, value, { local });
  return done(tag);
}

/** What RANDOM gives from here on is the same after the same seed. */
async function setSeed(workspace: Workspace, value: string | null): Promise<void> {
  const seed = /^-?(\d+(\.\d*)?|\.\d+)$/.test(value ?? '') ? Number(value) : Number.NaN;
  if (!(seed >= -1 && seed <= 1))
    throw new RedshiftError('22023', `${value} is outside the valid range for parameter "seed" (-1 .. 1)`);
  workspace.kept.isSpoilt = true;
  await workspace.rows(`SELECT CAST(setseed(${seed}) AS VARCHAR)`);
}

/** A superuser may go on as somebody else. */
function setUser(workspace: Workspace, value: string | null, local: boolean): void {
  const { cluster, loginUser } = workspace;
  const user = value ?? loginUser;
  if (user !== loginUser && !cluster.actor(loginUser).superuser)
    throw new RedshiftError('42501', 'permission denied to set session authorization');
  if (!cluster.users.has(user)) throw noUser(user);
  workspace.settings.set('session_authorization', user, { local });
}

export async function runShow(workspace: Workspace, statement: Kind<'show'>): Promise<StatementResult> {
  if (statement.name === 'all') return showAll(workspace, statement);
  const value = workspace.settings.shown(statement.name);
  return { tag: 'SHOW', columns: columnsOfShow(workspace, statement), rows: [[value]], rowCount: 1 };
}

/** Names that are shown otherwise than they are kept. */
const SHOWN_NAMES = new Map([
  ['datestyle', 'DateStyle'],
  ['timezone', 'TimeZone'],
]);

function showAll(workspace: Workspace, statement: Kind<'show'>): StatementResult {
  const rows = [...workspace.settings.all()].sort(([a], [b]) => (a < b ? -1 : 1));
  return { tag: 'SHOW', columns: columnsOfShow(workspace, statement), rows, rowCount: rows.length };
}

/** What SHOW answers. */
export function columnsOfShow(workspace: Workspace, { name }: Kind<'show'>): readonly ResultColumn[] {
  const names = name === 'all' ? ['name', 'setting'] : [SHOWN_NAMES.get(name) ?? name];
  return names.map((each) => ({
    name: resultName(each, workspace.settings),
    type: { kind: 'varchar', length: 256 },
  }));
}

/** CANCEL stops what another session runs; one's own, or anybody's for a superuser. */
export async function runCancel(workspace: Workspace, { processId }: Kind<'cancel'>): Promise<StatementResult> {
  const session = workspace.cluster.sessions.get(processId);
  if (!session) throw new RedshiftError('XX000', `Process ${processId} is not a Redshift server process`);
  if (!workspace.rights.actor.superuser && session.user !== workspace.user)
    throw new RedshiftError('42501', 'must be superuser to cancel queries of other users');
  session.cancel();
  return done('CANCEL');
}
