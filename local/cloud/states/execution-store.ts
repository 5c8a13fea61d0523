import { Journal } from '../storage/journal.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** An execution as it is kept. Times are milliseconds since the epoch. */
export interface Execution {
  readonly arn: string;
  readonly machineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startedAt: number;
  readonly stoppedAt?: number;
  /** JSON text, as it was given. */
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** How an execution ends. */
export type Ending = Pick<Execution, 'output' | 'error' | 'cause'> & {
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
};

export interface HistoryEvent {
  readonly type: string;
  readonly at: number;
  /** `{"stateEnteredEventDetails": {…}}` and the like. */
  readonly details: Readonly<Record<string, unknown>>;
}

interface ExecutionRow {
  arn: string;
  machine: string;
  name: string;
  status: ExecutionStatus;
  started_at: number;
  stopped_at: number | null;
  input: string;
  output: string | null;
  error: string | null;
  cause: string | null;
}

const schema = `
create table if not exists executions (
  arn text primary key, machine text not null, name text not null, status text not null, started_at integer not null,
  stopped_at integer, input text not null, output text, error text, cause text);
create index if not exists executions_by_machine on executions (machine, started_at);
create table if not exists history (
  execution text not null, id integer not null, at integer not null, type text not null, details text not null,
  primary key (execution, id));`;

/**
 * Histories that are kept of a machine: one of ours has a megabyte, and a pipeline that is busy all day has thousands of executions.
 * AWS keeps them for 90 days. The executions themselves are kept, because their names stay taken.
 */
const keptHistories = 100;
const forgottenAtOnce = 10;

/** Executions and their histories, on disk. */
export class ExecutionStore {
  readonly #journal: Journal;

  constructor(directory: string | undefined) {
    this.#journal = new Journal(directory, 'states', schema);
  }

  /** Replaces an execution of the same name, and its history; what has become one too many is forgotten. */
  begin(execution: Execution): void {
    this.#journal.run('delete from history where execution = ?', execution.arn);
    this.#forgetHistories(execution.machineArn);
    this.#journal.run(
      `insert or replace into executions (arn, machine, name, status, started_at, input) values (?, ?, ?, 'RUNNING', ?, ?)`,
      execution.arn,
      execution.machineArn,
      execution.name,
      execution.startedAt,
      execution.input,
    );
  }

  #forgetHistories(machineArn: string): void {
    const sql = `delete from history where execution in (
      select arn from executions where machine = ? and status <> 'RUNNING' order by started_at desc limit ? offset ?)`;
    this.#journal.run(sql, machineArn, forgottenAtOnce, keptHistories);
  }

  end(arn: string, ending: Ending, at: number): void {
    const sql = 'update executions set status = ?, stopped_at = ?, output = ?, error = ?, cause = ? where arn = ?';
    const { status, output = null, error = null, cause = null } = ending;
    this.#journal.run(sql, status, at, output, error, cause, arn);
  }

  find(arn: string): Execution | undefined {
    const row = this.#journal.one<ExecutionRow>('select * from executions where arn = ?', arn);
    return row && executionOf(row);
  }

  /** Newest first. */
  list(machineArn: string, limit: number, offset: number, status?: string): Execution[] {
    const sql = `select * from executions where machine = ?1 and (?2 is null or status = ?2)
      order by started_at desc, rowid desc limit ?3 offset ?4`;
    return this.#journal.all<ExecutionRow>(sql, machineArn, status ?? null, limit, offset).map(executionOf);
  }

  record(arn: string, id: number, event: HistoryEvent): void {
    const sql = 'insert or replace into history values (?, ?, ?, ?, ?)';
    this.#journal.run(sql, arn, id, event.at, event.type, JSON.stringify(event.details));
  }

  history(
    arn: string,
    options: { limit: number; offset: number; newestFirst: boolean },
  ): (HistoryEvent & { id: number })[] {
    const order = options.newestFirst ? 'desc' : 'asc';
    const sql = `select id, at, type, details from history where execution = ? order by id ${order} limit ? offset ?`;
    return this.#journal
      .all<{ id: number; at: number; type: string; details: string }>(sql, arn, options.limit, options.offset)
      .map((row) => ({ ...row, details: JSON.parse(row.details) as Record<string, unknown> }));
  }

  close(): void {
    this.#journal.close();
  }
}

function executionOf(row: ExecutionRow): Execution {
  return {
    arn: row.arn,
    machineArn: row.machine,
    name: row.name,
    status: row.status,
    startedAt: row.started_at,
    stoppedAt: row.stopped_at ?? undefined,
    input: row.input,
    output: row.output ?? undefined,
    error: row.error ?? undefined,
    cause: row.cause ?? undefined,
  };
}
