import { quoteText } from '../../rewriter/sql.ts';
import { everyType } from '../../type-facts.ts';
import { catalogTable } from './define.ts';
import type { SystemSession } from './relation.ts';

/** Namespaces that every database has, under the ids that PostgreSQL gives them. */
const fixedNamespaces = [
  { id: 11, name: 'pg_catalog' },
  { id: 11000, name: 'information_schema' },
] as const;

/** User schemas have the ids of the catalog, moved beyond PostgreSQL's own. */
const firstSchemaId = 20_000;

/** All namespaces of a database: id, name, owner. */
export function namespacesSql(database: string): string {
  const fixed = fixedNamespaces.map(({ id, name }) => `(${id}, ${quoteText(name)}, 'rdsdb')`).join(', ');
  return `SELECT * FROM (VALUES ${fixed}) AS fixed(id, name, owner) UNION ALL SELECT ${firstSchemaId} + schema_id, schema_name, owner FROM ${catalogTable(database, 'schemas')}`;
}

/** All relations of users: id, namespace id, names, kind of the catalog and of pg_class, and the rest of the catalog's row. */
export function relationsSql(database: string): string {
  return `SELECT r.relation_id, r.relation_id AS id, n.id AS namespace_id, r.schema_name, r.relation_name, r.kind, CASE r.kind WHEN 'table' THEN 'r' ELSE 'v' END AS relkind, r.owner, r.definition, r.distribution_style, r.sort_style, r.comment, r.created_at FROM ${catalogTable(database, 'relations')} r JOIN (${namespacesSql(database)}) n ON n.name = r.schema_name`;
}

/** Whether the asker may know of a relation: superusers of all, everybody else of what they own or have a privilege on. */
function isSeen(session: SystemSession, database: string): string {
  if (session.superuser || !session.seenRelations) return 'TRUE';
  const ids = session.seenRelations(database);
  return ids.length === 0 ? 'FALSE' : `id IN (${ids.join(', ')})`;
}

/** The relations that the asker may know of. */
export const seenRelationsSql = (session: SystemSession, database = session.database): string =>
  `SELECT * FROM (${relationsSql(database)}) WHERE ${isSeen(session, database)}`;

/** The columns of the relations that the asker may know of. */
export const seenColumnsSql = (session: SystemSession, database = session.database): string =>
  `SELECT * FROM (${columnsSql(database)}) WHERE ${isSeen(session, database)}`;

/** All columns of user relations, beside what their relation says. */
export function columnsSql(database: string): string {
  return `SELECT r.id, r.schema_name, r.relation_name, r.kind AS relation_kind, r.relkind, c.ordinal, c.column_name, c.kind, c.type_name, c.length, c.precision, c.scale, c.not_null, c.default_text, c.encoding, c.distribution_key, c.sort_key_position, c.identity_seed, c.comment, ${typeIdSql} AS type_id, ${typeModifierSql} AS type_modifier, ${typeLengthSql} AS type_length FROM ${catalogTable(database, 'columns')} c JOIN (${relationsSql(database)}) r ON r.relation_id = c.relation_id`;
}

const typeIdSql = `CASE c.kind ${everyType.map(([kind, { oid }]) => `WHEN '${kind}' THEN ${oid}`).join(' ')} ELSE 25 END`;
const typeLengthSql = `CASE c.kind ${everyType.map(([kind, { sizeBytes }]) => `WHEN '${kind}' THEN ${sizeBytes}`).join(' ')} ELSE -1 END`;
const typeModifierSql = `CASE WHEN c.kind = 'decimal' THEN c.precision * 65536 + c.scale + 4 WHEN c.kind IN ('varchar', 'char', 'varbyte') THEN c.length + 4 ELSE -1 END`;

/** The type's name without its length, as information_schema writes it. */
export const plainTypeName = `regexp_replace(type_name, '\\(.*\\)', '')`;

/** Digits of a numeric column, in the radix that information_schema uses for its type: binary, but decimal for DECIMAL. */
export const numericPrecision = `CASE kind WHEN 'int2' THEN 16 WHEN 'int4' THEN 32 WHEN 'int8' THEN 64 WHEN 'decimal' THEN precision WHEN 'float4' THEN 24 WHEN 'float8' THEN 53 END`;
export const numericRadix = `CASE kind WHEN 'decimal' THEN 10 WHEN 'int2' THEN 2 WHEN 'int4' THEN 2 WHEN 'int8' THEN 2 WHEN 'float4' THEN 2 WHEN 'float8' THEN 2 END`;
export const numericScale = `CASE kind WHEN 'int2' THEN 0 WHEN 'int4' THEN 0 WHEN 'int8' THEN 0 WHEN 'decimal' THEN scale END`;
export const characterLength = `CASE WHEN kind IN ('varchar', 'char') THEN length END`;
export const columnDefault = `CASE WHEN identity_seed IS NOT NULL THEN '"identity"(' || id || ', ' || (ordinal - 1) || ')' ELSE default_text END`;
export const isNullable = `CASE WHEN not_null THEN 'NO' ELSE 'YES' END`;
export const tableType = `CASE WHEN relkind = 'r' THEN 'BASE TABLE' ELSE 'VIEW' END`;
