import { quoteText } from '../../rewriter/sql.ts';
import { define } from './define.ts';
import type { SystemRelation, SystemSession } from './relation.ts';
import {
  characterLength,
  columnDefault,
  isNullable,
  namespacesSql,
  numericPrecision,
  numericRadix,
  numericScale,
  plainTypeName,
  seenColumnsSql,
  seenRelationsSql,
  tableType,
} from './relations-sql.ts';

const columnMembers = `table_catalog name, table_schema name, table_name name, column_name name, ordinal_position int4, column_default text,
  is_nullable varchar(3), data_type varchar(128), character_maximum_length int4`;
const trailingMembers = `numeric_precision int4, numeric_precision_radix int4, numeric_scale int4, datetime_precision int4,
  interval_type varchar(128), interval_precision varchar(128), character_set_catalog name, character_set_schema name,
  character_set_name name, collation_catalog name, collation_schema name, collation_name name, domain_name name`;

const leading = (database: string): string =>
  `${quoteText(database)}, schema_name, relation_name, column_name, ordinal, ${columnDefault}, ${isNullable}, ${plainTypeName}, ${characterLength}`;
const trailing = `${numericPrecision}, ${numericRadix}, ${numericScale}, CASE WHEN kind LIKE 'timestamp%' THEN 6 END, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL`;

const tables = (session: SystemSession, more = ''): string =>
  `SELECT ${quoteText(session.database)}, schema_name, relation_name, ${tableType}${more} FROM (${seenRelationsSql(session)})`;

/** The SQL standard's views, and Redshift's svv_tables and svv_columns, which are the same with remarks. */
export const informationSchemaRelations: readonly SystemRelation[] = [
  define(
    'information_schema.schemata',
    'catalog_name name, schema_name name, schema_owner name, default_character_set_name name, sql_path text',
    ({ database }) => `SELECT ${quoteText(database)}, name, owner, NULL, NULL FROM (${namespacesSql(database)})`,
  ),
  define(
    'information_schema.tables',
    `table_catalog name, table_schema name, table_name name, table_type varchar(128), self_referencing_column_name name,
    reference_generation varchar(128), user_defined_type_catalog name, user_defined_type_schema name, user_defined_name name`,
    (session) => tables(session, ', NULL, NULL, NULL, NULL, NULL'),
  ),
  define(
    'information_schema.columns',
    `${columnMembers}, character_octet_length int4, ${trailingMembers}, udt_catalog name, udt_schema name, udt_name name, dtd_identifier name, is_self_referencing varchar(3)`,
    (session) =>
      `SELECT ${leading(session.database)}, ${characterLength}, ${trailing}, NULL, NULL, kind, CAST(ordinal AS VARCHAR), 'NO' FROM (${seenColumnsSql(session)})`,
  ),
  define(
    'information_schema.views',
    'table_catalog name, table_schema name, table_name name, view_definition text, check_option varchar(8), is_updatable varchar(3), is_insertable_into varchar(3)',
    (session) =>
      `SELECT ${quoteText(session.database)}, schema_name, relation_name, definition, 'NONE', 'NO', 'NO' FROM (${seenRelationsSql(session)}) WHERE relkind = 'v'`,
  ),
  define(
    'pg_catalog.svv_tables',
    'table_catalog name, table_schema name, table_name name, table_type varchar(128), remarks text',
    (session) => tables(session, ', comment'),
  ),
  define('pg_catalog.svv_columns', `${columnMembers}, ${trailingMembers}, remarks text`, (session) => {
    return `SELECT ${leading(session.database)}, ${trailing}, comment FROM (${seenColumnsSql(session)})`;
  }),
];
