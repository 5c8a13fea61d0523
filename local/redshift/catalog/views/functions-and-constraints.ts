import { quoteText } from '../../rewriter/sql.ts';
import { everyType } from '../../type-facts.ts';
import { catalogTable, define, userId } from './define.ts';
import type { SystemRelation } from './relation.ts';
import { namespacesSql, relationsSql } from './relations-sql.ts';

const firstFunctionId = 2_000_000;
const firstConstraintId = 3_000_000;

/** A type's id by the name that format_type gives it; its length does not matter. */
const typeIdOf = (nameSql: string): string => {
  const plain = `regexp_replace(${nameSql}, '\\(.*\\)', '')`;
  const names = everyType.map(([, { name, oid }]) => `WHEN ${quoteText(name)} THEN ${oid}`);
  return `CASE ${plain} ${names.join(' ')} ELSE 705 END`;
};

/** The functions of users: id, names, types by their ids. */
export function functionsSql(database: string): string {
  const ordered = `row_number() OVER (ORDER BY schema_name, function_name, argument_types)`;
  return `SELECT ${firstFunctionId} + ${ordered} AS id, n.id AS namespace_id, f.* FROM ${catalogTable(database, 'functions')} f JOIN (${namespacesSql(database)}) n ON n.name = f.schema_name`;
}

const withoutLengths = (types: string): string => `regexp_replace(${types}, '\\([^)]*\\)', '', 'g')`;
const isProcedure = `json_exists(document, '$.procedure')`;
const whereProcedure = (yes: string, no: string): string => `CASE WHEN ${isProcedure} THEN ${yes} ELSE ${no} END`;
/** A procedure's arguments, those that come out of it too. */
const everyArgument = `from_json(document -> '$.procedure.arguments', '[{"name":"VARCHAR","mode":"VARCHAR","type":{"kind":"VARCHAR"}}]')`;
const array = (elements: string): string => `'{' || array_to_string(${elements}, ',') || '}'`;
const kindIds = everyType.map(([kind, { oid }]) => `WHEN '${kind}' THEN '${oid}'`).join(' ');
const argumentModes = array(
  `list_transform(${everyArgument}, lambda a: CASE a.mode WHEN 'in' THEN 'i' WHEN 'out' THEN 'o' ELSE 'b' END)`,
);
const argumentTypes = array(`list_transform(${everyArgument}, lambda a: CASE a.type.kind ${kindIds} ELSE '705' END)`);
const argumentNames = array(`list_transform(${everyArgument}, lambda a: coalesce(a.name, ''))`);
/** Null where all arguments only go in. */
const whereSomeComeOut = (value: string): string =>
  `CASE WHEN len(list_filter(${everyArgument}, lambda a: a.mode <> 'in')) > 0 THEN ${value} END`;

const argumentIds = `list_transform(argument_types, lambda argument: CAST(${typeIdOf('argument')} AS VARCHAR))`;
const functionValues = `function_name, namespace_id, ${userId('owner')}, ${whereProcedure('100', '14')}, FALSE, ${whereProcedure(`coalesce(CAST(document -> '$.procedure.definer' AS BOOLEAN), FALSE)`, 'FALSE')}, FALSE, FALSE, volatility[1], len(argument_types), ${typeIdOf('return_type')}, array_to_string(${argumentIds}, ' '), ${whereProcedure(argumentNames, 'NULL')}, body, NULL, NULL, FALSE`;
const functionMembers = `proname name, pronamespace oid, proowner int4, prolang oid, proisagg bool, prosecdef bool, proisstrict bool,
  proretset bool, provolatile char(1), pronargs int2, prorettype oid, proargtypes text, proargnames texts, prosrc text, probin text, proacl texts, proiswindow bool unlisted`;

/** The places of a list of columns in their table, as an array of PostgreSQL's. */
const places = (relationId: string, columns: string): string =>
  `(SELECT '{' || string_agg(CAST(c.ordinal AS VARCHAR), ',' ORDER BY list_position(${columns}, c.column_name)) || '}' FROM own_columns c WHERE c.relation_id = ${relationId} AND list_contains(${columns}, c.column_name))`;

