import { quoteText } from '../../rewriter/sql.ts';
import { rowsSql } from './activity.ts';
import { define, userId } from './define.ts';
import type { ProcedureMessage, SystemRelation, SystemSession } from './relation.ts';

const LEVELS: readonly string[] = ['LOG', 'INFO', 'NOTICE', 'WARNING', 'EXCEPTION'];

/** Superusers see all messages, everybody else their own. */
function messagesSql(session: SystemSession, render: (message: ProcedureMessage) => string, columns: number): string {
  const seen = (session.procedureMessages?.() ?? []).filter((one) => session.superuser || one.user === session.user);
  return rowsSql(seen.map(render), columns);
}

const recordedAt = ({ recordedAtMicroseconds }: ProcedureMessage): string =>
  `make_timestamp(${recordedAtMicroseconds})`;

/** What procedures have raised. The box counts no lines of a procedure. */
export const procedureMessageRelations: readonly SystemRelation[] = [
  define(
    'pg_catalog.svl_stored_proc_messages',
    `userid int4, session_userid int4, pid int4, xid int8, query int4, recordtime timestamp, loglevel int4, loglevel_text varchar(10),
    message varchar(1024), linenum int4, querytxt varchar(500), label varchar(320), aborted int4, message_xid int8`,
    (session) =>
      messagesSql(
        session,
        (one) =>
          `${userId(quoteText(one.user))}, ${userId(quoteText(one.user))}, ${one.processId}, ${one.queryId}, ${one.queryId}, ${recordedAt(one)}, ${20 + 10 * LEVELS.indexOf(one.level)}, ${quoteText(one.level)}, ${quoteText(one.message.slice(0, 1024))}, CAST(NULL AS INTEGER), ${quoteText(one.text.slice(0, 500))}, 'default', ${one.isAborted ? 1 : 0}, ${one.queryId}`,
        14,
      ),
  ),
  define(
    'pg_catalog.sys_procedure_messages',
    'transaction_id int8, query_id int8, record_time timestamp, log_level varchar(10), message varchar(1024), line_number int4',
    (session) =>
      messagesSql(
        session,
        (one) =>
          `${one.queryId}, ${one.queryId}, ${recordedAt(one)}, ${quoteText(one.level)}, ${quoteText(one.message.slice(0, 1024))}, CAST(NULL AS INTEGER)`,
        6,
      ),
  ),
];

/** Whether a session keeps messages of this level: its setting names the least. */
export const isLogged = (level: string, least: string): boolean =>
  LEVELS.indexOf(level) >= LEVELS.indexOf(least.toUpperCase());
