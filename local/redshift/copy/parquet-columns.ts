import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column } from '../catalog/model.ts';
import type { CopyContext } from '../copy-context.ts';
import { quoteText } from '../rewriter/sql.ts';
import type { RedshiftType } from '../types.ts';

/** A column of a Parquet file: as DuckDB reads it, and as the file's schema declares it. */
export interface ParquetColumn {
  readonly name: string;
  /** DuckDB's type: `INTEGER`, `DECIMAL(10,2)`, `STRUCT(a INTEGER)`, `INTEGER[]`, … */
  readonly type: string;
  /** `optional int32 price`. */
  readonly declaration: string;
}

export async function readParquetColumns(connection: DuckDBConnection, path: string): Promise<ParquetColumn[]> {
  const file = quoteText(path);
  const described = await connection.runAndReadAll(
    `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(${file}, hive_partitioning = false))`,
  );
  const schema = await connection.runAndReadAll(
    `SELECT lower(repetition_type), lower(type), name, converted_type, coalesce(num_children, 0) FROM parquet_schema(${file})`,
  );
  const declarations = topLevel(schema.getRows() as SchemaRow[]);
  return described.getRows().map(([name, type], index) => ({
    name: String(name),
    type: String(type),
    declaration: declarations[index] ?? '',
  }));
}

type SchemaRow = [
  repetition: string | null,
  type: string | null,
  name: string,
  annotation: string | null,
  children: bigint,
];

/** The schema is a tree in one list: the root, then each node before its children. */
function topLevel(rows: readonly SchemaRow[]): string[] {
  const declarations: string[] = [];
  for (let at = 1; at < rows.length; at = endOf(rows, at)) {
    const [repetition, type, name, annotation] = rows[at] as SchemaRow;
    const suffix = annotation === null ? '' : ` (${annotation})`;
    declarations.push(`${repetition ?? 'optional'} ${type ?? 'group'} ${name}${suffix}`);
  }
  return declarations;
}

function endOf(rows: readonly SchemaRow[], at: number): number {
  let end = at + 1;
  for (let child = 0n; child < BigInt((rows[at] as SchemaRow)[4]); child += 1n) end = endOf(rows, end);
  return end;
}

/** DuckDB's types that a column takes as they are. A column of eight bytes takes no four, as in Redshift. */
const TAKEN: Partial<Record<RedshiftType['kind'], RegExp>> = {
  int2: /^(U?TINYINT|SMALLINT|INTEGER)$/,
  int4: /^(U?TINYINT|U?SMALLINT|INTEGER)$/,
  int8: /^BIGINT$/,
  float4: /^FLOAT$/,
  float8: /^DOUBLE$/,
  bool: /^BOOLEAN$/,
  date: /^DATE$/,
  time: /^TIME$/,
  timetz: /^TIME WITH TIME ZONE$/,
  varbyte: /^BLOB$/,
};
const MOMENT = /^TIMESTAMP(_S|_MS|_NS)?$/;
const MOMENT_IN_UTC = 'TIMESTAMP WITH TIME ZONE';

/** The value of a file's column as the table stores it; undefined where the column cannot take it. */
export function storedSql(
  context: Pick<CopyContext, 'duckdbType' | 'superFromJson'>,
  column: Column,
  found: ParquetColumn,
  name: string,
  serializeToJson: boolean,
): string | undefined {
  const { type } = column;
  if (TAKEN[type.kind]?.test(found.type)) return `TRY_CAST(${name} AS ${context.duckdbType(type)})`;
  switch (type.kind) {
    case 'varchar':
    case 'char':
      return textSql(found, name);
    case 'decimal':
      return isSameDecimal(type, found.type) ? `CAST(${name} AS ${context.duckdbType(type)})` : undefined;
    case 'timestamp':
      if (found.type === MOMENT_IN_UTC) return `timezone('UTC', ${name})`;
      return MOMENT.test(found.type) ? `CAST(${name} AS TIMESTAMP)` : undefined;
    case 'timestamptz':
      if (found.type === MOMENT_IN_UTC) return name;
      return MOMENT.test(found.type) ? `timezone('UTC', CAST(${name} AS TIMESTAMP))` : undefined;
    case 'super':
      return superSql(context, found, name, serializeToJson);
    default:
      return undefined;
  }
}

function textSql(found: ParquetColumn, name: string): string | undefined {
  if (found.type === 'VARCHAR' || found.type === 'JSON' || found.type.startsWith('ENUM('))
    return `CAST(${name} AS VARCHAR)`;
  return found.type === 'BLOB' ? `TRY(decode(${name}))` : undefined;
}

/** A decimal may be stored with fewer digits before the point than the column has, never with others behind it. */
function isSameDecimal({ precision = 18, scale = 0 }: RedshiftType, found: string): boolean {
  const [, digits, fraction] = /^DECIMAL\((\d+),(\d+)\)$/.exec(found) ?? [];
  return digits !== undefined && Number(digits) <= precision && Number(fraction) === scale;
}

/** JSON is read; anything else becomes SUPER only where SERIALIZETOJSON asks for it. */
function superSql(
  context: Pick<CopyContext, 'superFromJson'>,
  found: ParquetColumn,
  name: string,
  serializeToJson: boolean,
): string | undefined {
  if (found.type !== 'JSON' && !serializeToJson) return undefined;
  const json =
    found.type === 'JSON' ? `CAST(${name} AS VARCHAR)` : `CAST(to_json(${exactSql(found, name)}) AS VARCHAR)`;
  return `nullif(${context.superFromJson(json, { lax: true })}, 'null')`;
}

/** DuckDB writes decimals of few digits as doubles; those of 38 digits it writes as they are. */
function exactSql({ type }: ParquetColumn, name: string): string {
  const exact = type.replace(/DECIMAL\(\d+,(\d+)\)/g, 'DECIMAL(38,$1)');
  return exact === type ? name : `CAST(${name} AS ${exact})`;
}

/** What Redshift says of a file whose schema does not fit the table. */
export function incompatible(uri: string, column: Column, found: ParquetColumn): string {
  const place = `column '${uri}.${found.name}'`;
  const hint = column.type.kind === 'super' ? ' (Hint: SERIALIZETOJSON loads any type into SUPER)' : '';
  return `File '${uri}' has an incompatible Parquet schema for ${place}. Column type: ${typeText(column.type)}, Parquet schema: ${found.declaration}${hint}`;
}

function typeText({ kind, length, precision, scale }: RedshiftType): string {
  const name = { int2: 'SMALLINT', int4: 'INT', int8: 'BIGINT', float4: 'FLOAT', float8: 'DOUBLE', bool: 'BOOLEAN' }[
    kind as 'int2'
  ];
  if (kind === 'decimal') return `DECIMAL(${precision ?? 18}, ${scale ?? 0})`;
  return (name ?? kind.toUpperCase()) + (length === undefined ? '' : `(${length})`);
}
