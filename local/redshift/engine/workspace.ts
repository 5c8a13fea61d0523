import type { Bound } from '../binder/bound.ts';
import type { BindEnvironment, BoundQuery, SettingChange, SystemTable, Transfers } from '../binder/context.ts';
import { restartNames } from '../binder/names.ts';
import { bindQuery } from '../binder/query.ts';
import { namesOfRegistries } from '../binder/registry-casts.ts';
import { findRelation, physicalTable } from '../binder/relation.ts';
import { fold } from '../binder/scope.ts';
import { type CatalogState, type Column, DATA_SCHEMA, type Relation, type RelationKind } from '../catalog/model.ts';
import { systemRelations } from '../catalog/views/index.ts';
import { quoteName } from '../rewriter/sql.ts';
import type { Identifier, Query } from '../statements/syntax.ts';
import { RedshiftError, type RedshiftType, type ResultColumn, type RowReceiver } from '../types.ts';
import type { Cluster } from './cluster.ts';
import type { KeptConnection } from './kept-connection.ts';
import type { PreparedText } from './prepared.ts';
import { EngineRights } from './privileges.ts';
import { Census } from './privileges-census.ts';
import type { SessionSettings } from './settings.ts';
import type { Transaction } from './transaction.ts';
import { noSchema } from './unknown-names.ts';

interface Plan {
  readonly sql: string;
  readonly columns: BoundQuery['columns'];
  readonly catalog: CatalogState;
  readonly temporary: ReadonlyMap<string, Relation>;
  readonly settings: number;
  readonly cluster: number;
}

const MAXIMUM_PLANS = 200;

export type PrincipalKind = 'user' | 'group' | 'role';

/** What every statement runner needs of its session. */
export class Workspace {
  readonly cluster: Cluster;
  readonly kept: KeptConnection;
  readonly database: string;
  /** Who opened the session; SET SESSION AUTHORIZATION does not change it. */
  readonly loginUser: string;
  readonly sessionId: number;
  readonly settings: SessionSettings;
  readonly transaction: Transaction;
  queryId = 0;
  lastQueryId = -1;
  transfers: Transfers = { copy: { queryId: -1, rows: 0 }, unload: { queryId: -1, rows: 0 } };
  parameters: readonly (string | null)[] = [];
  parameterTypes = new Map<number, RedshiftType>();
  /** Whether a procedure runs that was created with SET: it may not end the transaction. */
  isUnderProcedureSettings = false;
  /** What PREPARE named. */
  readonly prepared = new Map<string, PreparedText>();
  /** The arguments of the prepared statement that runs. */
  argumentValues?: readonly Bound[];
  private readonly plans = new Map<string, Plan>();

  constructor(
    parts: Pick<Workspace, 'cluster' | 'kept' | 'database' | 'loginUser' | 'sessionId' | 'settings' | 'transaction'>,
  ) {
    this.cluster = parts.cluster;
    this.kept = parts.kept;
    this.database = parts.database;
    this.loginUser = parts.loginUser;
    this.sessionId = parts.sessionId;
    this.settings = parts.settings;
    this.transaction = parts.transaction;
  }

  /** Whose rights the session has. */
  get user(): string {
    return this.settings.get('session_authorization') || this.loginUser;
  }

  /** What the session's user may do, as the transaction sees it. */
  get rights(): EngineRights {
    const { cluster } = this;
    return new EngineRights(
      {
        database: this.database,
        catalog: (database) => this.catalogOf(database),
        databases: () => [...cluster.catalogs.keys()],
        actor: (user) => cluster.actor(user),
        users: () => [...cluster.users.keys()],
      },
      this.user,
    );
  }

  /** Whether there is such a user, group or role, or this transaction makes it. */
  isPrincipal(kind: PrincipalKind, name: string): boolean {
    const changed = this.transaction.principals.get(`${kind} ${name}`);
    if (changed !== undefined) return changed;
    const { users, directory } = this.cluster;
    if (kind === 'user') return users.has(name);
    return kind === 'group' ? directory.groups.has(name) : directory.roles.has(name);
  }

  private catalogOf(database: string): CatalogState | undefined {
    return database === this.database ? this.transaction.catalog : this.cluster.catalogs.get(database);
  }

