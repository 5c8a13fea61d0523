import { quoteText } from '../../rewriter/sql.ts';
import { define } from './define.ts';
import { firstDatabaseId } from './postgres.ts';
import type { SystemRelation, SystemSession } from './relation.ts';

/** The warehouse's databases, with what their owners have said of them. */
const databasesSql = ({ databases }: SystemSession): string =>
  `(SELECT d.id, d.name, coalesce(CASE f.owner WHEN 'rdsdb' THEN 1 ELSE u.user_id END, 100) AS owner_id, coalesce(f.connection_limit, -1) AS connection_limit, coalesce(f.isolation, 'snapshot') AS isolation FROM (VALUES ${databases.map((name, index) => `(${firstDatabaseId + index}, ${quoteText(name)})`).join(', ')}) AS d(id, name) LEFT JOIN millrace_cluster.main.databases f ON f.database_name = d.name LEFT JOIN millrace_cluster.main.users u ON u.user_name = f.owner)`;

/** What Redshift adds to pg_database: limits of connections and how transactions are kept apart. */
export const databaseRelations: readonly SystemRelation[] = [
  define(
    'pg_catalog.pg_database_info',
    `datid oid, datname name, datdba int4, encoding int4, datistemplate bool, datallowconn bool, datlastsysoid oid, datconfig text, datacl texts,
    datconnlimit text`,
    (session) =>
      `SELECT id, name, owner_id, 6, FALSE, TRUE, 11000, CASE isolation WHEN 'snapshot' THEN '{concurrency_model=1}' ELSE '{concurrency_model=2}' END, NULL, CASE connection_limit WHEN -1 THEN 'UNLIMITED' ELSE CAST(connection_limit AS VARCHAR) END FROM ${databasesSql(session)}`,
  ),
  define(
    'pg_catalog.stv_db_isolation_level',
    'db_name name, isolation_level text',
    (session) =>
      `SELECT name, CASE isolation WHEN 'snapshot' THEN 'Snapshot Isolation' ELSE 'Serializable' END FROM ${databasesSql(session)}`,
  ),
];
