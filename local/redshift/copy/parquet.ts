import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Column } from '../catalog/model.ts';
import type { CopyContext } from '../copy-context.ts';
import { quoteText } from '../rewriter/sql.ts';
import { maximumBytes, superLimits, usualVarbyteBytes } from '../type-facts.ts';
import { RedshiftError } from '../types.ts';
import type { LoadedGroup } from './load-group.ts';
import type { CopyFormat } from './options.ts';
import { incompatible, type ParquetColumn, readParquetColumns, storedSql } from './parquet-columns.ts';
import type { SourceFile } from './source-files.ts';
import { holdsTooLongString } from './super-strings.ts';
import type { TemporaryDirectory } from './temporary-directory.ts';

type ParquetFormat = Extract<CopyFormat, { kind: 'parquet' }>;

/** Loads one Parquet file: its columns go by their place, and the first thing that does not fit fails the whole load. */
export async function loadParquet(
  context: CopyContext,
  format: ParquetFormat,
  source: SourceFile,
  directory: TemporaryDirectory,
): Promise<LoadedGroup> {
  const path = join(await directory.path(), 'source.parquet');
  const body = await source.body();
  await writeFile(path, body);
  try {
    const load = new ParquetLoad(context, format, source, path);
    const loadedRows = await load.run();
    const file = { uri: source.uri, sizeBytes: source.sizeBytes, lines: loadedRows };
    return { loadedRows, bytes: body.length, errorCount: 0, errors: [], files: [file] };
  } finally {
    await rm(path, { force: true });
  }
}

class ParquetLoad {
  readonly #context: CopyContext;
  readonly #format: ParquetFormat;
  readonly #source: SourceFile;
  readonly #path: string;

  constructor(context: CopyContext, format: ParquetFormat, source: SourceFile, path: string) {
    this.#context = context;
    this.#format = format;
    this.#source = source;
    this.#path = path;
  }

  async run(): Promise<number> {
    const { columns } = this.#context;
    const found = await this.#columns();
    const values = columns.map((column, index) => this.#valueSql(column, found[index], `p${index + 1}`));
    const names = found.map((_, index) => `p${index + 1}`).join(', ');
    const file = `read_parquet(${quoteText(this.#path)}, hive_partitioning = false) AS f(${names})`;
    const selected = values.map((value, index) => `${value} AS v${index + 1}`).join(', ');
    const rows = `SELECT ${selected}, ${names} FROM ${file}`;
    await this.#judge(rows, found);
    const stored = columns.map((column, index) => finalSql(column, `v${index + 1}`)).join(', ');
    return this.#context.insertFrom(`SELECT ${stored} FROM (${rows})`);
  }

  async #columns(): Promise<readonly ParquetColumn[]> {
    const { columns, connection } = this.#context;
    const found = await readParquetColumns(connection, this.#path).catch((error: unknown) => {
      throw spectrumError(this.#context, `File '${this.#source.uri}' is not a valid Parquet file`, error);
    });
    const isFilled = this.#format.fillRecord && found.length > 0 && found.length < columns.length;
    if (found.length === columns.length || isFilled) return found;
    const counts = `Table columns: ${columns.length}, Data columns: ${found.length}, File name: ${this.#source.uri}`;
    throw new RedshiftError('XX000', `Unmatched number of columns between table and file. ${counts}`);
  }

  #valueSql(column: Column, found: ParquetColumn | undefined, name: string): string {
    if (!found) return `CAST(NULL AS ${this.#context.duckdbType(column.type)})`;
    const sql = storedSql(this.#context, column, found, name, this.#format.serializeToJson);
    if (sql === undefined) {
      throw spectrumError(this.#context, incompatible(this.#source.uri, column, found));
    }
    return sql;
  }

  /** One look at all values before any goes in. */
  async #judge(rows: string, found: readonly ParquetColumn[]): Promise<void> {
    const { columns, connection } = this.#context;
    const measures = columns.flatMap((column, index) => measuresOf(column, index + 1, index < found.length));
    const result = await connection
      .runAndReadAll(`SELECT ${measures.join(', ')} FROM (${rows})`)
      .catch((error: unknown) => {
        throw spectrumError(this.#context, `File '${this.#source.uri}' could not be read`, error);
      });
    const [measured] = result.getRows();
    for (const [index, column] of columns.entries()) {
      const [longest, missing, unread] = (measured ?? []).slice(index * 3, index * 3 + 3).map(Number);
      this.#refuse(column, longest ?? 0, missing ?? 0, unread ?? 0);
    }
    await this.#judgeDocuments(rows);
  }

  #refuse(column: Column, longest: number, missing: number, unread: number): void {
    const { type, name, notNull } = column;
    const file = this.#source.uri;
    const limit = type.length ?? (type.kind === 'varbyte' ? usualVarbyteBytes : maximumBytes.varchar);
    if (type.kind !== 'super' && longest > limit) {
      const lengths = `Table: ${limit}, Data: ${longest}, File name: ${file}`;
      const text = `The length of the data column ${name} is longer than the length defined in the table. ${lengths}`;
      throw spectrumError(this.#context, text);
    }
    if (unread > 0) {
      const reason = type.kind === 'super' ? ` (JSON whose strings take ${superLimits.stringBytes} bytes at most)` : '';
      throw spectrumError(
        this.#context,
        `Invalid value in column ${name} for type ${type.kind}${reason}. File name: ${file}`,
      );
    }
    if (notNull && missing > 0)
      throw spectrumError(this.#context, `Missing data for not-null field ${name}. File name: ${file}`);
  }

  async #judgeDocuments(rows: string): Promise<void> {
    const { columns, connection } = this.#context;
    for (const [index, column] of columns.entries()) {
      if (column.type.kind !== 'super') continue;
      const value = `v${index + 1}`;
      const suspects = await connection.runAndReadAll(
        `SELECT ${value} FROM (${rows}) WHERE strlen(${value}) > ${superLimits.stringBytes}`,
      );
      if (!suspects.getRows().some(([document]) => holdsTooLongString(String(document)))) continue;
      throw spectrumError(
        this.#context,
        `A string in SUPER column ${column.name} takes more than ${superLimits.stringBytes} bytes`,
      );
    }
  }
}

/** How long a column's longest value is, how many values are missing, and how many could not become the column's type. */
function measuresOf(column: Column, number: number, isInFile: boolean): string[] {
  const value = `v${number}`;
  const { kind } = column.type;
  const length = {
    varchar: `strlen(${value})`,
    char: `strlen(rtrim(${value}, ' '))`,
    varbyte: `octet_length(${value})`,
  }[kind as 'char'];
  const isWide = kind === 'char' ? ` OR length(${value}) <> strlen(${value})` : '';
  const isGiven = kind === 'super' ? `CAST(p${number} AS VARCHAR) <> 'null'` : `p${number} IS NOT NULL`;
  const unread = isInFile ? `count(*) FILTER ((${value} IS NULL AND ${isGiven})${isWide})` : '0';
  return [`coalesce(max(${length ?? '0'}), 0)`, `count(*) - count(${value})`, unread];
}

const finalSql = (column: Column, value: string): string =>
  column.type.kind === 'char' ? `rtrim(${value}, ' ')` : value;

function spectrumError(context: CopyContext, text: string, cause?: unknown): RedshiftError {
  const reason = cause instanceof Error ? `${text}: ${cause.message.split('\n')[0]}` : text;
  const detail = `error: Spectrum Scan Error code: 15007 context: ${reason} query: ${context.queryId}`;
  return new RedshiftError('XX000', `Spectrum Scan Error. ${reason}`, { detail, cause });
}
