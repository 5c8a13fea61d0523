import type { UnloadContext } from '../copy-context.ts';
import { quoteText } from '../rewriter/sql.ts';
import type { ResultColumn } from '../types.ts';
import { headerLine, lineSql, requireWidths, textSql } from './unload-lines.ts';
import type { UnloadOptions } from './unload-options.ts';
import { parquetParts } from './unload-parquet.ts';

/** What becomes one object, before it is compressed. */
export interface Part {
  /** `year=2026/month=1/`; empty without PARTITION BY. */
  readonly folder: string;
  /** Of the parts in one folder, from 0. */
  readonly number: number;
  readonly body: Buffer;
  readonly rows: number;
  readonly lines: number;
}

type Fields = readonly { readonly column: ResultColumn; readonly sql: string }[];

/** The query's result in the files that it is to become. */
export async function renderParts(context: UnloadContext, options: UnloadOptions): Promise<Part[]> {
  const all = context.columns.map((column, index) => ({ column, sql: `c${index + 1}` }));
  const keys = options.partitionBy.map((name) => all.find(({ column }) => column.name === name) as Fields[number]);
  const fields = options.includePartitions ? all : all.filter((field) => !keys.includes(field));
  return options.format === 'PARQUET'
    ? renderParquet(context, options, fields, keys)
    : renderLines(context, options, fields, keys);
}

function keyTexts(context: UnloadContext, keys: Fields): string[] {
  return keys.map((key) => textSql(context, key));
}

async function renderLines(
  context: UnloadContext,
  options: UnloadOptions,
  fields: Fields,
  keys: Fields,
): Promise<Part[]> {
  if (options.format === 'FIXEDWIDTH') await requireWidths(context, options, fields);
  const selected = [lineSql(context, options, fields), ...keyTexts(context, keys)];
  const result = await context.connection.runAndReadAll(
    `SELECT ${selected.join(', ')} FROM (${context.querySql}) AS q`,
  );
  const folders = new Map<string, string[]>();
  if (keys.length === 0 && options.format !== 'JSON') folders.set('', []);
  for (const [line, ...values] of result.getRows()) {
    const folder = folderOf(options.partitionBy, values as (string | null)[]);
    const lines = folders.get(folder);
    if (lines) lines.push(String(line));
    else folders.set(folder, [String(line)]);
  }
  const names = fields.map(({ column }) => column.name);
  const header = options.header ? headerLine(options, names) : '';
  return [...folders].flatMap(([folder, lines]) => filesOf(folder, lines, header, options.maximumFileBytes));
}

/** As many files as the greatest size asks for, each with the header. */
function filesOf(folder: string, lines: readonly string[], header: string, maximumFileBytes: number): Part[] {
  const parts: Part[] = [];
  const close = (from: number, to: number): void => {
    const written = lines.slice(from, to);
    const body = Buffer.from(header + written.map((line) => `${line}\n`).join(''));
    const headerLines = header === '' ? 0 : 1;
    parts.push({ folder, number: parts.length, body, rows: written.length, lines: written.length + headerLines });
  };
  const headerBytes = Buffer.byteLength(header);
  let first = 0;
  let bytes = headerBytes;
  for (const [index, line] of lines.entries()) {
    const lineBytes = Buffer.byteLength(line) + 1;
    if (index > first && bytes + lineBytes > maximumFileBytes) {
      close(first, index);
      first = index;
      bytes = headerBytes;
    }
    bytes += lineBytes;
  }
  close(first, lines.length);
  return parts;
}

/** The table in which the result waits while it is parted. */
const unloadTable = 'millrace_unload';

async function renderParquet(
  context: UnloadContext,
  options: UnloadOptions,
  fields: Fields,
  keys: Fields,
): Promise<Part[]> {
  const columns = fields.map(({ column, sql }) => [column, sql] as const);
  const partOf = async (folder: string, relationSql: string): Promise<Part[]> => {
    const parts = await parquetParts(context, options, columns, relationSql);
    return parts.map(({ body, rows }, number) => ({ folder, number, body, rows, lines: rows }));
  };
  if (keys.length === 0) return partOf('', context.querySql);
  const { connection } = context;
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${unloadTable} AS ${context.querySql}`);
  try {
    const texts = keyTexts(context, keys);
    const found = await connection.runAndReadAll(
      `SELECT DISTINCT ${texts.join(', ')} FROM ${unloadTable} ORDER BY ALL`,
    );
    const parts: Part[] = [];
    for (const values of found.getRows() as (string | null)[][]) {
      const conditions = values.map(
        (value, index) => `${texts[index]} IS NOT DISTINCT FROM ${value === null ? 'NULL' : quoteText(value)}`,
      );
      const rows = `SELECT * FROM ${unloadTable} WHERE ${conditions.join(' AND ')}`;
      parts.push(...(await partOf(folderOf(options.partitionBy, values), rows)));
    }
    return parts;
  } finally {
    // After a failure inside DuckDB the transaction is over, and the table with it.
    await connection.run(`DROP TABLE IF EXISTS ${unloadTable}`).catch(() => undefined);
  }
}

/** Folders as Hive names them. */
function folderOf(names: readonly string[], values: readonly (string | null)[]): string {
  const folders = names.map((name, index) => {
    const value = values[index];
    return `${inHive(name)}=${value === null || value === undefined ? '__HIVE_DEFAULT_PARTITION__' : inHive(value)}/`;
  });
  return folders.join('');
}

const inHive = (text: string): string =>
  text.replace(/[\u0000-\u001f"#%'*/:=?\\\u007f{[\]^]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
