import type { DuckDBConnection } from '@duckdb/node-api';
import type { BoundQuery } from '../binder/context.ts';
import { TEXT } from '../binder/types.ts';
import { recordQuery } from '../catalog/history.ts';
import { type ParsedStatement, parseStatements } from '../statements/parse.ts';
import type { Statement } from '../statements/statement.ts';
import type { ParameterValue, PreparedStatement, RedshiftType, Session, StatementResult } from '../types.ts';
import { RedshiftError } from '../types.ts';
import type { Cluster } from './cluster.ts';
import { toRedshiftError } from './errors.ts';
import { Interruption } from './interruption.ts';
import type { TableLocks } from './locks.ts';
import { requirePrivileges } from './privileges-of-statements.ts';
import { resultColumns } from './results.ts';
import { RUNNERS, runsOutsideTransaction } from './runners.ts';
import { SessionSettings } from './settings.ts';
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
  private readonly connection: DuckDBConnection;
  private readonly interruption: Interruption;
  private closed = false;

  constructor(
    cluster: Cluster,
    locks: TableLocks,
    connection: DuckDBConnection,
    options: { database: string; user: string },
  ) {
    this.cluster = cluster;
    this.locks = locks;
    this.connection = connection;
    this.interruption = new Interruption(connection);
    this.database = options.database;
    this.user = options.user;
    this.superuser = cluster.actor(options.user).superuser;
    const settings = new SessionSettings({
      ...Object.fromEntries(cluster.directory.settings.get(options.user) ?? []),
      is_superuser: this.superuser ? 'on' : 'off',
      session_authorization: options.user,
    });
    this.transaction = new Transaction(cluster, options.database, connection, settings, () => locks.release(this));
    this.workspace = new Workspace({
      cluster,
      connection,
      database: options.database,
      user: options.user,
      sessionId: cluster.nextSessionId(),
      settings,
      transaction: this.transaction,
    });
  }

  get transactionStatus(): TransactionStatus {
    return this.transaction.status;
  }

  async execute(text: string, onResult?: (result: StatementResult) => void): Promise<StatementResult[]> {
    this.requireOpen();
    const results: StatementResult[] = [];
    const statements = this.parse(text);
    const implicit = this.transaction.status === 'I';
    try {
      for (const [index, parsed] of statements.entries()) {
        const result = await this.step(parsed, [], {
          implicit,
          last: index === statements.length - 1,
          alone: statements.length === 1,
        });
        results.push(result);
        onResult?.(result);
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
    place: { implicit: boolean; last: boolean; alone: boolean },
  ): Promise<StatementResult> {
    const { statement } = parsed;
    const control = await this.control(statement);
    if (control) return control;
    this.transaction.requireUsable();
    if (runsOutsideTransaction(statement) && (this.explicit || !place.alone)) {
      throw new RedshiftError('25001', `${statement.kind.toUpperCase()} cannot run inside a transaction block`);
    }
    this.transaction.begin();
    const result = await this.run(parsed, parameters);
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

  private async run(parsed: ParsedStatement, parameters: readonly ParameterValue[]): Promise<StatementResult> {
    const { statement, text } = parsed;
    const startedAtMilliseconds = Date.now();
    this.workspace.queryId = this.cluster.nextQueryId();
    this.workspace.parameters = parameters;
    this.workspace.parameterTypes = new Map();
    const record = (
      status: 'success' | 'failed' | 'canceled',
      returnedRows: number,
      errorMessage?: string,
    ): Promise<void> => this.record({ statement, text, status, startedAtMilliseconds, returnedRows, errorMessage });
    try {
      const runner = RUNNERS[statement.kind as 'select'] as (
        workspace: Workspace,
        statement: Statement,
        tools: { locks: TableLocks; owner: object; text: string },
      ) => Promise<StatementResult>;
      requirePrivileges(this.workspace, statement);
      const result = await this.interruption.during(() =>
        runner(this.workspace, statement, { locks: this.locks, owner: this, text }),
      );
      await record('success', result.rowCount);
      return result;
    } catch (error) {
      const seen = toRedshiftError(error);
      await record(seen.sqlState === '57014' ? 'canceled' : 'failed', 0, seen.message);
      throw seen;
    }
  }

  /** Notes the statement for sys_query_history; settings are no queries. */
  private async record(entry: {
    statement: Statement;
    text: string;
    status: 'success' | 'failed' | 'canceled';
    startedAtMilliseconds: number;
    returnedRows: number;
    errorMessage?: string;
  }): Promise<void> {
    if (['set', 'show', 'lock', 'empty'].includes(entry.statement.kind)) return;
    await this.cluster.recordLater((connection) =>
      recordQuery(connection, {
        queryId: this.workspace.queryId,
        transactionId: this.workspace.queryId,
        sessionId: this.workspace.sessionId,
        user: this.user,
        database: this.database,
        queryType: queryType(entry.statement),
        status: entry.status,
        startedAtMilliseconds: entry.startedAtMilliseconds,
        endedAtMilliseconds: Date.now(),
        returnedRows: entry.returnedRows,
        queryText: entry.text,
        errorMessage: entry.errorMessage,
      }),
    );
  }

  async prepare(text: string): Promise<PreparedStatement> {
    this.requireOpen();
    const statements = this.parse(text);
    if (statements.length > 1)
      throw new RedshiftError('42601', 'cannot insert multiple commands into a prepared statement');
    const parsed = statements[0] ?? { statement: { kind: 'empty' } as const, text };
    try {
      const { columns, parameterTypes } = await this.describe(parsed.statement, text);
      return { parameterTypes, columns, execute: (parameters) => this.executePrepared(parsed, parameters) };
    } catch (error) {
      throw await this.failed(error, this.transaction.status === 'I');
    }
  }

  private async executePrepared(
    parsed: ParsedStatement,
    parameters: readonly ParameterValue[],
  ): Promise<StatementResult> {
    this.requireOpen();
    const implicit = this.transaction.status === 'I';
    try {
      return await this.step(parsed, parameters, { implicit, last: true, alone: true });
    } catch (error) {
      throw await this.failed(error, implicit);
    }
  }

  /** The types of a statement's parameters and columns, found by binding it with all parameters open. */
  private async describe(
    statement: Statement,
    text: string,
  ): Promise<{ columns?: PreparedStatement['columns']; parameterTypes: RedshiftType[] }> {
    const count = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map((match) => Number(match[1])));
    if (statement.kind === 'show')
      return { columns: [{ name: statement.name, type: { kind: 'varchar', length: 256 } }], parameterTypes: [] };
    if (statement.kind !== 'select') return { parameterTypes: Array.from({ length: count }, () => TEXT) };
    this.transaction.requireUsable();
    this.workspace.parameters = Array.from({ length: count }, () => null);
    this.workspace.parameterTypes = new Map();
    const bound: BoundQuery = this.workspace.bind(statement.query);
    const types = this.workspace.parameterTypes;
    return {
      columns: resultColumns(bound.columns),
      parameterTypes: Array.from({ length: count }, (_unused, i) => types.get(i + 1) ?? TEXT),
    };
  }

  cancel(): void {
    this.locks.cancel(this);
    this.interruption.request();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.locks.cancel(this);
    if (this.transaction.status !== 'I') await this.transaction.rollback();
    this.connection.closeSync();
  }

  private requireOpen(): void {
    if (this.closed) throw new RedshiftError('08003', 'the session is closed');
  }
}

const queryType = (statement: Statement): string =>
  ['select', 'insert', 'update', 'delete', 'copy', 'unload', 'merge'].includes(statement.kind)
    ? statement.kind.toUpperCase()
    : statement.kind === 'vacuum' || statement.kind === 'analyze'
      ? 'UTILITY'
      : 'DDL';
