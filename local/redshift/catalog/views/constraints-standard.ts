import { quoteText } from '../../rewriter/sql.ts';
import { catalogTable, define, defineEmpty, ownRows } from './define.ts';
import type { SystemRelation, SystemSession } from './relation.ts';

const constraintKind = `CASE k.kind WHEN 'primary' THEN 'PRIMARY KEY' WHEN 'unique' THEN 'UNIQUE' ELSE 'FOREIGN KEY' END`;

const keys = ({ database }: SystemSession): string =>
  `${catalogTable(database, 'constraints')} k JOIN ${catalogTable(database, 'relations')} r ON r.relation_id = k.relation_id`;

/** The columns of keys, one a row, with their place in the key. */
const keyColumns = (session: SystemSession): string =>
  `(SELECT k.constraint_name, k.kind, r.schema_name, r.relation_name, unnest(k.columns) AS column_name, unnest(generate_series(1, len(k.columns))) AS place FROM ${keys(session)}) k`;

const granted = (session: SystemSession, columns: string): string =>
  `SELECT ${columns} FROM ${catalogTable(session.database, 'grants')} g LEFT JOIN ${catalogTable(session.database, 'relations')} r ON r.schema_name = g.schema_name AND r.relation_name = g.object_name WHERE g.object_kind = 'table' AND g.column_name IS NULL AND (${ownRows(session, 'g.grantee')} OR g.grantee_kind <> 'user')`;

const privilegeMembers = `grantor name, grantee name, table_catalog name, table_schema name, table_name name, privilege_type varchar(128),
  is_grantable varchar(3), with_hierarchy varchar(3)`;
const privilegeValues = (session: SystemSession): string =>
  granted(
    session,
    `r.owner, CASE g.grantee_kind WHEN 'public' THEN 'PUBLIC' ELSE g.grantee END, ${quoteText(session.database)}, g.schema_name, g.object_name, upper(g.privilege), CASE WHEN g.grant_option THEN 'YES' ELSE 'NO' END, 'NO'`,
  );

/** Keys and privileges as the SQL standard shows them, and the datashares and outer databases that a box never has. */
export const standardRelations: readonly SystemRelation[] = [
  define(
    'information_schema.table_constraints',
    `constraint_catalog name, constraint_schema name, constraint_name name, table_catalog name, table_schema name, table_name name,
    constraint_type varchar(128), is_deferrable varchar(3), initially_deferred varchar(3)`,
    (session) =>
      `SELECT ${quoteText(session.database)}, r.schema_name, k.constraint_name, ${quoteText(session.database)}, r.schema_name, r.relation_name, ${constraintKind}, 'NO', 'NO' FROM ${keys(session)}`,
  ),
  define(
    'information_schema.key_column_usage',
    `constraint_catalog name, constraint_schema name, constraint_name name, table_catalog name, table_schema name, table_name name,
    column_name name, ordinal_position int4`,
    (session) =>
      `SELECT ${quoteText(session.database)}, schema_name, constraint_name, ${quoteText(session.database)}, schema_name, relation_name, column_name, place FROM ${keyColumns(session)}`,
  ),
  define(
    'information_schema.referential_constraints',
    `constraint_catalog name, constraint_schema name, constraint_name name, unique_constraint_catalog name, unique_constraint_schema name,
    unique_constraint_name name, match_option varchar(128), update_rule varchar(128), delete_rule varchar(128)`,
    (session) =>
      `SELECT ${quoteText(session.database)}, r.schema_name, k.constraint_name, NULL, NULL, NULL, 'NONE', 'NO ACTION', 'NO ACTION' FROM ${keys(session)} WHERE k.kind = 'foreign'`,
  ),
  define('information_schema.table_privileges', privilegeMembers, privilegeValues),
  define(
    'pg_catalog.pg_user_info',
    `usename name, usesysid int4, usecreatedb bool, usesuper bool, usecatupd bool, passwd text, valuntil text, useconfig texts, useconnlimit text,
    syslogaccess text, last_ddl_ts timestamp, sessiontimeout int4, external_user_id varchar(128)`,
    () =>
      `SELECT user_name, user_id, create_database, superuser, FALSE, '********', valid_until, NULL, coalesce(CAST(connection_limit AS VARCHAR), 'UNLIMITED'), CASE WHEN superuser THEN 'UNRESTRICTED' ELSE 'RESTRICTED' END, NULL, 0, NULL FROM millrace_cluster.main.users`,
  ),
  defineEmpty(
    'pg_catalog.svv_datashares',
    `share_name varchar(16), share_id int4, share_owner int4, source_database varchar(16), consumer_database varchar(16), share_type varchar(8),
    createdate timestamp, is_publicaccessible bool, share_acl varchar(256), producer_account varchar(16), producer_namespace varchar(64),
    managed_by varchar(64)`,
  ),
  defineEmpty(
    'pg_catalog.svv_external_databases',
    'eskind int4, esoptions text, databasename text, location text, parameters text',
  ),
  defineEmpty(
    'pg_catalog.svv_external_partitions',
    'schemaname text, tablename text, values text, location text, input_format text, output_format text, serialization_lib text, serde_parameters text, compressed int4, parameters text',
  ),
];
