import { type Bound, constant } from '../binder/bound.ts';
import { settle } from '../binder/casts.ts';
import { TEXT_ARRAY } from '../binder/catalog-arrays.ts';
import { INT4, INT8, typeName, varchar } from '../binder/types.ts';
import { quoteText } from '../rewriter/sql.ts';
import { RedshiftError } from '../types.ts';
import { type FunctionCall, type FunctionEntry, literalText, requireCount, special } from './define.ts';
import { PRIVILEGE_QUESTIONS } from './privileges.ts';

const environmentText = (read: (call: FunctionCall) => string, name?: string): FunctionEntry =>
  special((call) => {
    requireCount(call, 0);
    return constant(quoteText(read(call)), varchar(128), { name: name ?? call.name });
  });

/** What the session's last COPY and UNLOAD were: -1 where there was none. */
const TRANSFER_QUESTIONS: Readonly<Record<string, FunctionEntry>> = Object.fromEntries(
  (['copy', 'unload'] as const).flatMap((kind) => {
    const ask = (name: string, type: typeof INT4, read: (transfer: { queryId: number; rows: number }) => number) => [
      name,
      special((call) => {
        requireCount(call, 0);
        const answer = read(call.environment.transfers[kind]);
        return constant(`CAST(${answer} AS ${type.kind === 'int8' ? 'BIGINT' : 'INTEGER'})`, type, { name });
      }),
    ];
    return [
      ask(`pg_last_${kind}_id`, INT4, ({ queryId }) => queryId),
      ask(`pg_last_${kind}_count`, INT8, ({ rows }) => rows),
    ];
  }),
);

const VERSION =
  'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.123456';

/** The search path's schemas that there are. */
function existing(call: FunctionCall): string[] {
  const catalog = call.environment.catalog(call.environment.database);
  return call.environment.searchPath.filter((schema) => catalog?.schemas.has(schema));
}

function currentSetting(call: FunctionCall): Bound {
  requireCount(call, 1, 2);
  const name = literalText(call.arguments[0])?.toLowerCase() ?? '';
  const value = call.environment.settingValues.get(name);
  if (value === undefined && call.arguments[1]?.sql !== 'FALSE')
    throw new RedshiftError('42704', `unrecognized configuration parameter "${name}"`);
  return constant(value === undefined || value === null ? 'CAST(NULL AS VARCHAR)' : quoteText(value), varchar(256), {
    name: call.name,
  });
}

export const SYSTEM: Readonly<Record<string, FunctionEntry>> = {
  current_user: environmentText((call) => call.environment.user),
  session_user: environmentText((call) => call.environment.user),
  user: environmentText((call) => call.environment.user, 'current_user'),
  current_database: environmentText((call) => call.environment.database),
  current_catalog: environmentText((call) => call.environment.database),
  current_schema: environmentText((call) => existing(call)[0] ?? 'public'),
  current_schemas: special((call) => {
    requireCount(call, 1);
    const implicit = call.arguments[0]?.sql === 'TRUE' ? ['pg_catalog'] : [];
    return constant(quoteText(`{${[...implicit, ...existing(call)].join(',')}}`), TEXT_ARRAY, {
      name: 'current_schemas',
    });
  }),
  db_collation: special((call) => {
    requireCount(call, 0);
    const sql = `coalesce((SELECT CASE WHEN case_insensitive THEN 'case_insensitive' END FROM millrace_cluster.main.databases WHERE database_name = ${quoteText(call.environment.database)}), 'case_sensitive')`;
    return constant(sql, varchar(32), { name: 'db_collation' });
  }),
  version: environmentText(() => VERSION),
  current_user_id: special((call) => {
    const id = call.environment.census?.userId(call.environment.user) ?? 0;
    return constant(`CAST(${id} AS INTEGER)`, INT4, { name: 'current_user_id' });
  }),
  pg_backend_pid: special((call) =>
    constant(`CAST(${call.environment.sessionId} AS INTEGER)`, INT4, { name: 'pg_backend_pid' }),
  ),
  ...TRANSFER_QUESTIONS,
  ...PRIVILEGE_QUESTIONS,
  current_setting: special(currentSetting),
  pg_typeof: special((call) => {
    requireCount(call, 1);
    const value = settle(call.arguments[0] as Bound);
    return constant(quoteText(typeName(value.type)), varchar(128), { name: 'pg_typeof' });
  }),
};
