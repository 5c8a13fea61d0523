import { randomUUID } from 'node:crypto';
import type { Redshift, Session } from '../types.ts';
import { DataApiError, validationError } from './errors.ts';

const maximumSessions = 500;
const dayMilliseconds = 24 * 3600 * 1000;

/** What a session is opened for. */
export interface Connection {
  readonly database: string;
  readonly user: string;
  readonly workgroupName?: string;
  readonly clusterIdentifier?: string;
}

/** A session as it is listed; a closed one is remembered for a day. */
export interface KeptSession extends Connection {
  readonly id: string;
  readonly principal: string;
  readonly createdAtMilliseconds: number;
  status: 'AVAILABLE' | 'BUSY' | 'CLOSED';
  updatedAtMilliseconds: number;
  keepAliveSeconds: number;
  /** When it closes if nobody uses it: so many seconds from its last use, a day after it was opened at the latest. */
  expiresAtMilliseconds: number;
  statementId?: string;
}

interface Open extends KeptSession {
  session?: Session;
  timer?: NodeJS.Timeout;
}

/** Data API sessions: a connection that outlives its statement, by so many idle seconds. They die with the process. */
export class KeptSessions {
  readonly #redshift: Redshift;
  readonly #now: () => number;
  readonly #kept = new Map<string, Open>();

  constructor(redshift: Redshift, now: () => number) {
    this.#redshift = redshift;
    this.#now = now;
  }

  /** A session that is opened by its first statement. */
  create(connection: Connection, principal: string, keepAliveSeconds: number, statementId: string): string {
    this.#forgetOld();
    const open = [...this.#kept.values()].filter(({ status }) => status !== 'CLOSED').length;
    if (open >= maximumSessions) {
      const message = `Active sessions exceeded the allowed quota (${maximumSessions}).`;
      throw new DataApiError('ActiveSessionsExceededException', message);
    }
    const id = randomUUID();
    const now = this.#now();
    const { database, user, workgroupName, clusterIdentifier } = connection;
    this.#kept.set(id, {
      ...{ id, database, user, workgroupName, clusterIdentifier, principal, keepAliveSeconds, statementId },
      ...{ status: 'BUSY', createdAtMilliseconds: now, updatedAtMilliseconds: now },
      expiresAtMilliseconds: now + dayMilliseconds,
    });
    return id;
  }

  /** Claims a session for one more statement; it runs one at a time, and only for who opened it. */
  claim(id: string, principal: string, keepAliveSeconds: number | undefined): Connection {
    const kept = this.#kept.get(id);
    if (!kept || kept.principal !== principal) throw validationError(`Session with Id: ${id} is invalid.`);
    if (kept.status !== 'AVAILABLE') throw validationError('Session is not available');
    clearTimeout(kept.timer);
    kept.keepAliveSeconds = keepAliveSeconds ?? kept.keepAliveSeconds;
    this.#become(kept, 'BUSY');
    return kept;
  }

  /** Says which statement a claimed session runs. */
  assign(id: string, statementId: string): void {
    const kept = this.#kept.get(id);
    if (kept) kept.statementId = statementId;
  }

  async open(id: string): Promise<Session> {
    const kept = this.#kept.get(id);
    if (!kept || kept.status === 'CLOSED') throw validationError('Session is not available');
    kept.session ??= await this.#redshift.session({ database: kept.database, user: kept.user });
    return kept.session;
  }

  /** Lets go of a session after a statement. */
  release(id: string): void {
    const kept = this.#kept.get(id);
    if (!kept || kept.status === 'CLOSED') return;
    this.#become(kept, 'AVAILABLE');
    const idleEnd = this.#now() + kept.keepAliveSeconds * 1000;
    kept.expiresAtMilliseconds = Math.min(idleEnd, kept.createdAtMilliseconds + dayMilliseconds);
    const restMilliseconds = kept.expiresAtMilliseconds - this.#now();
    if (restMilliseconds <= 0) return void this.#end(kept);
    kept.timer = setTimeout(() => void this.#end(kept), restMilliseconds).unref();
  }

  /** Newest first, closed ones included. */
  list(): KeptSession[] {
    this.#forgetOld();
    return [...this.#kept.values()].reverse();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept.values()].map((kept) => this.#end(kept)));
  }

  #become(kept: Open, status: KeptSession['status']): void {
    kept.status = status;
    kept.updatedAtMilliseconds = this.#now();
    if (status !== 'BUSY') kept.statementId = undefined;
  }

  async #end(kept: Open): Promise<void> {
    if (kept.status === 'CLOSED') return;
    this.#become(kept, 'CLOSED');
    clearTimeout(kept.timer);
    const { session } = kept;
    kept.session = undefined;
    await session?.close().catch(() => undefined);
  }

  #forgetOld(): void {
    for (const kept of this.#kept.values()) {
      const isOld = this.#now() - kept.updatedAtMilliseconds > dayMilliseconds;
      if (kept.status === 'CLOSED' && isOld) this.#kept.delete(kept.id);
    }
  }
}
