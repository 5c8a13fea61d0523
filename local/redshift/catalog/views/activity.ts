import { quoteText } from '../../rewriter/sql.ts';
import { HISTORY_SCHEMA } from '../model.ts';
import { define, ownRows, userId } from './define.ts';
import type { RunningSession, SystemRelation, SystemSession } from './relation.ts';

const queries = `${HISTORY_SCHEMA}.queries q`;
const aborted = `CASE q.status WHEN 'success' THEN 0 ELSE 1 END`;
const elapsed = `date_diff('microsecond', q.start_time, q.end_time)`;

/** The pieces of 200 characters have their line breaks written as `\n`. */
const source = (characters: number): string =>
  characters === 200
    ? `(SELECT q.* REPLACE (replace(q.query_text, chr(10), '\\n') AS query_text) FROM ${queries}) q`
    : queries;

/** Statements in pieces, as Redshift keeps long ones: 200 characters a row, and 4000 in sys_query_text. */
const pieces = (characters: number): string =>
  `(SELECT q.*, piece, substr(q.query_text, CAST(piece * ${characters} + 1 AS BIGINT), ${characters}) AS part FROM (SELECT q.*, unnest(generate_series(0, greatest(CAST(ceil(length(q.query_text) / ${characters}.0) AS BIGINT), 1) - 1)) AS piece FROM ${source(characters)}) q) q`;

/** The sessions that are open: superusers see all, everybody else their own. */
function sessionRows(session: SystemSession, render: (running: RunningSession) => string, columns: number): string {
  return rowsSql(seenSessions(session).map(render), columns);
}

export const seenSessions = (session: SystemSession): RunningSession[] =>
  (session.running?.() ?? []).filter((running) => session.superuser || running.user === session.user);

/** A SELECT of these rows, each a list of expressions. */
export function rowsSql(rows: readonly string[], columns: number): string {
  if (rows.length === 0) return `SELECT ${Array.from({ length: columns }, () => 'NULL').join(', ')} WHERE FALSE`;
  return `SELECT * FROM (VALUES ${rows.map((row) => `(${row})`).join(', ')})`;
}

export const at = (milliseconds: number): string => `make_timestamp(${Math.round(milliseconds)} * 1000)`;
const idOf = (user: string): string => userId(quoteText(user));

/** stv_recents counts in an INTEGER. */
const narrow = (count: string): string => `least(${count}, 2147483647)`;

function recentSql(session: SystemSession): string {
  const finished = `SELECT ${userId('q.user_name')}, 'Done', q.start_time, ${narrow(elapsed)}, q.user_name, q.database_name, left(q.query_text, 600), -1 FROM ${queries} WHERE ${ownRows(session)} AND q.end_time > now()::TIMESTAMP - INTERVAL 1 HOUR`;
  const running = sessionRows(
    { ...session, running: () => (session.running?.() ?? []).filter((one) => one.statement !== undefined) },
    ({ user, database, processId, statement }) =>
      `${idOf(user)}, 'Running', ${at(statement?.startedAtMilliseconds ?? 0)}, ${narrow(`date_diff('microsecond', ${at(statement?.startedAtMilliseconds ?? 0)}, now()::TIMESTAMP)`)}, ${quoteText(user)}, ${quoteText(database)}, ${quoteText((statement?.text ?? '').slice(0, 600))}, ${processId}`,
    8,
  );
  return `${finished} UNION ALL ${running}`;
}

function inflightSql(session: SystemSession): string {
  return sessionRows(
    { ...session, running: () => (session.running?.() ?? []).filter((one) => one.statement !== undefined) },
    ({ user, processId, statement }) =>
      `${idOf(user)}, 0, ${statement?.queryId ?? 0}, NULL, ${statement?.queryId ?? 0}, ${processId}, ${at(statement?.startedAtMilliseconds ?? 0)}, ${quoteText((statement?.text ?? '').slice(0, 100))}, 0, 0, 0`,
    11,
  );
}

