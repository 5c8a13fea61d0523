import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { recordUnload } from '../catalog/history.ts';
import type { ExecuteUnload, UnloadContext } from '../copy-context.ts';
import type { UnloadStatement } from '../statements/copy.ts';
import { RedshiftError, type ResultColumn } from '../types.ts';
import { s3Error } from './s3-error.ts';
import { quoteText } from './staging.ts';

interface UnloadOptions {
  readonly format: 'TEXT' | 'CSV' | 'JSON' | 'PARQUET';
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly delimiter: string;
  readonly header: boolean;
  readonly nullText: string;
  readonly quoted: boolean;
  readonly escaped: boolean;
  readonly allowOverwrite: boolean;
  readonly cleanPath: boolean;
  readonly manifest: boolean;
}

const understood = [
  ...[
    'FORMAT',
    'JSON',
    'CSV',
    'GZIP',
    'ZSTD',
    'DELIMITER',
    'HEADER',
    'NULL',
    'ADDQUOTES',
    'ESCAPE',
    'ALLOWOVERWRITE',
    'CLEANPATH',
  ],
  ...['MANIFEST', 'PARALLEL', 'REGION', 'MAXFILESIZE', 'ROWGROUPSIZE', 'EXTENSION'],
];

/** Runs an UNLOAD: the query's rows as one object under the prefix, named as Redshift names the first slice's. */
export const executeUnload: ExecuteUnload = async (statement, context) => {
  const options = readOptions(statement.options);
  const startedAtMilliseconds = Date.now();
  await checkDestination(statement, context, options);
  const { body, rows } = await render(context, options);
  const uri = `${statement.to}${statement.options.PARALLEL === 'OFF' ? '000' : '0000_part_00'}${extensionOf(statement, options)}`;
  await store(context, uri, packed(body, options));
  const { queryId, sessionId, user, database } = context;
  const origin = { queryId, sessionId, user, database, startedAtMilliseconds };
  const written = { format: options.format.toLowerCase(), uri, rows, bytes: body.length };
  await context.independently((connection) => recordUnload(connection, { ...origin, ...written }));
  if (options.manifest) await store(context, `${statement.to}manifest`, manifestOf(uri, body.length, rows));
  return {
    tag: 'UNLOAD',
    rowCount: rows,
    notices: [{ severity: 'INFO', message: `UNLOAD completed, ${rows} record(s) unloaded successfully.` }],
  };
};

function readOptions(options: UnloadStatement['options']): UnloadOptions {
  const unknown = Object.keys(options).find((name) => !understood.includes(name));
  if (unknown !== undefined) throw unsupported(unknown);
  const format = String(options.FORMAT ?? 'TEXT');
  if (format !== 'TEXT' && format !== 'CSV' && format !== 'JSON' && format !== 'PARQUET')
    throw unsupported(`FORMAT ${format}`);
  return {
    format,
    compression: options.GZIP ? 'gzip' : options.ZSTD ? 'zstd' : 'none',
    delimiter: String(options.DELIMITER ?? (format === 'CSV' ? ',' : '|')),
    header: options.HEADER === true,
    nullText: String(options.NULL ?? ''),
    quoted: options.ADDQUOTES === true,
    escaped: options.ESCAPE === true,
    allowOverwrite: options.ALLOWOVERWRITE === true,
    cleanPath: options.CLEANPATH === true,
    manifest: options.MANIFEST !== undefined,
  };
}

function unsupported(what: string): RedshiftError {
  return new RedshiftError('0A000', `UNLOAD with ${what} is not supported by the local Redshift`);
}

async function checkDestination(
  statement: UnloadStatement,
  context: UnloadContext,
  options: UnloadOptions,
): Promise<void> {
  if (!statement.to.startsWith('s3://'))
    throw new RedshiftError('42601', 'UNLOAD destination is not supported. (Hint: only S3 based unload is allowed)');
  if (options.cleanPath) throw unsupported('CLEANPATH');
  if (options.allowOverwrite) return;
  const existing = await context.objectStore.list(statement.to, context.roleArn).catch((error) => {
    throw s3Error(error, statement.to, context.queryId);
  });
  if (existing.length === 0) return;
  const message = `Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option.`;
  throw new RedshiftError('XX000', message);
}

