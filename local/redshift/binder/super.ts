import { quoteJson } from '../functions/runtime/json-text.ts';
import { bindOnce, quoteText } from '../rewriter/sql.ts';
import { maximumBytes, superLimits } from '../type-facts.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';
import { type Bound, combine } from './bound.ts';
import { textOf } from './casts.ts';
import { duckdbType, isFloat, isInteger, isNumeric, isText, noSuchCast, SUPER } from './types.ts';

/**
 * SUPER is JSON text. DuckDB's reader keeps a number as written when no double can hold it, which is how 38 digits stay:
 * a number that would change by going through a double is stored with an exponent no double has (`12.50` as `12.50e9999`, `1e2` as
 * `1e777712`). All navigation keeps such numbers whole; the marks are taken off where a number leaves SUPER.
 */
const MARK = 'e9999';
/** Then 1 or 2 for the exponent's sign, then its digits. */
const FLOAT_MARK = 'e7777';

/** The plain text of a scalar: marks off a number, quotes off a string. */
const unmarkNumber = (sql: string): string =>
  `replace(replace(replace(${sql}, '${MARK}', ''), '${FLOAT_MARK}1', 'e+'), '${FLOAT_MARK}2', 'e-')`;

/** Steps into SUPER: one json_extract for the whole path when every step is known. */
export function navigate(base: Bound, step: { readonly attribute: string } | { readonly index: Bound }): Bound {
  if (base.type.kind !== 'super')
    throw new RedshiftError('42809', 'cannot navigate into a value that is not of type super');
  const root = base.path?.base ?? base.sql;
  const steps = base.path?.steps ?? '$';
  if ('attribute' in step) return extracted(base, root, `${steps}.${quoteStep(step.attribute)}`);
  const literal = /^(?:CAST\()?(-?\d+)(?: AS \w+\))?$/.exec(step.index.sql)?.[1];
  if (literal !== undefined && Number(literal) >= 0) return extracted(base, root, `${steps}[${literal}]`);
  return indexed(base, step.index);
}

const quoteStep = (name: string): string => `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

function extracted(base: Bound, root: string, steps: string): Bound {
  const sql = `CAST(json_extract(${root}, ${quoteText(steps)}) AS VARCHAR)`;
  return combine(sql, SUPER, [base], { path: { base: root, steps }, partial: true });
}

/** A subscript that is computed, or below zero: outside of the array is NULL. */
function indexed(base: Bound, index: Bound): Bound {
  if (index.type.kind === 'super' || isText(index.type)) {
    const key = index.type.kind === 'super' ? superToText(index.sql) : index.sql;
    return combine(`CAST(json_extract(${base.sql}, '$."' || ${key} || '"') AS VARCHAR)`, SUPER, [base, index], {
      partial: true,
    });
  }
  if (!isInteger(index.type)) throw new RedshiftError('42804', 'a subscript into super must be an integer');
  const sql = bindOnce(
    index.sql,
    (i) => `CASE WHEN ${i} >= 0 THEN CAST(json_extract(${base.sql}, '$[' || ${i} || ']') AS VARCHAR) END`,
  );
  return combine(sql, SUPER, [base, index], { partial: true });
}

/** A scalar's text, NULL for objects, arrays and null: what `super::varchar` is. */
export function superToText(sql: string): string {
  return bindOnce(
    sql,
    (s) =>
      `CASE WHEN ${isStringSql(s)} THEN json_extract_string(${s}, '$') WHEN ${isContainerSql(s)} OR ${s} = 'null' THEN NULL ELSE ${unmarkNumber(s)} END`,
  );
}

/** The lax cast out of SUPER: NULL where the value does not fit. */
export function castFromSuper(value: Bound, type: RedshiftType): Bound {
  return combine(castFromSuperSql(value, type), type, [value], { name: value.name });
}

/** A scalar's text where objects and arrays do no harm, because what reads it takes neither. */
function looseText(value: Bound): string {
  return `json_extract_string(${value.path?.base ?? value.sql}, ${quoteText(value.path?.steps ?? '$')})`;
}

const spelled = (literal: string, ...words: readonly string[]): string =>
  [literal, ...words.map((word) => JSON.stringify(word))].map(quoteText).join(', ');
const TRUE_TEXTS = spelled('true', 't', 'true', 'y', 'yes', '1');
const FALSE_TEXTS = spelled('false', 'f', 'false', 'n', 'no', '0');

function castFromSuperSql(value: Bound, type: RedshiftType): string {
  const { sql } = value;
  const target = duckdbType(type);
  if (type.kind === 'bool') {
    return bindOnce(
      sql,
      (s) =>
        `CASE WHEN lower(${s}) IN (${TRUE_TEXTS}) THEN TRUE WHEN lower(${s}) IN (${FALSE_TEXTS}) THEN FALSE WHEN ${isNumberSql(s)} THEN TRY_CAST(${s} AS HUGEINT) <> 0 END`,
    );
  }
  if (isNumeric(type)) return numberFromSuper(value, type);
  if (isText(type)) return fitText(superToText(sql), type);
  if (type.kind === 'varbyte') return `encode(${superToText(sql)})`;
  if (['date', 'timestamp', 'timestamptz', 'time', 'timetz'].includes(type.kind)) {
    const text = superToText(sql);
    return bindOnce(
      text,
      (t) => `coalesce(${isoOnly(t, type)}, TRY_CAST(mr_moment(${t}, ${quoteText(type.kind)}) AS ${target}))`,
    );
  }
  throw noSuchCast(SUPER, type);
}

/** Only a number carries marks: a text that looks like a marked number is read as it stands, and what no double holds is NULL. */
function numberFromSuper(value: Bound, type: RedshiftType): string {
  const read = (sql: string): string => `TRY_CAST(${sql} AS ${duckdbType(type)})`;
  const asWritten = (t: string): string => {
    if (isFloat(type)) return finite(read(t));
    return isInteger(type) ? `coalesce(${read(t)}, ${truthNumber(value.sql)})` : read(t);
  };
  return bindOnce(
    looseText(value),
    (t) =>
      `CASE WHEN NOT contains(${t}, '${MARK}') AND NOT contains(${t}, '${FLOAT_MARK}') THEN ${asWritten(t)} WHEN ${isStringSql(value.sql)} THEN ${asWritten(t)} ELSE ${read(unmarkNumber(t))} END`,
  );
}

/** A boolean as a whole number, as `true::int` is. */
const truthNumber = (sql: string): string => `CASE ${sql} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END`;

const finite = (sql: string): string => bindOnce(sql, (v) => `CASE WHEN isfinite(${v}) THEN ${v} END`);

/** ISO spellings go straight to DuckDB; what else Redshift reads takes the slow way. */
function isoOnly(text: string, type: RedshiftType): string {
  return `TRY_CAST(CASE WHEN regexp_matches(${text}, '^\\d{4}-\\d\\d-\\d\\d') THEN ${text} END AS ${duckdbType(type)})`;
}

/** A text that does not fit its length gives NULL, as every lax cast that does not fit. */
function fitText(text: string, type: RedshiftType): string {
  if (type.length === undefined || type.length >= maximumBytes.varchar) return text;
  return bindOnce(text, (t) => `CASE WHEN strlen(${t}) <= ${type.length} THEN ${t} END`);
}

/**
 * What a SUPER is shows in its first character, and comparing texts is the cheapest way to look at it: `"` for strings, then `-` and
 * digits, `[`, the letters of `false`, `null`, `true`, and `{`.
 */
