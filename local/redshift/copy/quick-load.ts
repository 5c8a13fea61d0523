import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CopyContext } from '../copy-context.ts';
import { maximumObjectBytes } from './json-lines.ts';
import type { CopyOptions } from './options.ts';
import { quoteText, type StagePlan, typedSql } from './staging.ts';
import { maximumStringBytes } from './super-strings.ts';

/** A file's lines that are not blank, and how long the longest line is. */
export interface LineSurvey {
  readonly rows: number;
  readonly longestLineBytes: number;
}

const newline = 0x0a;
const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

/** Rows are the lines that are not blank. */
export function surveyLines(body: Buffer): LineSurvey {
  let rows = 0;
  let longestLineBytes = 0;
  for (let start = 0; start < body.length; ) {
    const found = body.indexOf(newline, start);
    const end = found < 0 ? body.length : found;
    let at = start;
    while (at < end && isBlank(body[at])) at += 1;
    if (at < end) rows += 1;
    if (end - start > longestLineBytes) longestLineBytes = end - start;
    start = end + 1;
  }
  return { rows, longestLineBytes };
}

/**
 * Loads ordinary files in one pass, straight into the table: one whole object a line, written as DuckDB's reader gives it back (so that
 * no number was touched), each value fitting its column. If a single line is otherwise, nothing is loaded and the answer is undefined: then the
 * slower way reads the files exactly and says what is wrong with which line.
 */
export async function quickLoad(
  context: CopyContext,
  plan: StagePlan,
  options: CopyOptions,
  bodies: readonly Buffer[],
  directory: string,
): Promise<readonly LineSurvey[] | undefined> {
  if (!isQuick(context, plan, options)) return undefined;
  const surveys = bodies.map(surveyLines);
  const longest = Math.max(0, ...surveys.map((survey) => survey.longestLineBytes));
  if (longest > maximumObjectBytes) return undefined;
  const paths = bodies.map((_, index) => join(directory, `${String(index).padStart(6, '0')}.quick`));
  await Promise.all(bodies.map((body, index) => writeFile(paths[index] as string, body)));
  const rows = surveys.reduce((sum, survey) => sum + survey.rows, 0);
  const inserted = await context.insertExactly(quickSql(context, plan, options, paths, longest), rows);
  return inserted ? surveys : undefined;
}

/** Whether all values are top-level keys or the whole row, and an attempt that is taken back leaves no trace in the table. */
function isQuick(context: CopyContext, plan: StagePlan, options: CopyOptions): boolean {
  if (plan.valuesAreText || options.noLoad || context.table.columns.some((column) => column.identity)) return false;
  return plan.sources.every((source) => source.kind === 'key' || source.kind === 'wholeRow');
}

/** DuckDB reads in buffers of twice the largest object; small ones keep all threads busy. */
const smallestObjectLimit = 1024 * 1024;

function quickSql(
  context: CopyContext,
  plan: StagePlan,
  options: CopyOptions,
  paths: readonly string[],
  longestLineBytes: number,
): string {
  const list = paths.map(quoteText).join(', ');
  const limit = Math.max(smallestObjectLimit, longestLineBytes + 1024);
  const reader = `read_ndjson_objects([${list}], ignore_errors = true, maximum_object_size = ${limit}, compression = 'uncompressed')`;
  let place = 0;
  const texts = plan.sources.map((source) => {
    if (source.kind === 'wholeRow') return 'j';
    place += 1;
    return `struct_extract_at(s, ${place})`;
  });
  const tooLong = plan.columns.flatMap((column, index) =>
    column.type.kind === 'super' ? [`WHEN strlen(v${index + 1}) > ${maximumStringBytes} THEN 0`] : [],
  );
  // A condition that is not always the same keeps DuckDB from computing all that `bad` is made of a second time, beneath the filter.
  const start = `WHEN random() < 0 THEN 0 WHEN NOT coalesce(unchanged, FALSE) THEN 0 ${tooLong.join(' ')}`;
  const values = plan.columns.map((_, index) => `v${index + 1}`).join(', ');
  return `SELECT ${values} FROM (${typedSql(context, plan, options, rowsSql(plan, reader), texts, start)}) WHERE bad IS NULL`;
}

/** Nothing that DuckDB's reader takes and JSON does not know. */
const strictSql = `j >= '{' AND NOT contains(j, 'NaN') AND NOT contains(j, 'Infinity')`;

/** The reader gives the row back as it was written: minified, its numbers in their own digits. */
const unchangedSql = `TRY(CAST(json_extract(j, '$') AS VARCHAR)) = j`;

/** Rows as `j`, and as `s` all their top-level keys in one pass: texts as they are, SUPER as JSON, null as NULL. */
function rowsSql(plan: StagePlan, reader: string): string {
  const lines = `SELECT CAST(json AS VARCHAR) AS j FROM ${reader}`;
  const fields = plan.sources.flatMap((source, index) =>
    source.kind === 'key' ? [{ name: source.name, kind: plan.columns[index]?.type.kind }] : [],
  );
  if (fields.length === 0) return `SELECT j, ${unchangedSql} AND ${strictSql} AS unchanged FROM (${lines})`;
  const shape = fields.map(({ name, kind }) => `${JSON.stringify(name)}:"${kind === 'super' ? 'JSON' : 'VARCHAR'}"`);
  const struct = `json_transform(j, ${quoteText(`{${shape.join(',')}}`)})`;
  const parts = fields.map(({ name, kind }, index) => memberSql(name, kind, index + 1));
  const rebuilt = `concat('{', ${parts.join(", ',', ")}, '}')`;
  return [
    `SELECT j, s, (CASE WHEN ${rebuilt} = j THEN TRUE ELSE ${unchangedSql} END) AND ${strictSql} AS unchanged`,
    `FROM (SELECT j, ${struct} AS s FROM (${lines}))`,
  ].join(' ');
}

/**
 * A member as it stands in most rows. A row that can be put together again from its values is unchanged, which is much
 * cheaper to see than by reading it all again; where the guess of quotes or of order is wrong, the other proof decides.
 */
function memberSql(name: string, kind: string | undefined, place: number): string {
  const value = `struct_extract_at(s, ${place})`;
  const isQuoted = kind !== undefined && ['varchar', 'char', 'date', 'timestamp', 'timestamptz'].includes(kind);
  const written = isQuoted ? `'"' || ${value} || '"'` : value;
  return `${quoteText(`${JSON.stringify(name)}:`)}, coalesce(${written}, 'null')`;
}
