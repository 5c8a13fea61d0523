import type { DuckDBConnection } from '@duckdb/node-api';
import { formatType } from '../binder/types.ts';
import { quoteName, quoteText } from '../rewriter/sql.ts';
import {
  CATALOG_TABLES,
  type CatalogState,
  type Column,
  DATA_SCHEMA,
  type Grant,
  type Relation,
  type SqlFunction,
} from './model.ts';
import { applyChange, type CatalogChange, EMPTY_CATALOG, initialGrants, signatureOf } from './state.ts';

const CATALOG_SCHEMA = 'millrace_catalog';

const value = (item: string | number | boolean | null | undefined): string => {
  if (item === null || item === undefined) return 'NULL';
  return typeof item === 'string' ? quoteText(item) : String(item);
};

const row = (...items: (string | number | boolean | null | undefined)[]): string => `(${items.map(value).join(', ')})`;

/** Creates the hidden schemas of a database that is new. */
export async function prepareDatabase(connection: DuckDBConnection, database: string): Promise<void> {
  const name = quoteName(database);
  await connection.run(`CREATE SCHEMA IF NOT EXISTS ${name}.${DATA_SCHEMA}`);
  await connection.run(`CREATE SCHEMA IF NOT EXISTS ${name}.${CATALOG_SCHEMA}`);
  for (const [table, columns] of Object.entries(CATALOG_TABLES)) {
    await connection.run(`CREATE TABLE IF NOT EXISTS ${name}.${CATALOG_SCHEMA}.${table} (${columns})`);
  }
  for (const column of ['column_name', 'grantor'])
    await connection.run(`ALTER TABLE ${name}.${CATALOG_SCHEMA}.grants ADD COLUMN IF NOT EXISTS ${column} VARCHAR`);
  const schemas = await connection.runAndReadAll(`SELECT count(*) FROM ${name}.${CATALOG_SCHEMA}.schemas`);
  if (Number(schemas.getRows()[0]?.[0]) === 0) {
    await connection.run(`INSERT INTO ${name}.${CATALOG_SCHEMA}.schemas VALUES (2200, 'public', 'rdsdb')`);
    for (const grant of initialGrants(database)) await connection.run(insertGrant(`${name}.${CATALOG_SCHEMA}`, grant));
  }
}

/** Reads a database's catalog as it was last committed. */
export async function loadCatalog(connection: DuckDBConnection, database: string): Promise<CatalogState> {
  const prefix = `${quoteName(database)}.${CATALOG_SCHEMA}`;
  const read = async (sql: string): Promise<(string | null)[][]> =>
    (await connection.runAndReadAll(sql)).getRows() as (string | null)[][];
  let state: CatalogState = { ...EMPTY_CATALOG, schemas: new Map() };
  const apply = (change: CatalogChange): void => {
    state = applyChange(state, change);
  };
  for (const [name, owner] of await read(`SELECT schema_name, owner FROM ${prefix}.schemas ORDER BY schema_id`)) {
    apply({ kind: 'putSchema', schema: { name: name as string, owner: owner as string } });
  }
  for (const [document] of await read(`SELECT document FROM ${prefix}.relations ORDER BY relation_id`)) {
    apply({ kind: 'putRelation', relation: JSON.parse(document as string) as Relation });
  }
  for (const [document] of await read(`SELECT document FROM ${prefix}.functions`)) {
    apply({ kind: 'putFunction', function: JSON.parse(document as string) as SqlFunction });
  }
  const grants = await read(
    `SELECT privilege, object_kind, schema_name, object_name, grantee_kind, grantee, CAST(grant_option AS VARCHAR), column_name, grantor FROM ${prefix}.grants`,
  );
  apply({ kind: 'addGrants', grants: grants.map(readGrant) });
  return state;
}

function readGrant(cells: (string | null)[]): Grant {
  const [privilege, objectKind, schema, objectName, granteeKind, grantee, grantOption, column, grantor] =
    cells as string[];
  return {
    privilege,
    objectKind,
    schema,
    objectName,
    column: column ?? undefined,
    granteeKind,
    grantee,
    grantOption: grantOption === 'true',
    grantor: grantor ?? undefined,
  } as Grant;
}

