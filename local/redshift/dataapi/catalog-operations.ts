import { everyType } from '../type-facts.ts';
import { type Redshift, RedshiftError, type RedshiftType } from '../types.ts';
import { DataApiError, validationError } from './errors.ts';
import { decodeToken, encodeToken, typeMetadata } from './fields.ts';
import { type Listing, readRequest, requests } from './requests.ts';
import { errorText } from './runner.ts';

/** Who calls, as far as the Data API cares. */
export interface CallerIdentity {
  /** The caller's ARN, for the principal of events. */
  readonly arn: string;
}

export type Handler = (body: unknown, identity: CallerIdentity) => Promise<Record<string, unknown>>;
export type UserOf = (request: Listing, identity: CallerIdentity) => Promise<string>;

type Row = readonly (string | null)[];

/** Questions about the catalog; they answer at once, from the same views that any client may query. */
export function catalogOperations(redshift: Redshift, userOf: UserOf): Readonly<Record<string, Handler>> {
  const ask = async (request: Listing, identity: CallerIdentity, sql: string): Promise<readonly Row[]> => {
    const user = await userOf(request, identity);
    const database = request.ConnectedDatabase ?? request.Database ?? redshift.databases[0] ?? '';
    return query(redshift, { database, user }, sql);
  };
  return {
    ListDatabases: async (body, identity) => {
      const request = readRequest(requests.listDatabases, body);
      await userOf(request, identity);
      return page(request, 'Databases', [...redshift.databases].sort());
    },
    ListSchemas: async (body, identity) => {
      const request = readRequest(requests.listSchemas, body);
      const like = likeClause('schema_name', request.SchemaPattern);
      const sql = `select schema_name from svv_all_schemas where database_name = ${quote(request.Database)}${like} order by 1`;
      const rows = await ask(request, identity, sql);
      return page(
        request,
        'Schemas',
        rows.map(([name]) => name),
      );
    },
    ListTables: async (body, identity) => {
      const request = readRequest(requests.listTables, body);
      const like = likeClause('schema_name', request.SchemaPattern) + likeClause('table_name', request.TablePattern);
      const sql = `select table_name, table_type, schema_name from svv_all_tables where database_name = ${quote(request.Database)}${like} order by 3, 1`;
      const rows = await ask(request, identity, sql);
      return page(
        request,
        'Tables',
        rows.map(([name, type, schema]) => ({ name, type, schema })),
      );
    },
    DescribeTable: async (body, identity) => {
      const request = readRequest(requests.describeTable, body);
      const rows = await ask(request, identity, describeSql(request.Database, request.Schema, request.Table));
      return { ...page(request, 'ColumnList', rows.map(columnOf)), TableName: request.Table };
    },
  };
}

function describeSql(database: string, schema: string | undefined, table: string | undefined): string {
  const ofSchema = schema === undefined ? '' : ` and schema_name = ${quote(schema)}`;
  const ofTable = table === undefined ? '' : ` and table_name = ${quote(table)}`;
  return (
    'select column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable, column_default, schema_name, table_name ' +
    `from svv_all_columns where database_name = ${quote(database)}${ofSchema}${ofTable} order by schema_name, table_name, ordinal_position`
  );
}

/** A table's column; its length is its precision. */
function columnOf([name, type, length, precision, scale, nullable, columnDefault, schemaName, tableName]: Row): object {
  const parsed = columnType(type ?? '', length, precision, scale);
  const metadata = typeMetadata(parsed);
  return {
    ...metadata,
    name,
    nullable: nullable === 'NO' ? 0 : 1,
    length: metadata.precision,
    schemaName,
    tableName,
    ...(columnDefault === null ? {} : { columnDefault }),
  };
}

const kindByName: ReadonlyMap<string, RedshiftType['kind']> = new Map(
  everyType.map(([kind, { name }]) => [name, kind]),
);

type Cell = Row[number] | undefined;

function columnType(name: string, length: Cell, precision: Cell, scale: Cell): RedshiftType {
  const plain = name.replace(/\(.*\)/, '').trim();
  const kind = kindByName.get(plain) ?? (plain as RedshiftType['kind']);
  if (kind === 'decimal') return { kind, precision: Number(precision), scale: Number(scale) };
  return length ? { kind, length: Number(length) } : { kind };
}

async function query(
  redshift: Redshift,
  connection: { readonly database: string; readonly user: string },
  sql: string,
): Promise<readonly Row[]> {
  try {
    const session = await redshift.session(connection);
    try {
      return (await session.execute(sql))[0]?.rows ?? [];
    } finally {
      await session.close();
    }
  } catch (error) {
    if (error instanceof RedshiftError) throw new DataApiError('DatabaseConnectionException', errorText(error));
    throw error;
  }
}

function page(request: Listing, member: string, entries: readonly unknown[]): Record<string, unknown> {
  const from = decodeToken(request.NextToken);
  if (from === undefined) throw validationError('Invalid NextToken');
  const to = from + (request.MaxResults || 1000);
  return { [member]: entries.slice(from, to), NextToken: to < entries.length ? encodeToken(to) : undefined };
}

function likeClause(column: string, pattern: string | undefined): string {
  return pattern === undefined ? '' : ` and ${column} like ${quote(pattern)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
