/** The public shapes of Redshift in a box. Nothing here knows DuckDB, HTTP or AWS. */
import type { LineageOptions, StatementLineage } from './lineage/model.ts';

/** A Redshift type as the catalog keeps it and clients see it. */
export interface RedshiftType {
  readonly kind:
    | 'super'
    | 'varchar'
    | 'char'
    | 'bool'
    | 'int2'
    | 'int4'
    | 'int8'
    | 'decimal'
    | 'float4'
    | 'float8'
    | 'date'
    | 'time'
    | 'timetz'
    | 'timestamp'
    | 'timestamptz'
    | 'interval_year_to_month'
    | 'interval_day_to_second'
    | 'varbyte';
  /** Bytes, for varchar, char and varbyte. */
  readonly length?: number;
  /** Digits, for decimal. */
  readonly precision?: number;
  /** Digits after the point, for decimal. */
  readonly scale?: number;
  /** The type's name in PostgreSQL's own catalogs, where that is none of the above: they know names, oids and arrays. */
  readonly catalogName?: CatalogTypeName;
}

/** An underscore means an array of that, written `{a,b}`. */
export type CatalogTypeName = 'name' | 'text' | 'oid' | 'regclass' | 'regtype' | 'regproc' | 'char' | '_text' | '_int2';

/** A column of a result, by the name that clients get. */
export interface ResultColumn {
  readonly name: string;
  readonly type: RedshiftType;
}

/** What the server says beside a result: `INFO: Load into table 'x' completed, …`. */
export interface Notice {
  readonly severity: 'INFO' | 'NOTICE' | 'WARNING';
  readonly message: string;
}

/** What one statement answered. Cells are in Redshift's text form (booleans `t`/`f`, SUPER as JSON); null is NULL. */
export interface StatementResult {
  /** The command tag of the wire protocol: `SELECT 3`, `INSERT 0 1`, `COPY`, … */
  readonly tag: string;
  readonly columns?: readonly ResultColumn[];
  readonly rows?: readonly (readonly (string | null)[])[];
  /** Rows returned or affected. */
  readonly rowCount: number;
  readonly notices?: readonly Notice[];
}

/** A statement that Redshift refuses, with the SQLSTATE and wording that a client sees. */
export class RedshiftError extends Error {
  readonly sqlState: string;
  /** 1-based character position in the statement's text. */
  readonly position?: number;
  readonly detail?: string;
  readonly hint?: string;

  constructor(
    sqlState: string,
    message: string,
    options: { position?: number; detail?: string; hint?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'RedshiftError';
    this.sqlState = sqlState;
    this.position = options.position;
    this.detail = options.detail;
    this.hint = options.hint;
  }
}

/** What an attempt gives, or undefined where it is refused. A fault of the box is no refusal: it is not hidden. */
export function unlessRefused<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof RedshiftError) return undefined;
    throw error;
  }
}

/** Where COPY reads and UNLOAD writes. Every call is made as the role that the statement names. */
export interface ObjectStore {
  get(uri: string, roleArn: string): Promise<Buffer>;
  put(uri: string, body: Buffer, roleArn: string): Promise<void>;
  list(prefixUri: string, roleArn: string): Promise<{ uri: string; sizeBytes: number }[]>;
  /** Absent where nothing can be taken away: then UNLOAD refuses CLEANPATH. */
  delete?(uri: string, roleArn: string): Promise<void>;
  /** The same store for a caller who has keys instead of a role. Absent where there are only roles. */
  withKeys?(keys: AccessKeys): ObjectStore;
}

/** What a COPY or UNLOAD may say instead of a role. */
export interface AccessKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A parameter of a prepared statement: text, or null. */
export type ParameterValue = string | null;

/**
 * Takes a query's rows while they are found. What `rows` returns is awaited: a slow reader holds the query back, and no result
 * lies in memory whole.
 */
export interface RowReceiver {
  columns(columns: readonly ResultColumn[]): void;
  rows(rows: readonly (readonly (string | null)[])[]): Promise<void>;
}

/** How the extended protocol wants a prepared statement run. */
export interface ExecutionOptions {
  /** Gets a SELECT's rows; its result then has neither columns nor rows. */
  readonly receiver?: RowReceiver;
  /** Leaves the implicit transaction open for what comes next, until `sync`. */
  readonly pipelined?: boolean;
}

