import { HISTORY_SCHEMA } from '../model.ts';
import { define, ownRows, userId } from './define.ts';
import type { SystemRelation } from './relation.ts';

const unloadedFiles = `${HISTORY_SCHEMA}.unloads n`;
const microseconds = `date_diff('microsecond', min(start_time), max(end_time))`;
/** What comes before the name that UNLOAD gives to a file. */
const location = `regexp_replace(min(file_name), '([0-9]{4}_part_[0-9]+|[0-9]{3,})(\\.[^/]*)?$', '')`;

/** What COPY and UNLOAD did, file by file, and which rows COPY could not load. */
export const transferRelations: readonly SystemRelation[] = [
  define(
    'pg_catalog.sys_load_detail',
    `user_id int4, query_id int4, file_name char(256), bytes_scanned int4, lines_scanned int4, record_time timestamp, splits_scanned int4,
    start_time timestamp, end_time timestamp, file_etag char(256), file_last_modified timestamp`,
    (session) =>
      `SELECT ${userId('f.user_name')}, query_id, left(file_name, 256), file_bytes, lines_scanned, loaded_at, 0, loaded_at, loaded_at, NULL, NULL FROM ${HISTORY_SCHEMA}.load_files f WHERE ${ownRows(session)}`,
  ),
  define(
    'pg_catalog.stl_file_scan',
    `userid int4, query int4, slice int4, name char(90), lines int8, bytes int8, loadtime int8, curtime timestamp, is_partial int4, start_offset int8`,
    (session) =>
      `SELECT ${userId('f.user_name')}, query_id, 0, left(file_name, 90), lines_scanned, file_bytes, 0, loaded_at, 0, 0 FROM ${HISTORY_SCHEMA}.load_files f WHERE ${ownRows(session)}`,
  ),
  define(
    'pg_catalog.stl_loaderror_detail',
    `userid int4, slice int4, session int4, query int4, filename char(256), line_number int8, field int4, colname char(1024), value char(1024),
    is_null int4, type char(10), col_length char(10)`,
    (session) =>
      `SELECT ${userId('e.user_name')}, 0, session_id, query_id, left(file_name, 256), line_number, 0, column_name, raw_field_value, 0, left(column_type, 10), left(column_length, 10) FROM ${HISTORY_SCHEMA}.load_errors e WHERE ${ownRows(session)}`,
  ),
  define(
    'pg_catalog.stl_replacements',
    `userid int4, query int4, slice int4, tbl int4, starttime timestamp, session int4, filename char(256), line_number int8, colname char(127),
    raw_line char(1024)`,
    (session) =>
      `SELECT ${userId('r.user_name')}, query_id, 0, table_id, start_time, session_id, left(file_name, 256), line_number, NULL, NULL FROM ${HISTORY_SCHEMA}.replacements r WHERE ${ownRows(session)}`,
  ),
  define(
    'pg_catalog.sys_unload_history',
    `user_id int4, query_id int8, transaction_id int8, session_id int4, database_name text, status text, start_time timestamp, end_time timestamp,
    duration int8, file_format text, compression_type text, unloaded_location text, unloaded_rows int8, unloaded_files_count int8,
    unloaded_files_size int8, error_message text`,
    (session) =>
      `SELECT ${userId('n.user_name')}, query_id, query_id, any_value(session_id), any_value(database_name), any_value(status), min(start_time), max(end_time), ${microseconds}, any_value(file_format), NULL, ${location}, CAST(sum(unloaded_rows) AS BIGINT), count(*) FILTER (file_name <> ''), CAST(sum(unloaded_bytes) AS BIGINT), NULL FROM ${unloadedFiles} WHERE ${ownRows(session)} GROUP BY n.user_name, query_id`,
  ),
  define(
    'pg_catalog.sys_unload_detail',
    `user_id int4, query_id int4, session_id int4, transaction_id int8, file_name char(1280), start_time timestamp, end_time timestamp,
    line_count int8, transfer_size int8, file_format char(10)`,
    (session) =>
      `SELECT ${userId('n.user_name')}, query_id, session_id, query_id, left(file_name, 1280), start_time, end_time, unloaded_rows, unloaded_bytes, left(file_format, 10) FROM ${unloadedFiles} WHERE file_name <> '' AND ${ownRows(session)}`,
  ),
  define(
    'pg_catalog.stl_unload_log',
    `userid int4, query int4, slice int4, pid int4, path char(1280), start_time timestamp, end_time timestamp, line_count int8, transfer_size int8,
    file_format char(10)`,
    (session) =>
      `SELECT ${userId('n.user_name')}, query_id, 0, session_id, left(file_name, 1280), start_time, end_time, unloaded_rows, unloaded_bytes, left(file_format, 10) FROM ${unloadedFiles} WHERE file_name <> '' AND ${ownRows(session)}`,
  ),
];
