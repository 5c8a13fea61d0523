import { duckdbType } from '../binder/types.ts';
import type { Column } from '../catalog/model.ts';
import type { CopyContext } from '../copy-context.ts';
import { quoteText } from '../rewriter/sql.ts';
import { maximumBytes, usualVarbyteBytes } from '../type-facts.ts';
import type { CopyOptions } from './options.ts';
import type { MomentFormat, PatternFormat } from './time-formats.ts';

type Context = Pick<CopyContext, 'superFromJson' | 'fromText'>;

/** A column's value from its text; NULL where the text is no value of the column's type. Raises for nothing. */
export function valueSql(
  context: Context,
  options: CopyOptions,
  column: Column,
  text: string,
  valuesAreText: boolean,
): string {
  const { kind, length } = column.type;
  const lax = (expression: string): string => context.fromText(expression, column, { lax: true });
  switch (kind) {
    case 'super':
      return valuesAreText ? context.superFromJson(text, { lax: true }) : text;
    case 'varchar':
      return fittingSql(options, text, length);
    case 'char':
      return `CASE WHEN length(${text}) = strlen(${text}) THEN ${fittingSql(options, `rtrim(${text}, ' ')`, length)} END`;
    case 'int2':
    case 'int4':
    case 'int8':
      return numberSql(column, text, '[0-9]+');
    case 'float4':
    case 'float8':
      return floatSql(column, text);
    case 'decimal':
      return numberSql(column, options.roundDecimals ? text : cutDecimalSql(text, column), decimalDigits);
    case 'varbyte':
      return varbyteSql(text, length ?? usualVarbyteBytes);
    case 'date':
      return dateSql(options.dateFormat, text, lax);
    case 'timestamp':
    case 'timestamptz':
      return momentSql(options.timeFormat, kind, text, lax);
    default:
      return lax(text);
  }
}

const decimalDigits = '([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?';

/** DuckDB reads more as a number than Redshift does: `12.5` as an integer, `1_000`, `0x1f`. */
function numberSql({ type }: Column, text: string, digits: string): string {
  return `TRY_CAST(CASE WHEN regexp_full_match(${text}, '\\s*[-+]?(${digits})\\s*') THEN trim(${text}) END AS ${duckdbType(type)})`;
}

/** A number that is too large is not infinite, unless it says so. */
function floatSql(column: Column, text: string): string {
  const number = numberSql(column, text, decimalDigits);
  const endless = numberSql(column, text, '(?i:nan|inf|infinity)');
  return `CASE WHEN isfinite(${number}) THEN ${number} ELSE ${endless} END`;
}

/** COPY cuts what is beyond the column's scale, unless ROUNDEC rounds it. */
function cutDecimalSql(text: string, column: Column): string {
  const { precision = 18, scale = 0 } = column.type;
  const cut = (digits: string): string =>
    scale === 0
      ? `CASE WHEN regexp_matches(${digits}, '^\\s*[-+]?\\.[0-9]') THEN '0' ELSE regexp_replace(${digits}, '\\.[0-9]*\\s*$', '') END`
      : `regexp_replace(${digits}, '(\\.[0-9]{${scale}})[0-9]+\\s*$', '\\1')`;
  const written = `TRY_CAST(trim(${text}) AS DECIMAL(38, ${38 - (precision - scale)}))`;
  const exact = `CASE WHEN regexp_matches(${text}, '[eE]') THEN CAST(${written} AS VARCHAR) ELSE ${text} END`;
  return `CASE WHEN regexp_matches(${text}, '[.eE]') THEN ${cut(exact)} ELSE ${text} END`;
}

function varbyteSql(text: string, length: number): string {
  const isHex = `regexp_full_match(${text}, '([0-9A-Fa-f]{2})*') AND length(${text}) <= ${2 * length}`;
  return `CASE WHEN ${isHex} THEN unhex(CASE WHEN ${isHex} THEN ${text} END) END`;
}

/** Redshift's own form of a date; the time behind it is passed over. */
const standardDate = '\\s*\\d{4}-\\d{2}-\\d{2}([ T]+\\d{1,2}:.*)?\\s*';

function dateSql(format: MomentFormat, text: string, lax: (expression: string) => string): string {
  if (format.kind === 'pattern') return lax(`strftime(${parsedSql(format, text)}, '%Y-%m-%d')`);
  if (format.kind === 'auto') return lax(text);
  return `CASE WHEN regexp_full_match(${text}, '${standardDate}') THEN ${lax(`left(trim(${text}), 10)`)} END`;
}

/** Redshift's own format, `YYYY-MM-DD HH:MI:SS`, with an offset where there is one; ISO 8601's `T` and `Z` need TIMEFORMAT 'auto'. */
const standardMoment =
  '\\s*\\d{4}-\\d{1,2}-\\d{1,2}( +\\d{1,2}:\\d{1,2}(:\\d{1,2}(\\.\\d+)?)?( ?[-+]\\d{1,2}(:?\\d{2})?)?)?\\s*';

function momentSql(
  format: MomentFormat,
  kind: 'timestamp' | 'timestamptz',
  text: string,
  lax: (expression: string) => string,
): string {
  switch (format.kind) {
    case 'auto':
      return `coalesce(${utcMoment(kind, text)}, ${lax(text)})`;
    case 'standard':
      return `CASE WHEN regexp_full_match(${text}, '${standardMoment}') THEN ${lax(text)} END`;
    case 'pattern':
      return lax(`CAST(${parsedSql(format, text)} AS VARCHAR)`);
    default:
      return `CASE WHEN regexp_full_match(${text}, '-?[0-9]{1,14}(\\.[0-9]+)?') THEN ${lax(
        `CAST(make_timestamp(CAST(floor(CAST(${text} AS DECIMAL(38, 6)) * ${format.microsecondsPerUnit}) AS BIGINT)) AS VARCHAR)`,
      )} END`;
  }
}

function parsedSql({ patterns, shape }: PatternFormat, text: string): string {
  const isWritten = `regexp_full_match(trim(${text}), ${quoteText(shape)}, 'i')`;
  return `CASE WHEN ${isWritten} THEN try_strptime(trim(${text}), [${patterns.map(quoteText).join(', ')}]) END`;
}

/** ISO 8601 in UTC, which is nearly every moment in a lake, without DuckDB's slow time zones. */
function utcMoment(kind: 'timestamp' | 'timestamptz', text: string): string {
  const isIso = `length(${text}) BETWEEN 20 AND 27 AND ends_with(${text}, 'Z') AND ${text}[11] = 'T'`;
  const moment = `TRY_CAST(CASE WHEN ${isIso} THEN ${text} END AS TIMESTAMP)`;
  return kind === 'timestamp' ? moment : `make_timestamptz(epoch_us(${moment}))`;
}

/** Text that fits its column, which is counted in bytes; cut when TRUNCATECOLUMNS says so. */
function fittingSql(options: CopyOptions, text: string, length: number = maximumBytes.varchar): string {
  return options.truncateColumns
    ? truncatedSql(text, length)
    : `CASE WHEN strlen(${text}) <= ${length} THEN ${text} END`;
}

/** The longest beginning that takes no more bytes than the column has. */
function truncatedSql(text: string, length: number): string {
  const fits = `list_max(list_filter(range(${Math.floor(length / 4)}, ${length + 1}), n -> strlen(left(${text}, n)) <= ${length}))`;
  return `CASE WHEN strlen(${text}) <= ${length} THEN ${text} WHEN length(${text}) = strlen(${text}) THEN left(${text}, ${length}) ELSE left(${text}, ${fits}) END`;
}
