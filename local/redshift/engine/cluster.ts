import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { prepareHistory } from '../catalog/history.ts';
import { type CatalogState, CLUSTER_TABLES } from '../catalog/model.ts';
import { loadCatalog, prepareDatabase } from '../catalog/persistence.ts';
import { applyChange, type CatalogChange, EMPTY_CATALOG } from '../catalog/state.ts';
import { quoteName, quoteText } from '../rewriter/sql.ts';
import { RedshiftError, type RedshiftOptions, type Session } from '../types.ts';
import { Connections } from './connections.ts';
import { memorySettings } from './memory.ts';
import { type Actor, actorOf, type Directory, EMPTY_DIRECTORY, readDirectory } from './principals-directory.ts';
import { ProcedureMessages } from './procedure-messages.ts';
import { QueryHistory } from './query-history.ts';
import { registerRuntime } from './runtime.ts';
import { FIRST_ZONE } from './session-zone.ts';
import { noDatabase } from './unknown-names.ts';

export const CLUSTER_DATABASE = 'millrace_cluster';

/** A user as the wire protocol's password check needs it. */
export interface User {
  readonly id: number;
  readonly name: string;
  readonly superuser: boolean;
  readonly createDatabase: boolean;
  readonly password: string | null;
  /** As it was written: when the password is no good any more. */
  readonly validUntil?: string;
  /** How many sessions the user may have at a time. */
  readonly connectionLimit?: number;
}

/** What all sessions share: the DuckDB instance, each database's committed catalog, and the users. */
export class Cluster {
  readonly options: RedshiftOptions;
  readonly instance: DuckDBInstance;
  /** For the cluster's own writes, apart from every session's transaction. */
  readonly connection: DuckDBConnection;
  readonly history: QueryHistory;
  readonly connections: Connections;
  readonly catalogs = new Map<string, CatalogState>();
  readonly users = new Map<string, User>();
  readonly procedureMessages = new ProcedureMessages();
  /** The open sessions by their process ids. */
  readonly sessions = new Map<number, Session>();
  directory: Directory = EMPTY_DIRECTORY;
  /** Grows with every change of a catalog, user, group or role, for what was bound under the old ones. */
  version = 0;
  private lastId = 100_000;
  private lastSession = 0;
  private lastQuery = 0;

  private constructor(parts: Pick<Cluster, 'options' | 'instance' | 'connection' | 'history'>) {
    this.options = parts.options;
    this.instance = parts.instance;
    this.connection = parts.connection;
    this.history = parts.history;
    this.connections = new Connections(parts.instance);
  }

