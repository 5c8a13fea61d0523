import { type Bound, combine, type StaticType } from '../binder/bound.ts';
import { cast } from '../binder/casts.ts';
import { DATE, FLOAT8, INT4, INT8, isInterval, isTime, TIMESTAMP, TIMESTAMPTZ } from '../binder/types.ts';
import { bindOnce } from '../rewriter/sql.ts';
import { RedshiftError } from '../types.ts';
import { dateTrunc, extract, moment, part, partOf, unsupportedUnits } from './date-parts.ts';
import {
  type FunctionCall,
  type FunctionEntry,
  noSuchFunction,
  requireCount,
  scalar,
  signature,
  special,
} from './define.ts';
import { TIMEZONES } from './timezones.ts';

const DAYS_AND_SMALLER: Readonly<Record<string, string>> = {
  week: 'to_days(CAST(7 * (#) AS INTEGER))',
  day: 'to_days(CAST(# AS INTEGER))',
  hour: 'to_hours(#)',
  minute: 'to_minutes(#)',
  second: 'to_seconds(CAST(# AS DOUBLE))',
  millisecond: 'to_milliseconds(CAST(# AS DOUBLE))',
  microsecond: 'to_microseconds(#)',
  dayofyear: 'to_days(CAST(# AS INTEGER))',
  dayofweek: 'to_days(CAST(# AS INTEGER))',
};
const MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3 };
const YEARS: Readonly<Record<string, number>> = { year: 1, decade: 10, century: 100, millennium: 1000 };

/** DATEADD answers a timestamp for a date too. */
function dateAdd(call: FunctionCall): Bound {
  requireCount(call, 3);
  const part = partOf(call);
  const amount = cast(call.arguments[1] as Bound, INT8, 'implicit');
  const value = moment(call.arguments[2] as Bound);
  if (isInterval(value.type)) throw noSuchFunction(call);
  const type: StaticType = value.type.kind === 'date' ? TIMESTAMP : value.type;
  const base = cast(value, type, 'implicit').sql;
  return combine(
    isTime(type) ? addToTime(value, amount, part) : addPart(base, amount.sql, part),
    type,
    [amount, value],
    {
      name: 'date_add',
    },
  );
}

function addPart(base: string, amount: string, part: string): string {
  const interval = DAYS_AND_SMALLER[part];
  if (interval) return `(${base} + ${interval.replaceAll('#', () => amount)})`;
  if (part in MONTHS) return `(${base} + to_months(CAST(${MONTHS[part]} * ${amount} AS INTEGER)))`;
  if (part in YEARS) return addYears(base, `CAST(${YEARS[part]} * ${amount} AS INTEGER)`);
  throw new RedshiftError('22023', `timestamp units "${part}" not supported`);
}

/** A 29 February that the target year lacks becomes 1 March. */
function addYears(base: string, years: string): string {
  return bindOnce(
    base,
    (b) =>
      `(${b} + to_years(${years}) + to_days(CASE WHEN month(${b}) = 2 AND day(${b}) = 29 AND day(${b} + to_years(${years})) = 28 THEN 1 ELSE 0 END))`,
  );
}

function addToTime(value: Bound, amount: Bound, part: string): string {
  if (!CLOCK.has(part)) throw unsupportedUnits(value.type, part);
  return `(${value.sql} + ${DAYS_AND_SMALLER[part]?.replaceAll('#', () => amount.sql)})`;
}

/** How many Sundays have begun since 4 January 1970. */
const sundays = (moment: string): string =>
  `CAST(floor(date_diff('day', TIMESTAMP '1970-01-04', ${moment}) / 7.0) AS BIGINT)`;

const DIFFERENCE: Readonly<Record<string, string>> = { dayofyear: 'day', dayofweek: 'day' };
const CLOCK = new Set(['hour', 'minute', 'second', 'millisecond', 'microsecond']);

/** DATEDIFF counts the boundaries crossed; weeks begin on Sunday, centuries with their year 1. */
function dateDiff(call: FunctionCall): Bound {
  requireCount(call, 3);
  const part = partOf(call);
  const [from, to] = twoMoments(call);
  if (part === 'epoch' || part.startsWith('timezone'))
    throw new RedshiftError('22023', `timestamp units "${part}" not supported`);
  if (isTime(from.type) && !CLOCK.has(part)) throw unsupportedUnits(from.type, part);
  return combine(differenceSql(part, from, to), INT8, [from, to], { name: 'date_diff' });
}

/** Two moments or two times: a literal is what the other one is. */
function twoMoments(call: FunctionCall): [Bound, Bound] {
  const [first, second] = call.arguments.slice(1) as [Bound, Bound];
  const read = (value: Bound, other: Bound): Bound =>
    value.type.kind === 'unknown' && isTime(other.type) ? cast(value, other.type, 'implicit') : moment(value);
  const [from, to] = [read(first, second), read(second, first)];
  if (isTime(from.type) !== isTime(to.type) || isInterval(from.type) || isInterval(to.type)) throw noSuchFunction(call);
  return [from, to];
}

function differenceSql(part: string, from: Bound, to: Bound): string {
  if (isTime(from.type)) {
    const base = (value: Bound): string => `(DATE '2000-01-01' + CAST(${value.sql} AS TIME))`;
    return `date_diff('${part}', ${base(from)}, ${base(to)})`;
  }
  const [a, b] = [`CAST(${from.sql} AS TIMESTAMP)`, `CAST(${to.sql} AS TIMESTAMP)`];
  if (part === 'week') return `(${sundays(b)} - ${sundays(a)})`;
  if (part === 'century' || part === 'millennium') return `(${part}(${b}) - ${part}(${a}))`;
  return `date_diff('${DIFFERENCE[part] ?? part}', ${a}, ${b})`;
}

