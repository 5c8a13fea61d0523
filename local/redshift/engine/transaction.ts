import { physicalTable } from '../binder/relation.ts';
import type { CatalogState, Relation } from '../catalog/model.ts';
import { persistChange } from '../catalog/persistence.ts';
import { applyChange, type CatalogChange } from '../catalog/state.ts';
import { quoteText } from '../rewriter/sql.ts';
import { type OpenTransaction, RedshiftError, type ResultColumn, type TableLock } from '../types.ts';
import type { Cluster } from './cluster.ts';
import type { KeptConnection } from './kept-connection.ts';
import { grantsOfNew } from './privileges.ts';
import { FIRST_ZONE, sessionZone } from './session-zone.ts';
import type { SessionSettings } from './settings.ts';

export type TransactionStatus = 'I' | 'T' | 'E';

/** A cursor's rows, and how many of them were fetched. */
export interface OpenCursor {
  readonly name: string;
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
  fetched: number;
}

/**
 * A session's transaction. DuckDB's begins with the first statement that needs it, not with BEGIN: what LOCK waited for is
 * seen by what comes after it, as in Redshift.
 */
export class Transaction {
  status: TransactionStatus = 'I';
  /** Whether BEGIN opened it. */
  isBlock = false;
  /** BEGIN READ ONLY. */
  isReadOnly = false;
  /** What DECLARE opened; it ends with the transaction. */
  cursor: OpenCursor | undefined;
  private readonly cluster: Cluster;
  private readonly database: string;
  private readonly kept: KeptConnection;
  private readonly settings: SessionSettings;
  private started = false;
  private beganAtMilliseconds = 0;
  /** The time zone's setting that DuckDB knows of. */
  private zoneSetting = FIRST_ZONE;
  private state: CatalogState | undefined;
  private changes: CatalogChange[] = [];
  /** Users, groups and roles that this transaction makes (true) or drops (false), as `kind name`. */
  readonly principals = new Map<string, boolean>();
  private temporaries: ReadonlyMap<string, Relation> = new Map();
  private temporariesBefore: ReadonlyMap<string, Relation> = new Map();
  private readonly afterCommit: (() => Promise<void>)[] = [];
  private readonly onEnd: () => void;

  constructor(cluster: Cluster, database: string, kept: KeptConnection, settings: SessionSettings, onEnd: () => void) {
    this.cluster = cluster;
    this.database = database;
    this.kept = kept;
    this.settings = settings;
    this.onEnd = onEnd;
  }

  /** The catalog as this transaction sees it. */
  get catalog(): CatalogState {
    return this.state ?? this.cluster.catalog(this.database);
  }

  get temporaryTables(): ReadonlyMap<string, Relation> {
    return this.temporaries;
  }

  begin(): void {
    if (this.status !== 'I') return;
    this.status = 'T';
    this.beganAtMilliseconds = Date.now();
    this.temporariesBefore = this.temporaries;
    this.settings.begin();
  }

  /** What others may know of it. */
  shown(locks: readonly TableLock[]): OpenTransaction | undefined {
    return this.status === 'I' ? undefined : { startedAtMilliseconds: this.beganAtMilliseconds, locks };
  }

  /** Starts DuckDB's transaction, and fixes the catalog that is seen. */
  async start(): Promise<void> {
    await this.keepZone();
    if (this.started) return;
    await this.kept.runPlanned('BEGIN TRANSACTION');
    this.started = true;
    this.state = this.cluster.catalog(this.database);
  }

  /** DuckDB reads and shows timestamps with a zone in the session's. */
  private async keepZone(): Promise<void> {
    const setting = this.settings.get('timezone') ?? FIRST_ZONE;
    if (setting === this.zoneSetting) return;
    await this.kept.run(`SET SESSION TimeZone = ${quoteText(sessionZone(setting))}`);
    this.kept.forgetPlans();
    this.kept.isSpoilt = true;
    this.zoneSetting = setting;
  }

  async change(change: CatalogChange): Promise<void> {
    await this.start();
    for (const sql of persistChange(this.database, change, () => this.cluster.nextId())) await this.kept.run(sql);
    const isNew =
      change.kind === 'putRelation' &&
      ![...this.catalog.relations.values()].some(({ id }) => id === change.relation.id);
    this.state = applyChange(this.catalog, change);
    this.changes.push(change);
    if (!isNew) return;
    const grants = grantsOfNew(change.relation, this.catalog.grants);
    if (grants.length > 0) await this.change({ kind: 'addGrants', grants });
  }

  /** A temporary table that has another form than before. */
  changeTemporary(relation: Relation): void {
    this.kept.temporaryTables.forget(relation.id);
    this.putTemporary(relation);
  }

  putTemporary(relation: Relation): void {
    const others = [...this.temporaries].filter(([, other]) => other.id !== relation.id);
    this.temporaries = new Map([...others, [relation.name, relation]]);
  }

  dropTemporary(relation: Relation): void {
    this.kept.temporaryTables.forget(relation.id);
    this.temporaries = new Map([...this.temporaries].filter(([, other]) => other.id !== relation.id));
  }

  /** Runs when the transaction has committed: for what lies outside of the database's own file. */
  onCommit(work: () => Promise<void>): void {
    this.afterCommit.push(work);
  }

  async commit(): Promise<void> {
    try {
      if (this.started) await this.kept.runPlanned('COMMIT');
      this.kept.temporaryTables.committed();
    } catch (error) {
      await this.rollback();
      throw error;
    }
    this.cluster.publish(this.database, this.changes);
    this.settings.commit();
    const work = this.afterCommit.splice(0);
    this.reset();
    for (const each of work) await each();
  }

  async rollback(): Promise<void> {
    // After a failure that DuckDB calls fatal there is no transaction left to roll back, and this says so.
    if (this.started) await this.kept.runPlanned('ROLLBACK').catch(() => undefined);
    this.kept.temporaryTables.rolledBack();
    this.temporaries = this.temporariesBefore;
    this.settings.rollback();
    this.afterCommit.length = 0;
    this.reset();
  }

  private reset(): void {
    this.status = 'I';
    this.isBlock = false;
    this.isReadOnly = false;
    this.cursor = undefined;
    this.started = false;
    this.state = undefined;
    this.changes = [];
    this.principals.clear();
    this.onEnd();
  }

  /** Empties the temporary tables for the next session; false where the connection cannot be as it was. */
  async leaveClean(): Promise<boolean> {
    const { temporaryTables, isSpoilt } = this.kept;
    const ids = [...this.temporaries.values()].map(({ id }) => id);
    if (isSpoilt || !ids.every((id) => temporaryTables.has(id))) return false;
    for (const relation of this.temporaries.values())
      await this.kept.run(`DELETE FROM ${physicalTable(relation, this.database)}`);
    temporaryTables.emptied(ids);
    return true;
  }

  requireUsable(): void {
    if (this.status !== 'E') return;
    throw new RedshiftError('25P02', 'current transaction is aborted, commands ignored until end of transaction block');
  }
}