  static async open(options: RedshiftOptions): Promise<Cluster> {
    if (options.directory !== undefined) mkdirSync(options.directory, { recursive: true });
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'true',
      order_by_non_integer_literal: 'true',
      ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
      ...(options.disabledOptimizers ? { disabled_optimizers: options.disabledOptimizers.join(',') } : {}),
      ...memorySettings(options.directory),
    });
    const connection = await instance.connect();
    registerRuntime(connection);
    await connection.run(`SET GLOBAL TimeZone = ${quoteText(FIRST_ZONE)}`);
    const isInMemory = options.directory === undefined;
    const history = new QueryHistory(await instance.connect(), { isInMemory });
    const cluster = new Cluster({ options, instance, connection, history });
    await cluster.attach(CLUSTER_DATABASE);
    await cluster.prepareCluster();
    const kept =
      options.directory === undefined
        ? []
        : readdirSync(options.directory).flatMap((file) => /^(.+)\.duckdb$/.exec(file)?.[1] ?? []);
    for (const database of new Set([...options.databases, ...kept])) {
      if (database !== CLUSTER_DATABASE) await cluster.openDatabase(database);
    }
    return cluster;
  }

  private async attach(database: string): Promise<void> {
    const file = this.options.directory === undefined ? ':memory:' : join(this.options.directory, `${database}.duckdb`);
    await this.connection.run(`ATTACH ${quoteText(file)} AS ${quoteName(database)}`);
  }

  private async prepareCluster(): Promise<void> {
    for (const [table, columns] of Object.entries(CLUSTER_TABLES)) {
      await this.connection.run(`CREATE TABLE IF NOT EXISTS ${CLUSTER_DATABASE}.main.${table} (${columns})`);
    }
    await prepareHistory(this.connection);
    const rows = (
      await this.connection.runAndReadAll(
        `SELECT user_id, user_name, superuser, create_database, password, connection_limit, valid_until FROM ${CLUSTER_DATABASE}.main.users`,
      )
    ).getRows();
    for (const [id, name, superuser, createDatabase, password, connectionLimit, validUntil] of rows) {
      this.users.set(name as string, {
        id: Number(id),
        name: name as string,
        superuser: superuser as boolean,
        createDatabase: createDatabase as boolean,
        password: password as string | null,
        connectionLimit: connectionLimit === null ? undefined : Number(connectionLimit),
        validUntil: (validUntil as string | null) ?? undefined,
      });
    }
    const { user, password } = this.options.admin;
    await this.putUser({
      id: this.users.get(user)?.id ?? 100,
      name: user,
      superuser: true,
      createDatabase: true,
      password,
    });
    await this.changePrincipals(async () => undefined);
  }

  /** Changes groups, roles and who belongs to them. */
  async changePrincipals(change: (connection: DuckDBConnection) => Promise<unknown>): Promise<void> {
    await change(this.connection);
    this.directory = await readDirectory(this.connection, CLUSTER_DATABASE);
    this.version += 1;
  }

  /** A user with their groups and roles, as of now. */
  actor(user: string): Actor {
    return actorOf(this.directory, user, this.users.get(user)?.superuser ?? false);
  }

  async openDatabase(database: string): Promise<void> {
    await this.attach(database);
    await prepareDatabase(this.connection, database);
    const state = await loadCatalog(this.connection, database);
    for (const relation of state.relations.values()) this.lastId = Math.max(this.lastId, relation.id);
    this.catalogs.set(database, state);
  }

  async createDatabase(database: string): Promise<void> {
    if (this.catalogs.has(database)) throw new RedshiftError('42P04', `database "${database}" already exists`);
    await this.openDatabase(database);
  }

  /** A database gets another name: its file does, or what it holds goes over to one of that name. */
  async renameDatabase(from: string, to: string): Promise<void> {
    if (this.catalogs.has(to)) throw new RedshiftError('42P04', `database "${to}" already exists`);
    this.connections.forgetPlans();
    if (this.options.directory === undefined) {
      await this.attach(to);
      await this.connection.run(`COPY FROM DATABASE ${quoteName(from)} TO ${quoteName(to)}`);
      await this.connection.run(`DETACH ${quoteName(from)}`);
    } else {
      await this.connection.run(`DETACH ${quoteName(from)}`);
      renameSync(join(this.options.directory, `${from}.duckdb`), join(this.options.directory, `${to}.duckdb`));
      await this.attach(to);
    }
    this.catalogs.set(to, this.catalog(from));
    this.catalogs.delete(from);
    this.version += 1;
  }

  async dropDatabase(database: string): Promise<void> {
    if (!this.catalogs.has(database)) throw noDatabase(database);
    this.catalogs.delete(database);
    this.connections.forgetPlans();
    await this.connection.run(`DETACH ${quoteName(database)}`);
    const { unlinkSync } = await import('node:fs');
    const file = this.options.directory === undefined ? undefined : join(this.options.directory, `${database}.duckdb`);
    if (file && existsSync(file)) unlinkSync(file);
  }

  async putUser(user: User): Promise<void> {
    this.users.set(user.name, user);
    this.version += 1;
    await this.connection.run(`DELETE FROM ${CLUSTER_DATABASE}.main.users WHERE user_name = ${quoteText(user.name)}`);
    const text = (value: string | null | undefined): string => (value == null ? 'NULL' : quoteText(value));
    await this.connection.run(
      `INSERT INTO ${CLUSTER_DATABASE}.main.users VALUES (${user.id}, ${quoteText(user.name)}, ${user.superuser}, ${user.createDatabase}, ${text(user.password)}, ${user.connectionLimit ?? 'NULL'}, ${text(user.validUntil)})`,
    );
  }

  async dropUser(name: string): Promise<void> {
    this.users.delete(name);
    this.version += 1;
    await this.connection.run(`DELETE FROM ${CLUSTER_DATABASE}.main.users WHERE user_name = ${quoteText(name)}`);
  }

  async close(): Promise<void> {
    await this.history.close();
    this.connections.close();
    this.connection.closeSync();
    this.instance.closeSync();
  }

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  nextSessionId(): number {
    this.lastSession += 1;
    return 1_000_000 + this.lastSession;
  }

  nextQueryId(): number {
    this.lastQuery += 1;
    return this.lastQuery;
  }

  catalog(database: string): CatalogState {
    return this.catalogs.get(database) ?? EMPTY_CATALOG;
  }

  /** Makes a committed transaction's changes the picture that new transactions see. */
  publish(database: string, changes: readonly CatalogChange[]): void {
    if (changes.length > 0) this.version += 1;
    this.catalogs.set(database, changes.reduce(applyChange, this.catalog(database)));
  }
}