/** Who is connected, what runs, and what has run, under the names that it has in STL, STV and SVL. */
export const activityRelations: readonly SystemRelation[] = [
  define(
    'pg_catalog.stv_sessions',
    'starttime timestamp, process int4, user_name char(50), db_name char(50), timeout_sec int4',
    (session) =>
      sessionRows(
        session,
        ({ user, database, processId, startedAtMilliseconds }) =>
          `${at(startedAtMilliseconds)}, ${processId}, ${quoteText(user)}, ${quoteText(database)}, 0`,
        5,
      ),
  ),
  define(
    'pg_catalog.stv_recents',
    'userid int4, status char(20), starttime timestamp, duration int4, user_name char(50), db_name char(50), query char(600), pid int4',
    recentSql,
  ),
  define(
    'pg_catalog.stv_inflight',
    `userid int4, slice int4, query int4, label char(320), xid int8, pid int4, starttime timestamp, text char(100), suspended int4,
    insert_pristine int4, concurrency_scaling_status int4`,
    inflightSql,
  ),
  define(
    'pg_catalog.stl_querytext',
    'userid int4, xid int8, pid int4, query int4, sequence int4, text char(200)',
    (session) =>
      `SELECT ${userId('q.user_name')}, q.transaction_id, q.session_id, q.query_id, q.piece, q.part FROM ${pieces(200)} WHERE ${ownRows(session)}`,
  ),
  define(
    'pg_catalog.sys_query_text',
    'user_id int4, query_id int8, transaction_id int8, session_id int4, start_time timestamp, sequence int4, text char(4000)',
    (session) =>
      `SELECT ${userId('q.user_name')}, q.query_id, q.transaction_id, q.session_id, q.start_time, q.piece, q.part FROM ${pieces(4000)} WHERE ${ownRows(session)}`,
  ),
  define(
    'pg_catalog.svl_qlog',
    `userid int4, query int4, xid int8, pid int4, starttime timestamp, endtime timestamp, elapsed int8, aborted int4, label char(320),
    substring char(60), source_query int4, concurrency_scaling_status_txt text, from_sp_call int4`,
    (session) =>
      `SELECT ${userId('q.user_name')}, q.query_id, q.transaction_id, q.session_id, q.start_time, q.end_time, ${elapsed}, ${aborted}, q.query_label, left(q.query_text, 60), NULL, '0 - Concurrency scaling not needed', NULL FROM ${queries} WHERE q.query_type <> 'DDL' AND ${ownRows(session)}`,
  ),
  define(
    'pg_catalog.stl_ddltext',
    'userid int4, xid int8, pid int4, label char(320), starttime timestamp, endtime timestamp, sequence int4, text char(200)',
    (session) => statementText(session, `q.query_type = 'DDL'`, ''),
  ),
  define(
    'pg_catalog.stl_utilitytext',
    'userid int4, xid int8, pid int4, label char(320), starttime timestamp, endtime timestamp, sequence int4, text char(200)',
    (session) => statementText(session, `q.query_type = 'UTILITY'`, ''),
  ),
  define(
    'pg_catalog.svl_statementtext',
    'userid int4, xid int8, pid int4, label char(320), starttime timestamp, endtime timestamp, sequence int4, type varchar(10), text char(200)',
    (session) =>
      statementText(
        session,
        'TRUE',
        `CASE q.query_type WHEN 'DDL' THEN 'DDL' WHEN 'UTILITY' THEN 'UTILITY' ELSE 'QUERY' END, `,
      ),
  ),
];

const statementText = (session: SystemSession, condition: string, type: string): string =>
  `SELECT ${userId('q.user_name')}, q.transaction_id, q.session_id, CASE q.query_label WHEN 'default' THEN '' ELSE q.query_label END, q.start_time, q.end_time, q.piece, ${type}q.part FROM ${pieces(200)} WHERE ${condition} AND ${ownRows(session)}`;