const now = (type: StaticType, sql: string, name: string): FunctionEntry =>
  special((call) => {
    if (call.arguments.length > 1) throw noSuchFunction(call);
    return combine(sql, type, [], { name });
  });
/** In the session's time zone. */
const NOW = 'CAST(current_timestamp AS TIMESTAMP)';
/** When the statement began, whatever the transaction: the clock is read as it is planned. */
const STATEMENT_NOW = "CAST(CAST(mr_clock('') AS TIMESTAMPTZ) AS TIMESTAMP)";

/** ADD_MONTHS: the last day of a month stays the last day. */
const addMonths = scalar(
  signature(['timestamp', 'int4'], TIMESTAMP, (t, n) =>
    bindOnce(
      t,
      (v) =>
        `CASE WHEN ${v} IS NOT NULL THEN CASE WHEN day(${v}) = day(last_day(${v})) THEN CAST(last_day(CAST(${v} AS DATE) + to_months(${n})) AS TIMESTAMP) + (${v} - date_trunc('day', ${v})) ELSE ${v} + to_months(${n}) END END`,
    ),
  ),
);

/** MONTHS_BETWEEN: whole months when the days agree or both are last days, else a fraction of 31 days. */
const monthsBetween = scalar(
  signature(['timestamp', 'timestamp'], FLOAT8, (a, b) =>
    bindOnce(a, (x) =>
      bindOnce(
        b,
        (y) =>
          `CASE WHEN day(${x}) = day(${y}) OR (day(${x}) = day(last_day(${x})) AND day(${y}) = day(last_day(${y}))) THEN CAST((year(${x}) - year(${y})) * 12 + month(${x}) - month(${y}) AS DOUBLE) ELSE (year(${x}) - year(${y})) * 12 + month(${x}) - month(${y}) + (day(${x}) - day(${y}) + (epoch(${x} - date_trunc('day', ${x})) - epoch(${y} - date_trunc('day', ${y}))) / 86400) / 31.0 END`,
      ),
    ),
  ),
);

const compareMoments = (a: string, b: string): string =>
  `CAST(CASE WHEN ${a} < ${b} THEN -1 WHEN ${a} > ${b} THEN 1 WHEN ${a} = ${b} THEN 0 END AS INTEGER)`;

const nextDay = scalar(
  signature(['date', 'text'], DATE, (d, day) => `CAST(mr_next_day(CAST(${d} AS VARCHAR), ${day}) AS DATE)`),
);

const intervalCompare = scalar(signature(['interval', 'interval'], INT4, (a, b) => compareMoments(a, b)));

function lastDay(call: FunctionCall): Bound {
  requireCount(call, 1);
  const value = moment(call.arguments[0] as Bound);
  return combine(`last_day(${value.sql})`, DATE, [value]);
}

export const DATES: Readonly<Record<string, FunctionEntry>> = {
  dateadd: { ...special(dateAdd), takesDatePart: true },
  date_add: { ...special(dateAdd), takesDatePart: true },
  datediff: { ...special(dateDiff), takesDatePart: true },
  date_diff: { ...special(dateDiff), takesDatePart: true },
  date_part: { ...special(part), takesDatePart: true },
  pgdate_part: { ...special(part), takesDatePart: true },
  extract: special(extract),
  date_trunc: { ...special(dateTrunc), takesDatePart: true },
  date_part_year: scalar(signature(['date'], INT4, (d) => `CAST(year(${d}) AS INTEGER)`)),
  getdate: now(TIMESTAMP, `date_trunc('second', ${STATEMENT_NOW})`, 'getdate'),
  sysdate: now(TIMESTAMP, NOW, 'timestamp'),
  now: now(TIMESTAMPTZ, 'current_timestamp', 'now'),
  current_timestamp: now(TIMESTAMPTZ, 'current_timestamp', 'timestamptz'),
  current_date: now(DATE, `CAST(${NOW} AS DATE)`, 'date'),
  current_time: now({ kind: 'timetz' }, `CAST(CAST(${NOW} AS TIME) AS TIMETZ)`, 'timetz'),
  localtimestamp: now(TIMESTAMP, NOW, 'timestamp'),
  localtime: now({ kind: 'time' }, `CAST(${NOW} AS TIME)`, 'time'),
  add_months: addMonths,
  months_between: monthsBetween,
  last_day: special(lastDay),
  next_day: nextDay,
  ...TIMEZONES,
  date_cmp: scalar(signature(['date', 'date'], INT4, compareMoments)),
  date_cmp_timestamp: scalar(signature(['date', 'timestamp'], INT4, compareMoments)),
  date_cmp_timestamptz: scalar(signature(['date', 'timestamptz'], INT4, compareMoments)),
  timestamp_cmp: scalar(signature(['timestamp', 'timestamp'], INT4, compareMoments)),
  timestamp_cmp_date: scalar(signature(['timestamp', 'date'], INT4, compareMoments)),
  timestamp_cmp_timestamptz: scalar(signature(['timestamp', 'timestamptz'], INT4, compareMoments)),
  timestamptz_cmp: scalar(signature(['timestamptz', 'timestamptz'], INT4, compareMoments)),
  timestamptz_cmp_date: scalar(signature(['timestamptz', 'date'], INT4, compareMoments)),
  timestamptz_cmp_timestamp: scalar(signature(['timestamptz', 'timestamp'], INT4, compareMoments)),
  interval_cmp: intervalCompare,
  timeofday: now(
    { kind: 'varchar' },
    `strftime(${STATEMENT_NOW}, '%a %b %d %H:%M:%S.%f %Y ') || current_setting('TimeZone')`,
    'timeofday',
  ),
};