  /** The schemas to look in: those of the search path that the user may use. */
  searchPath(rights: EngineRights = this.rights): string[] {
    const path = this.settings.searchPath(this.user);
    return rights.actor.superuser ? path : path.filter((schema) => rights.mayOnSchema('usage', schema));
  }

  private census(rights: EngineRights, searchPath: readonly string[]): Census {
    return new Census({
      database: this.database,
      databases: [...this.cluster.catalogs.keys()],
      catalog: this.transaction.catalog,
      searchPath,
      rights,
      userId: (user) => this.cluster.users.get(user)?.id ?? 0,
      isSystemTable: (schema, name) => SYSTEM_TABLES.has(`${schema}.${name}`),
    });
  }

  environment(): BindEnvironment {
    restartNames();
    const { rights } = this;
    const searchPath = this.searchPath(rights);
    return {
      settings: this.settings.binder(),
      database: this.database,
      user: this.user,
      searchPath,
      rights,
      census: this.census(rights, searchPath),
      settingValues: this.settings.all(),
      sessionId: this.sessionId,
      transfers: this.transfers,
      lastQueryId: this.lastQueryId,
      catalog: (database) => this.catalogOf(database),
      temporary: (name) => this.transaction.temporaryTables.get(name),
      systemTable: (schema, name) => this.systemTable(schema, name),
      parameters: this.parameters,
      parameterTypes: this.parameterTypes,
      argumentValues: this.argumentValues,
      depth: 0,
    };
  }

  private systemTable(schema: string, name: string): SystemTable | undefined {
    const found = SYSTEM_TABLES.get(`${schema}.${name}`);
    if (!found) return undefined;
    const { rights } = this;
    const sql = found.sql({
      database: this.database,
      databases: [...this.cluster.catalogs.keys()],
      user: this.user,
      superuser: rights.actor.superuser,
      sessionId: this.sessionId,
      settings: this.settings.all(),
      running: () =>
        [...this.cluster.sessions].map(([processId, { user, database, activity, openTransaction }]) => ({
          ...{ processId, user, database, statement: activity?.statement },
          startedAtMilliseconds: activity?.openedAtMilliseconds ?? 0,
          transaction: openTransaction?.(),
        })),
      procedureMessages: () => this.cluster.procedureMessages.all,
      seenRelations: (database) => this.seenRelations(rights, database),
    });
    return { schema: found.schema, name: found.name, columns: found.columns, sql };
  }

  private seenRelations(rights: EngineRights, database: string): number[] {
    const relations = [...(this.catalogOf(database)?.relations.values() ?? [])];
    return relations.filter((relation) => rights.sees(relation, database)).map(({ id }) => id);
  }

  bind(query: Query, more: Pick<BindEnvironment, 'settingChanges'> = {}): BoundQuery {
    const environment = { ...this.environment(), ...more };
    return namesOfRegistries(bindQuery(query, { environment, commonTables: new Map() }), environment);
  }

  /** A query's DuckDB text, kept as long as catalog, temporary tables and settings are what they were. */
  plan(query: Query, text: string, render: (bound: BoundQuery) => string): Pick<Plan, 'sql' | 'columns'> {
    const catalog = this.transaction.catalog;
    const temporary = this.transaction.temporaryTables;
    const settings = this.settings.version;
    const cluster = this.cluster.version;
    const known = this.plans.get(text);
    const isSame = known?.catalog === catalog && known.temporary === temporary;
    const isFresh = isSame && known.settings === settings && known.cluster === cluster;
    if (known && isFresh && this.parameters.length === 0) return this.noteQuery(known);
    const settingChanges: SettingChange[] = [];
    const bound = this.bind(query, { settingChanges });
    for (const { name, value, local } of settingChanges) this.settings.set(name, value, { local });
    const made: Plan = { sql: render(bound), columns: bound.columns, catalog, temporary, settings, cluster };
    const isLocal = !/\b(?:pg_|svv_|stv_|stl_|sys_|information_schema|has_|is_member)/i.test(text);
    if (text !== '' && this.parameters.length === 0 && isLocal) {
      if (this.plans.size >= MAXIMUM_PLANS) this.plans.clear();
      this.plans.set(text, made);
    }
    return this.noteQuery(made);
  }

