import { bindOnce, quoteText, raise } from '../rewriter/sql.ts';
import { maximumBytes } from '../type-facts.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';
import { type Bound, combine, type StaticType } from './bound.ts';
import { byteLength, literalSql, tooLong, truncateBytes } from './literals.ts';
import { castFromSuper, castToSuper } from './super.ts';
import {
  duckdbType,
  formatType,
  isFloat,
  isInteger,
  isInterval,
  isMoment,
  isNumeric,
  isText,
  isTime,
  NUMERIC_ORDER,
  noSuchCast,
  sameType,
  TEXT,
  typeName,
} from './types.ts';

/**
 * How strict a conversion is: `explicit` casts cut a text that is too long, `assignment` (INSERT, UPDATE) refuses it, `implicit` is
 * what an argument or a comparison may do by itself.
 */
export type CastMode = 'explicit' | 'assignment' | 'implicit';

/** Converts an expression to a type by Redshift's rules. */
export function cast(value: Bound, type: StaticType, mode: CastMode): Bound {
  if (type.kind === 'unknown') return value;
  if (value.literal !== undefined) {
    value.note?.(type);
    return castLiteral(value, value.literal, type, mode);
  }
  if (value.type.kind === 'unknown') return combine(`CAST(${value.sql} AS ${duckdbType(type)})`, type, [value]);
  if (sameType(value.type, type)) return value;
  if (value.type.kind === 'super') return castFromSuper(value, type);
  if (type.kind === 'super') return castToSuper(value);
  const sql = isText(type) ? toText(value, type, mode) : convert(value.sql, value.type, type, mode);
  return combine(sql, type, [value], {
    trimmed: type.kind === 'char' || (value.trimmed && isText(type)),
    name: value.name,
    caseInsensitive: value.caseInsensitive,
  });
}

function castLiteral(value: Bound, text: string | null, type: RedshiftType, mode: CastMode): Bound {
  if (text === null) return combine(`CAST(NULL AS ${duckdbType(type)})`, type, [value], { trimmed: true });
  const fitted = isText(type) ? fitLiteral(text, type, mode) : text;
  const trimmed = !fitted.endsWith(' ');
  const kept =
    type.kind === 'varchar' && type.length === undefined
      ? ({ kind: 'varchar', length: Math.max(1, byteLength(fitted)) } as RedshiftType)
      : type;
  return combine(literalSql(fitted, type), kept, [value], { trimmed });
}

function fitLiteral(text: string, type: RedshiftType, mode: CastMode): string {
  const plain = type.kind === 'char' ? text.replace(/ +$/, '') : text;
  if (type.length === undefined || byteLength(plain) <= type.length) return plain;
  if (mode === 'explicit' || byteLength(plain.replace(/ +$/, '')) <= type.length)
    return truncateBytes(plain, type.length);
  throw tooLong(type);
}

/** Any value as text, cut or refused when it is too long. */
function toText(value: Bound, type: RedshiftType, mode: CastMode): string {
  const text = textOf(value.sql, value.type);
  const plain = type.kind === 'char' && value.type.kind !== 'char' ? `rtrim(${text}, ' ')` : text;
  if (type.length === undefined || longest(value.type) <= type.length) return plain;
  if (!isText(value.type) && mode === 'explicit' && type.kind === 'varchar') return checked(plain, type);
  if (mode !== 'assignment')
    return bindOnce(
      plain,
      (t) =>
        `CASE WHEN strlen(${t}) > ${type.length} THEN mr_truncate(${t}, ${quoteText(String(type.length))}) ELSE ${t} END`,
    );
  return checked(plain, type);
}

/** Trailing blanks beyond the length fall off without a word; anything else is an error. */
function checked(text: string, type: RedshiftType): string {
  const message = quoteText(`value too long for type ${formatType(type)}`);
  return bindOnce(
    text,
    (t) =>
      `CASE WHEN strlen(${t}) <= ${type.length} THEN ${t} WHEN strlen(rtrim(${t}, ' ')) <= ${type.length} THEN mr_truncate(${t}, ${quoteText(String(type.length))}) WHEN ${t} IS NOT NULL THEN ${raise('22001', message, 'VARCHAR')} END`,
  );
}

/** The most bytes that a value of this type takes as text. */
function longest(type: StaticType): number {
  if (isText(type)) return type.length ?? maximumBytes.varchar;
  if (type.kind === 'decimal') return (type.precision ?? 18) + 2;
  return (
    { int2: 6, int4: 11, int8: 20, bool: 5, date: 13, timestamp: 29, float4: 15, float8: 24 }[type.kind as 'int2'] ??
    maximumBytes.varchar
  );
}

