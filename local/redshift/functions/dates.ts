import { type Bound, combine, type StaticType } from '../binder/bound.ts';
import { cast } from '../binder/casts.ts';
import { datePart } from '../binder/interval-text.ts';
import { DATE, FLOAT8, INT4, INT8, isMoment, isTime, TEXT, TIMESTAMP, TIMESTAMPTZ } from '../binder/types.ts';
import { bindOnce } from '../rewriter/sql.ts';
import { RedshiftError } from '../types.ts';
import {
  type FunctionCall,
  type FunctionEntry,
  literalText,
  noSuchFunction,
  requireCount,
  scalar,
  signature,
  special,
} from './define.ts';

/** The date part that the first argument names. */
function partOf(call: FunctionCall, index = 0): string {
  const text = literalText(call.arguments[index]);
  const part = text === undefined ? undefined : datePart(text);
  if (part === undefined) throw new RedshiftError('22023', `timestamp units "${text ?? '?'}" not recognized`);
  return part;
}

/** Literals become timestamps (or the time that they are). */
function moment(value: Bound): Bound {
  if (isMoment(value.type) || isTime(value.type) || value.type.kind.startsWith('interval')) return value;
  return cast(value, TIMESTAMP, 'implicit');
}

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

/** DATEADD: a date stays a date only where the part is a day or more… and Redshift answers a timestamp all the same. */
function dateAdd(call: FunctionCall): Bound {
  requireCount(call, 3);
  const part = partOf(call);
  const amount = cast(call.arguments[1] as Bound, INT8, 'implicit');
  const value = moment(call.arguments[2] as Bound);
  const interval = DAYS_AND_SMALLER[part];
  if (isTime(value.type)) return addToTime(value, amount, part);
  const type: StaticType = value.type.kind === 'date' ? TIMESTAMP : value.type;
  const base = cast(value, type, 'implicit').sql;
  if (interval) return combine(`(${base} + ${interval.replaceAll('#', amount.sql)})`, type, [amount, value]);
  if (part in MONTHS)
    return combine(`(${base} + to_months(CAST(${MONTHS[part]} * ${amount.sql} AS INTEGER)))`, type, [amount, value]);
  if (part in YEARS)
    return combine(addYears(base, `CAST(${YEARS[part]} * ${amount.sql} AS INTEGER)`), type, [amount, value]);
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

function addToTime(value: Bound, amount: Bound, part: string): Bound {
  const interval = DAYS_AND_SMALLER[part];
  if (!interval || ['week', 'day', 'dayofyear', 'dayofweek'].includes(part))
    throw new RedshiftError('22023', `"${part}" is not valid for a time`);
  return combine(`(${value.sql} + ${interval.replaceAll('#', amount.sql)})`, value.type, [amount, value]);
}

/** How many Sundays have begun since 4 January 1970. */
const sundays = (moment: string): string =>
  `CAST(floor(date_diff('day', TIMESTAMP '1970-01-04', ${moment}) / 7.0) AS BIGINT)`;

const DIFFERENCE: Readonly<Record<string, string>> = { dayofyear: 'day', dayofweek: 'day' };

/** DATEDIFF counts the boundaries crossed; weeks begin on Sunday. */
function dateDiff(call: FunctionCall): Bound {
  requireCount(call, 3);
  const part = partOf(call);
  const [from, to] = [moment(call.arguments[1] as Bound), moment(call.arguments[2] as Bound)];
  if (part === 'epoch') throw new RedshiftError('22023', 'timestamp units "epoch" not supported');
  if (isTime(from.type)) {
    const base = (value: Bound): string => `(DATE '2000-01-01' + CAST(${value.sql} AS TIME))`;
    return combine(`date_diff('${part}', ${base(from)}, ${base(to)})`, INT8, [from, to]);
  }
  const [a, b] = [`CAST(${from.sql} AS TIMESTAMP)`, `CAST(${to.sql} AS TIMESTAMP)`];
  if (part === 'week') return combine(`(${sundays(b)} - ${sundays(a)})`, INT8, [from, to]);
  return combine(`date_diff('${DIFFERENCE[part] ?? part}', ${a}, ${b})`, INT8, [from, to]);
}

/** DATE_TRUNC answers a timestamp; weeks begin on Monday. */
function dateTrunc(call: FunctionCall): Bound {
  requireCount(call, 2);
  const part = partOf(call);
  const value = moment(call.arguments[1] as Bound);
  if (value.type.kind.startsWith('interval'))
    return combine(`date_trunc('${part}', ${value.sql})`, value.type, [value]);
  const type: StaticType = value.type.kind === 'date' ? TIMESTAMP : value.type;
  const base = cast(value, type, 'implicit').sql;
  if (part === 'millennium' || part === 'century') {
    const years = part === 'century' ? 100 : 1000;
    return combine(
      `CAST(make_date(CAST(((year(${base}) - 1) // ${years}) * ${years} + 1 AS BIGINT), 1, 1) AS ${type.kind.toUpperCase()})`,
      type,
      [value],
    );
  }
  return combine(`CAST(date_trunc('${part}', ${base}) AS ${type.kind.toUpperCase()})`, type, [value]);
}

const PARTS: Readonly<Record<string, string>> = {
  year: 'year(#)',
  month: 'month(#)',
  day: 'day(#)',
  hour: 'hour(#)',
  minute: 'minute(#)',
  week: 'week(#)',
  quarter: 'quarter(#)',
  dayofweek: 'dayofweek(#)',
  dayofyear: 'dayofyear(#)',
  century: 'century(#)',
  millennium: 'millennium(#)',
  decade: '(year(#) // 10)',
  isodow: 'isodow(#)',
  isoyear: 'isoyear(#)',
};

function fieldSql(part: string, value: Bound): { sql: string; type: StaticType } {
  const base = value.sql;
  const field = Object.hasOwn(PARTS, part) ? PARTS[part] : undefined;
  if (field) {
    const rounded =
      part === 'decade' || part === 'century' || part === 'millennium'
        ? roundedUp(part, base)
        : field.replaceAll('#', base);
    return { sql: `CAST(${rounded} AS INTEGER)`, type: INT4 };
  }
  if (part === 'epoch')
    return {
      sql: value.type.kind.startsWith('interval') ? `epoch(${base})` : `CAST(floor(epoch(${base})) AS BIGINT)`,
      type: value.type.kind.startsWith('interval') ? FLOAT8 : INT8,
    };
  if (part === 'second') return { sql: `(CAST(microsecond(${base}) AS DOUBLE) / 1000000)`, type: FLOAT8 };
  if (part === 'millisecond') return { sql: `CAST((microsecond(${base}) % 1000000) // 1000 AS INTEGER)`, type: INT4 };
  if (part === 'microsecond') return { sql: `(microsecond(${base}) % 1000000)`, type: INT8 };
  if (part === 'timezone' || part.startsWith('timezone_'))
    return { sql: `CAST(${part}(${base}) AS INTEGER)`, type: INT4 };
  throw new RedshiftError('22023', `timestamp units "${part}" not recognized`);
}

/** Centuries and millennia begin with year 1, decades with year 0 — except that Redshift counts 2010 as the 202nd decade's beginning. */
function roundedUp(part: string, base: string): string {
  if (part === 'decade') return `((year(${base}) + 9) // 10 + CASE WHEN year(${base}) % 10 = 0 THEN 1 ELSE 0 END)`;
  const years = part === 'century' ? 100 : 1000;
  return `((year(${base}) + ${years - 1}) // ${years})`;
}

/** DATE_PART answers seconds with their fraction. */
function part(call: FunctionCall): Bound {
  requireCount(call, 2);
  const value = moment(call.arguments[1] as Bound);
  const { sql, type } = fieldSql(partOf(call), value);
  return combine(sql, type, [value], { name: call.name === 'pgdate_part' ? 'date_part' : call.name });
}

/** EXTRACT of seconds is a whole number. */
function extract(call: FunctionCall): Bound {
  const bound = part({ ...call, name: 'date_part' });
  if (bound.type.kind !== 'float8') return bound;
  return { ...bound, sql: `CAST(floor(${bound.sql}) AS INTEGER)`, type: INT4 };
}

const now = (type: StaticType, sql: string, name: string): FunctionEntry =>
  special((call) => {
    if (call.arguments.length > 1) throw noSuchFunction(call);
    return combine(sql, type, [], { name });
  });
const NOW_UTC = "CAST(timezone('UTC', current_timestamp) AS TIMESTAMP)";

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

function convertTimezone(call: FunctionCall): Bound {
  requireCount(call, 2, 3);
  const hasSource = call.arguments.length === 3;
  const source = hasSource ? cast(call.arguments[0] as Bound, TEXT, 'implicit').sql : "'UTC'";
  const target = cast(call.arguments[hasSource ? 1 : 0] as Bound, TEXT, 'implicit').sql;
  const value = call.arguments.at(-1) as Bound;
  const stamp =
    value.type.kind === 'timestamptz' && !hasSource
      ? cast(value, TIMESTAMP, 'implicit')
      : cast(value, TIMESTAMP, 'implicit');
  return combine(
    `CAST(mr_convert_timezone(${source}, ${target}, CAST(${stamp.sql} AS VARCHAR)) AS TIMESTAMP)`,
    TIMESTAMP,
    call.arguments,
  );
}

/** `value AT TIME ZONE zone`: a timestamp becomes one with zone, and the other way round. */
function timezone(call: FunctionCall): Bound {
  requireCount(call, 2);
  const zone = cast(call.arguments[0] as Bound, TEXT, 'implicit').sql;
  const value = moment(call.arguments[1] as Bound);
  const text = `CAST(${cast(value, value.type.kind === 'timestamptz' ? TIMESTAMP : TIMESTAMP, 'implicit').sql} AS VARCHAR)`;
  if (value.type.kind === 'timestamptz')
    return combine(`CAST(mr_convert_timezone('UTC', ${zone}, ${text}) AS TIMESTAMP)`, TIMESTAMP, [value]);
  return combine(`CAST(mr_convert_timezone(${zone}, 'UTC', ${text}) || '+00' AS TIMESTAMPTZ)`, TIMESTAMPTZ, [value]);
}

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
  getdate: now(TIMESTAMP, `date_trunc('second', ${NOW_UTC})`, 'getdate'),
  sysdate: now(TIMESTAMP, NOW_UTC, 'timestamp'),
  now: now(TIMESTAMPTZ, 'current_timestamp', 'now'),
  current_timestamp: now(TIMESTAMPTZ, 'current_timestamp', 'timestamptz'),
  current_date: now(DATE, `CAST(${NOW_UTC} AS DATE)`, 'date'),
  current_time: now({ kind: 'timetz' }, `CAST(CAST(${NOW_UTC} AS TIME) AS TIMETZ)`, 'timetz'),
  localtimestamp: now(TIMESTAMP, NOW_UTC, 'timestamp'),
  localtime: now({ kind: 'time' }, `CAST(${NOW_UTC} AS TIME)`, 'time'),
  add_months: addMonths,
  months_between: monthsBetween,
  last_day: special(lastDay),
  next_day: nextDay,
  convert_timezone: special(convertTimezone),
  timezone: special(timezone),
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
  timeofday: now({ kind: 'varchar' }, `strftime(${NOW_UTC}, '%a %b %d %H:%M:%S.%f %Y UTC')`, 'timeofday'),
};
