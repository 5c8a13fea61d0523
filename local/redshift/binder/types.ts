import { INTERVAL_FIELDS } from '../statements/typename.ts';
import { maximumBytes, typeFacts, usualVarbyteBytes } from '../type-facts.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';
import type { StaticType } from './bound.ts';

export const INT4: RedshiftType = { kind: 'int4' };
export const INT8: RedshiftType = { kind: 'int8' };
export const FLOAT8: RedshiftType = { kind: 'float8' };
export const BOOL: RedshiftType = { kind: 'bool' };
export const DATE: RedshiftType = { kind: 'date' };
export const TIMESTAMP: RedshiftType = { kind: 'timestamp' };
export const TIMESTAMPTZ: RedshiftType = { kind: 'timestamptz' };
export const SUPER: RedshiftType = { kind: 'super' };
export const VARBYTE: RedshiftType = { kind: 'varbyte' };
export const TEXT: RedshiftType = { kind: 'varchar' };

export const varchar = (length: number | undefined): RedshiftType => ({
  kind: 'varchar',
  length: length === undefined ? undefined : Math.min(maximumBytes.varchar, Math.max(1, length)),
});
export const decimal = (precision: number, scale: number): RedshiftType => ({
  kind: 'decimal',
  precision: Math.min(38, precision),
  scale: Math.min(37, scale),
});

const INTEGERS = ['int2', 'int4', 'int8'];
export const isInteger = (type: StaticType): boolean => INTEGERS.includes(type.kind);
export const isFloat = (type: StaticType): boolean => type.kind === 'float4' || type.kind === 'float8';
export const isNumeric = (type: StaticType): boolean => isInteger(type) || isFloat(type) || type.kind === 'decimal';
export const isText = (type: StaticType): boolean => type.kind === 'varchar' || type.kind === 'char';
export const isInterval = (type: StaticType): boolean => type.kind.startsWith('interval');
export const isMoment = (type: StaticType): boolean => ['date', 'timestamp', 'timestamptz'].includes(type.kind);
export const isTime = (type: StaticType): boolean => type.kind === 'time' || type.kind === 'timetz';

/** The DuckDB type in which values of a type are kept and computed. */
export function duckdbType(type: StaticType): string {
  switch (type.kind) {
    case 'int2':
      return 'SMALLINT';
    case 'int4':
      return 'INTEGER';
    case 'int8':
      return 'BIGINT';
    case 'float4':
      return 'FLOAT';
    case 'float8':
      return 'DOUBLE';
    case 'bool':
      return 'BOOLEAN';
    case 'decimal':
      return `DECIMAL(${type.precision ?? 18}, ${type.scale ?? 0})`;
    case 'varbyte':
      return 'BLOB';
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'timetz':
      return type.kind.toUpperCase();
    case 'interval_day_to_second':
    case 'interval_year_to_month':
      return 'INTERVAL';
    default:
      return 'VARCHAR';
  }
}

/** A type's name in messages: without arguments. */
export const typeName = ({ kind }: StaticType): string => (kind === 'unknown' ? kind : typeFacts[kind].name);

/** A type's name as `format_type` prints it: with arguments. */
export function formatType(type: RedshiftType): string {
  const name = typeName(type);
  if (type.kind === 'decimal') return `${name}(${type.precision ?? 18},${type.scale ?? 0})`;
  if (isInterval(type) && type.scale !== undefined) return intervalType(type, type.scale);
  return type.length === undefined ? name : `${name}(${type.length})`;
}

function intervalType({ kind, precision }: RedshiftType, scale: number): string {
  const largest = kind === 'interval_year_to_month' ? 'year' : 'day';
  const smallest = INTERVAL_FIELDS[scale];
  const digits = precision === undefined ? '' : `(${precision})`;
  return `interval ${largest}${smallest === largest ? '' : ` to ${smallest}`}${digits}`;
}

/** The type that a computed column is stored in: texts of unknown length take the most. */
export function storedType(type: RedshiftType): RedshiftType {
  if (type.kind === 'varchar' && type.length === undefined) return { kind: 'varchar', length: maximumBytes.varchar };
  if (type.kind === 'varbyte' && type.length === undefined) return { kind: 'varbyte', length: usualVarbyteBytes };
  if (isInterval(type) && type.scale === undefined)
    return { ...type, scale: INTERVAL_FIELDS.indexOf(type.kind === 'interval_year_to_month' ? 'month' : 'second') };
  return type.kind === 'char' && type.length === undefined ? { kind: 'char', length: 1 } : type;
}

/** Digits before and after the point that a number's type can hold. */
export function numericShape(type: StaticType): { precision: number; scale: number } {
  if (type.kind === 'decimal') return { precision: type.precision ?? 18, scale: type.scale ?? 0 };
  return { precision: { int2: 5, int4: 10, int8: 19 }[type.kind as 'int2'] ?? 38, scale: 0 };
}

export function sameType(a: StaticType, b: StaticType): boolean {
  return a.kind === b.kind && a.length === b.length && a.precision === b.precision && a.scale === b.scale;
}

/** From the narrowest on: what two numbers meet in, and how far an implicit cast goes. */
export const NUMERIC_ORDER = ['int2', 'int4', 'int8', 'decimal', 'float4', 'float8'];
const MOMENT_ORDER = ['date', 'timestamp', 'timestamptz'];

/** The type in which values of both types meet (CASE, COALESCE, UNION, comparisons); undefined when they do not. */
export function commonType(a: StaticType, b: StaticType): StaticType | undefined {
  if (a.kind === 'unknown') return b;
  if (b.kind === 'unknown') return a;
  if (a.kind === 'super' || b.kind === 'super') return SUPER;
  if (isNumeric(a) && isNumeric(b)) return commonNumeric(a, b);
  if (isText(a) && isText(b)) return commonText(a, b);
  const moments = [MOMENT_ORDER.indexOf(a.kind), MOMENT_ORDER.indexOf(b.kind)];
  if (Math.min(...moments) >= 0) return { kind: MOMENT_ORDER[Math.max(...moments)] as 'date' };
  if (isTime(a) && isTime(b)) return a.kind === b.kind ? a : { kind: 'timetz' };
  if (a.kind === b.kind) return a.kind === 'varbyte' ? VARBYTE : isInterval(a) ? { kind: a.kind } : a;
  return undefined;
}

function commonNumeric(a: StaticType, b: StaticType): StaticType {
  const highest = NUMERIC_ORDER[
    Math.max(NUMERIC_ORDER.indexOf(a.kind), NUMERIC_ORDER.indexOf(b.kind))
  ] as RedshiftType['kind'];
  if (highest === 'float4' && a.kind !== b.kind) return FLOAT8;
  if (highest !== 'decimal') return { kind: highest };
  const [x, y] = [numericShape(a), numericShape(b)];
  const scale = Math.max(x.scale, y.scale);
  const whole = Math.max(x.precision - x.scale, y.precision - y.scale);
  // The scale is kept where 38 digits are not enough for both: a value that does not fit is an error, never rounded.
  return decimal(whole + scale, scale);
}

function commonText(a: StaticType, b: StaticType): StaticType {
  if (a.kind === 'char' && b.kind === 'char') return { kind: 'char', length: Math.max(a.length ?? 1, b.length ?? 1) };
  return varchar(a.length === undefined || b.length === undefined ? undefined : Math.max(a.length, b.length));
}

export function noSuchCast(from: StaticType, to: StaticType): RedshiftError {
  return new RedshiftError('42846', `cannot cast type ${typeName(from)} to ${typeName(to)}`);
}