async function render(context: UnloadContext, options: UnloadOptions): Promise<{ body: Buffer; rows: number }> {
  if (options.format === 'PARQUET') return renderParquet(context);
  const expressions = context.columns.map((column, index) => cellSql(context, options, column, `c${index + 1}`));
  const line =
    options.format === 'JSON'
      ? `'{' || concat_ws(',', ${context.columns.map((column, index) => `${quoteText(JSON.stringify(column.name))} || ':' || ${expressions[index]}`).join(', ')}) || '}'`
      : expressions.join(` || ${quoteText(options.delimiter)} || `);
  const result = await context.connection.runAndReadAll(`SELECT ${line} FROM (${context.querySql}) AS q`);
  const lines = result.getRows().map(([text]) => `${String(text)}\n`);
  const header =
    options.header && options.format !== 'JSON'
      ? `${context.columns.map((column) => column.name).join(options.delimiter)}\n`
      : '';
  return { body: Buffer.from(header + lines.join('')), rows: lines.length };
}

/** One cell of a line: text for delimited files, JSON for JSON. NULL is written out, because NULL || text is NULL. */
function cellSql(context: UnloadContext, options: UnloadOptions, column: ResultColumn, value: string): string {
  if (options.format === 'JSON') return `coalesce(${jsonSql(context, column, value)}, 'null')`;
  const plain = column.type.kind === 'super' ? context.superToJson(value) : context.textForm(value, column.type);
  const text = `CAST(${plain} AS VARCHAR)`;
  const written = options.format === 'CSV' ? csvSql(text, options) : delimitedSql(text, options);
  return `coalesce(${written}, ${quoteText(options.nullText)})`;
}

function csvSql(text: string, options: UnloadOptions): string {
  const special = `contains(${text}, '"') OR contains(${text}, chr(10)) OR contains(${text}, chr(13)) OR contains(${text}, ${quoteText(options.delimiter)})`;
  return `CASE WHEN ${special} THEN '"' || replace(${text}, '"', '""') || '"' ELSE ${text} END`;
}

function delimitedSql(text: string, options: UnloadOptions): string {
  const escaped = options.escaped
    ? `regexp_replace(${text}, ${quoteText(`([\\\\"'\\n\\r${options.delimiter.replace(/[\]\\^-]/, '\\$&')}])`)}, '\\\\\\1', 'g')`
    : text;
  return options.quoted ? `'"' || ${escaped} || '"'` : escaped;
}

function jsonSql(context: UnloadContext, column: ResultColumn, value: string): string {
  switch (column.type.kind) {
    case 'super':
      return context.superToJson(value);
    case 'int2':
    case 'int4':
    case 'int8':
    case 'decimal':
    case 'float4':
    case 'float8':
      return `CAST(${context.textForm(value, column.type)} AS VARCHAR)`;
    case 'bool':
      return `CASE WHEN ${value} THEN 'true' WHEN NOT ${value} THEN 'false' END`;
    default:
      return `CAST(to_json(CAST(${context.textForm(value, column.type)} AS VARCHAR)) AS VARCHAR)`;
  }
}

/** Parquet by DuckDB itself; SUPER goes out as JSON text, as Redshift writes it. */
async function renderParquet(context: UnloadContext): Promise<{ body: Buffer; rows: number }> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-unload-'));
  const path = join(directory, 'part.parquet');
  try {
    const columns = context.columns.map((column, index) => {
      const value = column.type.kind === 'super' ? context.superToJson(`c${index + 1}`) : `c${index + 1}`;
      return `${value} AS "${column.name.replaceAll('"', '""')}"`;
    });
    const select = `SELECT ${columns.join(', ')} FROM (${context.querySql}) AS q`;
    const written = await context.connection.run(
      `COPY (${select}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION snappy)`,
    );
    return { body: await readFile(path), rows: Number(written.rowsChanged) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function packed(body: Buffer, options: UnloadOptions): Buffer {
  if (options.format === 'PARQUET' || options.compression === 'none') return body;
  return options.compression === 'gzip' ? gzipSync(body) : zstdCompressSync(body);
}

function extensionOf(statement: UnloadStatement, options: UnloadOptions): string {
  if (typeof statement.options.EXTENSION === 'string') return `.${statement.options.EXTENSION.replace(/^\./, '')}`;
  if (options.format === 'PARQUET') return '.parquet';
  return { none: '', gzip: '.gz', zstd: '.zst' }[options.compression];
}

function manifestOf(url: string, contentLength: number, recordCount: number): Buffer {
  return Buffer.from(
    JSON.stringify({ entries: [{ url, meta: { content_length: contentLength, record_count: recordCount } }] }, null, 2),
  );
}

async function store(context: UnloadContext, uri: string, body: Buffer): Promise<void> {
  try {
    await context.objectStore.put(uri, body, context.roleArn);
  } catch (error) {
    throw s3Error(error, uri, context.queryId);
  }
}