/** The text form of a value, as clients see it. */
export function textOf(sql: string, type: StaticType): string {
  if (isText(type)) return sql;
  if (type.kind === 'float8') return floatText(sql, 15);
  if (type.kind === 'float4') return floatText(`CAST(${sql} AS DOUBLE)`, 6);
  if (type.kind === 'varbyte') return `decode(${sql})`;
  if (type.kind === 'decimal' && (type.precision ?? 18) === type.scale)
    return `CAST(CAST(${sql} AS DECIMAL(${type.scale + 1}, ${type.scale})) AS VARCHAR)`;
  if (isInterval(type)) return styledIntervalSql(sql, type);
  return `CAST(${sql} AS VARCHAR)`;
}

/** An interval as a cast to text writes it. */
export const styledIntervalSql = (sql: string, type: StaticType, style = 'postgres'): string =>
  `mr_interval_style(CAST(${sql} AS VARCHAR), '${type.kind}', ${quoteText(style)})`;

export const floatText = (sql: string, digits: number): string =>
  `replace(replace(printf('%.${digits}g', ${sql}), 'nan', 'NaN'), 'inf', 'Infinity')`;

/** Conversions between types that are neither text (as target) nor SUPER. */
function convert(sql: string, from: StaticType, to: RedshiftType, mode: CastMode): string {
  if (isText(from)) return fromText(sql, to);
  if (isNumeric(from) && isNumeric(to)) return inEightBytes(`CAST(${sql} AS ${duckdbType(to)})`, to);
  if (isNumeric(from) && to.kind === 'bool') {
    if (!isInteger(from) || mode !== 'explicit') throw noSuchCast(from, to);
    return `(${sql} <> 0)`;
  }
  if (from.kind === 'bool' && isInteger(to) && mode === 'explicit') return `CAST(${sql} AS ${duckdbType(to)})`;
  if (isMoment(from) && isMoment(to)) return `CAST(${sql} AS ${duckdbType(to)})`;
  if (from.kind === 'timestamptz' && to.kind === 'time') return `CAST(CAST(${sql} AS TIMESTAMP) AS TIME)`;
  if (from.kind === 'timestamptz' && to.kind === 'timetz')
    return `CAST(CAST(timezone('UTC', ${sql}) AS TIME) AS TIMETZ)`;
  if (isMoment(from) && isTime(to) && from.kind !== 'date') return `CAST(${sql} AS ${duckdbType(to)})`;
  if (isTime(from) && isTime(to)) return `CAST(${sql} AS ${duckdbType(to)})`;
  if (isInterval(from) && isInterval(to)) return fittedIntervalSql(sql, from, to);
  if (from.kind === to.kind) return from.kind === 'varbyte' ? varbyteLength(sql, to) : sql;
  if (to.kind === 'varbyte' && isInteger(from))
    return `unhex(mr_int_hex(CAST(${sql} AS VARCHAR), '${{ int2: 2, int4: 4, int8: 8 }[from.kind as 'int2']}'))`;
  if (from.kind === 'varbyte' && isInteger(to))
    return `CAST(mr_hex_int(hex(${sql}), '${{ int2: 2, int4: 4, int8: 8 }[to.kind as 'int2']}') AS ${duckdbType(to)})`;
  throw noSuchCast(from, to);
}

const LARGEST_IN_EIGHT_BYTES = '9223372036854775807';

/** DECIMAL of 19 digits is kept in 8 bytes, which do not hold all of them. */
/** A type that has a smallest field takes no more than that, and nothing of the other kind. */
function fittedIntervalSql(sql: string, from: StaticType, to: RedshiftType): string {
  if (to.scale === undefined) return sql;
  if (from.kind !== to.kind) throw noSuchCast(from, to);
  return `CAST(mr_interval_fit(CAST(${sql} AS VARCHAR), '${to.scale}', '${to.precision ?? 6}') AS INTERVAL)`;
}

function inEightBytes(sql: string, type: StaticType): string {
  if (type.kind !== 'decimal' || type.precision !== 19) return sql;
  const at = LARGEST_IN_EIGHT_BYTES.length - (type.scale ?? 0);
  const largest = `CAST('${LARGEST_IN_EIGHT_BYTES.slice(0, at)}.${LARGEST_IN_EIGHT_BYTES.slice(at)}' AS ${duckdbType(type)})`;
  const overflow = raise('22003', quoteText('Numeric data overflow (result precision)'), duckdbType(type));
  return bindOnce(sql, (d) => `CASE WHEN abs(${d}) <= ${largest} THEN ${d} WHEN ${d} IS NOT NULL THEN ${overflow} END`);
}

