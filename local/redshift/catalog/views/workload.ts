import { quoteText } from '../../rewriter/sql.ts';
import { at, rowsSql, seenSessions } from './activity.ts';
import { catalogTable, define, defineEmpty, userId } from './define.ts';
import { firstDatabaseId, postgresRelations } from './postgres.ts';
import type { RunningSession, SystemRelation, SystemSession } from './relation.ts';

const forSuperusers = (session: SystemSession, rows: readonly string[]): readonly string[] =>
  session.superuser ? rows : [];

/** A row for each open transaction, and one for each lock on a table that it holds or waits for. */
function transactionRows({ user, database, processId, statement, transaction }: RunningSession): string[] {
  if (!transaction) return [];
  const started = at(transaction.startedAtMilliseconds);
  const leading = `${quoteText(user)}, ${quoteText(database)}, ${statement?.queryId ?? 'NULL'}, ${processId}, ${started}`;
  const locks = transaction.locks.map(
    ({ relationId, granted }) => `${leading}, 'AccessExclusiveLock', 'relation', ${relationId}, ${granted}`,
  );
  return [...locks, `${leading}, 'ExclusiveLock', 'transactionid', NULL, TRUE`];
}

/** The tables that transactions hold for themselves; when they were written to is not known here. */
function lockRows({ processId, statement, transaction }: RunningSession): string[] {
  return (transaction?.locks ?? [])
    .filter(({ granted }) => granted)
    .map(({ relationId }) => {
      const started = at(transaction?.startedAtMilliseconds ?? 0);
      return `${relationId}, NULL, NULL, ${statement?.queryId ?? 'NULL'}, ${processId}, ${started}, NULL, 'Holding write lock'`;
    });
}

/** What runs, in pieces of 200 characters. */
function inflightRows({ user, processId, statement }: RunningSession): string[] {
  if (!statement) return [];
  const text = statement.text.replaceAll('\n', '\\n');
  const pieces = text.match(/[\s\S]{1,200}/g) ?? [''];
  const leading = `${userId(quoteText(user))}, 0, ${statement.queryId}, ${processId}, ${at(statement.startedAtMilliseconds)}, 0`;
  return pieces.map((piece, sequence) => `${leading}, ${quoteText(piece)}, ${sequence}`);
}

const effectiveStyle = `CASE r.distribution_style WHEN 'even' THEN 0 WHEN 'key' THEN 1 WHEN 'all' THEN 8 ELSE 10 END`;

/** The tables of all databases, each on the one slice that there is. */
function permanentTables({ databases, superuser }: SystemSession): string {
  const tables = databases.map((database, index) => {
    const counted = `(SELECT max(d.estimated_size) FROM duckdb_tables() d WHERE d.database_name = ${quoteText(database)} AND d.schema_name = 'millrace_data' AND d.table_name = 't' || r.relation_id)`;
    return `SELECT 0, r.relation_id, r.relation_name, ${counted}, NULL, 0, ${firstDatabaseId + index}, NULL, NULL, 1, ${effectiveStyle}, -1 FROM ${catalogTable(database, 'relations')} r WHERE r.kind = 'table' AND ${superuser ? 'TRUE' : 'FALSE'}`;
  });
  return tables.join(' UNION ALL ');
}

/** pg_class with what Redshift adds to it. */
function classInfo(): SystemRelation {
  const classes = postgresRelations.find(({ name }) => name === 'pg_class') as SystemRelation;
  const listed = classes.columns.filter(({ unlisted }) => !unlisted).slice(1);
  const more = `CAST(TRY_CAST(r.created_at AS TIMESTAMP) AS TIMESTAMP), CASE c.c15 WHEN 'r' THEN ${effectiveStyle} END, c.c1`;
  const columns = listed.map((_, index) => `c.c${index + 2}`).join(', ');
  const names = Array.from({ length: listed.length + 4 }, (_, index) => `c${index + 1}`).join(', ');
  return {
    schema: 'pg_catalog',
    name: 'pg_class_info',
    columns: [
      { name: 'relid', type: { kind: 'int8', catalogName: 'oid' } },
      ...listed,
      { name: 'relcreationtime', type: { kind: 'timestamp' } },
      { name: 'releffectivediststyle', type: { kind: 'int4' } },
      // What the manual called relid before.
      { name: 'reloid', type: { kind: 'int8', catalogName: 'oid' }, unlisted: true },
    ],
    sql: (session) =>
      `SELECT * FROM (SELECT c.c1, ${columns}, ${more} FROM (${classes.sql(session)}) c LEFT JOIN ${catalogTable(session.database, 'relations')} r ON r.relation_id = c.c1) AS relation(${names})`,
  };
}

