import { type DuckDBAppender, type DuckDBConnection, DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api';
import { HISTORY_SCHEMA } from './model.ts';

const historyTables = {
  queries: `query_id BIGINT, transaction_id BIGINT, session_id BIGINT, user_name VARCHAR, database_name VARCHAR, query_type VARCHAR, status VARCHAR,
    start_time TIMESTAMP, end_time TIMESTAMP, returned_rows BIGINT, query_text VARCHAR, error_message VARCHAR, query_label VARCHAR`,
  loads: `query_id BIGINT, session_id BIGINT, user_name VARCHAR, database_name VARCHAR, status VARCHAR, schema_name VARCHAR, table_name VARCHAR,
    table_id BIGINT, start_time TIMESTAMP, end_time TIMESTAMP, data_source VARCHAR, file_format VARCHAR, loaded_rows BIGINT, loaded_bytes BIGINT,
    source_file_count BIGINT, source_file_bytes BIGINT, error_count BIGINT`,
  load_files: `query_id BIGINT, user_name VARCHAR, file_name VARCHAR, lines_scanned BIGINT, file_bytes BIGINT, loaded_at TIMESTAMP, file_format VARCHAR`,
  load_errors: `query_id BIGINT, session_id BIGINT, user_name VARCHAR, database_name VARCHAR, table_id BIGINT, start_time TIMESTAMP,
    file_name VARCHAR, line_number BIGINT, column_name VARCHAR, column_type VARCHAR, column_length VARCHAR, position INTEGER, error_code INTEGER,
    error_message VARCHAR, raw_line VARCHAR, raw_field_value VARCHAR`,
  replacements: `query_id BIGINT, session_id BIGINT, user_name VARCHAR, table_id BIGINT, start_time TIMESTAMP, file_name VARCHAR, line_number BIGINT`,
  unloads: `query_id BIGINT, session_id BIGINT, user_name VARCHAR, database_name VARCHAR, status VARCHAR, file_format VARCHAR, start_time TIMESTAMP,
    end_time TIMESTAMP, file_name VARCHAR, unloaded_rows BIGINT, unloaded_bytes BIGINT`,
} as const;

type HistoryTable = keyof typeof historyTables;

/** Creates the history tables; called when `millrace_cluster` is opened, before any session. */
export async function prepareHistory(connection: DuckDBConnection): Promise<void> {
  await connection.run(`CREATE SCHEMA IF NOT EXISTS ${HISTORY_SCHEMA}`);
  for (const [name, columns] of Object.entries(historyTables)) {
    await connection.run(`CREATE TABLE IF NOT EXISTS ${HISTORY_SCHEMA}.${name} (${columns})`);
  }
  // Files of before labels were kept.
  await connection.run(
    `ALTER TABLE ${HISTORY_SCHEMA}.queries ADD COLUMN IF NOT EXISTS query_label VARCHAR DEFAULT 'default'`,
  );
}

/** One statement that has ended, for sys_query_history. */
export interface QueryRecord {
  readonly queryId: number;
  readonly transactionId: number;
  readonly sessionId: number;
  readonly user: string;
  readonly database: string;
  /** SELECT, INSERT, COPY, DDL, … */
  readonly queryType: string;
  readonly status: 'success' | 'failed' | 'canceled';
  readonly startedAtMilliseconds: number;
  readonly endedAtMilliseconds: number;
  readonly returnedRows: number;
  readonly queryText: string;
  readonly errorMessage?: string;
  /** What query_group says. */
  readonly label: string;
}

export function recordQueries(connection: DuckDBConnection, queries: readonly QueryRecord[]): Promise<void> {
  return appendRows(connection, 'queries', queries.map(queryRow));
}

const queryRow = (query: QueryRecord): DuckDBValue[] => [
  ...bigints(query.queryId, query.transactionId, query.sessionId),
  ...[query.user, query.database, query.queryType, query.status],
  ...[timestamp(query.startedAtMilliseconds), timestamp(query.endedAtMilliseconds)],
  ...[BigInt(query.returnedRows), query.queryText, query.errorMessage ?? null, query.label],
];

/** Who runs a COPY or UNLOAD, and when it began. */
export interface HistoryOrigin {
  readonly queryId: number;
  readonly sessionId: number;
  readonly user: string;
  readonly database: string;
  readonly startedAtMilliseconds: number;
}

/** One COPY that has ended, for sys_load_history. */
export interface LoadRecord extends HistoryOrigin {
  readonly status: 'completed' | 'failed';
  readonly schema: string;
  readonly table: string;
  readonly tableId: number;
  readonly source: string;
  readonly format: string;
  readonly endedAtMilliseconds: number;
  readonly loadedRows: number;
  readonly loadedBytes: number;
  readonly files: readonly { readonly uri: string; readonly sizeBytes: number; readonly lines: number }[];
  readonly errorCount: number;
}

export async function recordLoads(connection: DuckDBConnection, loads: readonly LoadRecord[]): Promise<void> {
  await appendRows(connection, 'loads', loads.map(loadRow));
  const completed = loads.filter(({ status }) => status === 'completed');
  await appendRows(connection, 'load_files', completed.flatMap(fileRows));
}

function loadRow(load: LoadRecord): DuckDBValue[] {
  const fileBytes = load.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return [
    ...bigints(load.queryId, load.sessionId),
    ...[load.user, load.database, load.status, load.schema, load.table, BigInt(load.tableId)],
    ...[timestamp(load.startedAtMilliseconds), timestamp(load.endedAtMilliseconds), load.source, load.format],
    ...bigints(load.loadedRows, load.loadedBytes, load.files.length, fileBytes, load.errorCount),
  ];
}

function fileRows({ queryId, user, files, endedAtMilliseconds, format }: LoadRecord): DuckDBValue[][] {
  const endedAt = timestamp(endedAtMilliseconds);
  return files.map(({ uri, lines, sizeBytes }) => [
    ...[BigInt(queryId), user, uri, ...bigints(lines, sizeBytes), endedAt, format],
  ]);
}

/** One row that COPY could not load, for sys_load_error_detail and stl_load_errors. */
export interface LoadErrorRecord {
  readonly fileName: string;
  readonly lineNumber: number;
  readonly columnName: string;
  readonly columnType: string;
  readonly columnLength: string;
  readonly position: number;
  readonly errorCode: number;
  readonly errorMessage: string;
  readonly rawLine: string;
  readonly rawFieldValue: string;
}

export async function recordLoadErrors(
  connection: DuckDBConnection,
  origin: HistoryOrigin & { readonly tableId: number },
  errors: readonly LoadErrorRecord[],
): Promise<void> {
  for (const error of errors) {
    await insertRow(connection, 'load_errors', [
      ...bigints(origin.queryId, origin.sessionId),
      ...[origin.user, origin.database, BigInt(origin.tableId), timestamp(origin.startedAtMilliseconds)],
      ...[error.fileName, BigInt(error.lineNumber), error.columnName, error.columnType, error.columnLength],
      ...[error.position, error.errorCode, error.errorMessage, error.rawLine, error.rawFieldValue],
    ]);
  }
}

/** A line in which COPY put other characters in the place of those that are not UTF-8, for stl_replacements. */
export interface ReplacementRecord {
  readonly fileName: string;
  readonly lineNumber: number;
}

export async function recordReplacements(
  connection: DuckDBConnection,
  origin: HistoryOrigin & { readonly tableId: number },
  replacements: readonly ReplacementRecord[],
): Promise<void> {
  for (const { fileName, lineNumber } of replacements) {
    await insertRow(connection, 'replacements', [
      ...bigints(origin.queryId, origin.sessionId),
      ...[origin.user, BigInt(origin.tableId), timestamp(origin.startedAtMilliseconds), fileName, BigInt(lineNumber)],
    ]);
  }
}

/** One file that UNLOAD has written. */
export interface UnloadRecord extends HistoryOrigin {
  readonly format: string;
  readonly uri: string;
  readonly rows: number;
  readonly bytes: number;
}

export async function recordUnload(connection: DuckDBConnection, unload: UnloadRecord): Promise<void> {
  await insertRow(connection, 'unloads', [
    ...bigints(unload.queryId, unload.sessionId),
    ...[unload.user, unload.database, 'completed', unload.format],
    ...[timestamp(unload.startedAtMilliseconds), timestamp(Date.now()), unload.uri],
    ...bigints(unload.rows, unload.bytes),
  ]);
}

async function appendRows(
  connection: DuckDBConnection,
  table: HistoryTable,
  rows: readonly (readonly DuckDBValue[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const [database, schema] = HISTORY_SCHEMA.split('.');
  const appender = await connection.createAppender(table, schema, database);
  for (const row of rows) {
    for (const value of row) append(appender, value);
    appender.endRow();
  }
  appender.closeSync();
}

/** DuckDB's own way finds out each value's type first; a history is long. */
function append(appender: DuckDBAppender, value: DuckDBValue): void {
  if (typeof value === 'string') appender.appendVarchar(value);
  else if (typeof value === 'bigint') appender.appendBigInt(value);
  else if (value instanceof DuckDBTimestampValue) appender.appendTimestamp(value);
  else if (value === null) appender.appendNull();
  else appender.appendValue(value);
}

async function insertRow(connection: DuckDBConnection, table: HistoryTable, values: DuckDBValue[]): Promise<void> {
  const places = values.map((_, index) => `$${index + 1}`).join(', ');
  await connection.run(`INSERT INTO ${HISTORY_SCHEMA}.${table} VALUES (${places})`, values);
}

function bigints(...values: readonly number[]): bigint[] {
  return values.map((value) => BigInt(value));
}

function timestamp(milliseconds: number): DuckDBTimestampValue {
  return new DuckDBTimestampValue(BigInt(Math.round(milliseconds)) * 1000n);
}
