import { quoteText } from '../../rewriter/sql.ts';
import { everyType } from '../../type-facts.ts';
import { define, defineEmpty, userId } from './define.ts';
import type { SystemRelation } from './relation.ts';
import { columnDefault, columnsSql, namespacesSql, relationsSql } from './relations-sql.ts';

/** PostgreSQL's own catalogs, as far as psql, drivers and tools ask. */
export const postgresRelations: readonly SystemRelation[] = [
  define(
    'pg_catalog.pg_namespace',
    'oid oid, nspname name, nspowner int4, nspacl texts',
    ({ database }) => `SELECT id, name, ${userId('owner')}, NULL FROM (${namespacesSql(database)})`,
  ),
  define(
    'pg_catalog.pg_class',
    `oid oid, relname name, relnamespace oid, reltype oid, relowner int4, relam oid, relfilenode oid, reltablespace oid, relpages int4,
    reltuples float4, reltoastrelid oid, reltoastidxid oid, relhasindex bool, relisshared bool, relkind char(1), relnatts int2, relchecks int2,
    reltriggers int2, relukeys int2, relfkeys int2, relrefs int2, relhasoids bool, relhaspkey bool, relhasrules bool, relhassubclass bool,
    relacl texts, reldiststyle int2, relhastriggers bool unlisted, reloftype oid unlisted, relpersistence char(1) unlisted,
    reloptions texts unlisted, tableoid oid unlisted, relispartition bool unlisted`,
    ({ database }) =>
      `SELECT id, relation_name, namespace_id, 0, ${userId('owner')}, 0, id, 0, 0, 0.001, 0, 0, FALSE, FALSE, relkind, (SELECT count(*) FROM (${columnsSql(database)}) c WHERE c.id = r.id), 0, 0, 0, 0, 0, FALSE, FALSE, relkind = 'v', FALSE, NULL, CASE distribution_style WHEN 'even' THEN 0 WHEN 'key' THEN 1 WHEN 'all' THEN 8 ELSE 9 END, FALSE, 0, 'p', NULL, 1259, FALSE FROM (${relationsSql(database)}) r`,
  ),
  define(
    'pg_catalog.pg_attribute',
    `attrelid oid, attname name, atttypid oid, attstattarget int4, attlen int2, attnum int2, attndims int4, attcacheoff int4, atttypmod int4,
    attbyval bool, attstorage char(1), attalign char(1), attnotnull bool, atthasdef bool, attisdropped bool, attislocal bool, attinhcount int4,
    attisdistkey bool, attispreloaded bool, attsortkeyord int4, attencodingtype int2, attencrypttype int2, attacl texts unlisted,
    attcollation oid unlisted, attidentity char(1) unlisted, attgenerated char(1) unlisted`,
    ({ database }) =>
      `SELECT id, column_name, type_id, -1, type_length, ordinal, 0, -1, type_modifier, type_length BETWEEN 1 AND 8, 'p', 'i', not_null, ${columnDefault} IS NOT NULL, FALSE, TRUE, 0, distribution_key, FALSE, sort_key_position, 0, 0, NULL, 0, '', '' FROM (${columnsSql(database)})`,
  ),
  define(
    'pg_catalog.pg_type',
    `oid oid, typname name, typnamespace oid, typowner int4, typlen int2, typbyval bool, typtype char(1), typisdefined bool, typdelim char(1),
    typrelid oid, typelem oid, typinput text, typoutput text, typnotnull bool, typbasetype oid, typtypmod int4, typndims int4,
    typarray oid unlisted, typcollation oid unlisted`,
    () =>
      `SELECT id, name, 11, 1, length, length BETWEEN 1 AND 8, 'b', TRUE, ',', 0, 0, name || 'in', name || 'out', FALSE, 0, -1, 0, 0, 0 FROM (VALUES ${typeRows}) AS types(id, name, length)`,
  ),
  define(
    'pg_catalog.pg_attrdef',
    'adrelid oid, adnum int2, adbin text, adsrc text',
    ({ database }) =>
      `SELECT id, ordinal, ${columnDefault}, ${columnDefault} FROM (${columnsSql(database)}) WHERE ${columnDefault} IS NOT NULL`,
  ),
  define(
    'pg_catalog.pg_description',
    'objoid oid, classoid oid, objsubid int4, description text',
    ({ database }) =>
      `SELECT id, 1259, 0, comment FROM (${relationsSql(database)}) WHERE comment IS NOT NULL UNION ALL SELECT id, 1259, ordinal, comment FROM (${columnsSql(database)}) WHERE comment IS NOT NULL`,
  ),
  define(
    'pg_catalog.pg_database',
    'oid oid, datname name, datdba int4, encoding int4, datistemplate bool, datallowconn bool, datlastsysoid oid, datacl texts, datcollate name unlisted, datctype name unlisted',
    ({ databases }) =>
      `SELECT * FROM (VALUES ${databases.map((name, index) => `(${firstDatabaseId + index}, ${quoteText(name)}, 100, 6, FALSE, TRUE, 11000, NULL, 'C', 'C')`).join(', ')})`,
  ),
  define(
    'pg_catalog.pg_user',
    'usename name, usesysid int4, usecreatedb bool, usesuper bool, usecatupd bool, passwd text, valuntil text, useconfig text',
    () =>
      `SELECT user_name, user_id, create_database, superuser, FALSE, '********', valid_until, NULL FROM millrace_cluster.main.users`,
  ),
  define(
    'pg_catalog.pg_group',
    'groname name, grosysid int4, grolist text',
    () =>
      `SELECT group_name, group_id, (SELECT '{' || string_agg(u.user_id, ',' ORDER BY u.user_id) || '}' FROM millrace_cluster.main.group_members m JOIN millrace_cluster.main.users u ON u.user_name = m.user_name WHERE m.group_name = g.group_name) FROM millrace_cluster.main.groups g`,
  ),
  define(
    'pg_catalog.pg_tables',
    'schemaname name, tablename name, tableowner name, tablespace name, hasindexes bool, hasrules bool, hastriggers bool',
    ({ database }) =>
      `SELECT schema_name, relation_name, owner, NULL, FALSE, FALSE, FALSE FROM (${relationsSql(database)}) WHERE relkind = 'r'`,
  ),
  define(
    'pg_catalog.pg_views',
    'schemaname name, viewname name, viewowner name, definition text',
    ({ database }) =>
      `SELECT schema_name, relation_name, owner, definition FROM (${relationsSql(database)}) WHERE relkind = 'v'`,
  ),
  define(
    'pg_catalog.pg_table_def',
    'schemaname name, tablename name, column name, type text, encoding char(32), distkey bool, sortkey int4, notnull bool',
    ({ database }) =>
      `SELECT schema_name, relation_name, column_name, type_name, CASE WHEN lower(encoding) IN ('raw', '') THEN 'none' ELSE lower(encoding) END, distribution_key, sort_key_position, not_null FROM (${columnsSql(database)}) WHERE relkind = 'r'`,
  ),
  defineEmpty(
    'pg_catalog.pg_index',
    `indexrelid oid, indrelid oid, indkey int2s, indclass text, indnatts int2, indisunique bool, indisprimary bool, indisclustered bool,
    indexprs text, indpred text`,
  ),
  define('pg_catalog.pg_settings', 'name text, setting text', ({ settings }) => {
    const rows = [...(settings ?? []), ['max_index_keys', '32'], ['server_version', '8.0.2']] as const;
    return `SELECT * FROM (VALUES ${rows.map(([name, value]) => `(${quoteText(name)}, ${value === null ? 'NULL' : quoteText(value)})`).join(', ')})`;
  }),
  defineEmpty('pg_catalog.pg_collation', 'oid oid, collname name, collnamespace oid'),
  defineEmpty(
    'pg_catalog.pg_rewrite',
    'oid oid, rulename name, ev_class oid, ev_attr int2, ev_type char(1), ev_enabled char(1), is_instead bool',
  ),
  defineEmpty(
    'pg_catalog.pg_trigger',
    'oid oid, tgrelid oid, tgname name, tgfoid oid, tgtype int2, tgenabled char(1), tgisinternal bool',
  ),
  defineEmpty(
    'pg_catalog.pg_depend',
    'classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, refobjsubid int4, deptype char(1)',
  ),
  defineEmpty('pg_catalog.pg_policy', 'oid oid, polname name, polrelid oid'),
  defineEmpty('pg_catalog.pg_inherits', 'inhrelid oid, inhparent oid, inhseqno int4'),
];

/** The object id of the first database. */
export const firstDatabaseId = 16_384;

const typeRows = [
  ...everyType.map(([, { oid, shortName, sizeBytes }]) => `(${oid}, '${shortName}', ${sizeBytes})`),
  `(18, 'char', 1), (19, 'name', 128), (25, 'text', -1), (26, 'oid', 4), (705, 'unknown', -1)`,
].join(', ');