function varbyteLength(sql: string, to: RedshiftType): string {
  return to.length === undefined || to.length >= maximumBytes.varbyte
    ? sql
    : `unhex(substr(hex(${sql}), 1, ${to.length * 2}))`;
}

/** Text into another type, strictly: what is no value of the type raises an error. */
export function fromText(sql: string, to: RedshiftType): string {
  const target = duckdbType(to);
  if (isInteger(to)) {
    const message = (t: string): string =>
      raise('22P02', `'invalid input syntax for ${typeName(to)}: "' || ${t} || '"'`, target);
    return bindOnce(
      sql,
      (t) =>
        `CASE WHEN regexp_full_match(${t}, '\\s*[-+]?[0-9]+\\s*') THEN CAST(trim(${t}) AS ${target}) WHEN ${t} IS NOT NULL THEN ${message(t)} END`,
    );
  }
  if (to.kind === 'decimal' || isFloat(to)) return inEightBytes(`CAST(trim(${sql}) AS ${target})`, to);
  if (to.kind === 'bool') {
    return bindOnce(
      sql,
      (t) =>
        `CASE WHEN lower(trim(${t})) IN ('t', 'true', 'y', 'yes', 'on', '1') THEN TRUE WHEN lower(trim(${t})) IN ('f', 'false', 'n', 'no', 'off', '0') THEN FALSE WHEN ${t} IS NOT NULL THEN ${raise('22P02', `'invalid input syntax for type boolean: "' || ${t} || '"'`, 'BOOLEAN')} END`,
    );
  }
  if (isMoment(to) || isTime(to)) return momentFromText(sql, to);
  if (to.kind === 'varbyte') return `encode(${sql})`;
  throw noSuchCast(TEXT, to);
}

/** ISO spellings are read natively, the rest by `mr_moment`; what neither reads raises. */
function momentFromText(sql: string, to: RedshiftType): string {
  const target = duckdbType(to);
  const message = (t: string): string =>
    raise('22007', `'invalid input syntax for type ${typeName(to)}: "' || ${t} || '"'`, target);
  const iso = isTime(to)
    ? '^\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?$'
    : '^\\d{4}-\\d\\d-\\d\\d([ T]\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,6})?)?$';
  return bindOnce(
    sql,
    (t) =>
      `CASE WHEN ${t} IS NULL THEN NULL WHEN regexp_matches(${t}, '${iso}') THEN CAST(${t} AS ${target}) ELSE coalesce(CAST(mr_moment(${t}, '${to.kind}') AS ${target}), ${message(t)}) END`,
  );
}

/** Whether an argument may become another type by itself, and how far it is from it; undefined when it may not. */
export function implicitDistance(from: StaticType, to: StaticType): number | undefined {
  if (from.kind === to.kind) return 0;
  if (from.kind === 'unknown') return 1;
  if (isNumeric(from) && isNumeric(to)) return numericDistance(from, to);
  if (isText(from) && isText(to)) return 1;
  if (from.kind === 'date' && (to.kind === 'timestamp' || to.kind === 'timestamptz'))
    return to.kind === 'timestamp' ? 2 : 3;
  if (from.kind === 'timestamp' && to.kind === 'timestamptz') return 2;
  if (from.kind === 'time' && to.kind === 'timetz') return 2;
  if (from.kind === 'super') return 6;
  if (to.kind === 'varchar' && from.kind !== 'varbyte') return 8;
  if (isText(from) && (isMoment(to) || isNumeric(to) || isTime(to))) return 9;
  if (from.kind === 'timestamp' && to.kind === 'date') return 7;
  if (from.kind === 'timestamptz' && (to.kind === 'timestamp' || to.kind === 'date')) return 7;
  return undefined;
}

function numericDistance(from: StaticType, to: StaticType): number | undefined {
  const distance = NUMERIC_ORDER.indexOf(to.kind) - NUMERIC_ORDER.indexOf(from.kind);
  return distance > 0 ? distance : 7 - distance;
}

/** Binds an open literal to what it is when nothing else decides: text. */
export function settle(value: Bound): Bound {
  return value.type.kind === 'unknown' ? cast(value, TEXT, 'implicit') : value;
}

export function requireBoolean(value: Bound, clause: string): Bound {
  if (value.type.kind === 'bool') return value;
  if (value.literal !== undefined || value.type.kind === 'super') return cast(value, { kind: 'bool' }, 'implicit');
  throw new RedshiftError('42804', `argument of ${clause} must be type boolean, not type ${typeName(value.type)}`);
}
