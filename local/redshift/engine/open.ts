import type { LineageOptions, StatementLineage } from '../lineage/model.ts';
import { type Redshift, RedshiftError, type RedshiftOptions, type Session, type SessionOptions } from '../types.ts';
import { Cluster } from './cluster.ts';
import { TableLocks } from './locks.ts';
import { EngineSession } from './session.ts';
import { noDatabase } from './unknown-names.ts';
import { isDigest, isExpired } from './user-facts.ts';

/** Opens a Redshift in this process: its database files, or memory, and whoever connects. */
export async function openRedshift(options: RedshiftOptions): Promise<Redshift> {
  return new EngineRedshift(await Cluster.open(options));
}

class EngineRedshift implements Redshift {
  private readonly cluster: Cluster;
  private readonly locks = new TableLocks();
  private readonly sessions = new Set<EngineSession>();

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  get databases(): readonly string[] {
    return [...this.cluster.catalogs.keys()];
  }

  passwordOf(user: string): string | undefined {
    const password = this.cluster.users.get(user)?.password ?? undefined;
    if (password !== undefined && isDigest(password))
      throw new RedshiftError(
        '0A000',
        `the box cannot check the digest of a password: give user "${user}" a clear one`,
      );
    return password;
  }

  async session(options: SessionOptions): Promise<Session> {
    if (!this.cluster.catalogs.has(options.database)) throw noDatabase(options.database);
    if (!this.cluster.users.has(options.user))
      throw new RedshiftError('28000', `user "${options.user}" does not exist`);
    this.requireAdmission(options);
    const session = new EngineSession(this.cluster, this.locks, await this.cluster.connections.take(), options);
    this.sessions.add(session);
    this.cluster.sessions.set(session.processId, session);
    const close = session.close.bind(session);
    session.close = async () => {
      this.sessions.delete(session);
      this.cluster.sessions.delete(session.processId);
      await close();
    };
    return session;
  }

  async lineage(
    text: string,
    { database, user, ...options }: { database: string; user?: string } & LineageOptions,
  ): Promise<StatementLineage[]> {
    const session = await this.session({ database, user: user ?? this.cluster.options.admin.user });
    try {
      return session.lineage(text, options);
    } finally {
      await session.close();
    }
  }

  /** VALID UNTIL and CONNECTION LIMIT; a superuser is always let in. */
  private requireAdmission({ database, user }: { database: string; user: string }): void {
    const facts = this.cluster.users.get(user);
    if (facts && isExpired(facts, Date.now()))
      throw new RedshiftError('28000', `password of user "${user}" has expired`);
    if (this.cluster.actor(user).superuser) return;
    const open = [...this.sessions];
    const limit = this.cluster.directory.databases.get(database)?.connectionLimit ?? Number.POSITIVE_INFINITY;
    if (open.filter((session) => session.user === user).length >= (facts?.connectionLimit ?? Number.POSITIVE_INFINITY))
      throw new RedshiftError('53300', `too many connections for user "${user}"`);
    if (open.filter((session) => session.database === database).length >= limit)
      throw new RedshiftError('53300', `too many connections for database "${database}"`);
  }

  async close(): Promise<void> {
    for (const session of [...this.sessions]) await session.close();
    await this.cluster.close();
  }
}
