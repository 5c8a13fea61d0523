import { isUtf8 } from 'node:buffer';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadErrorRecord } from '../catalog/history.ts';
import type { CopyContext } from '../copy-context.ts';
import { superLimits } from '../type-facts.ts';
import { delimitedLines } from './delimited-lines.ts';
import { blankedHeader, jsonLines, type RowLines, type RowPlace } from './json-lines.ts';
import type { LineFiles } from './line-files.ts';
import { surveyLines } from './line-survey.ts';
import { faultOf, loadErrorRecord, outOfRange } from './load-errors.ts';
import type { CopyOptions } from './options.ts';
import { isQuick, type QuickFile, quickFilesOf, quickLoad, writeQuickFile } from './quick-load.ts';
import { changedFile, type SourceFile } from './source-files.ts';
import { judgedSql, type StagePlan, stageSql, stageTable } from './staging.ts';
import { holdsTooLongString } from './super-strings.ts';
import type { TemporaryDirectory } from './temporary-directory.ts';

/** What became of a group of files. */
export interface LoadedGroup {
  readonly loadedRows: number;
  readonly bytes: number;
  readonly errorCount: number;
  /** The first errors, in the order of the rows. */
  readonly errors: readonly LoadErrorRecord[];
  readonly files: readonly { readonly uri: string; readonly sizeBytes: number; readonly lines: number }[];
}

/** Files of so many bytes are no work for DuckDB's readers and their buffers; a string in them cannot be too long for SUPER. */
const smallBytes = superLimits.stringBytes;
/** What takes more than this in the store is hardly ever small when unpacked. */
const smallPackedBytes = 32 * 1024;

/** Errors that are written down for one COPY; there may be more. */
const recordedErrors = 1000;

interface BadRow {
  readonly row: number;
  /** 0: the row as a whole; otherwise the column's number, from 1; negative where a jsonpath counts beyond an array. */
  readonly columnNumber: number;
  readonly text: string | null;
}

interface StagedFile {
  readonly file: SourceFile;
  readonly lines: RowLines;
}

/** A file, made ready while those before it were loaded. */
export interface PreparedFile extends SourceFile {
  readonly unpackedBytes: number;
  /** Absent where the file has to be read row by row. */
  readonly quick?: QuickFile;
  /** Whether the file is so small that it is not worth a file of its own for DuckDB. */
  readonly isSmall: boolean;
}

export async function prepareFile(
  context: CopyContext,
  plan: StagePlan,
  options: CopyOptions,
  file: SourceFile,
  lineFiles: LineFiles,
): Promise<PreparedFile> {
  const source = hasHeader(options)
    ? changedFile(file, blankedHeader(await file.body(), options.ignoreHeaderLines))
    : file;
  const isOrdinary = isQuick(context, plan, options);
  if (isOrdinary && source.sizeBytes > smallPackedBytes) return quickFile(source, lineFiles);
  const body = await source.body();
  const isSmall = isOrdinary && body.length <= smallBytes;
  const prepared = { ...changedFile(source, body), unpackedBytes: body.length, isSmall };
  return isOrdinary && !isSmall ? quickFile(prepared, lineFiles) : prepared;
}

async function quickFile(source: SourceFile, lineFiles: LineFiles): Promise<PreparedFile> {
  const quick = await writeQuickFile(source, lineFiles);
  return { ...source, unpackedBytes: quick.bytes, quick, isSmall: false };
}

/**
 * Loads a few small files in one pass, exactly, without a file or a table in between; undefined where they are not small, or where a row is
 * bad: then nothing is loaded.
 */