const isStringSql = (sql: string): string => `${sql} < '#'`;
export const isNumberSql = (sql: string): string => `(${sql} >= '-' AND ${sql} < ':')`;
const isArraySql = (sql: string): string => `(${sql} >= '[' AND ${sql} < '\\')`;
export const isObjectSql = (sql: string): string => `${sql} >= '{'`;
const isContainerSql = (sql: string): string => `(${isArraySql(sql)} OR ${isObjectSql(sql)})`;

/** A value of another type as SUPER. */
export function castToSuper(value: Bound): Bound {
  const { type, sql } = value;
  if (type.kind === 'super') return value;
  if (isText(type) && value.caseInsensitive)
    throw new RedshiftError('0A000', 'Coercing from case insensitive string to SUPER is not supported.');
  if (value.literal !== undefined) {
    return combine(value.literal === null ? "'null'" : quoteText(quoteJson(value.literal)), SUPER, [value]);
  }
  return combine(toSuperSql(sql, type), SUPER, [value]);
}

function toSuperSql(sql: string, type: Bound['type']): string {
  if (isInteger(type)) return `CAST(${sql} AS VARCHAR)`;
  if (type.kind === 'bool') return `CAST(${sql} AS VARCHAR)`;
  if (type.kind === 'decimal') return type.scale ? `(${textOf(sql, type)} || '${MARK}')` : `CAST(${sql} AS VARCHAR)`;
  if (isFloat(type)) return `mr_float_super(CAST(${sql} AS VARCHAR))`;
  if (isText(type)) return `CAST(to_json(${sql}) AS VARCHAR)`;
  throw noSuchCast(type, SUPER);
}

/** The plain JSON text of a stored SUPER, as clients see it. */
export const superToJson = (sql: string): string =>
  bindOnce(
    sql,
    (s) =>
      `CASE WHEN contains(${s}, '${MARK}') OR contains(${s}, '${FLOAT_MARK}') THEN mr_super_json(${s}) ELSE ${s} END`,
  );

/** A text of so few bytes is beyond no limit of SUPER: it takes two bytes to open a level and to close it. */
const SURELY_IN_BOUNDS = 2 * superLimits.levels;