/** The statements that write a change into the database's hidden schema, to run in the change's own transaction. */
export function persistChange(database: string, change: CatalogChange, nextId: () => number): string[] {
  const prefix = `${quoteName(database)}.${CATALOG_SCHEMA}`;
  switch (change.kind) {
    case 'putSchema':
      return [
        `DELETE FROM ${prefix}.schemas WHERE schema_name = ${value(change.schema.name)}`,
        `INSERT INTO ${prefix}.schemas VALUES ${row(nextId(), change.schema.name, change.schema.owner)}`,
      ];
    case 'dropSchema':
      return [
        `DELETE FROM ${prefix}.schemas WHERE schema_name = ${value(change.name)}`,
        `DELETE FROM ${prefix}.grants WHERE (object_kind = 'schema' AND object_name = ${value(change.name)}) OR (object_kind = 'default' AND schema_name = ${value(change.name)})`,
      ];
    case 'putRelation':
      return [
        moveGrants(prefix, change.relation),
        ...deleteRelation(prefix, change.relation),
        ...insertRelation(prefix, change.relation),
      ];
    case 'dropRelation':
      return [...deleteRelation(prefix, change.relation), deleteGrantsOn(prefix, change.relation)];
    case 'putFunction':
      return [
        deleteFunction(prefix, change.function.schema, change.function.name, signatureOf(change.function)),
        insertFunction(prefix, change.function),
      ];
    case 'dropFunction':
      return [deleteFunction(prefix, change.schema, change.name, change.signature)];
    case 'addGrants':
      return change.grants.flatMap((grant) => [deleteGrant(prefix, grant), insertGrant(prefix, grant)]);
    case 'removeGrants':
      return change.grants.map((grant) => deleteGrant(prefix, grant));
  }
}

/** Privileges on a relation stay with it when it gets another name or schema. */
function moveGrants(prefix: string, { id, schema, name }: Relation): string {
  const renamed = `SELECT schema_name, relation_name FROM ${prefix}.relations WHERE relation_id = ${id} AND (schema_name, relation_name) <> (${value(schema)}, ${value(name)})`;
  return `UPDATE ${prefix}.grants SET schema_name = ${value(schema)}, object_name = ${value(name)} WHERE object_kind = 'table' AND (schema_name, object_name) IN (${renamed})`;
}

const deleteGrantsOn = (prefix: string, { schema, name }: Relation): string =>
  `DELETE FROM ${prefix}.grants WHERE object_kind = 'table' AND schema_name = ${value(schema)} AND object_name = ${value(name)}`;

function deleteRelation(prefix: string, relation: Relation): string[] {
  return ['relations', 'columns', 'constraints'].map(
    (table) => `DELETE FROM ${prefix}.${table} WHERE relation_id = ${relation.id}`,
  );
}

function insertRelation(prefix: string, relation: Relation): string[] {
  const { id, schema, name, kind, owner, definition, distributionStyle, sortStyle, comment, createdAt } = relation;
  const statements = [
    `INSERT INTO ${prefix}.relations VALUES ${row(id, schema, name, kind, owner, definition, distributionStyle, sortStyle, comment, createdAt, JSON.stringify(relation))}`,
  ];
  if (relation.columns.length > 0)
    statements.push(
      `INSERT INTO ${prefix}.columns VALUES ${relation.columns.map((column, i) => columnRow(relation.id, column, i)).join(', ')}`,
    );
  for (const constraint of relation.constraints) {
    const columns = `[${constraint.columns.map((column) => quoteText(column)).join(', ')}]`;
    statements.push(
      `INSERT INTO ${prefix}.constraints VALUES (${relation.id}, ${value(constraint.name)}, ${value(constraint.kind)}, ${columns}, ${value(JSON.stringify(constraint))})`,
    );
  }
  return statements;
}

function columnRow(relationId: number, column: Column, index: number): string {
  const { type, identity } = column;
  return row(
    relationId,
    index + 1,
    column.id,
    column.name,
    type.kind,
    formatType(type),
    type.length,
    type.precision,
    type.scale,
    column.notNull,
    column.defaultText,
    column.encoding,
    column.distributionKey,
    column.sortKeyPosition,
    identity?.seed,
    identity?.step,
    column.comment,
  );
}

const deleteFunction = (prefix: string, schema: string, name: string, signature: string): string =>
  `DELETE FROM ${prefix}.functions WHERE schema_name = ${value(schema)} AND function_name = ${value(name)} AND array_to_string(list_transform(from_json(document->'argumentTypes', '["JSON"]'), lambda t: t->>'kind'), ',') = ${value(signature)}`;

function insertFunction(prefix: string, fn: SqlFunction): string {
  const types = `CAST([${fn.argumentTypes.map((type) => quoteText(formatType(type))).join(', ')}] AS VARCHAR[])`;
  return `INSERT INTO ${prefix}.functions VALUES (${value(fn.schema)}, ${value(fn.name)}, ${types}, ${value(formatType(fn.returnType))}, ${value(fn.body)}, ${value(fn.volatility)}, ${value(fn.owner)}, ${value(JSON.stringify(fn))})`;
}

const deleteGrant = (prefix: string, grant: Grant): string =>
  `DELETE FROM ${prefix}.grants WHERE privilege = ${value(grant.privilege)} AND object_kind = ${value(grant.objectKind)} AND schema_name = ${value(grant.schema)} AND object_name = ${value(grant.objectName)} AND grantee_kind = ${value(grant.granteeKind)} AND grantee = ${value(grant.grantee)} AND column_name IS NOT DISTINCT FROM ${value(grant.column)}`;

const insertGrant = (prefix: string, grant: Grant): string =>
  `INSERT INTO ${prefix}.grants VALUES ${row(grant.privilege, grant.objectKind, grant.schema, grant.objectName, grant.granteeKind, grant.grantee, grant.grantOption, grant.column, grant.grantor)}`;
