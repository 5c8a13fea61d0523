import { quoteText } from '../../rewriter/sql.ts';
import { define, defineEmpty, ownRows, userId } from './define.ts';
import type { SystemRelation, SystemSession } from './relation.ts';
import {
  characterLength,
  columnDefault,
  columnsSql,
  isNullable,
  namespacesSql,
  numericPrecision,
  numericScale,
  plainTypeName,
  relationsSql,
  seenColumnsSql,
  seenRelationsSql,
} from './relations-sql.ts';

/** The same question to every database of the warehouse. */
function everywhere({ databases }: SystemSession, select: (database: string) => string): string {
  return databases.map(select).join(' UNION ALL ');
}

const tableKind = `CASE WHEN relkind = 'r' THEN 'TABLE' ELSE 'VIEW' END`;

const schemas = (database: string): string => `SELECT ${quoteText(database)}, name, ${userId('owner')}, 'local', NULL`;
const tables = (database: string): string => `SELECT ${quoteText(database)}, schema_name, relation_name`;
const columns = (database: string): string =>
  `SELECT ${quoteText(database)}, schema_name, relation_name, column_name, ordinal`;

/** Redshift's own views of what there is. */
export const redshiftRelations: readonly SystemRelation[] = [
  define(
    'pg_catalog.svv_redshift_databases',
    'database_name varchar(128), database_owner int4, database_type varchar(32), database_acl varchar(128), database_options varchar(128), database_isolation_level varchar(128)',
    ({ databases }) =>
      `SELECT * FROM (VALUES ${databases.map((name) => `(${quoteText(name)}, 100, 'local', NULL, NULL, 'Snapshot Isolation')`).join(', ')})`,
  ),
  define(
    'pg_catalog.svv_redshift_schemas',
    'database_name varchar(128), schema_name varchar(128), schema_owner int4, schema_type varchar(128), schema_acl varchar(128), schema_option varchar(128)',
    (session) => everywhere(session, (database) => `${schemas(database)}, NULL FROM (${namespacesSql(database)})`),
  ),
  define(
    'pg_catalog.svv_all_schemas',
    `database_name varchar(128), schema_name varchar(128), schema_owner int4, schema_type varchar(128), schema_acl varchar(128),
    source_database varchar(128), schema_option varchar(128)`,
    (session) =>
      everywhere(session, (database) => `${schemas(database)}, NULL, NULL FROM (${namespacesSql(database)})`),
  ),
  define(
    'pg_catalog.svv_redshift_tables',
    'database_name varchar(128), schema_name varchar(128), table_name varchar(128), table_type varchar(128), table_acl varchar(128), remarks varchar(128)',
    (session) =>
      everywhere(
        session,
        (database) => `${tables(database)}, ${tableKind}, NULL, comment FROM (${seenRelationsSql(session, database)})`,
      ),
  ),
  define(
    'pg_catalog.svv_all_tables',
    'database_name varchar(128), schema_name varchar(128), table_name varchar(128), table_acl varchar(128), table_type varchar(128), remarks varchar(128)',
    (session) =>
      everywhere(
        session,
        (database) => `${tables(database)}, NULL, ${tableKind}, comment FROM (${seenRelationsSql(session, database)})`,
      ),
  ),
  define(
    'pg_catalog.svv_redshift_columns',
    `database_name varchar(128), schema_name varchar(128), table_name varchar(128), column_name varchar(128), ordinal_position int4,
    data_type varchar(32), column_default varchar(4000), is_nullable varchar(3), encoding varchar(128), distkey bool, sortkey int4,
    column_acl varchar(128), remarks varchar(256)`,
    (session) =>
      everywhere(
        session,
        (database) =>
          `${columns(database)}, type_name, ${columnDefault}, ${isNullable}, encoding, distribution_key, sort_key_position, NULL, comment FROM (${seenColumnsSql(session, database)})`,
      ),
  ),
  define(
    'pg_catalog.svv_all_columns',
    `database_name varchar(128), schema_name varchar(128), table_name varchar(128), column_name varchar(128), ordinal_position int4,
    column_default varchar(4000), is_nullable varchar(3), data_type varchar(128), character_maximum_length int4, numeric_precision int4,
    numeric_scale int4, remarks varchar(256)`,
    (session) =>
      everywhere(
        session,
        (database) =>
          `${columns(database)}, ${columnDefault}, ${isNullable}, ${plainTypeName}, ${characterLength}, ${numericPrecision}, ${numericScale}, comment FROM (${seenColumnsSql(session, database)})`,
      ),
  ),
  define(
    'pg_catalog.svv_table_info',
    `database text, schema text, table_id oid, table text, encoded text, diststyle text, sortkey1 text, max_varchar int4,
    sortkey1_enc char(32), sortkey_num int4, size int8, pct_used decimal(10,4), empty int8, unsorted decimal(5,2), stats_off decimal(5,2),
    tbl_rows decimal(38,0), skew_sortkey1 decimal(19,2), skew_rows decimal(19,2), estimated_visible_rows decimal(38,0), risk_event text,
    vacuum_sort_benefit decimal(12,2), create_time timestamp`,
    tableInfoSql,
  ),
  define(
    'pg_catalog.svv_user_info',
    'user_name varchar(128), user_id int4, createdb bool, superuser bool, catalog_update bool, connection_limit varchar(64), syslog_access varchar(64), last_ddl_ts timestamp, session_timeout int4, external_user_id varchar(128)',
    () =>
      `SELECT user_name, user_id, create_database, superuser, FALSE, coalesce(CAST(connection_limit AS VARCHAR), 'UNLIMITED'), CASE WHEN superuser THEN 'UNRESTRICTED' ELSE 'RESTRICTED' END, NULL, 0, NULL FROM millrace_cluster.main.users`,
  ),
  define(
    'pg_catalog.svv_roles',
    'role_id int8, role_name varchar(128), role_owner varchar(128), external_id varchar(128)',
    () => 'SELECT role_id, role_name, owner, NULL FROM millrace_cluster.main.roles',
  ),
  define(
    'pg_catalog.svv_user_grants',
    'user_id int4, user_name varchar(128), role_id int8, role_name varchar(128), admin_option bool',
    (session) =>
      `SELECT ${userId('g.grantee')}, g.grantee, r.role_id, g.role_name, g.admin_option FROM millrace_cluster.main.role_grants g LEFT JOIN millrace_cluster.main.roles r ON r.role_name = g.role_name WHERE g.grantee_kind = 'user' AND ${ownRows(session, 'g.grantee')}`,
  ),
  define(
    'pg_catalog.svv_role_grants',
    'role_id int8, role_name varchar(128), granted_role_id int8, granted_role_name varchar(128)',
    () =>
      `SELECT r.role_id, g.grantee, o.role_id, g.role_name FROM millrace_cluster.main.role_grants g LEFT JOIN millrace_cluster.main.roles r ON r.role_name = g.grantee LEFT JOIN millrace_cluster.main.roles o ON o.role_name = g.role_name WHERE g.grantee_kind = 'role'`,
  ),
  defineEmpty(
    'pg_catalog.svv_external_schemas',
    'esoid oid, eskind int4, schemaname name, esowner int4, databasename text, esoptions text',
  ),
  defineEmpty(
    'pg_catalog.svv_external_tables',
    'redshift_database_name text, schemaname text, tablename text, tabletype text, location text, input_format text, output_format text, serialization_lib text, serde_parameters text, compressed int4, parameters text',
  ),
  defineEmpty(
    'pg_catalog.svv_external_columns',
    'redshift_database_name text, schemaname text, tablename text, columnname text, external_type text, columnnum int4, part_key int4, is_nullable text',
  ),
];

