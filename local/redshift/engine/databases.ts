import type { Definition } from '../statements/statement.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { insert, remove } from './principal-tables.ts';
import type { DatabaseFacts } from './principals-directory.ts';
import { done } from './results.ts';
import { noDatabase, noUser } from './unknown-names.ts';
import type { Workspace } from './workspace.ts';

type Named<Kind extends Definition['kind']> = Definition & { kind: Kind };

const NEW: Omit<DatabaseFacts, 'owner'> = { caseInsensitive: false, isolation: 'snapshot' };

export async function runCreateDatabase(
  workspace: Workspace,
  create: Named<'createDatabase'>,
): Promise<StatementResult> {
  const name = workspace.fold(create.name);
  const facts = factsOf(workspace, create.options, { ...NEW, owner: workspace.user });
  await workspace.cluster.createDatabase(name);
  await keep(workspace, name, facts);
  return done('CREATE DATABASE');
}

/** The facts before, with what a statement says. */
function factsOf(
  workspace: Workspace,
  options: Named<'createDatabase'>['options'],
  before: DatabaseFacts,
): DatabaseFacts {
  const { owner, connectionLimit, caseInsensitive, isolation } = options;
  const user = owner && workspace.fold(owner);
  if (user !== undefined && !workspace.isPrincipal('user', user)) throw noUser(user);
  return {
    owner: user ?? before.owner,
    connectionLimit: connectionLimit === undefined ? before.connectionLimit : (connectionLimit ?? undefined),
    caseInsensitive: caseInsensitive ?? before.caseInsensitive,
    isolation: isolation ?? before.isolation,
  };
}

async function keep(workspace: Workspace, name: string, facts: DatabaseFacts): Promise<void> {
  const { owner, connectionLimit, caseInsensitive, isolation } = facts;
  await workspace.cluster.changePrincipals(async (connection) => {
    await connection.run(remove('databases', 'database_name', name));
    await connection.run(insert('databases', name, owner, connectionLimit ?? -1, caseInsensitive, isolation));
  });
}

export async function runAlterDatabase(workspace: Workspace, alter: Named<'alterDatabase'>): Promise<StatementResult> {
  const name = workspace.fold(alter.name);
  const { cluster } = workspace;
  if (!cluster.catalogs.has(name)) throw noDatabase(name);
  const before = cluster.directory.databases.get(name) ?? { ...NEW, owner: 'rdsdb' };
  if (alter.rename) {
    await renameDatabase(workspace, name, workspace.fold(alter.rename), before);
    return done('ALTER DATABASE');
  }
  if (alter.options.isolation !== undefined && name === 'dev')
    throw new RedshiftError('0A000', 'ALTER DATABASE ISOLATION LEVEL is not supported for the dev database');
  if (alter.options.caseInsensitive !== undefined && cluster.catalog(name).relations.size > 0)
    throw new RedshiftError('55000', 'the collation of a database can be altered only while the database is empty');
  await keep(workspace, name, factsOf(workspace, alter.options, before));
  return done('ALTER DATABASE');
}

async function renameDatabase(workspace: Workspace, from: string, to: string, facts: DatabaseFacts): Promise<void> {
  if (from === workspace.database) throw new RedshiftError('0A000', 'current database cannot be renamed');
  requireUnused(workspace, from);
  await workspace.cluster.renameDatabase(from, to);
  await workspace.cluster.changePrincipals((connection) => connection.run(remove('databases', 'database_name', from)));
  await keep(workspace, to, facts);
}

/** Nobody may be connected to a database that goes or gets another name. */
function requireUnused({ cluster }: Workspace, database: string): void {
  if ([...cluster.sessions.values()].some((session) => session.database === database))
    throw new RedshiftError('55006', `database "${database}" is being accessed by other users`);
}

export async function runDropDatabase(workspace: Workspace, drop: Named<'drop'>): Promise<StatementResult> {
  const [parts, ...others] = drop.names;
  const [identifier, ...rest] = parts ?? [];
  if (!identifier || rest.length > 0 || others.length > 0)
    throw new RedshiftError('42601', 'DROP DATABASE takes one name');
  const name = workspace.fold(identifier);
  if (name === workspace.database) throw new RedshiftError('55006', 'cannot drop the currently open database');
  if (drop.ifExists && !workspace.cluster.catalogs.has(name)) return done('DROP DATABASE');
  if (!drop.force) requireUnused(workspace, name);
  await workspace.cluster.dropDatabase(name);
  await workspace.cluster.changePrincipals((connection) => connection.run(remove('databases', 'database_name', name)));
  return done('DROP DATABASE');
}
