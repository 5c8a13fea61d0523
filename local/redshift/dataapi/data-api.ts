import type { Redshift } from '../types.ts';
import { type CallerIdentity, catalogOperations, type Handler } from './catalog-operations.ts';
import { submissionResponse } from './descriptions.ts';
import { DataApiError, validationError } from './errors.ts';
import type { Connection } from './kept-sessions.ts';
import { readRequest, requests, type Submission } from './requests.ts';
import { openResultStore, type ResultStore } from './result-store.ts';
import { Retrieval, requireOneTarget, splitId } from './retrieval.ts';
import { listSessions } from './session-listing.ts';
import type { StatementRecord } from './statement-record.ts';
import { type RunsOptions, StatementRuns } from './statement-runs.ts';
import { StatementStore } from './statement-store.ts';
import { checkParameters, checkSingleStatement, newRecord, sameRequest } from './submission.ts';

export type { CallerIdentity } from './catalog-operations.ts';

export interface DataApiOptions extends RunsOptions {
  /** Folder for statements and results; absent: they live as long as the process. */
  readonly directory?: string;
  /** The database user behind a secret. Rejects (DataApiError) when the caller may not read it. */
  readonly credentials?: (secretArn: string, identity: CallerIdentity) => Promise<{ user: string }>;
  /** The database user of a call without SecretArn and DbUser; absent: such a call is refused. */
  readonly temporaryUser?: (identity: CallerIdentity) => string;
  readonly maximumActive?: number;
}

interface Mode {
  readonly isBatch: boolean;
  readonly autoCommit: boolean;
}

/** The Redshift Data API over one Redshift: JSON in, JSON out, as AWS JSON 1.1 carries it. */
export class DataApi {
  readonly #options: DataApiOptions;
  readonly #now: () => number;
  readonly #statements: StatementStore;
  readonly #results: ResultStore;
  readonly #runs: StatementRuns;
  readonly #retrieval: Retrieval;
  readonly #operations: Readonly<Record<string, Handler>>;