/** Primary, unique and foreign keys: Redshift keeps them and proves none. */
function constraintsSql(database: string): string {
  const read = (path: string): string => `k.document ->> '$.${path}'`;
  const target = `(SELECT max(o.relation_id) FROM ${catalogTable(database, 'relations')} o WHERE o.schema_name = ${read('referencedSchema')} AND o.relation_name = ${read('referencedTable')})`;
  const targetColumns = `CAST(CAST(json_extract(k.document, '$.referencedColumns') AS VARCHAR[]) AS VARCHAR[])`;
  const rows = `SELECT ${firstConstraintId} + row_number() OVER (ORDER BY k.relation_id, k.constraint_name) AS id, k.*, r.namespace_id, CASE k.kind WHEN 'primary' THEN 'p' WHEN 'unique' THEN 'u' ELSE 'f' END AS type, coalesce(${target}, 0) AS target_id, coalesce(${targetColumns}, CAST([] AS VARCHAR[])) AS target_columns FROM ${catalogTable(database, 'constraints')} k JOIN (${relationsSql(database)}) r ON r.relation_id = k.relation_id`;
  return `WITH own_columns AS (SELECT * FROM ${catalogTable(database, 'columns')}) SELECT id, constraint_name, namespace_id, type, FALSE, FALSE, k.relation_id, 0, target_id, CASE type WHEN 'f' THEN 'a' ELSE ' ' END, CASE type WHEN 'f' THEN 'a' ELSE ' ' END, CASE type WHEN 'f' THEN 'u' ELSE ' ' END, ${places('k.relation_id', 'k.columns')}, CASE type WHEN 'f' THEN ${places('k.target_id', 'k.target_columns')} END, NULL, NULL, TRUE, 0 FROM (${rows}) k`;
}

/** What there is beside tables and columns: functions, their languages, keys. */
export const functionAndConstraintRelations: readonly SystemRelation[] = [
  define(
    'pg_catalog.pg_constraint',
    `oid oid, conname name, connamespace oid, contype char(1), condeferrable bool, condeferred bool, conrelid oid, contypid oid,
    confrelid oid, confupdtype char(1), confdeltype char(1), confmatchtype char(1), conkey int2s, confkey int2s, conbin text, consrc text, convalidated bool unlisted,
    conparentid oid unlisted`,
    ({ database }) => constraintsSql(database),
  ),
  define(
    'pg_catalog.pg_proc',
    `oid oid, ${functionMembers}`,
    ({ database }) => `SELECT id, ${functionValues} FROM (${functionsSql(database)})`,
  ),
  define(
    'pg_catalog.pg_proc_info',
    `prooid oid, ${functionMembers}, prokind char(1), proargmodes texts, proallargtypes texts`,
    ({ database }) =>
      `SELECT id, ${functionValues}, ${whereProcedure(`'p'`, `'f'`)}, ${whereSomeComeOut(argumentModes)}, ${whereSomeComeOut(argumentTypes)} FROM (${functionsSql(database)})`,
  ),
  define(
    'pg_catalog.pg_language',
    'oid oid, lanname name, lanispl bool, lanpltrusted bool, lanplcallfoid oid, lanvalidator oid, lanacl texts',
    () =>
      `SELECT id, name, id > 14, name <> 'c', 0, 0, NULL FROM (VALUES (12, 'internal'), (13, 'c'), (14, 'sql'), (100, 'plpgsql'), (101, 'plpythonu')) AS languages(id, name)`,
  ),
  define(
    'pg_catalog.svv_redshift_functions',
    'database_name varchar(128), schema_name varchar(128), function_name varchar(128), function_type varchar(128), argument_type varchar(512), result_type varchar(128)',
    ({ databases }) =>
      databases
        .map(
          (database) =>
            `SELECT ${quoteText(database)}, schema_name, function_name, ${whereProcedure(`'STORED PROCEDURE'`, `'REGULAR FUNCTION'`)}, ${withoutLengths(`array_to_string(argument_types, ', ')`)}, ${withoutLengths('return_type')} FROM ${catalogTable(database, 'functions')}`,
        )
        .join(' UNION ALL '),
  ),
  define(
    'information_schema.routines',
    `specific_catalog name, specific_schema name, specific_name name, routine_catalog name, routine_schema name, routine_name name,
    routine_type varchar(128), data_type varchar(128), routine_definition text, external_language varchar(128)`,
    ({ database }) =>
      `SELECT ${quoteText(database)}, schema_name, function_name || '_' || id, ${quoteText(database)}, schema_name, function_name, ${whereProcedure(`'PROCEDURE'`, `'FUNCTION'`)}, ${withoutLengths('return_type')}, body, ${whereProcedure(`'PLPGSQL'`, `'SQL'`)} FROM (${functionsSql(database)})`,
  ),
  define(
    'pg_catalog.stv_mv_info',
    `db_name char(128), schema char(128), name char(128), updated_upto_xid int8, is_stale char(1), owner_user_name char(128), state int4, autorefresh char(1), autorewrite char(1)`,
    ({ database }) =>
      `SELECT ${quoteText(database)}, schema_name, relation_name, NULL, NULL, owner, 0, '0', '0' FROM ${catalogTable(database, 'relations')} WHERE kind = 'materialized_view'`,
  ),
  define(
    'pg_catalog.svv_mv_info',
    `database_name char(128), schema_name char(128), user_name char(128), name char(128), is_stale char(1), state int4, autorefresh char(1), autorewrite char(1)`,
    ({ database }) =>
      `SELECT ${quoteText(database)}, schema_name, owner, relation_name, NULL, 0, '0', '0' FROM ${catalogTable(database, 'relations')} WHERE kind = 'materialized_view'`,
  ),
];
