import type { Column } from '../catalog/model.ts';
import type { CopyContext } from '../copy-context.ts';
import { quoteText } from '../rewriter/sql.ts';
import type { RowBrackets } from './json-lines.ts';
import type { CopyOptions } from './options.ts';
import { valueSql } from './value-sql.ts';

/** The temporary table in which rows are typed and judged before any of them goes into the table. */
export const stageTable = 'temp.main.millrace_copy_stage';

/** How the staging query finds a column's value in a row's JSON. */
export type ValueSource =
  | { readonly kind: 'path'; readonly path: string; readonly members?: readonly ArrayMember[] }
  /** The top-level key of this name. */
  | { readonly kind: 'key'; readonly name: string; readonly path: string }
  /** The top-level key that equals the name whatever its case. */
  | { readonly kind: 'keyIgnoringCase'; readonly name: string }
  | { readonly kind: 'wholeRow' };

/** A member that a path counts off an array: where the array is, and where the member. */
export interface ArrayMember {
  readonly array: string;
  readonly member: string;
}

export interface StagePlan {
  readonly columns: readonly Column[];
  readonly sources: readonly ValueSource[];
  /** True when the values are texts of delimited fields, so that a SUPER column's text is yet to be read as JSON. */
  readonly valuesAreText: boolean;
  /** What a row of JSON is. */
  readonly brackets: RowBrackets;
}

type Context = Pick<CopyContext, 'superFromJson' | 'superToJson' | 'fromText'>;