  constructor(redshift: Redshift, options: DataApiOptions = {}) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#statements = new StatementStore(options.directory, this.#now);
    this.#results = openResultStore(options.directory);
    this.#runs = new StatementRuns(redshift, this.#statements, this.#results, options);
    this.#retrieval = new Retrieval(this.#statements, this.#results);
    this.#operations = {
      ...this.#statementOperations(),
      ...catalogOperations(redshift, (request, identity) => this.#userOf(request, identity)),
    };
  }

  /**
   * Answers one call; rejects with DataApiError for what AWS would refuse. The answer may hold raw JSON digits (`JSON.rawJSON`), which
   * `JSON.stringify` writes.
   */
  async handle(operation: string, body: unknown, identity: CallerIdentity): Promise<Record<string, unknown>> {
    const handler = Object.hasOwn(this.#operations, operation) ? this.#operations[operation] : undefined;
    if (!handler) throw new DataApiError('UnknownOperationException', `Unknown operation ${operation}`);
    return handler(body, identity);
  }

  /** Resolves once nothing runs any more. */
  idle(): Promise<void> {
    return this.#runs.idle();
  }

  /** Cancels what runs, and waits for it. */
  close(): Promise<void> {
    return this.#runs.close();
  }

  #statementOperations(): Record<string, Handler> {
    return {
      ExecuteStatement: async (body, identity) => {
        const request = readRequest(requests.executeStatement, body);
        checkSingleStatement(request.Sql);
        return this.#submit(request, [request.Sql], { isBatch: false, autoCommit: true }, identity);
      },
      BatchExecuteStatement: async (body, identity) => {
        const request = readRequest(requests.batchExecuteStatement, body);
        for (const sql of request.Sqls) checkSingleStatement(sql);
        const autoCommit = request.ExecutionMode === 'AUTO_COMMIT';
        return this.#submit(request, request.Sqls, { isBatch: true, autoCommit }, identity);
      },
      DescribeStatement: async (body) => {
        const request = readRequest(requests.describeStatement, body);
        await this.#runs.waitFor(splitId(request.Id).statementId, request.WaitTimeSeconds);
        return this.#retrieval.describe(request.Id);
      },
      GetStatementResult: (body) => this.#result(body, 'JSON'),
      GetStatementResultV2: (body) => this.#result(body, 'CSV'),
      CancelStatement: async (body) => this.#cancel(readRequest(requests.cancelStatement, body).Id),
      ListStatements: async (body, identity) =>
        this.#retrieval.list(readRequest(requests.listStatements, body), identity.arn),
      ListSessions: async (body, identity) => listSessions(this.#runs.sessions.list(), body, identity.arn),
    };
  }

  async #submit(
    request: Submission,
    sqls: readonly string[],
    mode: Mode,
    identity: CallerIdentity,
  ): Promise<Record<string, unknown>> {
    checkParameters(sqls, request.Parameters ?? []);
    const known = request.ClientToken === undefined ? undefined : this.#statements.byToken(request.ClientToken);
    if (!known) this.#checkCapacity();
    const connection = known?.sessionId === undefined ? await this.#connection(request, identity) : known;
    const { database, user } = connection;
    const facts = { ...mode, database, user, principal: identity.arn, createdAtMilliseconds: this.#now() };
    const plain = newRecord(request, sqls, facts);
    if (known) return submissionResponse(sameRequest(known, plain));
    const { workgroupName, clusterIdentifier } = connection;
    const record = { ...plain, workgroupName, clusterIdentifier, sessionId: this.#session(request, plain) };
    this.#runs.start(record);
    await this.#runs.waitFor(record.id, request.WaitTimeSeconds);
    return submissionResponse(this.#statements.get(record.id) ?? record);
  }

  /** Database and user: of the kept session that the call names, or as the call says. */
  async #connection(request: Submission, identity: CallerIdentity): Promise<Connection> {
    if (request.SessionId !== undefined) {
      const given = (['Database', 'DbUser', 'SecretArn', 'WorkgroupName', 'ClusterIdentifier'] as const).filter(
        (name) => request[name] !== undefined,
      );
      if (given.length > 0) throw validationError(`${given.join(', ')} cannot be given together with SessionId`);
      return this.#runs.sessions.claim(request.SessionId, identity.arn, request.SessionKeepAliveSeconds);
    }
    if (request.Database === undefined) throw validationError('Database is a required parameter');
    const { Database, WorkgroupName, ClusterIdentifier } = request;
    const user = await this.#userOf(request, identity);
    return { database: Database, user, workgroupName: WorkgroupName, clusterIdentifier: ClusterIdentifier };
  }

  #session(request: Submission, record: StatementRecord): string | undefined {
    if (request.SessionId !== undefined) this.#runs.sessions.assign(request.SessionId, record.id);
    if (request.SessionId !== undefined || request.SessionKeepAliveSeconds === undefined) return request.SessionId;
    return this.#runs.sessions.create(record, record.principal, request.SessionKeepAliveSeconds, record.id);
  }

  #checkCapacity(): void {
    for (const gone of this.#statements.expire()) this.#results.forget(gone.id, gone.parts.length);
    const maximum = this.#options.maximumActive ?? 500;
    if (this.#statements.activeCount < maximum) return;
    const message = `Active statements exceeded the allowed quota (${maximum}).`;
    throw new DataApiError('ActiveStatementsExceededException', message);
  }

  async #result(body: unknown, format: 'JSON' | 'CSV'): Promise<Record<string, unknown>> {
    const request = readRequest(requests.getStatementResult, body);
    await this.#runs.waitFor(splitId(request.Id).statementId, request.WaitTimeSeconds);
    return this.#retrieval.result(request.Id, request.NextToken, format);
  }

  #cancel(id: string): Record<string, unknown> {
    if (splitId(id).part !== undefined) {
      throw validationError('A part of a batch cannot be cancelled; cancel the batch.');
    }
    const { status } = this.#retrieval.find(id);
    if (!this.#runs.cancel(id)) {
      throw validationError(`Could not cancel a query that is already in ${status} state with ID: ${id}`);
    }
    return { Status: true };
  }

  async #userOf(
    request: Pick<Submission, 'SecretArn' | 'DbUser' | 'WorkgroupName' | 'ClusterIdentifier'>,
    identity: CallerIdentity,
  ): Promise<string> {
    requireOneTarget(request);
    if (request.ClusterIdentifier === undefined && request.WorkgroupName === undefined) {
      throw validationError('Either ClusterIdentifier or WorkgroupName is required');
    }
    if (request.SecretArn !== undefined && this.#options.credentials) {
      return (await this.#options.credentials(request.SecretArn, identity)).user;
    }
    const user = request.DbUser ?? this.#options.temporaryUser?.(identity);
    if (user === undefined) throw validationError('SecretArn or DbUser is required');
    return user;
  }
}
