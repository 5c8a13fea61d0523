import type { CopyContext } from '../copy-context.ts';
import { quoteName, quoteText } from '../rewriter/sql.ts';
import { superLimits } from '../type-facts.ts';
import { maximumObjectBytes } from './json-lines.ts';
import type { LineFiles } from './line-files.ts';
import { type LineScan, LineScanner } from './line-scan.ts';
import type { LineSurvey } from './line-survey.ts';
import type { CopyOptions } from './options.ts';
import type { SourceFile } from './source-files.ts';
import { type StagePlan, typedSql } from './staging.ts';
import { unchangedRowsSql } from './unchanged-rows.ts';

/** A file that is written out for DuckDB, and what the look at every character of it said. */
export interface QuickFile {
  readonly path: string;
  readonly bytes: number;
  readonly scan: LineScan;
}

/** Files that may be loaded in one pass, written out for DuckDB. */
export interface QuickFiles {
  readonly paths: readonly string[];
  readonly bytes: number;
  readonly surveys: readonly LineSurvey[];
  readonly longestLineBytes: number;
  /** What the look at every character proved; absent where a number, or a line, may be other than it seems. */
  readonly proof?: { readonly isMinified: boolean };
}

/** Looks at a file and writes it out for one pass. */
export async function writeQuickFile(file: SourceFile, lineFiles: LineFiles): Promise<QuickFile> {
  const scanner = new LineScanner();
  const written = await lineFiles.write(file.pieces(), (piece) => scanner.update(piece));
  return { ...written, scan: scanner.finish() };
}

/** The files together; undefined where they have to be read row by row. */
export function quickFilesOf(files: readonly QuickFile[]): QuickFiles | undefined {
  const surveys = files.map(({ scan }) => scan);
  const longestLineBytes = Math.max(0, ...surveys.map((survey) => survey.longestLineBytes));
  if (longestLineBytes > maximumObjectBytes) return undefined;
  const proof = surveys.some((scan) => scan.isDoubtful)
    ? undefined
    : { isMinified: surveys.every((scan) => scan.isMinified) };
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { paths: files.map(({ path }) => path), bytes, surveys, longestLineBytes, proof };
}

/**
 * Loads ordinary files in one pass, straight into the table: one whole object a line, no number that DuckDB's reader would change, each
 * value fitting its column. If a single line is otherwise, nothing is loaded and the answer is false: then the slower way reads the files
 * exactly and says what is wrong with which line.
 */
export function quickLoad(
  context: CopyContext,
  plan: StagePlan,
  options: CopyOptions,
  files: QuickFiles,
): Promise<boolean> {
  const rows = files.surveys.reduce((sum, survey) => sum + survey.rows, 0);
  const sql = files.proof ? provenSql : doubtfulSql;
  return context.insertExactly(sql(context, plan, options, files), rows);
}

/** Whether all values are top-level keys or the whole row, and an attempt that is taken back leaves no trace in the table. */
export function isQuick(context: CopyContext, plan: StagePlan, options: CopyOptions): boolean {
  if (plan.valuesAreText || options.noLoad || context.table.columns.some((column) => column.identity)) return false;
  if (!plan.sources.every((source) => source.kind === 'key' || source.kind === 'wholeRow')) return false;
  // DuckDB's structures have no two members whose names differ in case only.
  const names = plan.sources.flatMap((source) => (source.kind === 'key' ? [source.name.toLowerCase()] : []));
  return new Set(names).size === names.length;
}

/** DuckDB reads in buffers of twice the largest object: large ones cost less, but there must be enough of them to keep all threads busy. */
const leastObjectLimit = 1024 * 1024;
const usualObjectLimit = 4 * 1024 * 1024;
const leastBuffers = 16;

function readerSql(name: string, { paths, bytes, longestLineBytes }: QuickFiles, more = ''): string {
  const list = paths.map(quoteText).join(', ');
  const share = Math.min(usualObjectLimit, Math.floor(bytes / leastBuffers / 2));
  const limit = Math.max(leastObjectLimit, share, longestLineBytes + 1024);
  return `${name}([${list}], ignore_errors = true, maximum_object_size = ${limit}, compression = 'uncompressed'${more})`;
}

/** Rows whose numbers are known to keep their digits: DuckDB reads each line once, as it does by hand. */
function provenSql(context: CopyContext, plan: StagePlan, options: CopyOptions, files: QuickFiles): string {
  const keys = plan.sources.flatMap((source) => (source.kind === 'key' ? [source.name] : []));
  if (keys.length === 0) return wholeRowsSql(files);
  const shape = plan.columns.map(
    ({ type }, index) => `${quoteName(keys[index] as string)}: '${type.kind === 'super' ? 'JSON' : 'VARCHAR'}'`,
  );
  const names = keys.map((_, index) => `k${index + 1}`);
  const reading = readerSql('read_ndjson', files, `, columns = {${shape.join(', ')}}`);
  const rows = `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ${reading} AS lines(${names.join(', ')})`;
  // What is no object, or broken, is read as a row of NULLs.
  const isNothing = `WHEN ${names.map((name) => `${name} IS NULL`).join(' AND ')} THEN 0`;
  return goodRowsSql(context, plan, options, files, rows, names, isNothing);
}

/** Long rows may hold strings that are too long, so they are not for one pass. */
function wholeRowsSql(files: QuickFiles): string {
  const row = files.proof?.isMinified ? 'json' : 'json(json)';
  const rows = `SELECT CAST(${row} AS VARCHAR) AS j FROM ${readerSql('read_ndjson_objects', files)}`;
  return `SELECT j FROM (${rows}) WHERE j >= '{' AND strlen(j) <= ${superLimits.stringBytes}`;
}

/** Rows of which each has to prove that its numbers keep their digits. */
function doubtfulSql(context: CopyContext, plan: StagePlan, options: CopyOptions, files: QuickFiles): string {
  let place = 0;
  const texts = plan.sources.map((source) => {
    if (source.kind === 'wholeRow') return 'j';
    place += 1;
    return `struct_extract_at(s, ${place})`;
  });
  const rows = unchangedRowsSql(plan, readerSql('read_ndjson_objects', files));
  return goodRowsSql(context, plan, options, files, rows, texts, 'WHEN NOT coalesce(unchanged, FALSE) THEN 0');
}

/** The values of the rows in which nothing is bad. */
function goodRowsSql(
  context: CopyContext,
  plan: StagePlan,
  options: CopyOptions,
  files: QuickFiles,
  rows: string,
  texts: readonly string[],
  start: string,
): string {
  const mayBeTooLong = files.longestLineBytes > superLimits.stringBytes;
  const tooLong = plan.columns.flatMap((column, index) =>
    mayBeTooLong && column.type.kind === 'super'
      ? [`WHEN strlen(v${index + 1}) > ${superLimits.stringBytes} THEN 0`]
      : [],
  );
  // A condition that is not always the same keeps DuckDB from computing all that `bad` is made of a second time, beneath the filter.
  const complaints = ['WHEN random() < 0 THEN 0', start, ...tooLong].join(' ');
  const values = plan.columns.map((_, index) => `v${index + 1}`).join(', ');
  return `SELECT ${values} FROM (${typedSql(context, plan, options, rows, texts, complaints)}) WHERE bad IS NULL`;
}
