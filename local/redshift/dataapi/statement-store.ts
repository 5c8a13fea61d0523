import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFinal, type StatementRecord } from './statement-record.ts';

const keptMilliseconds = 24 * 3600 * 1000;
const tokenMilliseconds = 8 * 3600 * 1000;
/** So many lines after it was written anew the journal is written anew once more, without what has expired. */
const compactionLines = 10_000;

const lostError =
  'ERROR: the process that ran this statement ended before its outcome was recorded; its transaction may or may not have been committed';

/**
 * The statements of the last 24 hours. With a directory they are journalled there as they change, so that after a kill a ClientToken still
 * finds its statement, and a statement that was running says honestly that nobody knows how it ended.
 */
export class StatementStore {
  readonly #records = new Map<string, StatementRecord>();
  readonly #idsByToken = new Map<string, string>();
  readonly #journal: string | undefined;
  readonly #now: () => number;
  #newLines = 0;

  constructor(directory: string | undefined, now: () => number) {
    this.#now = now;
    if (directory === undefined) return;
    mkdirSync(directory, { recursive: true });
    this.#journal = join(directory, 'statements.jsonl');
    this.#recover(this.#journal);
  }

  get(id: string): StatementRecord | undefined {
    const record = this.#records.get(id);
    return record && !this.#expired(record) ? record : undefined;
  }

  /** The statement that a client token began, for the eight hours in which it may be repeated. */
  byToken(token: string): StatementRecord | undefined {
    const record = this.get(this.#idsByToken.get(token) ?? '');
    return record && this.#now() - record.createdAtMilliseconds < tokenMilliseconds ? record : undefined;
  }

  /** Newest first. */
  list(): StatementRecord[] {
    return [...this.#records.values()].filter((record) => !this.#expired(record)).reverse();
  }

  get activeCount(): number {
    let count = 0;
    for (const record of this.#records.values()) if (!isFinal(record.status)) count += 1;
    return count;
  }

  put(record: StatementRecord): void {
    this.#remember(record);
    if (this.#journal === undefined) return;
    appendFileSync(this.#journal, `${JSON.stringify(record)}\n`);
    this.#newLines += 1;
    // Of new lines only: a busy day has more statements than that, and each would write them all.
    if (this.#newLines > compactionLines) this.#compact(this.#journal);
  }

  /** Forgets what is older than a day, and answers it, so that its results can go too. */
  expire(): StatementRecord[] {
    const gone = [...this.#records.values()].filter((record) => this.#expired(record));
    for (const record of gone) {
      this.#records.delete(record.id);
      if (record.clientToken !== undefined) this.#idsByToken.delete(record.clientToken);
    }
    return gone;
  }

  #remember(record: StatementRecord): void {
    this.#records.set(record.id, record);
    if (record.clientToken !== undefined) this.#idsByToken.set(record.clientToken, record.id);
  }

  #expired(record: StatementRecord): boolean {
    return isFinal(record.status) && this.#now() - record.updatedAtMilliseconds > keptMilliseconds;
  }

  #recover(journal: string): void {
    if (!existsSync(journal)) return;
    for (const line of readFileSync(journal, 'utf8').split('\n')) {
      const record = readLine(line);
      if (record) this.#remember(record);
    }
    for (const record of this.#records.values()) {
      if (!isFinal(record.status)) this.#remember(lost(record, this.#now()));
    }
    this.expire();
    this.#compact(journal);
  }

  #compact(journal: string): void {
    this.expire();
    const lines = [...this.#records.values()].map((record) => `${JSON.stringify(record)}\n`);
    writeFileSync(`${journal}.new`, lines.join(''));
    renameSync(`${journal}.new`, journal);
    this.#newLines = 0;
  }
}

/** The last line may be cut off by the kill that ended the process; the state before it stands. */
function readLine(line: string): StatementRecord | undefined {
  try {
    return line === '' ? undefined : (JSON.parse(line) as StatementRecord);
  } catch {
    return undefined;
  }
}

function lost(record: StatementRecord, now: number): StatementRecord {
  const end = { status: 'FAILED' as const, error: lostError, updatedAtMilliseconds: now };
  const parts = record.parts.map((part) => (isFinal(part.status) ? part : { ...part, ...end }));
  return { ...record, ...end, parts };
}
