import { quoteIdentifier, quoteText } from '../names.ts';
import { columnList, createTable, modelRunsTable, qualifiedName, type Table } from '../tables.ts';
import type { ResultRows } from '../work.ts';

/** The mark of a database that is an environment: Millrace has made it, and may drop it. */
const environmentTable: Table = {
  schema: 'ops',
  name: 'environment',
  columns: [
    { name: 'production', type: 'VARCHAR(127)', required: true },
    { name: 'prepared', type: 'VARCHAR(64)' },
    { name: 'noted_at', type: 'TIMESTAMPTZ', required: true },
  ],
  comment: 'That this database is an environment, of what, and what it was prepared with last',
};

/** Not in a transaction, as Redshift has it: a statement by itself. */
export const createDatabase = (name: string): string => `CREATE DATABASE ${quoteIdentifier(name)}`;

/** As `createDatabase`; `force` ends the sessions of others. */
export const dropDatabase = (name: string, force: boolean): string =>
  `DROP DATABASE ${quoteIdentifier(name)}${force ? ' FORCE' : ''}`;

/** Puts the mark into a new database, in one transaction. */
export function markStatements(production: string): string[] {
  return [
    `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(environmentTable.schema)}`,
    createTable(environmentTable),
    `COMMENT ON TABLE ${qualifiedName(environmentTable)} IS ${quoteText(environmentTable.comment)}`,
    noteStatement(production, undefined),
  ];
}

/** Notes what the environment has been prepared with. */
export function noteStatement(production: string, prepared: string | undefined): string {
  const hash = prepared === undefined ? 'NULL' : quoteText(prepared);
  return `INSERT INTO ${qualifiedName(environmentTable)} (${columnList(environmentTable.columns)})
VALUES (${quoteText(production)}, ${hash}, SYSDATE)`;
}

/** How many relations each of the databases has, and whether the mark is among them: all of them, or the one that is named. */
export function databasesQuery(name?: string): string {
  const { schema, name: table } = environmentTable;
  const marked = `"t"."schema_name" = ${quoteText(schema)} AND "t"."table_name" = ${quoteText(table)}`;
  return `SELECT "d"."database_name", COUNT("t"."table_name"), COUNT(CASE WHEN ${marked} THEN 1 END)
FROM svv_redshift_databases AS "d"
LEFT JOIN svv_redshift_tables AS "t" ON "t"."database_name" = "d"."database_name"
  AND LEFT("t"."schema_name", 3) <> 'pg_' AND "t"."schema_name" <> 'information_schema'
${name === undefined ? '' : `WHERE "d"."database_name" = ${quoteText(name)}\n`}GROUP BY "d"."database_name"
ORDER BY "d"."database_name"`;
}

/** What an environment says of itself: of what it is one, since when, and what it was prepared with last. */
export function noteQuery(database: string): string {
  return `SELECT "production", MIN("noted_at") OVER (PARTITION BY "production"), "prepared"
FROM ${qualifiedName({ ...environmentTable, database })}
ORDER BY "noted_at" DESC
LIMIT 1`;
}

/** A model as a database published it last. */
export interface LastPublished {
  readonly definition: string;
  /** As Redshift writes it. */
  readonly at: string;
}

/** Asks what a database published last of each model. */
export function publishedQuery(database: string): string {
  return `SELECT "model", "definition", "finished_at"
FROM (
  SELECT "model", "definition", "finished_at", ROW_NUMBER() OVER (PARTITION BY "model" ORDER BY "finished_at" DESC) AS "age"
  FROM ${qualifiedName({ ...modelRunsTable, database })}
  WHERE "outcome" = 'published'
) AS "runs"
WHERE "age" = 1`;
}

export function lastPublished(rows: ResultRows): Map<string, LastPublished> {
  return new Map(rows.map(([model, definition, at]) => [model ?? '', { definition: definition ?? '', at: at ?? '' }]));
}

/** The roles of the warehouse, which all its databases share. */
export const rolesQuery = 'SELECT "role_name" FROM svv_roles';