/** Transactions, locks, tables on their slice; and what a warehouse of one process has none of: queues, steps, blocks, vacuums. */
export const workloadRelations: readonly SystemRelation[] = [
  classInfo(),
  define(
    'pg_catalog.pg_shadow',
    'usename name, usesysid int4, usecreatedb bool, usesuper bool, usecatupd bool, passwd text, valuntil text, useconfig texts',
    ({ superuser }) =>
      `SELECT user_name, user_id, create_database, superuser, FALSE, NULL, valid_until, NULL FROM millrace_cluster.main.users WHERE ${superuser ? 'TRUE' : 'FALSE'}`,
  ),
  define(
    'pg_catalog.svv_transactions',
    `txn_owner text, txn_db text, xid int8, pid int4, txn_start timestamp, lock_mode text, lockable_object_type text, relation int4, granted bool`,
    (session) => rowsSql(seenSessions(session).flatMap(transactionRows), 9),
  ),
  define(
    'pg_catalog.stv_locks',
    `table_id int8, last_commit timestamp, last_update timestamp, lock_owner int8, lock_owner_pid int8, lock_owner_start_ts timestamp,
    lock_owner_end_ts timestamp, lock_status char(22)`,
    (session) => rowsSql(forSuperusers(session, seenSessions(session).flatMap(lockRows)), 8),
  ),
  define(
    'pg_catalog.svv_query_inflight',
    'userid int4, slice int4, query int4, pid int4, starttime timestamp, suspended int4, text char(200), sequence int4',
    (session) => rowsSql(seenSessions(session).flatMap(inflightRows), 8),
  ),
  define(
    'pg_catalog.stv_tbl_perm',
    `slice int4, id int4, name char(72), rows int8, sorted_rows int8, temp int4, db_id int4, insert_pristine int4, delete_pristine int4,
    backup int4, dist_style int4, block_count int4`,
    permanentTables,
  ),
  defineEmpty(
    'pg_catalog.stl_wlm_query',
    `userid int4, xid int4, task int4, query int4, service_class int4, slot_count int4, service_class_start_time timestamp,
    queue_start_time timestamp, queue_end_time timestamp, total_queue_time int8, exec_start_time timestamp, exec_end_time timestamp,
    total_exec_time int8, service_class_end_time timestamp, final_state char(16), est_peak_mem int8, query_priority char(20),
    service_class_name char(64)`,
  ),
  defineEmpty(
    'pg_catalog.stv_wlm_query_state',
    `xid int4, task int4, query int4, service_class int4, slot_count int4, wlm_start_time timestamp, state char(16), queue_time int8,
    exec_time int8, query_priority char(20)`,
  ),
  defineEmpty(
    'pg_catalog.sys_query_detail',
    `user_id int4, query_id int8, child_query_sequence int4, stream_id int4, segment_id int4, step_id int4, step_name text, table_id int4,
    table_name char(136), is_rrscan char(1), start_time timestamp, end_time timestamp, duration int8, alert text, input_bytes int8,
    input_rows int8, output_bytes int8, output_rows int8, blocks_read int8, blocks_write int8, local_read_io int8, remote_read_io int8,
    source text, data_skewness int4, time_skewness int4, is_active char(1), spilled_block_local_disk int8, spilled_block_remote_disk int8,
    step_attribute char(64), metrics_level char(64), plan_parent_id int4, plan_node_id int4`,
  ),
  defineEmpty(
    'pg_catalog.svl_query_summary',
    `userid int4, query int4, stm int4, seg int4, step int4, maxtime int8, avgtime int8, rows int8, bytes int8, rate_row float8,
    rate_byte float8, label text, is_diskbased char(1), workmem int8, is_rrscan char(1), is_delayed_scan char(1), rows_pre_filter int8`,
  ),
  defineEmpty(
    'pg_catalog.svv_diskusage',
    'db_id int4, name char(72), slice int4, col int4, tbl int4, blocknum int4, num_values int4, minvalue int8, maxvalue int8',
  ),
  defineEmpty('pg_catalog.svv_vacuum_progress', 'table_name text, status text, time_remaining_estimate text'),
  defineEmpty(
    'pg_catalog.stl_vacuum',
    `userid int4, xid int8, table_id int4, status char(30), rows int8, sortedrows int4, blocks int4, max_merge_partitions int4,
    eventtime timestamp, reclaimable_rows int8, reclaimable_space_mb int8, cutoff_xid int8, is_recluster int4`,
  ),
  defineEmpty(
    'pg_catalog.stl_analyze',
    `userid int4, xid int8, database char(30), table_id int4, status char(15), rows float8, modified_rows float8, threshold_percent int4,
    is_auto char(1), starttime timestamp, endtime timestamp, prevtime timestamp, num_predicate_cols int4, num_new_predicate_cols int4,
    is_background char(1), auto_analyze_phase char(100)`,
  ),
  defineEmpty(
    'pg_catalog.stl_error',
    `userid int4, process char(12), recordtime timestamp, pid int4, errcode int4, file char(90), linenum int4, context char(100),
    error char(512)`,
  ),
  defineEmpty(
    'pg_catalog.sys_connection_log',
    `event char(50), record_time timestamp, remote_host char(45), remote_port char(32), session_id int4, database_name char(50),
    user_name char(50), auth_method char(32), duration int4, ssl_version char(50), ssl_cipher char(128), mtu int4, ssl_compression char(64),
    ssl_expansion char(64), iam_auth_guid char(36), application_name char(250), driver_version char(64), os_version char(64),
    plugin_name char(32), protocol_version int4`,
  ),
  defineEmpty(
    'pg_catalog.stl_connection_log',
    `event char(50), recordtime timestamp, remotehost char(45), remoteport char(32), pid int4, dbname char(50), username char(50),
    authmethod char(32), duration int4, sslversion char(50), sslcipher char(128), mtu int4, sslcompression char(64), sslexpansion char(64),
    iamauthguid char(36), application_name char(250), os_version char(64), driver_version char(64), plugin_name char(32),
    protocol_version int4`,
  ),
];
