import { type Redshift, RedshiftError, type Session, type StatementResult } from '../types.ts';
import type { KeptSessions } from './kept-sessions.ts';
import { positionalStatement } from './named-parameters.ts';
import { ResultCollector } from './result-collector.ts';
import type { ResultStore } from './result-store.ts';
import type { Outcome, SqlParameter, StatementRecord } from './statement-record.ts';

/** No statement runs longer than a day. */
const longestMilliseconds = 24 * 3600 * 1000;

/** What a run reports while it goes on. */
export interface RunObserver {
  /** Called with each new state; the record is complete, not a difference. */
  changed(record: StatementRecord): void;
  /** Handed the cancel switch once the statement can be cancelled. */
  cancellable(cancel: () => void): void;
  /** True once somebody has asked to cancel. */
  readonly cancelled: boolean;
}

/** Runs one recorded call from STARTED to its end, in a session of its own. Never rejects. */
export async function runStatement(
  redshift: Redshift,
  submitted: StatementRecord,
  results: ResultStore,
  observer: RunObserver,
  sessions: KeptSessions,
): Promise<StatementRecord> {
  const run = new Run(redshift, submitted, results, observer, sessions);
  return run.toTheEnd();
}

class Run {
  readonly #redshift: Redshift;
  readonly #sessions: KeptSessions;
  readonly #results: ResultStore;
  readonly #observer: RunObserver;
  readonly #startedAt = process.hrtime.bigint();
  #record: StatementRecord;

  constructor(
    redshift: Redshift,
    record: StatementRecord,
    results: ResultStore,
    observer: RunObserver,
    sessions: KeptSessions,
  ) {
    this.#redshift = redshift;
    this.#sessions = sessions;
    this.#record = record;
    this.#results = results;
    this.#observer = observer;
  }

  async toTheEnd(): Promise<StatementRecord> {
    let session: Session | undefined;
    const limit = setTimeout(() => session?.cancel(), longestMilliseconds).unref();
    try {
      session = await this.#open();
      const opened = session;
      this.#observer.cancellable(() => opened.cancel());
      this.#update({ status: 'STARTED', redshiftPid: opened.processId, updatedAtMilliseconds: Date.now() });
      if (this.#record.isBatch) await this.#batch(opened);
      else this.#finish(await this.#part(opened, this.#record.id, this.#record.sqls[0] ?? ''));
    } catch (error) {
      this.#finish(this.#failure(error));
    } finally {
      clearTimeout(limit);
      if (this.#record.sessionId !== undefined) this.#sessions.release(this.#record.sessionId);
      else await session?.close().catch(() => undefined);
    }
    return this.#record;
  }

  #open(): Promise<Session> {
    const { database, user, sessionId } = this.#record;
    return sessionId === undefined ? this.#redshift.session({ database, user }) : this.#sessions.open(sessionId);
  }

  /** One transaction that the first failure ends; or (AUTO_COMMIT) one each, where a failure leaves the others alone. */
  async #batch(session: Session): Promise<void> {
    const transaction = !this.#record.autoCommit;
    if (transaction) await session.execute('BEGIN');
    for (const [index, sql] of this.#record.sqls.entries()) {
      this.#updatePart(index, { status: 'STARTED', updatedAtMilliseconds: Date.now() });
      const outcome = await this.#part(session, `${this.#record.id}:${index + 1}`, sql);
      this.#updatePart(index, outcome);
      const ends = outcome.status === 'ABORTED' || (transaction && outcome.status === 'FAILED');
      if (ends) return this.#endBatch(session, index);
    }
    if (transaction) await session.execute('COMMIT');
    this.#finishBatch();
  }