  /** Queries without tables of users run on the leader node alone: they are not those that PG_LAST_QUERY_ID means. */
  private noteQuery(plan: Plan): Plan {
    if (plan.sql.includes(`${DATA_SCHEMA}.`)) this.lastQueryId = this.queryId;
    return plan;
  }

  /** The transaction is there, and so is what the statement may ask of the history. */
  private async begin(sql: string): Promise<void> {
    await this.transaction.start();
    await this.cluster.history.beforeReading(sql);
  }

  async run(sql: string): Promise<void> {
    await this.begin(sql);
    await this.kept.run(sql);
  }

  /** Runs an INSERT, UPDATE or DELETE and gives the number of rows. */
  change(sql: string): Promise<number> {
    return this.changeBy(sql, () => this.kept.run(sql));
  }

  async changeBy(sql: string, run: () => Promise<{ readonly rowsChanged: number }>): Promise<number> {
    await this.begin(sql);
    this.lastQueryId = this.queryId;
    return Number((await run()).rowsChanged);
  }

  /** Runs a DuckDB query of texts. */
  async rows(sql: string): Promise<(string | null)[][]> {
    await this.begin(sql);
    return (await this.kept.rows(sql)) as (string | null)[][];
  }

  /** Hands a query's rows on as DuckDB finds them, and waits for who takes them; gives their number. */
  async stream(sql: string, columns: readonly ResultColumn[], receiver: RowReceiver): Promise<number> {
    await this.begin(sql);
    const result = await this.kept.duckdb.stream(sql);
    receiver.columns(columns);
    let count = 0;
    for await (const rows of result.yieldRows()) {
      count += rows.length;
      await receiver.rows(rows as (string | null)[][]);
    }
    return count;
  }

  fold(name: Identifier): string {
    return fold(name, this.settings.binder());
  }

  /** Schema and name of something that is about to be made. */
  target(names: readonly Identifier[]): { schema: string; name: string } {
    const [name, schema, database] = names.map((part) => this.fold(part)).reverse() as [string, string?, string?];
    if (database !== undefined && database !== this.database)
      throw new RedshiftError('0A000', 'cross-database references are not supported for this statement');
    if (schema !== undefined) {
      this.requireSchema(schema);
      return { schema, name };
    }
    const first = this.searchPath().find((candidate) => this.transaction.catalog.schemas.has(candidate));
    if (first === undefined) throw new RedshiftError('3F000', 'no schema has been selected to create in');
    return { schema: first, name };
  }

  requireSchema(schema: string): void {
    if (!this.transaction.catalog.schemas.has(schema)) throw noSchema(schema);
  }

  find(names: readonly Identifier[]): Relation | undefined {
    const [name, schema, database] = names.map((part) => this.fold(part)).reverse() as [string, string?, string?];
    if (database !== undefined && database !== this.database)
      throw new RedshiftError('0A000', 'cross-database references are read only');
    return findRelation(name, schema, undefined, this.environment());
  }

  /** A relation that must be there, and of one of these kinds. */
  require(names: readonly Identifier[], kinds: readonly RelationKind[] = ['table']): Relation {
    const relation = this.find(names);
    const shown = names.map((part) => this.fold(part)).join('.');
    if (!relation)
      throw new RedshiftError('42P01', `relation "${shown}" does not exist`, {
        position: (names[0] as Identifier).position + 1,
      });
    if (!kinds.includes(relation.kind))
      throw new RedshiftError('42809', `"${relation.name}" is not a ${kinds[0]?.replaceAll('_', ' ')}`);
    return relation;
  }

  physical(relation: Relation): string {
    return physicalTable(relation, this.database);
  }

  /** The sequence that numbers an IDENTITY column. */
  sequence(relation: Relation, column: Column): string {
    return `${quoteName(this.database)}.${DATA_SCHEMA}.s${relation.id}_${column.id}`;
  }
}

const SYSTEM_TABLES = new Map(systemRelations.map((relation) => [`${relation.schema}.${relation.name}`, relation]));
