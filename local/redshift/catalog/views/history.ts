import { HISTORY_SCHEMA } from '../model.ts';
import { define, ownRows, userId } from './define.ts';
import type { SystemRelation } from './relation.ts';

const microseconds = `date_diff('microsecond', start_time, end_time)`;

/** What the warehouse did: statements, loads, what could not be loaded. */
export const historyRelations: readonly SystemRelation[] = [
  define(
    'pg_catalog.sys_query_history',
    `user_id int4, query_id int8, query_label char(320), transaction_id int8, session_id int4, database_name char(128), query_type char(32),
    status char(10), result_cache_hit bool, start_time timestamp, end_time timestamp, elapsed_time int8, queue_time int8, execution_time int8,
    error_message char(512), returned_rows int8, returned_bytes int8, query_text char(4000), redshift_version char(256), usage_limit char(150),
    compute_type varchar(32), compile_time int8, planning_time int8, lock_wait_time int8, service_class_id int4, service_class_name char(64),
    query_priority char(20), short_query_accelerated char(10), user_query_hash char(40), generic_query_hash char(40), query_hash_version int4,
    result_cache_query_id int4, username char(128)`,
    (session) =>
      `SELECT ${userId('q.user_name')}, query_id, query_label, transaction_id, session_id, database_name, query_type, status, FALSE, start_time, end_time, ${microseconds}, 0, ${microseconds}, left(error_message, 512), returned_rows, NULL, left(query_text, 4000), 'Redshift 1.0 (local)', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, q.user_name FROM ${HISTORY_SCHEMA}.queries q WHERE ${ownRows(session)}`,
  ),
  define(
    'pg_catalog.stl_query',
    `userid int4, query int4, label char(320), xid int8, pid int4, database char(32), querytxt char(4000), starttime timestamp, endtime timestamp, aborted int4, insert_pristine int4`,
    (session) =>
      `SELECT ${userId('q.user_name')}, query_id, query_label, transaction_id, session_id, left(database_name, 32), left(query_text, 4000), start_time, end_time, CASE status WHEN 'success' THEN 0 ELSE 1 END, 0 FROM ${HISTORY_SCHEMA}.queries q WHERE ${ownRows(session)}`,
  ),
  define(
    'pg_catalog.sys_load_history',
    `user_id int4, query_id int8, transaction_id int8, session_id int4, database_name text, status text, table_name text, start_time timestamp,
    end_time timestamp, duration int8, data_source text, file_format text, loaded_rows int8, loaded_bytes int8, source_file_count int4,
    source_file_bytes int8, file_count_scanned int4, file_bytes_scanned int8, error_count int8, copy_job_id int8`,
    (session) =>
      `SELECT ${userId('l.user_name')}, query_id, query_id, session_id, database_name, CASE status WHEN 'failed' THEN 'aborted' ELSE status END, table_name, start_time, end_time, ${microseconds}, data_source, file_format, loaded_rows, loaded_bytes, source_file_count, source_file_bytes, source_file_count, source_file_bytes, error_count, 0 FROM ${HISTORY_SCHEMA}.loads l WHERE ${ownRows(session)}`,
  ),
  define(
    'pg_catalog.sys_load_error_detail',
    `user_id int4, query_id int8, transaction_id int8, session_id int4, database_name char(64), table_id int4, start_time timestamp,
    file_name char(256), line_number int8, column_name char(127), column_type char(10), column_length char(10), position int4, error_code int4,
    error_message char(512)`,
    (session) =>
      `SELECT ${userId('e.user_name')}, query_id, query_id, session_id, left(database_name, 64), table_id, start_time, left(file_name, 256), line_number, left(column_name, 127), left(column_type, 10), left(column_length, 10), position, error_code, left(error_message, 512) FROM ${HISTORY_SCHEMA}.load_errors e WHERE ${ownRows(session)}`,
  ),
  define(
    'pg_catalog.stl_load_errors',
    `userid int4, slice int4, tbl int4, starttime timestamp, session int4, query int4, filename char(256), line_number int8, colname char(127),
    type char(10), col_length char(10), position int4, raw_line char(1024), raw_field_value char(1024), err_code int4, err_reason char(100),
    is_partial int4, start_offset int8, copy_job_id int8`,
    (session) =>
      `SELECT ${userId('e.user_name')}, 0, table_id, start_time, session_id, query_id, left(file_name, 256), line_number, left(column_name, 127), left(column_type, 10), left(column_length, 10), position, raw_line, raw_field_value, error_code, left(error_message, 100), 0, 0, 0 FROM ${HISTORY_SCHEMA}.load_errors e WHERE ${ownRows(session)}`,
  ),
  define(
    'pg_catalog.stl_load_commits',
    `userid int4, query int4, slice int4, name char(256), filename char(256), byte_offset int4, lines_scanned int4, errors int4, curtime timestamp,
    status int4, file_format char(16)`,
    (session) =>
      `SELECT ${userId('f.user_name')}, query_id, 0, '', left(file_name, 256), 0, lines_scanned, 0, loaded_at, 1, file_format FROM ${HISTORY_SCHEMA}.load_files f WHERE ${ownRows(session)}`,
  ),
];
