import { RedshiftError } from '../types.ts';
import { unitOf } from './date-part-names.ts';

/** Intervals from Redshift's spellings: '1 day 2 hours', '1w, 1h', '3-2', '01:02:03', with an optional qualifier. */
export interface IntervalParts {
  readonly months: number;
  readonly days: number;
  readonly microseconds: number;
}

const MONTHS: Readonly<Record<string, number>> = {
  year: 12,
  decade: 120,
  century: 1200,
  millennium: 12000,
  quarter: 3,
  month: 1,
};
const MICROSECONDS: Readonly<Record<string, number>> = {
  hour: 3.6e9,
  minute: 6e7,
  second: 1e6,
  millisecond: 1e3,
  microsecond: 1,
};
export function parseInterval(text: string, qualifier?: string): IntervalParts | undefined {
  const cleaned = withUnits(text.trim().toLowerCase().replace(/^@\s*/, ''), qualifier);
  const yearMonth = /^([+-]?)(\d+)-(\d+)$/.exec(cleaned);
  if (yearMonth)
    return {
      months: (yearMonth[1] === '-' ? -1 : 1) * (Number(yearMonth[2]) * 12 + Number(yearMonth[3])),
      days: 0,
      microseconds: 0,
    };
  // A date, a number's commas and nothing at all are no interval: their figures must not count as seconds.
  if (cleaned === '' || /\d[-+,]\d/.test(cleaned)) return undefined;
  const sum = { months: 0, days: 0, microseconds: 0 };
  const pattern = /([+-]?)\s*(?:(\d+):(\d+)(?::(\d+(?:\.\d+)?))?|(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*))|\s*,\s*|\s+/y;
  let at = 0;
  while (at < cleaned.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(cleaned);
    if (!match || match[0] === '')
      return cleaned.endsWith('ago') && at === cleaned.length - 3 ? negate(sum) : undefined;
    at += match[0].length;
    if (!addPart(sum, match, qualifier)) return undefined;
  }
  return sum;
}

/** `3 4:05:06` DAY TO SECOND, `3 4` DAY TO HOUR and `5:06` MINUTE TO SECOND leave it to the qualifier what their numbers count. */
function withUnits(text: string, qualifier: string | undefined): string {
  if (/^[+-]?\d+ \d+:/.test(text) || qualifier?.startsWith('day to '))
    return text.replace(/^([+-]?)(\d+)\s+(?=\d+(?::|$))/, '$1$2 days $1');
  return qualifier === 'minute to second' ? text.replace(/^([+-]?\d+:\d+(?:\.\d+)?)$/, '0:$1') : text;
}

export const MICROSECONDS_OF_DAY = 8.64e10;
/** What is smaller than a qualifier's last word falls off. */
const SMALLEST: Readonly<Record<string, number>> = { day: MICROSECONDS_OF_DAY, hour: 3.6e9, minute: 6e7, second: 1 };

/** An interval as its qualifier has it: months or days and time, never both. A second's digits are rounded, as the manual's own example is. */
export function qualified(parts: IntervalParts, qualifier: string, precision = 6): IntervalParts {
  const last = qualifier.split(' to ').at(-1) ?? qualifier;
  if (last === 'year' || last === 'month') {
    if (parts.days !== 0 || parts.microseconds !== 0) throw composite('Year To Month', 'day-second');
    return { months: last === 'year' ? Math.trunc(parts.months / 12) * 12 : parts.months, days: 0, microseconds: 0 };
  }
  if (parts.months !== 0) throw composite('Day To Second', 'year-month');
  const step = last === 'second' ? 10 ** (6 - precision) : (SMALLEST[last] ?? 1);
  const steps = (parts.days * MICROSECONDS_OF_DAY + parts.microseconds) / step;
  const total = (last === 'second' ? Math.round(steps) : Math.trunc(steps)) * step;
  const days = Math.trunc(total / MICROSECONDS_OF_DAY);
  return { months: 0, days, microseconds: total - days * MICROSECONDS_OF_DAY };
}

const composite = (kind: string, other: string): RedshiftError =>
  new RedshiftError('22007', `Interval ${kind} literal cannot contain ${other} parts.`);

/** What DuckDB's spelling of an interval says. */
export function readInterval(text: string): IntervalParts {
  const count = (unit: string): number => Number(new RegExp(`(-?\\d+) ${unit}`).exec(text)?.[1] ?? 0);
  const [, sign = '', hours = 0, minutes = 0, seconds = 0] = /(-?)(\d+):(\d+):([\d.]+)$/.exec(text) ?? [];
  const clock = Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1e6);
  return {
    months: count('year') * 12 + count('month'),
    days: count('day'),
    microseconds: sign === '-' ? -clock : clock,
  };
}

/** DuckDB's spelling of an interval (`1 year 2 months 3 days -04:05:06.5`) in Redshift's. */
export function intervalText(text: string, kind: string): string {
  const { months, days: wholeDays, microseconds } = readInterval(text);
  const yearsAndMonths = `${Math.trunc(months / 12)} years ${months % 12} mons`;
  if (kind === 'interval_year_to_month') return yearsAndMonths;
  const total = wholeDays * MICROSECONDS_OF_DAY + microseconds;
  const field = (unit: number, size: number): number => Math.trunc((total / unit) % size) + 0;
  const second = ((total % 6e7) / 1e6)
    .toFixed(6)
    .replace(/(\.\d+?)0+$/, '$1')
    .replace(/^-0\.0$/, '0.0');
  const days = Math.trunc(total / MICROSECONDS_OF_DAY) + 0;
  const rest = `${days} days ${field(3.6e9, 24)} hours ${field(6e7, 60)} mins ${second} secs`;
  return months === 0 ? rest : `${yearsAndMonths} ${rest}`;
}

const negate = (parts: IntervalParts): IntervalParts => ({
  months: -parts.months,
  days: -parts.days,
  microseconds: -parts.microseconds,
});

/** Digits beyond a microsecond fall off; what doubles lose on the way does not count. */
const wholeMicroseconds = (amount: number): number => Math.trunc(amount + Math.sign(amount) * 1e-3);

function addPart(
  sum: { months: number; days: number; microseconds: number },
  match: RegExpExecArray,
  qualifier: string | undefined,
): boolean {
  const sign = match[1] === '-' ? -1 : 1;
  if (match[2] !== undefined) {
    sum.microseconds +=
      sign * wholeMicroseconds(Number(match[2]) * 3.6e9 + Number(match[3]) * 6e7 + Number(match[4] ?? 0) * 1e6);
    return true;
  }
  if (match[5] === undefined) return true;
  const unit = match[6] ? unitOf(match[6]) : (qualifier?.split(' to ').at(-1) ?? (qualifier ? undefined : 'second'));
  if (unit === undefined) return false;
  return addUnit(sum, sign * Number(match[5]), unit);
}

function addUnit(sum: { months: number; days: number; microseconds: number }, amount: number, unit: string): boolean {
  const months = MONTHS[unit];
  if (months !== undefined) {
    sum.months += Math.trunc(amount * months);
    sum.days += Math.trunc((amount * months - Math.trunc(amount * months)) * 30);
    return true;
  }
  if (unit === 'day' || unit === 'week') {
    const days = amount * (unit === 'week' ? 7 : 1);
    sum.days += Math.trunc(days);
    sum.microseconds += Math.round((days - Math.trunc(days)) * 8.64e10);
    return true;
  }
  sum.microseconds += wholeMicroseconds(amount * (MICROSECONDS[unit] as number));
  return true;
}