async function loadSmall(
  context: CopyContext,
  plan: StagePlan,
  options: CopyOptions,
  files: readonly PreparedFile[],
): Promise<LoadedGroup | undefined> {
  const bytes = files.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0);
  if (bytes > smallBytes || !files.every(({ isSmall }) => isSmall)) return undefined;
  const bodies = await Promise.all(files.map(async (file) => linesOf(await file.body(), plan, options).body));
  if (!bodies.every(isUtf8)) return undefined;
  const lines = bodies.map((body) =>
    body
      .toString()
      .split('\n')
      .flatMap((line) => withoutBlanks(line) || []),
  );
  const values = plan.columns.map((_, index) => `v${index + 1}`).join(', ');
  const judged = judgedSql(context, plan, options, 'SELECT unnest(CAST($1 AS VARCHAR[])) AS j');
  const texts = lines.flat();
  if (texts.length === 0) return undefined;
  if (!(await context.insertExactly(`SELECT ${values} FROM (${judged}) WHERE bad IS NULL`, texts.length, texts))) {
    return undefined;
  }
  return loadedGroup(
    files,
    lines.map(({ length }) => length),
  );
}

/** Blanks as JSON lines know them. */
const withoutBlanks = (line: string): string => line.replace(/^[ \t\r]+|[ \t\r]+$/g, '');

/** Loads a group of files: in one pass where all of their rows are ordinary, otherwise row by row with a judgement of each. */
export async function loadGroup(
  context: CopyContext,
  plan: StagePlan,
  options: CopyOptions,
  given: readonly PreparedFile[],
  lineFiles: LineFiles,
  directory: TemporaryDirectory,
  tooMany: (errorCount: number) => boolean,
): Promise<LoadedGroup> {
  const small = await loadSmall(context, plan, options, given);
  if (small) return small;
  const files = await Promise.all(given.map((file) => (file.isSmall ? quickFile(file, lineFiles) : file)));
  const quickFiles = files.flatMap(({ quick }) => quick ?? []);
  const quick = quickFiles.length === files.length ? quickFilesOf(quickFiles) : undefined;
  if (quick && (await quickLoad(context, plan, options, quick))) {
    return loadedGroup(
      files,
      quick.surveys.map(({ rows }) => rows),
    );
  }
  const staged: StagedFile[] = [];
  for (const file of files) staged.push({ file, lines: linesOf(await file.body(), plan, options) });
  return stageGroup(context, plan, options, staged, directory, tooMany);
}

function loadedGroup(files: readonly PreparedFile[], lines: readonly number[]): LoadedGroup {
  return {
    loadedRows: lines.reduce((sum, rows) => sum + rows, 0),
    bytes: files.reduce((sum, file) => sum + file.unpackedBytes, 0),
    errorCount: 0,
    errors: [],
    files: files.map(({ uri, sizeBytes }, index) => ({ uri, sizeBytes, lines: lines[index] as number })),
  };
}

/** Stages a group of files and inserts their good rows, unless `tooMany` says of the bad ones that the load has failed. */
async function stageGroup(
  context: CopyContext,
  plan: StagePlan,
  options: CopyOptions,
  prepared: readonly StagedFile[],
  directory: TemporaryDirectory,
  tooMany: (errorCount: number) => boolean,
): Promise<LoadedGroup> {
  const paths = await writeLines(prepared, await directory.path());
  await context.connection.run(stageSql(context, plan, options, paths));
  try {
    await markLongStrings(context, plan);
    const errorCount = await countBad(context);
    const failed = tooMany(errorCount);
    const loadedRows = failed || options.noLoad ? 0 : await insertGood(context, plan);
    const errors = errorCount > 0 ? await describeBad(context, plan, options, prepared) : [];
    return { loadedRows, errorCount, errors, ...(await weigh(context, prepared)) };
  } finally {
    await dropStage(context);
  }
}

const hasHeader = ({ format, ignoreHeaderLines }: CopyOptions): boolean =>
  format.kind !== 'delimited' && ignoreHeaderLines > 0;

function linesOf(body: Buffer, plan: StagePlan, options: CopyOptions): RowLines {
  if (options.format.kind !== 'delimited') return jsonLines(body, plan.brackets);
  const kinds = plan.columns.map(({ type }) => type.kind);
  return delimitedLines(body, options.format, kinds);
}

async function writeLines(prepared: readonly StagedFile[], directory: string): Promise<string[]> {
  const paths = prepared.map((_, index) => join(directory, `${String(index).padStart(6, '0')}.ndjson`));
  await Promise.all(prepared.map(({ lines }, index) => writeFile(paths[index] as string, lines.body)));
  return paths;
}

