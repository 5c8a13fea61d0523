import type { LineageOptions, StatementLineage } from '../lineage/model.ts';
import { type Redshift, RedshiftError, type RedshiftOptions, type Session } from '../types.ts';
import { Cluster } from './cluster.ts';
import { TableLocks } from './locks.ts';
import { EngineSession } from './session.ts';

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
    return this.cluster.users.get(user)?.password ?? undefined;
  }

  async session(options: { database: string; user: string }): Promise<Session> {
    if (!this.cluster.catalogs.has(options.database))
      throw new RedshiftError('3D000', `database "${options.database}" does not exist`);
    if (!this.cluster.users.has(options.user))
      throw new RedshiftError('28000', `user "${options.user}" does not exist`);
    const connection = await this.cluster.instance.connect();
    const session = new EngineSession(this.cluster, this.locks, connection, options);
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

  async close(): Promise<void> {
    for (const session of [...this.sessions]) await session.close();
    await this.cluster.close();
  }
}