/** One row a table; rows are DuckDB's own count, which is exact after a commit. Sizes in blocks of 1 MB are not known here. */
function tableInfoSql({ database }: SystemSession): string {
  const perTable = `SELECT id AS column_relation_id, count(*) FILTER (WHERE lower(encoding) NOT IN ('raw', 'none', '')) AS encoded_columns, max(CASE WHEN sort_key_position = 1 THEN column_name END) AS sort_key, max(CASE WHEN sort_key_position = 1 THEN encoding END) AS sort_encoding, max(sort_key_position) AS sort_columns, max(CASE WHEN kind = 'varchar' THEN length END) AS longest, max(CASE WHEN distribution_key THEN column_name END) AS distribution_column FROM (${columnsSql(database)}) GROUP BY id`;
  const rows = `(SELECT max(d.estimated_size) FROM duckdb_tables() d WHERE d.database_name = ${quoteText(database)} AND d.schema_name = 'millrace_data' AND d.table_name = 't' || r.relation_id)`;
  const style = `CASE distribution_style WHEN 'key' THEN 'KEY(' || distribution_column || ')' WHEN 'auto' THEN 'AUTO(ALL)' ELSE upper(distribution_style) END`;
  const sortKey = `coalesce(sort_key, CASE sort_style WHEN 'auto' THEN 'AUTO(SORTKEY)' END)`;
  return `SELECT ${quoteText(database)}, schema_name, id, relation_name, CASE WHEN encoded_columns > 0 THEN 'Y' ELSE 'N' END, ${style}, ${sortKey}, longest, sort_encoding, sort_columns, NULL, NULL, 0, NULL, NULL, ${rows}, NULL, NULL, ${rows}, NULL, NULL, TRY_CAST(created_at AS TIMESTAMP) FROM (${relationsSql(database)}) r JOIN (${perTable}) c ON c.column_relation_id = r.id WHERE relkind = 'r'`;
}
