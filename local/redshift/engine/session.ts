import type { LineageOptions, StatementLineage } from '../lineage/model.ts';
import { type ParsedStatement, parseStatements } from '../statements/parse.ts';
import type { Statement } from '../statements/statement.ts';
import type {
  ExecutionOptions,
  ParameterValue,
  PreparedStatement,
  RowReceiver,
  Session,
  SessionActivity,
  SessionOptions,
  StatementResult,
} from '../types.ts';
import { RedshiftError } from '../types.ts';
import type { Cluster } from './cluster.ts';
import { requireReadableDates } from './date-style.ts';
import { describeStatement } from './describing.ts';
import { toRedshiftError } from './errors.ts';
import { Interruption } from './interruption.ts';
import type { KeptConnection } from './kept-connection.ts';
import { lineageOfText } from './lineage.ts';
import type { TableLocks } from './locks.ts';
import { requirePrivileges } from './privileges-of-statements.ts';
import { type QueryLogEntry, recordStatement } from './query-log.ts';
import { changesData, RUNNERS, runsOutsideTransaction, type Tools } from './runners.ts';
import { SessionSettings, startingSettings } from './settings.ts';
import { Transaction, type TransactionStatus } from './transaction.ts';
import { Workspace } from './workspace.ts';

/** One connection of a client. */
export class EngineSession implements Session {
  readonly database: string;
  readonly user: string;
  readonly superuser: boolean;
  private readonly cluster: Cluster;
  private readonly locks: TableLocks;
  private readonly workspace: Workspace;
  private readonly transaction: Transaction;
  private readonly kept: KeptConnection;
  private readonly interruption: Interruption;
  private closed = false;
  activity: SessionActivity = { openedAtMilliseconds: Date.now() };
  readonly openTransaction = () => this.transaction.shown(this.locks.of(this));

  constructor(cluster: Cluster, locks: TableLocks, kept: KeptConnection, options: SessionOptions) {
    this.cluster = cluster;
    this.locks = locks;
    this.kept = kept;
    this.interruption = new Interruption(kept.duckdb);
    this.database = options.database;
    this.user = options.user;
    this.superuser = cluster.actor(options.user).superuser;
    const settings = new SessionSettings({
      ...Object.fromEntries(cluster.directory.settings.get(options.user) ?? []),
      ...startingSettings(options.settings),
      is_superuser: this.superuser ? 'on' : 'off',
      session_authorization: options.user,
    });
    this.transaction = new Transaction(cluster, options.database, kept, settings, () => locks.release(this));
    this.workspace = new Workspace({
      cluster,
      kept,
      database: options.database,
      loginUser: options.user,
      sessionId: cluster.nextSessionId(),
      settings,
      transaction: this.transaction,
    });
  }

  /** What pg_backend_pid gives, and CANCEL takes. */
  get processId(): number {
    return this.workspace.sessionId;
  }

  get queryId(): number {
    return this.workspace.queryId;
  }

  get transactionStatus(): TransactionStatus {
    return this.transaction.status;
  }

  async execute(
    text: string,
    onResult?: (result: StatementResult) => void | Promise<void>,
    receiver?: RowReceiver,
  ): Promise<StatementResult[]> {
    this.requireOpen();
    const results: StatementResult[] = [];
    const statements = this.parse(text);
    const implicit = this.transaction.status === 'I';
    try {
      for (const [index, parsed] of statements.entries()) {
        const result = await this.step(parsed, [], {
          last: index === statements.length - 1,
          alone: statements.length === 1,
          receiver,
        });
        results.push(result);
        await onResult?.(result);
      }
    } catch (error) {
      throw await this.failed(error, implicit);
    }
    return results;
  }

  private parse(text: string): ParsedStatement[] {
    try {
      return parseStatements(text);
    } catch (error) {
      if (this.transaction.status === 'T') this.transaction.status = 'E';
      throw toRedshiftError(error);
    }
  }

  /** A failure ends an implicit transaction and leaves an explicit one waiting for its ROLLBACK. */
  private async failed(error: unknown, implicit: boolean): Promise<RedshiftError> {
    const seen = toRedshiftError(error);
    if (implicit && !this.explicit) await this.transaction.rollback();
    else if (this.transaction.status === 'T') this.transaction.status = 'E';
    return this.named(seen);
  }

  /** Whether BEGIN opened the transaction. */
  private explicit = false;

  private named(error: RedshiftError): RedshiftError {
    const column = /^Cannot insert a NULL value into column c(\d+)$/.exec(error.message)?.[1];
    if (column === undefined) return error;
    const table = /t(\d+)\.c\d+/.exec(error.cause instanceof Error ? error.cause.message : '')?.[1];
    const relations = [
      ...this.transaction.catalog.relations.values(),
      ...this.cluster.catalog(this.database).relations.values(),
      ...this.transaction.temporaryTables.values(),
    ];
    const relation = relations.find((candidate) => candidate.id === Number(table));
    const name = relation?.columns.find((candidate) => candidate.id === Number(column))?.name ?? 'unknown';
    return new RedshiftError('23502', `Cannot insert a NULL value into column ${name}`, { cause: error });
  }