/** Marks rows whose SUPER holds a string of more than 65,535 bytes; only long documents are looked into. */
async function markLongStrings(context: CopyContext, plan: StagePlan): Promise<void> {
  for (const [index, column] of plan.columns.entries()) {
    if (column.type.kind !== 'super') continue;
    const value = `v${index + 1}`;
    const suspects = await context.connection.runAndReadAll(
      `SELECT rowid, ${value} FROM ${stageTable} WHERE strlen(${value}) > ${superLimits.stringBytes} AND bad IS NULL`,
    );
    const rows = suspects.getRows().filter(([, document]) => holdsTooLongString(String(document)));
    if (rows.length === 0) continue;
    const ids = rows.map(([row]) => String(row)).join(', ');
    await context.connection.run(
      `UPDATE ${stageTable} SET bad = ${index + 1}, bad_text = left(${value}, 1024) WHERE rowid IN (${ids})`,
    );
  }
}

async function countBad(context: CopyContext): Promise<number> {
  const result = await context.connection.runAndReadAll(`SELECT count(bad) FROM ${stageTable}`);
  return Number(result.getRows()[0]?.[0] ?? 0);
}

function insertGood(context: CopyContext, plan: StagePlan): Promise<number> {
  const values = plan.columns.map((_, index) => `v${index + 1}`).join(', ');
  return context.insertFrom(`SELECT ${values} FROM ${stageTable} WHERE bad IS NULL`);
}

/** Row ids of an open transaction do not begin at 0, but they follow the order in which rows were read. */
async function describeBad(
  context: CopyContext,
  plan: StagePlan,
  options: CopyOptions,
  prepared: readonly StagedFile[],
): Promise<LoadErrorRecord[]> {
  const result = await context.connection.runAndReadAll(
    `SELECT rowid - (SELECT min(rowid) FROM ${stageTable}), bad, bad_text FROM ${stageTable} WHERE bad IS NOT NULL ORDER BY rowid LIMIT ${recordedErrors}`,
  );
  const bad = result.getRows().map(([row, columnNumber, text]) => ({
    row: Number(row),
    columnNumber: Number(columnNumber),
    text: text === null ? null : String(text),
  }));
  const counts = prepared.map(({ lines }) => surveyLines(lines.body).rows);
  return bad.map((row) => describeRow(row, plan, options, prepared, counts));
}

function describeRow(
  bad: BadRow,
  plan: StagePlan,
  options: CopyOptions,
  prepared: readonly StagedFile[],
  counts: readonly number[],
): LoadErrorRecord {
  let first = 0;
  let index = 0;
  while (index < counts.length - 1 && bad.row >= first + (counts[index] ?? 0)) {
    first += counts[index] ?? 0;
    index += 1;
  }
  const { file, lines } = prepared[index] as StagedFile;
  const place: RowPlace = lines.locate(bad.row - first);
  const fault = lines.fault?.(bad.row - first);
  const columnNumber = Math.abs(fault?.columnNumber ?? bad.columnNumber);
  const column = columnNumber === 0 ? undefined : plan.columns[columnNumber - 1];
  const reason = fault ?? (bad.columnNumber < 0 ? outOfRange : faultOf(place, column, bad.text, options));
  return loadErrorRecord(file.uri, place, column, bad.text, reason);
}

async function weigh(
  context: CopyContext,
  prepared: readonly StagedFile[],
): Promise<Pick<LoadedGroup, 'bytes' | 'files'>> {
  const staged = await context.connection.runAndReadAll(`SELECT count(*) FROM ${stageTable}`);
  const rows = Number(staged.getRows()[0]?.[0] ?? 0);
  const files = prepared.map(({ file, lines }) => ({
    uri: file.uri,
    sizeBytes: file.sizeBytes,
    lines: prepared.length === 1 ? rows : surveyLines(lines.body).rows,
  }));
  return { bytes: prepared.reduce((sum, { lines }) => sum + lines.body.length, 0), files };
}

/** After a failure inside DuckDB the transaction is over, and the table with it. */
async function dropStage(context: CopyContext): Promise<void> {
  await context.connection.run(`DROP TABLE IF EXISTS ${stageTable}`).catch(() => undefined);
}
