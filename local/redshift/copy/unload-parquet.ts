import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnloadContext } from '../copy-context.ts';
import { quoteName, quoteText } from '../rewriter/sql.ts';
import type { ResultColumn } from '../types.ts';
import type { UnloadOptions } from './unload-options.ts';

type Context = Pick<UnloadContext, 'connection' | 'superToJson'>;

/** A Parquet file that is ready to be stored. */
export interface ParquetPart {
  readonly body: Buffer;
  readonly rows: number;
}

const rowGroupBytes = 32 * 1024 ** 2;

/** Writes a relation with the columns c1, c2, … as Parquet, in as many files as their greatest size asks for. */
export async function parquetParts(
  context: Context,
  options: UnloadOptions,
  columns: readonly (readonly [ResultColumn, string])[],
  relationSql: string,
): Promise<ParquetPart[]> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-unload-'));
  const path = join(directory, 'parts');
  try {
    const values = columns.map(([column, sql]) => `${parquetSql(context, column, sql)} AS ${quoteName(column.name)}`);
    const size = Math.floor(options.maximumFileBytes / rowGroupBytes) * rowGroupBytes || options.maximumFileBytes;
    const shape = `FORMAT parquet, COMPRESSION snappy, FILE_SIZE_BYTES ${Math.floor(size)}, FILENAME_PATTERN 'part_{i}'`;
    await context.connection.run(
      `COPY (SELECT ${values.join(', ')} FROM (${relationSql}) AS q) TO ${quoteText(path)} (${shape})`,
    );
    return await readParts(context, path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function readParts(context: Context, path: string): Promise<ParquetPart[]> {
  const numberOf = (name: string): number => Number(/\d+/.exec(name)?.[0] ?? 0);
  const names = (await readdir(path)).sort((a, b) => numberOf(a) - numberOf(b));
  const parts: ParquetPart[] = [];
  for (const name of names) {
    const file = join(path, name);
    const counted = await context.connection.runAndReadAll(
      `SELECT num_rows FROM parquet_file_metadata(${quoteText(file)})`,
    );
    parts.push({ body: await readFile(file), rows: Number(counted.getRows()[0]?.[0] ?? 0) });
  }
  return parts;
}

/** SUPER goes out as JSON, a moment with a zone as the moment in UTC without it. */
function parquetSql(context: Context, { type }: ResultColumn, sql: string): string {
  if (type.kind === 'super') return `CAST(CAST(${context.superToJson(sql)} AS VARCHAR) AS JSON)`;
  return type.kind === 'timestamptz' ? `timezone('UTC', ${sql})` : sql;
}