/** Whether a longer text cannot be either: it opens no more objects and arrays than there may be levels, and is no longer than a string may be. */
const isInBounds = (s: string): string =>
  `(strlen(${s}) <= ${superLimits.stringBytes} AND strlen(${s}) - strlen(replace(replace(${s}, '[', ''), '{', '')) <= ${superLimits.levels})`;

/**
 * JSON text as stored SUPER. What comes through DuckDB's own reader unchanged is taken as it is; the rest is read strictly, digit by
 * digit. `lax` gives NULL for what is no JSON.
 */
export function superFromJson(sql: string, options: { readonly lax: boolean } = { lax: false }): string {
  const slow = options.lax ? 'mr_json_parse_lax' : 'mr_json_parse';
  const quick = (s: string): string =>
    `CASE WHEN (strlen(${s}) < ${SURELY_IN_BOUNDS} OR ${isInBounds(s)}) AND CAST(json(${s}) AS VARCHAR) = ${s} AND NOT contains(${s}, 'NaN') AND NOT contains(${s}, 'Infinity') THEN ${s} ELSE ${slow}(${s}) END`;
  return bindOnce(sql, (s) => (options.lax ? `CASE WHEN json_valid(${s}) THEN ${quick(s)} END` : quick(s)));
}

/** A string without the blanks at its end, which do not count when values are compared. Looking for them first is cheaper. */
const unpaddedSql = (s: string): string =>
  `CASE WHEN suffix(${s}, ' "') THEN rtrim(${s}[:-2], ' ') || '"' ELSE ${s} END`;

/** Whether a value is a known text, whatever blanks either ends in. */
export function isTextSql(s: string, text: string): string {
  const plain = quoteJson(text.replace(/ +$/, ''));
  return `(${s} = ${quoteText(plain)} OR (suffix(${s}, ' "') AND rtrim(${s}[:-2], ' ') = ${quoteText(plain.slice(0, -1))}))`;
}

/**
 * A number with a point: `1.0` and `1.00` as `1`. Without a mark it has no idle zeros but `.0`. What has an exponent, or is a zero below
 * zero, takes the slow way to the same text.
 */
const numberKeySql = (s: string): string =>
  `CASE WHEN NOT contains(${s}, 'e') THEN CASE WHEN suffix(${s}, '.0') THEN ${s}[:-3] ELSE ${s} END WHEN contains(${s}, '${FLOAT_MARK}') OR starts_with(${s}, '-0.') THEN mr_super_key(${s}) ELSE rtrim(rtrim(replace(${s}, '${MARK}', ''), '0'), '.') END`;

/** The questions come in the order in which they sort out most with the fewest looks at the text. */
const keyOf = (s: string): string =>
  `CASE WHEN ${isStringSql(s)} THEN ${unpaddedSql(s)} WHEN ${s} >= '[' THEN CASE WHEN ${isContainerSql(s)} THEN mr_super_key(${s}) ELSE ${s} END WHEN contains(${s}, '.') THEN ${numberKeySql(s)} WHEN contains(${s}, 'e') THEN mr_super_key(${s}) ELSE ${s} END`;

/** One text for equal values: `1`, `1.0` and `1.00` have one, objects in whatever order their keys come. */
export const superKey = (sql: string): string => bindOnce(sql, keyOf);

/** The same for GROUP BY and DISTINCT, which compute what is written twice once. */
export const superGroupKey = (sql: string): string => (sql.length <= 300 ? keyOf(sql) : superKey(sql));

/** How many characters of a number a double tells apart. */
const DOUBLE_DIGITS = 15;

/** The sort keys of a SUPER: type first (booleans, numbers, strings, arrays, objects, null), then value. Equal values have equal keys. */
export function superSortKeys(sql: string): string[] {
  const rank = `CASE WHEN ${isStringSql(sql)} THEN 3 WHEN ${isNumberSql(sql)} THEN 2 WHEN ${sql} IN ('true', 'false') THEN 1 WHEN ${isArraySql(sql)} THEN 4 WHEN ${isObjectSql(sql)} THEN 5 END`;
  const number = `CASE WHEN ${isNumberSql(sql)} THEN TRY_CAST(${unmarkNumber(sql)} AS DOUBLE) END`;
  const text = `CASE WHEN ${isStringSql(sql)} THEN rtrim(CASE WHEN contains(${sql}, '\\') THEN json_extract_string(${sql}, '$') ELSE ${sql}[2:-2] END, ' ') WHEN ${isNumberSql(sql)} THEN CASE WHEN strlen(${sql}) > ${DOUBLE_DIGITS} THEN mr_super_key(${sql}) END WHEN ${isContainerSql(sql)} THEN mr_super_key(${sql}) WHEN ${sql} <> 'null' THEN ${sql} END`;
  return [rank, number, text];
}