  async #endBatch(session: Session, index: number): Promise<void> {
    if (session.transactionStatus !== 'I') await session.execute('ROLLBACK');
    for (let later = index + 1; later < this.#record.parts.length; later += 1) {
      this.#updatePart(later, { status: 'ABORTED', updatedAtMilliseconds: Date.now() });
    }
    this.#finishBatch();
  }

  /** The batch ends as the first part that did not finish; rows and bytes are those of all parts. */
  #finishBatch(): void {
    const { parts } = this.#record;
    const failed = parts.findIndex((part) => part.status !== 'FINISHED');
    if (failed >= 0) {
      const { status, error } = parts[failed] as Outcome;
      const said = status === 'FAILED' ? `Query #${failed + 1} failed with ${error}` : error;
      return this.#finish({ ...this.#ended(status), error: said, hasResultSet: anyResult(parts) });
    }
    this.#finish({
      ...this.#ended('FINISHED'),
      resultRows: sum(parts.map((part) => part.resultRows ?? 0)),
      resultSizeBytes: sum(parts.map((part) => part.resultSizeBytes ?? 0)),
      hasResultSet: anyResult(parts),
    });
  }

  async #part(session: Session, id: string, sql: string): Promise<Outcome> {
    const startedAt = process.hrtime.bigint();
    const durationNanoseconds = (): number => Number(process.hrtime.bigint() - startedAt);
    try {
      if (this.#observer.cancelled) throw new RedshiftError('57014', "Query cancelled on user's request");
      const collector = new ResultCollector();
      const result = await execute(session, sql, this.#record.parameters, collector);
      const kept = await this.#keep(id, result, collector);
      const facts = { redshiftQueryId: session.queryId, durationNanoseconds: durationNanoseconds() };
      return { ...kept, ...this.#ended('FINISHED'), ...facts };
    } catch (error) {
      return { ...this.#failure(error), durationNanoseconds: durationNanoseconds() };
    }
  }

  async #keep(
    id: string,
    result: StatementResult | undefined,
    collector: ResultCollector,
  ): Promise<Pick<Outcome, 'resultRows' | 'resultSizeBytes' | 'hasResultSet'>> {
    const stored = await collector.finish(result);
    if (!stored) return { resultRows: result?.rowCount ?? 0, resultSizeBytes: 0, hasResultSet: false };
    this.#results.put(id, stored);
    return { resultRows: stored.rows.length, resultSizeBytes: collector.sizeBytes, hasResultSet: true };
  }

  #ended(status: Outcome['status']): Outcome {
    const durationNanoseconds = Number(process.hrtime.bigint() - this.#startedAt);
    return { status, updatedAtMilliseconds: Date.now(), durationNanoseconds };
  }

  #failure(error: unknown): Outcome {
    const cancelled = this.#observer.cancelled && error instanceof RedshiftError && error.sqlState === '57014';
    return { ...this.#ended(cancelled ? 'ABORTED' : 'FAILED'), error: errorText(error) };
  }

  #finish(outcome: Outcome): void {
    this.#update(outcome);
  }

  #updatePart(index: number, outcome: Outcome): void {
    const parts = this.#record.parts.map((part, at) => (at === index ? { ...part, ...outcome } : part));
    this.#update({ parts });
  }

  #update(change: Partial<StatementRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#observer.changed(this.#record);
  }
}

function anyResult(parts: readonly Outcome[]): boolean {
  return parts.some((part) => part.hasResultSet);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

async function execute(
  session: Session,
  sql: string,
  parameters: readonly SqlParameter[],
  receiver: ResultCollector,
): Promise<StatementResult | undefined> {
  const positional = parameters.length > 0 ? positionalStatement(sql, parameters) : undefined;
  if (!positional || positional.values.length === 0) return (await session.execute(sql, undefined, receiver)).at(-1);
  const prepared = await session.prepare(positional.text);
  return prepared.execute(positional.values, { receiver });
}

/** An error in the driver's words: `ERROR: message`, then detail, hint and position on lines of their own. */
export function errorText(error: unknown): string {
  if (!(error instanceof RedshiftError)) return `ERROR: ${error instanceof Error ? error.message : String(error)}`;
  const lines = [`ERROR: ${error.message}`];
  if (error.detail) lines.push(`  Detail: ${error.detail}`);
  if (error.hint) lines.push(`  Hint: ${error.hint}`);
  if (error.position !== undefined) lines.push(`  Position: ${error.position}`);
  return lines.join('\n');
}
