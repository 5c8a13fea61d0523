import { quoteJson } from '../functions/runtime/json-text.ts';
import { quoteText } from '../rewriter/sql.ts';
import { INTERVAL_FIELDS } from '../statements/typename.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';
import { dateText, type Moment, parseMoment, parseTime, type TimeOfDay, timeText, zoneText } from './datetime-text.ts';
import { type IntervalParts, parseInterval, qualified } from './interval-text.ts';
import { duckdbType, formatType, typeName } from './types.ts';

/** A quoted literal as a value of a type, decided when the statement is bound. */
export function literalSql(text: string, type: RedshiftType): string {
  switch (type.kind) {
    case 'varchar':
    case 'char':
      return quoteText(text);
    case 'int2':
    case 'int4':
    case 'int8':
      return integerSql(text, type);
    case 'decimal':
      return decimalSql(text, type);
    case 'float4':
    case 'float8':
      return floatSql(text, type);
    case 'bool':
      return booleanSql(text);
    case 'super':
      return quoteText(quoteJson(text));
    case 'varbyte':
      return `CAST(${quoteText(toBlobText(Buffer.from(text, 'utf8')))} AS BLOB)`;
    case 'interval_day_to_second':
    case 'interval_year_to_month':
      return intervalSql(intervalOf(text, type));
    default:
      return momentSql(text, type);
  }
}

const toBlobText = (bytes: Buffer): string =>
  [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');

const invalid = (text: string, type: RedshiftType): RedshiftError =>
  new RedshiftError(
    '22P02',
    `invalid input syntax for ${type.kind.startsWith('int') ? '' : 'type '}${typeName(type)}: "${text}"`,
  );

const INTEGER_LIMITS = { int2: 32767n, int4: 2147483647n, int8: 9223372036854775807n } as const;

function integerSql(text: string, type: RedshiftType): string {
  const trimmed = text.trim();
  if (!/^[+-]?\d+$/.test(trimmed)) throw invalid(text, type);
  const value = BigInt(trimmed.replace('+', ''));
  const limit = INTEGER_LIMITS[type.kind as 'int4'];
  if (value > limit || value < -limit - 1n) {
    throw new RedshiftError('22003', `value "${trimmed}" is out of range for type ${typeName(type)}`);
  }
  return `CAST(${value} AS ${duckdbType(type)})`;
}

function decimalSql(text: string, type: RedshiftType): string {
  const trimmed = text.trim();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) throw invalid(text, type);
  if (type.precision === 19 && unitsOf(trimmed, type.scale ?? 0) > INTEGER_LIMITS.int8)
    throw new RedshiftError('22003', 'Numeric data overflow (result precision)');
  return `CAST(${quoteText(trimmed)} AS ${duckdbType(type)})`;
}

/** A number's digits down to a scale, without its sign. */
function unitsOf(number: string, scale: number): bigint {
  const [digits = '', exponent = '0'] = number.replace(/^[+-]/, '').toLowerCase().split('e');
  const [whole = '', fraction = ''] = digits.split('.');
  const places = scale + Number(exponent);
  const all = `${whole}${fraction.padEnd(Math.max(places, 0), '0')}`;
  return BigInt(all.slice(0, Math.max(whole.length + places, 0)) || '0');
}