/** The JSON path of a top-level key. */
export function keyPath(name: string): string {
  return `$."${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/**
 * Reads files of JSON lines into the staging table: one column `v<n>` a target column (NULL where a value does not fit), `bad` (NULL, 0 for a row that is
 * no object, or the number of the first column that does not fit) and `bad_text` (what that column held). The query raises for no input,
 * because in DuckDB an error ends the transaction, and MAXERROR must be able to go on.
 */
export function stageSql(context: Context, plan: StagePlan, options: CopyOptions, paths: readonly string[]): string {
  const { columns } = plan;
  const values = columns.map((_, index) => `v${index + 1}`).join(', ');
  const badTexts = columns.map((_, index) => `WHEN ${index + 1} THEN t${index + 1}`).join(' ');
  return [
    `CREATE OR REPLACE TEMP TABLE ${stageTable.split('.').at(-1)} AS`,
    `SELECT ${values}, bad, CASE bad ${badTexts} END AS bad_text FROM (`,
    `${judgedSql(context, plan, options, `SELECT CAST(json AS VARCHAR) AS j FROM ${readerSql(paths)}`)})`,
  ].join('\n');
}

/** Rows of JSON, one a line `j`, read exactly: each column's text `t<n>`, its value `v<n>`, and what is `bad`. */
export function judgedSql(context: Context, plan: StagePlan, options: CopyOptions, lines: string): string {
  const opening = plan.valuesAreText ? '[' : plan.brackets.open;
  const document = plan.valuesAreText ? 'j' : context.superFromJson('j', { lax: true });
  const rows = [
    `SELECT *${extractionSql(plan)} FROM (`,
    `SELECT j, CASE WHEN j[1] = '${opening}' THEN ${document} END AS d FROM (`,
    `${lines}))`,
  ].join('\n');
  const texts = plan.columns.map((column, index) => textSql(context, plan, column, index + 1));
  return typedSql(context, plan, options, rows, texts, `WHEN d IS NULL THEN 0 ${beyondSql(plan)}`);
}

/** Rows with each column's text `t<n>`, its value `v<n>` and what is `bad`, which `start` may say before any column does. */
export function typedSql(
  context: Context,
  plan: StagePlan,
  options: CopyOptions,
  rows: string,
  sources: readonly string[],
  start: string,
): string {
  const { columns } = plan;
  const numbered = (render: (column: Column, number: number) => string): string =>
    columns.map((column, index) => render(column, index + 1)).join(', ');
  const texts = numbered(
    (column, n) => `${blanksSql(options, column, sources[n - 1] as string, plan.valuesAreText)} AS t${n}`,
  );
  const values = numbered((column, n) => `${valueSql(context, options, column, `t${n}`, plan.valuesAreText)} AS v${n}`);
  const complaints = columns.map((column, index) => complaintSql(options, column, index + 1)).join(' ');
  return [
    `SELECT *, CASE ${start} ${complaints} END AS bad FROM (`,
    `SELECT *, ${values} FROM (`,
    `SELECT *, ${texts} FROM (`,
    `${rows})))`,
  ].join('\n');
}

/** Where a path counts beyond an array's end: the column's number, negative. A path into what is not there is NULL. */
function beyondSql(plan: StagePlan): string {
  const complaints = plan.sources.flatMap((source, index) => {
    const members = source.kind === 'path' ? (source.members ?? []) : [];
    return members.map(({ array, member }) => {
      const isBeyond = `json_exists(d, ${quoteText(array)}) AND NOT json_exists(d, ${quoteText(member)})`;
      return `WHEN ${isBeyond} THEN -${index + 1}`;
    });
  });
  return complaints.join(' ');
}

function readerSql(paths: readonly string[]): string {
  const list = paths.map(quoteText).join(', ');
  return `read_ndjson_objects([${list}], ignore_errors = true, maximum_object_size = 16777216, compression = 'uncompressed')`;
}

const isSuper = (column: Column | undefined): boolean => column?.type.kind === 'super';

/** Whether a column's value is kept as JSON text; all others are taken out of it as text. */
const keepsJson = (plan: StagePlan, index: number): boolean => isSuper(plan.columns[index]) && !plan.valuesAreText;

/**
 * All values of a row in one pass over its JSON: `s` has the texts, `e` the JSON of SUPER columns. `plain` is true where the stored form of
 * the row is the row itself, so that no number in it is marked.
 */
function extractionSql(plan: StagePlan): string {
  const texts: string[] = [];
  const documents: string[] = [];
  for (const [index, source] of plan.sources.entries()) {
    if ('path' in source) (keepsJson(plan, index) ? documents : texts).push(quoteText(source.path));
  }
  const lists = [', d = j AS plain'];
  if (texts.length > 0) lists.push(`json_extract_string(d, [${texts.join(', ')}]) AS s`);
  if (documents.length > 0) lists.push(`json_extract(d, [${documents.join(', ')}]) AS e`);
  return lists.join(', ');
}

/** The place of a column's value in `s` or `e`, from 1. */
function placeOf(plan: StagePlan, index: number): number {
  const wanted = keepsJson(plan, index);
  return plan.sources.slice(0, index + 1).filter((_, at) => keepsJson(plan, at) === wanted).length;
}

/** The value as text: strings unquoted, numbers in their own digits, objects and arrays as JSON; SUPER stays as it is. */
function textSql(context: Context, plan: StagePlan, column: Column, number: number): string {
  const index = number - 1;
  const source = plan.sources[index] as ValueSource;
  if (!('path' in source))
    return plainText(context, column, source.kind === 'wholeRow' ? 'd' : valueIgnoringCase(source.name));
  const place = placeOf(plan, index);
  if (keepsJson(plan, index)) return plainText(context, column, `CAST(e[${place}] AS VARCHAR)`);
  const text = `s[${place}]`;
  if (plan.valuesAreText) return text;
  const exact = plainText(context, column, `CAST(json_extract(d, ${quoteText(source.path)}) AS VARCHAR)`);
  return `CASE WHEN plain OR NOT regexp_matches(${text}, '${perhapsMarked}') THEN ${text} ELSE ${exact} END`;
}

/** What a marked number, or JSON that holds one, looks like as text. A string may look like it too, so this only asks for a closer look. */
const perhapsMarked = '^(-?[0-9][0-9.]*[eE][-+]?[0-9]+$|[\\[{])';

function plainText(context: Context, column: Column, element: string): string {
  if (isSuper(column)) return `CASE WHEN ${element} <> 'null' THEN ${element} END`;
  return `CASE WHEN ${element} IS NULL OR ${element} = 'null' THEN NULL WHEN ${element}[1] = '"' THEN json_extract_string(${element}, '$') ELSE ${context.superToJson(element)} END`;
}

function valueIgnoringCase(name: string): string {
  const key = `list_filter(json_keys(d), k -> lower(k) = ${quoteText(name.toLowerCase())})[1]`;
  return `CAST(json_extract(d, '$."' || replace(replace(${key}, '\\', '\\\\'), '"', '\\"') || '"') AS VARCHAR)`;
}

function blanksSql(options: CopyOptions, column: Column, text: string, delimited: boolean): string {
  const isText = column.type.kind === 'varchar' || column.type.kind === 'char';
  const trimmed = options.trimBlanks && column.type.kind === 'varchar' ? `rtrim(${text}, E' \\t\\n\\r\\f\\v')` : text;
  if (isText) {
    const withoutBlanks = options.blanksAsNull
      ? `CASE WHEN regexp_full_match(${trimmed}, '\\s+') THEN NULL ELSE ${trimmed} END`
      : trimmed;
    return options.emptyAsNull ? `nullif(${withoutBlanks}, '')` : withoutBlanks;
  }
  if (!isSuper(column)) return `nullif(trim(${text}), '')`;
  return delimited ? `nullif(nullif(trim(${text}), ''), 'null')` : text;
}

function complaintSql(options: CopyOptions, column: Column, number: number): string {
  const isDate = ['date', 'timestamp', 'timestamptz'].includes(column.type.kind);
  const complaints: string[] = [];
  if (!(isDate && options.acceptAnyDate))
    complaints.push(`WHEN v${number} IS NULL AND t${number} IS NOT NULL THEN ${number}`);
  if (column.notNull && !column.identity) complaints.push(`WHEN v${number} IS NULL THEN ${number}`);
  return complaints.join(' ');
}
