import { duckdbType } from '../../binder/types.ts';
import { quoteName, quoteText } from '../../rewriter/sql.ts';
import { maximumBytes } from '../../type-facts.ts';
import type { RedshiftType } from '../../types.ts';
import type { SystemColumn, SystemRelation, SystemSession } from './relation.ts';

const namedTypes: Readonly<Record<string, RedshiftType>> = {
  name: { kind: 'varchar', length: 128, catalogName: 'name' },
  text: { kind: 'varchar', length: maximumBytes.varchar, catalogName: 'text' },
  texts: { kind: 'varchar', length: maximumBytes.varchar, catalogName: '_text' },
  int2s: { kind: 'varchar', length: maximumBytes.varchar, catalogName: '_int2' },
  oid: { kind: 'int8', catalogName: 'oid' },
  bool: { kind: 'bool' },
  int2: { kind: 'int2' },
  int4: { kind: 'int4' },
  int8: { kind: 'int8' },
  float4: { kind: 'float4' },
  float8: { kind: 'float8' },
  timestamp: { kind: 'timestamp' },
};

/** Columns from a list such as `table_name varchar(128), ordinal_position int4`; `unlisted` behind one keeps it out of `*`. */
function columnsOf(list: string): SystemColumn[] {
  return list.split(/,(?![^(]*\))/).map((entry) => {
    const [name = '', type = '', mark] = entry.trim().split(/\s+/);
    return { name, type: typeOf(type), ...(mark === 'unlisted' && { unlisted: true }) };
  });
}

function typeOf(text: string): RedshiftType {
  const sized = /^(varchar|char)\((\d+)\)$/.exec(text);
  if (sized) return { kind: sized[1] as 'varchar' | 'char', length: Number(sized[2]) };
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(text);
  if (decimal) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  const named = namedTypes[text];
  if (!named) throw new Error(`unknown type "${text}" of a system relation`);
  return named;
}

/** A system relation from its column list and the SELECT that answers those columns, in that order. */
export function define(
  qualifiedName: string,
  columnList: string,
  select: (session: SystemSession) => string,
): SystemRelation {
  const [schema, name] = qualifiedName.split('.') as [SystemRelation['schema'], string];
  const columns = columnsOf(columnList);
  const aliases = columns.map((_, index) => `c${index + 1}`);
  const cast = columns
    .map((column, index) => `CAST(c${index + 1} AS ${duckdbType(column.type)}) AS c${index + 1}`)
    .join(', ');
  return {
    schema,
    name,
    columns,
    sql: (session) => `SELECT ${cast} FROM (${select(session)}) AS relation(${aliases.join(', ')})`,
  };
}

/** A relation that Redshift has and that is always empty here. */
export function defineEmpty(qualifiedName: string, columnList: string): SystemRelation {
  const nulls = columnsOf(columnList).map(() => 'NULL');
  return define(qualifiedName, columnList, () => `SELECT ${nulls.join(', ')} WHERE FALSE`);
}

/** A table of a database's hidden catalog. */
export function catalogTable(database: string, table: string): string {
  return `${quoteName(database)}.millrace_catalog.${table}`;
}

/** The id that a user goes by in system relations. */
export function userId(userName: string): string {
  return `CASE ${userName} WHEN 'rdsdb' THEN 1 ELSE (SELECT max(u.user_id) FROM millrace_cluster.main.users u WHERE u.user_name = ${userName}) END`;
}

/** Superusers see all rows of a history, everybody else their own. */
export function ownRows(session: SystemSession, userColumn = 'user_name'): string {
  return session.superuser ? 'TRUE' : `${userColumn} = ${quoteText(session.user)}`;
}