function floatSql(text: string, type: RedshiftType): string {
  const trimmed = text.trim();
  if (!/^([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|nan|[+-]?infinity)$/i.test(trimmed)) throw invalid(text, type);
  return `CAST(${quoteText(trimmed)} AS ${duckdbType(type)})`;
}

const TRUE = ['t', 'tr', 'tru', 'true', 'y', 'ye', 'yes', 'on', '1'];
const FALSE = ['f', 'fa', 'fal', 'fals', 'false', 'n', 'no', 'off', '0'];

function booleanSql(text: string): string {
  const word = text.trim().toLowerCase();
  if (TRUE.includes(word)) return 'TRUE';
  if (FALSE.includes(word)) return 'FALSE';
  throw new RedshiftError('22P02', `invalid input syntax for type boolean: "${text}"`);
}

/** `'now'`, `'today'` and their kin are read when the statement runs. */
const NOW = 'CAST(current_timestamp AS TIMESTAMP)';
const SPECIAL: Readonly<Record<string, string>> = {
  now: NOW,
  today: `date_trunc('day', ${NOW})`,
  tomorrow: `(date_trunc('day', ${NOW}) + INTERVAL 1 DAY)`,
  yesterday: `(date_trunc('day', ${NOW}) - INTERVAL 1 DAY)`,
  epoch: "TIMESTAMP '1970-01-01'",
};

function momentSql(text: string, type: RedshiftType): string {
  const word = text.trim().toLowerCase();
  const special = Object.hasOwn(SPECIAL, word) ? SPECIAL[word] : undefined;
  if (special && ['date', 'timestamp', 'timestamptz'].includes(type.kind))
    return `CAST(${special} AS ${duckdbType(type)})`;
  const canonical = momentText(text, type.kind as 'date');
  if (canonical === undefined) throw badMoment(text, type);
  return `CAST(${quoteText(canonical)} AS ${duckdbType(type)})`;
}

function badMoment(text: string, type: RedshiftType): RedshiftError {
  return new RedshiftError('22007', `invalid input syntax for type ${typeName(type)}: "${text}"`);
}

/** A text as DuckDB spells the date or time; undefined when it is none. */
export function momentText(
  text: string,
  kind: 'date' | 'timestamp' | 'timestamptz' | 'time' | 'timetz',
): string | undefined {
  if (kind === 'time' || kind === 'timetz') return timeOfDayText(text, kind);
  const moment = parseMoment(text);
  if (!moment) return undefined;
  if (kind === 'date') return dateText(moment);
  const base = `${dateText(moment)} ${timeText(moment.microseconds % DAY)}`;
  if (moment.microseconds >= DAY) return undefined;
  return kind === 'timestamp' ? base : `${base}${momentZone(moment)}`;
}

/** Where the text says no zone, the session's counts. */
function momentZone(moment: Moment): string {
  if (typeof moment.zone === 'string') return ` ${moment.zone}`;
  return moment.zone === undefined ? '' : zoneText(moment.zone);
}

const DAY = 86_400_000_000;

/** A date before a time of day does not count. */
const timeOf = (text: string): TimeOfDay | undefined =>
  parseTime(text) ?? parseTime(text.trim().replace(/^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[T ]+/, ''));

/** TIMETZ is kept in UTC. */
function timeOfDayText(text: string, kind: 'time' | 'timetz'): string | undefined {
  const time = timeOf(text);
  if (!time || typeof time.zone === 'string') return undefined;
  if (kind === 'time') return timeText(time.microseconds % DAY);
  const utc = time.microseconds - (time.zone ?? 0) * 60_000_000;
  return `${timeText(((utc % DAY) + DAY) % DAY)}${zoneText(0)}`;
}

/** By how many days a time with a zone lies off its own day in UTC: `20:00 PST` is 04:00 of the next. */
export function daysOffInUtc(text: string): number {
  const time = timeOf(text);
  if (!time || typeof time.zone === 'string') return 0;
  return Math.floor((time.microseconds - (time.zone ?? 0) * 60_000_000) / DAY);
}

/** A time with a zone before it is brought to UTC. */
export function writtenTime(text: string): { sql: string; zoneMinutes: number } | undefined {
  const time = timeOf(text);
  if (!time || typeof time.zone === 'string') return undefined;
  return { sql: `CAST('${timeText(time.microseconds % DAY)}' AS TIME)`, zoneMinutes: time.zone ?? 0 };
}

function intervalOf(text: string, { scale, precision }: RedshiftType): IntervalParts {
  const field = scale === undefined ? undefined : INTERVAL_FIELDS[scale];
  const parts = requireInterval(text, field);
  return field === undefined ? parts : qualified(parts, field, precision);
}

export function requireInterval(text: string, qualifier?: string): IntervalParts {
  const parts = parseInterval(text, qualifier);
  if (!parts) throw new RedshiftError('22007', `invalid input syntax for type interval: "${text}"`);
  return parts;
}

const mostMicroseconds = 2 ** 63 - 1024;
const mostUnits = 2 ** 31 - 1;

export function intervalSql(parts: IntervalParts): string {
  const isTooLong = Math.abs(parts.months) > mostUnits || Math.abs(parts.days) > mostUnits;
  if (isTooLong || Math.abs(parts.microseconds) > mostMicroseconds)
    throw new RedshiftError('22008', 'interval field value out of range');
  return `(to_months(${parts.months}) + to_days(${parts.days}) + to_microseconds(${BigInt(parts.microseconds)}))`;
}

/** Bytes of a text, as VARCHAR(n) counts them. */
export const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Cuts a text to at most so many bytes, never inside a character. */
export function truncateBytes(text: string, bytes: number): string {
  if (byteLength(text) <= bytes) return text;
  const buffer = Buffer.from(text, 'utf8');
  let end = bytes;
  while (end > 0 && ((buffer[end] as number) & 0xc0) === 0x80) end -= 1;
  return buffer.subarray(0, end).toString('utf8');
}

export const tooLong = (type: RedshiftType): RedshiftError =>
  new RedshiftError('22001', `value too long for type ${formatType(type)}`);
