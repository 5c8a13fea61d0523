import type { Redshift } from '../types.ts';
import { type StatementEvent, statementEvent } from './descriptions.ts';
import { KeptSessions } from './kept-sessions.ts';
import type { ResultStore } from './result-store.ts';
import { runStatement } from './runner.ts';
import type { StatementRecord } from './statement-record.ts';
import type { StatementStore } from './statement-store.ts';

export interface RunsOptions {
  /** WithEvent: called when a statement has ended. */
  readonly onEvent?: (event: StatementEvent) => void;
  /** Told of every change of a statement, for whoever shows them. */
  readonly onChange?: (record: StatementRecord) => void;
  /** How many statements run at a time; the others wait, as in a warehouse's queue. */
  readonly concurrency?: number;
  readonly now?: () => number;
}

interface Running {
  cancelled: boolean;
  cancel?: () => void;
  done: Promise<void>;
}

/** The statements on their way: submitted, waiting for a place, running. */
export class StatementRuns {
  readonly #redshift: Redshift;
  readonly #statements: StatementStore;
  readonly #results: ResultStore;
  readonly #options: RunsOptions;
  readonly #running = new Map<string, Running>();
  readonly #waiting: (() => void)[] = [];
  #busyPlaces = 0;
  readonly sessions: KeptSessions;

  constructor(redshift: Redshift, statements: StatementStore, results: ResultStore, options: RunsOptions) {
    this.#redshift = redshift;
    this.sessions = new KeptSessions(redshift, options.now ?? Date.now);
    this.#statements = statements;
    this.#results = results;
    this.#options = options;
  }

  /** Notes a statement and returns at once; it runs when there is a place. */
  start(record: StatementRecord): void {
    this.#changed(record);
    const running: Running = { cancelled: false, done: Promise.resolve() };
    running.done = this.#run(record, running);
    this.#running.set(record.id, running);
  }

  /** False when the statement does not run any more. */
  cancel(id: string): boolean {
    const running = this.#running.get(id);
    if (!running) return false;
    running.cancelled = true;
    running.cancel?.();
    return true;
  }

  /** Resolves when the statement has ended, or the seconds are over. */
  async waitFor(id: string, seconds: number | undefined): Promise<void> {
    const running = this.#running.get(id);
    if (!running || !seconds) return;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, seconds * 1000);
    });
    await Promise.race([running.done, patience]);
    clearTimeout(timer);
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running.values()].map((running) => running.done));
  }

  async close(): Promise<void> {
    for (const id of this.#running.keys()) this.cancel(id);
    await this.idle();
    await this.sessions.close();
  }

  async #run(record: StatementRecord, running: Running): Promise<void> {
    await this.#takePlace();
    try {
      if (running.cancelled) this.#abort(record);
      else await this.#runNow({ ...record, status: 'PICKED' }, running);
    } finally {
      this.#running.delete(record.id);
      this.#busyPlaces -= 1;
      this.#waiting.shift()?.();
    }
  }

  #abort(record: StatementRecord): void {
    if (record.sessionId !== undefined) this.sessions.release(record.sessionId);
    const ended = abortedBeforeStart(record);
    this.#changed(ended);
    this.#tell(ended);
  }

  async #runNow(record: StatementRecord, running: Running): Promise<void> {
    this.#changed(record);
    const observer = {
      changed: (changed: StatementRecord) => this.#changed(changed),
      cancellable: (cancel: () => void) => {
        running.cancel = cancel;
        if (running.cancelled) cancel();
      },
      get cancelled() {
        return running.cancelled;
      },
    };
    const ended = await runStatement(this.#redshift, record, this.#results, observer, this.sessions);
    this.#tell(ended);
  }

  #tell(ended: StatementRecord): void {
    if (ended.withEvent) this.#options.onEvent?.(statementEvent(ended));
  }

  async #takePlace(): Promise<void> {
    await Promise.resolve();
    while (this.#busyPlaces >= (this.#options.concurrency ?? 8)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#busyPlaces += 1;
  }

  #changed(record: StatementRecord): void {
    this.#statements.put(record);
    this.#options.onChange?.(record);
  }
}

function abortedBeforeStart(record: StatementRecord): StatementRecord {
  const end = { status: 'ABORTED' as const, updatedAtMilliseconds: Date.now() };
  return { ...record, ...end, parts: record.parts.map((part) => ({ ...part, ...end })) };
}