  private async step(
    parsed: ParsedStatement,
    parameters: readonly ParameterValue[],
    place: { last: boolean; alone: boolean; receiver?: RowReceiver },
  ): Promise<StatementResult> {
    const { statement } = parsed;
    const control = await this.control(statement);
    if (control) return control;
    this.transaction.requireUsable();
    if (runsOutsideTransaction(statement) && (this.explicit || !place.alone)) {
      throw new RedshiftError('25001', `${statement.kind.toUpperCase()} cannot run inside a transaction block`);
    }
    if (this.transaction.isReadOnly && changesData(statement))
      throw new RedshiftError('25006', 'transaction is read-only');
    this.transaction.begin();
    const result = await this.run(parsed, parameters, place.receiver);
    if (statement.kind === 'truncate' || (place.last && !this.explicit)) {
      this.explicit = false;
      await this.transaction.commit();
    }
    return result;
  }

  /** BEGIN, COMMIT, ROLLBACK. */
  private async control(statement: Statement): Promise<StatementResult | undefined> {
    switch (statement.kind) {
      case 'begin':
        this.transaction.requireUsable();
        this.transaction.begin();
        this.explicit = true;
        this.transaction.isBlock = true;
        this.transaction.isReadOnly = statement.readOnly;
        return { tag: 'BEGIN', rowCount: 0 };
      case 'commit':
      case 'rollback':
        return this.end(statement.kind);
      default:
        return undefined;
    }
  }

  private async end(kind: 'commit' | 'rollback'): Promise<StatementResult> {
    const failed = this.transaction.status === 'E';
    this.explicit = false;
    if (kind === 'commit' && !failed) {
      if (this.transaction.status === 'T') await this.transaction.commit();
      return { tag: 'COMMIT', rowCount: 0 };
    }
    if (this.transaction.status !== 'I') await this.transaction.rollback();
    return { tag: 'ROLLBACK', rowCount: 0 };
  }

  private async run(
    parsed: ParsedStatement,
    parameters: readonly ParameterValue[],
    receiver: RowReceiver | undefined,
  ): Promise<StatementResult> {
    const { statement, text } = parsed;
    const startedAtMilliseconds = Date.now();
    this.workspace.queryId = this.cluster.nextQueryId();
    const { queryId } = this.workspace;
    this.activity = { ...this.activity, statement: { queryId, text, startedAtMilliseconds } };
    this.workspace.parameters = parameters;
    this.workspace.parameterTypes = new Map();
    const record = (status: QueryLogEntry['status'], returnedRows: number, errorMessage?: string): Promise<void> =>
      recordStatement(this.workspace, { statement, text, status, startedAtMilliseconds, returnedRows, errorMessage });
    try {
      const runner = RUNNERS[statement.kind as 'select'] as (
        workspace: Workspace,
        statement: Statement,
        tools: Tools,
      ) => Promise<StatementResult>;
      requireReadableDates(this.workspace.settings, text);
      requirePrivileges(this.workspace, statement);
      const limitMilliseconds = Number(this.workspace.settings.get('statement_timeout') ?? 0);
      const result = await this.interruption.during(
        () => runner(this.workspace, statement, { locks: this.locks, owner: this, text, receiver }),
        limitMilliseconds,
      );
      await record('success', result.rowCount);
      return result;
    } catch (error) {
      const seen = toRedshiftError(error);
      await record(seen.sqlState === '57014' ? 'canceled' : 'failed', 0, seen.message);
      throw seen;
    } finally {
      this.activity = { openedAtMilliseconds: this.activity.openedAtMilliseconds };
    }
  }

  async prepare(text: string): Promise<PreparedStatement> {
    this.requireOpen();
    const statements = this.parse(text);
    if (statements.length > 1)
      throw new RedshiftError('42601', 'cannot insert multiple commands into a prepared statement');
    const parsed = statements[0] ?? { statement: { kind: 'empty' } as const, text };
    try {
      const { columns, parameterTypes } = describeStatement(this.workspace, parsed.statement, text);
      return {
        parameterTypes,
        columns,
        execute: (parameters, options) => this.executePrepared(parsed, parameters, options),
      };
    } catch (error) {
      throw await this.failed(error, !this.explicit);
    }
  }

  private async executePrepared(
    parsed: ParsedStatement,
    parameters: readonly ParameterValue[],
    { receiver, pipelined = false }: ExecutionOptions = {},
  ): Promise<StatementResult> {
    this.requireOpen();
    const implicit = !this.explicit;
    try {
      const alone = this.transaction.status === 'I';
      return await this.step(parsed, parameters, { last: !pipelined, alone, receiver });
    } catch (error) {
      throw await this.failed(error, implicit);
    }
  }

  async sync(): Promise<void> {
    if (this.explicit || this.transaction.status === 'I') return;
    try {
      if (this.transaction.status === 'T') await this.transaction.commit();
      else await this.transaction.rollback();
    } catch (error) {
      throw await this.failed(error, true);
    }
  }

  lineage(text: string, options?: LineageOptions): StatementLineage[] {
    this.requireOpen();
    return lineageOfText(this.workspace, text, options);
  }

  cancel(): void {
    this.locks.cancel(this);
    this.interruption.request();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.locks.cancel(this);
    const isBusy = this.activity.statement !== undefined;
    if (this.transaction.status !== 'I') await this.transaction.rollback();
    if (!isBusy && (await this.transaction.leaveClean())) this.cluster.connections.giveBack(this.kept);
    else this.cluster.connections.discard(this.kept);
  }

  private requireOpen(): void {
    if (this.closed) throw new RedshiftError('08003', 'the session is closed');
  }
}