/** A statement that was parsed and bound, for the extended protocol. */
export interface PreparedStatement {
  readonly parameterTypes: readonly RedshiftType[];
  /** Absent for statements that answer no rows. */
  readonly columns?: readonly ResultColumn[];
  execute(parameters: readonly ParameterValue[], options?: ExecutionOptions): Promise<StatementResult>;
}

/** When a session was opened and what it runs, for stv_sessions and its kin. */
export interface SessionActivity {
  readonly openedAtMilliseconds: number;
  readonly statement?: { readonly queryId: number; readonly text: string; readonly startedAtMilliseconds: number };
}

/** A lock on a table that LOCK has taken, or waits for. */
export interface TableLock {
  readonly relationId: number;
  readonly granted: boolean;
}

/** A transaction that has not ended. */
export interface OpenTransaction {
  readonly startedAtMilliseconds: number;
  readonly locks: readonly TableLock[];
}

/** One connection: settings, temporary tables and a transaction of its own. */
export interface Session {
  readonly database: string;
  readonly user: string;
  readonly activity?: SessionActivity;
  /** What clients show as `#` in their prompt. */
  readonly superuser?: boolean;
  /** `I` idle, `T` in a transaction, `E` in a failed transaction: what ReadyForQuery says. */
  readonly transactionStatus: 'I' | 'T' | 'E';
  /** For svv_transactions; undefined between transactions. */
  openTransaction?(): OpenTransaction | undefined;
  /** What pg_backend_pid gives. */
  readonly processId?: number;
  /** The last statement's query_id in sys_query_history. */
  readonly queryId?: number;
  /**
   * Runs a text of one or more statements; several outside BEGIN … COMMIT form one implicit transaction. `onResult`
   * is told each result as it comes, so that a client sees what ran before a statement that fails; a receiver gets the rows.
   */
  execute(
    text: string,
    onResult?: (result: StatementResult) => void | Promise<void>,
    receiver?: RowReceiver,
  ): Promise<StatementResult[]>;
  /** Runs one statement with `$1`, `$2` … parameters. */
  prepare(text: string): Promise<PreparedStatement>;
  /** Ends the implicit transaction of pipelined executions: commits it, or rolls back what failed. */
  sync(): Promise<void>;
  /**
   * Where each column of each statement comes from, by the catalog as this session sees it. Nothing runs; what the binder would
   * refuse fails with its error. A statement of the text does not see what those before it would make.
   */
  lineage(text: string, options?: LineageOptions): StatementLineage[];
  /** Interrupts what is running; the statement fails with 57014. */
  cancel(): void;
  close(): Promise<void>;
}

/** What a Redshift is opened with. */
export interface RedshiftOptions {
  /** Folder of the database files; absent: in memory. */
  readonly directory?: string;
  readonly databases: readonly string[];
  readonly admin: { readonly user: string; readonly password: string };
  readonly objectStore?: ObjectStore;
  /** How many threads the engine works with; absent: as many as the machine has. One is quickest where all statements are small. */
  readonly threads?: number;
  /** What DuckDB leaves out when it plans: with little data, looking for a better plan takes longer than any plan does. */
  readonly disabledOptimizers?: readonly string[];
  /** What `IAM_ROLE default` means. */
  readonly defaultRoleArn?: string;
}

/** Who connects, and to what. */
export interface SessionOptions {
  readonly database: string;
  readonly user: string;
  /** What the client asks for when it connects; settings that are not known are passed over. */
  readonly settings?: ReadonlyMap<string, string>;
}

/** A Redshift in this process. */
export interface Redshift {
  session(options: SessionOptions): Promise<Session>;
  /** `Session.lineage` for a database and a user (the administrator unless it is said), with settings as they are at first. */
  lineage(text: string, options: { database: string; user?: string } & LineageOptions): Promise<StatementLineage[]>;
  /** The password check of the wire protocol needs the clear text once, for SCRAM. */
  passwordOf(user: string): string | undefined;
  readonly databases: readonly string[];
  close(): Promise<void>;
}
