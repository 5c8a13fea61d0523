import { randomUUID } from 'node:crypto';
import type { Redshift, Session } from '../types.ts';
import { validationError } from './errors.ts';

/** What a call without a session of its own says about its connection. */
export interface Connection {
  readonly database: string;
  readonly user: string;
}

interface Kept extends Connection {
  readonly principal: string;
  keepAliveSeconds: number;
  busy: boolean;
  session?: Session;
  timer?: NodeJS.Timeout;
}

/** Data API sessions: a connection that outlives its statement, by so many idle seconds. They die with the process. */
export class KeptSessions {
  readonly #redshift: Redshift;
  readonly #kept = new Map<string, Kept>();

  constructor(redshift: Redshift) {
    this.#redshift = redshift;
  }

  /** A session that is opened by its first statement. */
  create({ database, user }: Connection, principal: string, keepAliveSeconds: number): string {
    const id = randomUUID();
    this.#kept.set(id, { database, user, principal, keepAliveSeconds, busy: true });
    return id;
  }

  /** Claims a session for one more statement; it runs one at a time, and only for who opened it. */
  claim(id: string, principal: string, keepAliveSeconds: number | undefined): Connection {
    const kept = this.#kept.get(id);
    if (!kept || kept.principal !== principal) throw validationError(`Session ${id} does not exist or has ended.`);
    if (kept.busy) throw validationError(`Session ${id} is busy running another statement.`);
    clearTimeout(kept.timer);
    kept.busy = true;
    kept.keepAliveSeconds = keepAliveSeconds ?? kept.keepAliveSeconds;
    return { database: kept.database, user: kept.user };
  }

  async open(id: string): Promise<Session> {
    const kept = this.#kept.get(id);
    if (!kept) throw validationError(`Session ${id} does not exist or has ended.`);
    kept.session ??= await this.#redshift.session({ database: kept.database, user: kept.user });
    return kept.session;
  }

  /** Lets go of a session after a statement. */
  release(id: string): void {
    const kept = this.#kept.get(id);
    if (!kept) return;
    kept.busy = false;
    if (kept.keepAliveSeconds === 0) return void this.#end(id);
    kept.timer = setTimeout(() => void this.#end(id), kept.keepAliveSeconds * 1000);
    kept.timer.unref();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((id) => this.#end(id)));
  }

  async #end(id: string): Promise<void> {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    clearTimeout(kept?.timer);
    await kept?.session?.close().catch(() => undefined);
  }
}
