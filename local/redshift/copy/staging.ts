import type { Column } from '../catalog/model.ts';
import type { CopyContext } from '../copy-context.ts';
import type { CopyOptions } from './options.ts';

/** The temporary table in which rows are typed and judged before any of them goes into the table. */
export const stageTable = 'temp.main.millrace_copy_stage';

/** How the staging query finds a column's value in a row's JSON. */
export type ValueSource =
  | { readonly kind: 'path'; readonly path: string }
  /** The top-level key that equals the name whatever its case. */
  | { readonly kind: 'keyIgnoringCase'; readonly name: string }
  | { readonly kind: 'wholeRow' };

export interface StagePlan {
  readonly columns: readonly Column[];
  readonly sources: readonly ValueSource[];
  /** True when the values are texts of delimited fields, so that a SUPER column's text is yet to be read as JSON. */
  readonly valuesAreText: boolean;
}

type Context = Pick<CopyContext, 'superFromJson' | 'superToJson' | 'fromText'>;

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

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
  const numbers = plan.columns.map((_, index) => index + 1);
  const elements = plan.sources.map((source, index) => `${elementSql(source, index)} AS x${index + 1}`);
  const texts = plan.columns.map(
    (column, index) => `${textSql(context, plan, options, column, `x${index + 1}`)} AS t${index + 1}`,
  );
  const values = plan.columns.map(
    (column, index) => `${valueSql(context, plan, options, column, `t${index + 1}`)} AS v${index + 1}`,
  );
  const complaints = plan.columns.map((column, index) => complaintSql(options, column, index + 1));
  const pathList = plan.sources.flatMap((source) => (source.kind === 'path' ? [quoteText(source.path)] : []));
  const extracted = pathList.length > 0 ? `, json_extract(d, [${pathList.join(', ')}]) AS e` : '';
  const opening = plan.valuesAreText ? '[' : '{';
  const document = plan.valuesAreText ? 'j' : context.superFromJson('j');
  return [
    `CREATE OR REPLACE TEMP TABLE ${stageTable.split('.').at(-1)} AS`,
    `SELECT ${[...numbers.map((n) => `v${n}`), 'bad'].join(', ')}, CASE bad ${numbers.map((n) => `WHEN ${n} THEN t${n}`).join(' ')} END AS bad_text FROM (`,
    `SELECT *, CASE WHEN d IS NULL THEN 0 ${complaints.join(' ')} END AS bad FROM (`,
    `SELECT *, ${values.join(', ')} FROM (`,
    `SELECT *, ${texts.join(', ')} FROM (`,
    `SELECT *, ${elements.join(', ')} FROM (`,
    `SELECT *${extracted} FROM (`,
    `SELECT CASE WHEN j[1] = '${opening}' THEN ${document} END AS d FROM (`,
    `SELECT CAST(json AS VARCHAR) AS j FROM ${readerSql(paths)}`,
    ')))))))',
  ].join('\n');
}

function readerSql(paths: readonly string[]): string {
  const list = paths.map(quoteText).join(', ');
  return `read_ndjson_objects([${list}], ignore_errors = true, maximum_object_size = 16777216, compression = 'none')`;
}

/** The value's JSON text. List places count from 1, over the sources that are paths; all are, or none is. */
function elementSql(source: ValueSource, index: number): string {
  if (source.kind === 'path') return `CAST(e[${index + 1}] AS VARCHAR)`;
  if (source.kind === 'wholeRow') return 'd';
  const key = `list_filter(json_keys(d), k -> lower(k) = ${quoteText(source.name.toLowerCase())})[1]`;
  return `CAST(json_extract(d, '$."' || replace(replace(${key}, '\\', '\\\\'), '"', '\\"') || '"') AS VARCHAR)`;
}

