import type { DuckDBConnection } from '@duckdb/node-api';
import type { LoadRecord } from './catalog/history.ts';
import type { Column, Relation } from './catalog/model.ts';
import type { CopyStatement, UnloadStatement } from './statements/copy.ts';
import type { ObjectStore, ResultColumn, StatementResult } from './types.ts';

/** What COPY and UNLOAD both get from the engine. Everything runs on the session's connection, inside its transaction. */
interface TransferContext {
  readonly connection: DuckDBConnection;
  /** The session's database, user and statement number, for the history of loads and unloads. */
  readonly database: string;
  readonly user: string;
  readonly sessionId: number;
  readonly queryId: number;
  readonly objectStore: ObjectStore;
  /** The role to read or write with: the statement's, or what `default` means. */
  readonly roleArn: string;
  readonly settings: ReadonlyMap<string, string | null>;
  /**
   * Runs work on a connection of its own to the same databases, outside of the session's transaction: what it writes (load errors, load
   * history) stays when the session rolls back.
   */
  independently<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
}

/** What the engine hands to COPY. */
export interface CopyContext extends TransferContext {
  readonly table: Relation;
  /** The columns to fill, in the order of the statement's column list (or the table's). */
  readonly columns: readonly Column[];
  /**
   * Inserts a DuckDB relation (`SELECT …` or a table function) into the table and returns how many rows went in. Its columns
   * are, in the order of `columns`, already of the physical types (`duckdbType`); missing table columns get their defaults, identities their numbers.
   */
  insertFrom(relationSql: string): Promise<number>;
  /** Writes a COPY that has ended into the history, whatever becomes of the transaction; at the latest when somebody asks. */
  noteLoad(load: LoadRecord): Promise<void>;
  /** Told when the objects are found and the first one is about to be loaded. */
  loadBegins(): void;
  /**
   * As insertFrom, but true only if exactly so many rows went in; otherwise they are taken out again. The texts, if any, are the
   * relation's `$1`: a list of VARCHAR.
   */
  insertExactly(relationSql: string, rows: number, texts?: readonly string[]): Promise<boolean>;
  /** The DuckDB type in which a Redshift type is stored (SUPER, VARCHAR and CHAR are VARCHAR; VARBYTE is BLOB). */
  duckdbType(type: Column['type']): string;
  /**
   * The DuckDB expression that turns raw JSON text (a VARCHAR expression) into stored SUPER: minified, numbers marked so that they keep
   * their digits, broken JSON raising an error, or giving NULL where `lax`. `superFromJson('value')` → `mr_json_parse(value)`.
   */
  superFromJson(expressionSql: string, options: { readonly lax: boolean }): string;
  /** The DuckDB expression for the plain JSON text of a stored SUPER (marks removed). */
  superToJson(expressionSql: string): string;
  /**
   * The DuckDB expression that turns text into a column's type by Redshift's rules (dates in many forms, VARCHAR overflow in bytes
   * raising "value too long …", numeric rounding). `lax` gives NULL where it does not fit.
   */
  fromText(expressionSql: string, column: Column, options: { readonly lax: boolean }): string;
}

/** What the engine hands to UNLOAD: the bound query, ready to run. */
export interface UnloadContext extends TransferContext {
  /** DuckDB SQL whose columns are `c1`, `c2`, … in physical types. */
  readonly querySql: string;
  readonly columns: readonly ResultColumn[];
  /** DuckDB expression for Redshift's text form of a value (as clients see it). */
  textForm(expressionSql: string, type: ResultColumn['type']): string;
  /** DuckDB expression for the plain JSON text of a stored SUPER (marks removed). */
  superToJson(expressionSql: string): string;
}

/** COPY and UNLOAD as the engine calls them: what each needs of a session is in its context. */
export type ExecuteCopy = (statement: CopyStatement, context: CopyContext) => Promise<StatementResult>;
export type ExecuteUnload = (statement: UnloadStatement, context: UnloadContext) => Promise<StatementResult>;
