import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session, StatementResult } from '../../local/redshift/types.ts';
import { MemoryStore } from './memory-store.ts';

/** A box with an object store in memory, and short ways to use both. */
export class CopyFixture {
  readonly store = new MemoryStore();
  readonly #redshift: Redshift;
  readonly #session: Session;

  constructor(redshift: Redshift, session: Session, store: MemoryStore) {
    this.#redshift = redshift;
    this.#session = session;
    this.store = store;
  }

  static async open(): Promise<CopyFixture> {
    const objectStore = new MemoryStore();
    const admin = { user: 'admin', password: 'secret' };
    const defaultRoleArn = 'arn:aws:iam::000000000000:role/copy';
    const redshift = await openRedshift({ databases: ['dev'], admin, objectStore, defaultRoleArn });
    return new CopyFixture(redshift, await redshift.session({ database: 'dev', user: 'admin' }), objectStore);
  }

  async run(sql: string): Promise<StatementResult> {
    return (await this.#session.execute(sql)).at(-1) as StatementResult;
  }

  async rows(sql: string): Promise<StatementResult['rows']> {
    return (await this.run(sql)).rows;
  }

  put(uri: string, ...lines: (string | Buffer)[]): void {
    const body = lines.map((line) => (typeof line === 'string' ? `${line}\n` : line));
    this.store.objects.set(uri, Buffer.concat(body.map((part) => Buffer.from(part))));
  }

  text(uri: string): string | undefined {
    return this.store.objects.get(uri)?.toString();
  }

  /** The objects under a prefix, without it. */
  names(prefix: string): string[] {
    const names = [...this.store.objects.keys()].filter((uri) => uri.startsWith(prefix));
    return names.map((uri) => uri.slice(prefix.length)).sort();
  }

  /** What the last COPY could not load: line, column, code and reason. */
  async errors(): Promise<StatementResult['rows']> {
    return this.rows(
      `select line_number, trim(colname), err_code, trim(err_reason) from stl_load_errors
       where query = (select max(query_id) from sys_load_history) order by line_number`,
    );
  }

  async close(): Promise<void> {
    await this.#session.close();
    await this.#redshift.close();
  }
}