/** The value as text: strings unquoted, numbers in their own digits, objects and arrays as JSON; SUPER stays as it is. */
function textSql(context: Context, plan: StagePlan, options: CopyOptions, column: Column, element: string): string {
  if (column.type.kind === 'super' && !plan.valuesAreText) return `CASE WHEN ${element} <> 'null' THEN ${element} END`;
  const text = `CASE WHEN ${element} IS NULL OR ${element} = 'null' THEN NULL WHEN ${element}[1] = '"' THEN json_extract_string(${element}, '$') ELSE ${context.superToJson(element)} END`;
  return blanksSql(options, column, text, plan.valuesAreText);
}

function blanksSql(options: CopyOptions, column: Column, text: string, delimited: boolean): string {
  const isText = column.type.kind === 'varchar' || column.type.kind === 'char';
  const trimmed = options.trimBlanks && isText ? `rtrim(${text}, ' ')` : text;
  if (isText) {
    const withoutBlanks = options.blanksAsNull
      ? `CASE WHEN regexp_full_match(${trimmed}, '\\s+') THEN NULL ELSE ${trimmed} END`
      : trimmed;
    return options.emptyAsNull ? `nullif(${withoutBlanks}, '')` : withoutBlanks;
  }
  return delimited ? `nullif(trim(${trimmed}), '')` : trimmed;
}

function valueSql(context: Context, plan: StagePlan, options: CopyOptions, column: Column, text: string): string {
  const { kind, length } = column.type;
  if (kind === 'super') {
    return plan.valuesAreText ? `CASE WHEN json_valid(${text}) THEN ${context.superFromJson(text)} END` : text;
  }
  const lax = (expression: string): string => context.fromText(expression, column, { lax: true });
  if (kind === 'varchar' || kind === 'char') {
    return lax(options.truncateColumns && length !== undefined ? truncatedSql(text, length) : text);
  }
  const isMoment = kind === 'timestamp' || kind === 'timestamptz';
  if (!isMoment || options.timeFormat === 'auto') return lax(text);
  if (options.timeFormat === 'iso') return `CASE WHEN regexp_full_match(${text}, '${isoMoment}') THEN ${lax(text)} END`;
  const perUnit = options.timeFormat === 'epochsecs' ? 1_000_000 : 1000;
  return `CASE WHEN regexp_full_match(${text}, '-?[0-9]{1,14}(\\.[0-9]+)?') THEN ${lax(
    `CAST(make_timestamp(CAST(floor(CAST(${text} AS DECIMAL(38, 6)) * ${perUnit}) AS BIGINT)) AS VARCHAR)`,
  )} END`;
}

/** Redshift's own format, `YYYY-MM-DD HH:MI:SS`, with an offset where there is one; ISO 8601's `T` and `Z` need TIMEFORMAT 'auto'. */
const isoMoment =
  '\\s*\\d{4}-\\d{1,2}-\\d{1,2}( +\\d{1,2}:\\d{1,2}(:\\d{1,2}(\\.\\d+)?)?( ?[-+]\\d{1,2}(:?\\d{2})?)?)?\\s*';

/** The longest beginning that takes no more bytes than the column has. */
function truncatedSql(text: string, length: number): string {
  const fits = `list_max(list_filter(range(${Math.floor(length / 4)}, ${length + 1}), n -> strlen(left(${text}, n)) <= ${length}))`;
  return `CASE WHEN strlen(${text}) <= ${length} THEN ${text} WHEN length(${text}) = strlen(${text}) THEN left(${text}, ${length}) ELSE left(${text}, ${fits}) END`;
}

function complaintSql(options: CopyOptions, column: Column, number: number): string {
  const isDate = column.type.kind === 'date' || column.type.kind === 'timestamp' || column.type.kind === 'timestamptz';
  const complaints: string[] = [];
  if (!(isDate && options.acceptAnyDate))
    complaints.push(`WHEN v${number} IS NULL AND t${number} IS NOT NULL THEN ${number}`);
  if (column.notNull) complaints.push(`WHEN v${number} IS NULL THEN ${number}`);
  return complaints.join(' ');
}
