import { type Bound, combine, type StaticType } from '../binder/bound.ts';
import { cast } from '../binder/casts.ts';
import { datePart } from '../binder/date-part-names.ts';
import { FLOAT8, INT4, INT8, isInterval, isMoment, isTime, TIMESTAMP } from '../binder/types.ts';
import { RedshiftError } from '../types.ts';
import { type FunctionCall, literalText, noSuchFunction, requireCount } from './define.ts';

/** The date part that the first argument names. */
export function partOf(call: FunctionCall): string {
  const text = literalText(call.arguments[0]);
  const part = text === undefined ? undefined : datePart(text);
  if (part === undefined) throw new RedshiftError('22023', `timestamp units "${text ?? '?'}" not recognized`);
  return part;
}

/** Literals become timestamps (or the time that they are). */
export function moment(value: Bound): Bound {
  if (isMoment(value.type) || isTime(value.type) || isInterval(value.type)) return value;
  return cast(value, TIMESTAMP, 'implicit');
}

export const unsupportedUnits = (type: StaticType, part: string): RedshiftError =>
  new RedshiftError('22023', `"${type.kind}" units "${part}" not supported`);

const TRUNCATED = new Set([
  'microsecond',
  'millisecond',
  'second',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'decade',
]);

/** DATE_TRUNC answers a timestamp; weeks begin on Monday. */
export function dateTrunc(call: FunctionCall): Bound {
  requireCount(call, 2);
  const part = partOf(call);
  const value = moment(call.arguments[1] as Bound);
  if (isTime(value.type)) throw noSuchFunction(call);
  const isLong = part === 'millennium' || part === 'century';
  if (!isLong && !TRUNCATED.has(part)) throw unsupportedUnits(value.type, part);
  if (isInterval(value.type)) return combine(`date_trunc('${part}', ${value.sql})`, value.type, [value]);
  const type: StaticType = value.type.kind === 'date' ? TIMESTAMP : value.type;
  const target = type.kind.toUpperCase();
  const base = cast(value, type, 'implicit').sql;
  if (!isLong) return combine(`CAST(date_trunc('${part}', ${base}) AS ${target})`, type, [value]);
  const years = part === 'century' ? 100 : 1000;
  const first = `make_date(CAST(((year(${base}) - 1) // ${years}) * ${years} + 1 AS BIGINT), 1, 1)`;
  return combine(`CAST(${first} AS ${target})`, type, [value]);
}

/** Parts that a date has; the ends of centuries and millennia are their years 100 and 1000, decades begin with 0 and are counted from 1. */
const CALENDAR: Readonly<Record<string, string>> = {
  year: 'year(#)',
  month: 'month(#)',
  day: 'day(#)',
  week: 'week(#)',
  quarter: 'quarter(#)',
  dayofweek: 'dayofweek(#)',
  dayofyear: 'dayofyear(#)',
  isodow: 'isodow(#)',
  isoyear: 'isoyear(#)',
  decade: '(year(#) // 10 + 1)',
  century: '((year(#) + 99) // 100)',
  millennium: '((year(#) + 999) // 1000)',
};
const OF_INTERVALS = new Set(['year', 'month', 'day', 'decade', 'century', 'millennium', 'quarter']);
const CLOCK: Readonly<Record<string, string>> = { hour: 'hour(#)', minute: 'minute(#)' };
const ZONE: Readonly<Record<string, string>> = {
  timezone: '# * 60',
  timezone_hour: '# // 60',
  timezone_minute: '# % 60',
};

interface Field {
  readonly sql: string;
  readonly type: StaticType;
}

const own = (table: Readonly<Record<string, string>>, part: string): string | undefined =>
  Object.hasOwn(table, part) ? table[part] : undefined;

function fieldSql(part: string, value: Bound): Field {
  const calendar = own(CALENDAR, part);
  const hasPart = isInterval(value.type) ? OF_INTERVALS.has(part) : !isTime(value.type);
  const whole = (hasPart ? calendar : undefined) ?? own(CLOCK, part);
  if (whole) return { sql: `CAST(${whole.replaceAll('#', () => value.sql)} AS INTEGER)`, type: INT4 };
  if (part in ZONE) return zoneField(part, value);
  if (part === 'epoch') return epoch(value);
  const micros = `microsecond(${value.sql})`;
  if (part === 'second') return { sql: `(CAST(${micros} AS DOUBLE) / 1000000)`, type: FLOAT8 };
  if (part === 'millisecond') return { sql: `CAST((${micros} % 1000000) // 1000 AS INTEGER)`, type: INT4 };
  if (part === 'microsecond') return { sql: `(${micros} % 1000000)`, type: INT8 };
  throw unsupportedUnits(value.type, part);
}

function epoch(value: Bound): Field {
  const seconds = `epoch(${value.sql})`;
  return isInterval(value.type)
    ? { sql: seconds, type: FLOAT8 }
    : { sql: `CAST(floor(${seconds}) AS BIGINT)`, type: INT8 };
}

/** A TIMETZ constant has the zone that it is written with; everything else is kept in UTC, and shown in the session's zone. */
function zoneField(part: string, value: Bound): Field {
  const minutes = value.written
    ? String(value.written.zoneMinutes)
    : value.type.kind === 'timestamptz'
      ? `(timezone(${value.sql}) // 60)`
      : value.type.kind === 'timetz'
        ? '0'
        : undefined;
  if (minutes === undefined) throw unsupportedUnits(value.type, part);
  const sql = (own(ZONE, part) as string).replace('#', () => `trunc(${minutes})`).replace('//', '/');
  return { sql: `CAST(trunc(${sql}) AS INTEGER)`, type: INT4 };
}

/** DATE_PART answers a double, seconds with their fraction. */
export function part(call: FunctionCall): Bound {
  requireCount(call, 2);
  const value = moment(call.arguments[1] as Bound);
  const { sql } = fieldSql(partOf(call), value);
  return combine(`CAST(${sql} AS DOUBLE)`, FLOAT8, [value], { name: 'pgdate_part' });
}

/** EXTRACT answers whole numbers; of a timestamp with a zone as doubles. A TIMETZ constant is read as it is written. */
export function extract(call: FunctionCall): Bound {
  requireCount(call, 2);
  const given = moment(call.arguments[1] as Bound);
  const value = given.written ? { ...given, sql: given.written.sql } : given;
  const field = fieldSql(partOf(call), value);
  const isFraction = field.type.kind === 'float8';
  const sql = isFraction ? `CAST(floor(${field.sql}) AS INTEGER)` : field.sql;
  if (value.type.kind === 'timestamptz')
    return combine(`CAST(${sql} AS DOUBLE)`, FLOAT8, [value], { name: 'date_part' });
  return combine(sql, isFraction ? INT4 : field.type, [value], { name: 'date_part' });
}
