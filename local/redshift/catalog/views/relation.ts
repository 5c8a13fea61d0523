import type { OpenTransaction, ResultColumn } from '../../types.ts';

/**
 * A system table or view, as the binder resolves it: `pg_class`, `pg_catalog.pg_class`, `information_schema.tables`, `svv_columns`.
 * Redshift keeps the svv_, sys_, stl_ and stv_ relations in `pg_catalog`, which is on every search path, first.
 */
export interface SystemRelation {
  readonly schema: 'pg_catalog' | 'information_schema';
  readonly name: string;
  /** Names and Redshift types, in order. */
  readonly columns: readonly SystemColumn[];
  /**
   * A DuckDB SELECT over `millrace_catalog.*` (the session's database), `millrace_cluster.main.*` and the history tables. Its columns are
   * named `c1`, `c2` …, in the order of `columns`, in their physical types.
   */
  sql(session: SystemSession): string;
}

export interface SystemColumn extends ResultColumn {
  /** PostgreSQL got it later than Redshift left it: there for clients that ask for it by name, not for `*`. */
  readonly unlisted?: boolean;
}

/** Who asks: rows that Redshift shows only to their owner are filtered by this. */
export interface SystemSession {
  readonly database: string;
  readonly databases: readonly string[];
  readonly user: string;
  readonly superuser: boolean;
  readonly sessionId: number;
  /** The sessions that are open; absent where nobody keeps a list. */
  running?(): readonly RunningSession[];
  /** What procedures have raised; absent where nobody keeps it. */
  procedureMessages?(): readonly ProcedureMessage[];
  /** The session's settings; absent where there is none. */
  readonly settings?: ReadonlyMap<string, string | null>;
  /** The relations of a database that this user may do something with; absent: all. */
  seenRelations?(database: string): readonly number[];
}

/** A session that is open, and the statement that it runs. */
export interface RunningSession {
  readonly processId: number;
  readonly user: string;
  readonly database: string;
  readonly startedAtMilliseconds: number;
  readonly statement?: { readonly queryId: number; readonly text: string; readonly startedAtMilliseconds: number };
  readonly transaction?: OpenTransaction;
}

/** What a procedure raised, and the CALL that it was in. */
export interface ProcedureMessage {
  readonly user: string;
  readonly processId: number;
  readonly queryId: number;
  readonly level: string;
  readonly message: string;
  readonly text: string;
  readonly recordedAtMicroseconds: number;
  readonly isAborted: boolean;
}
