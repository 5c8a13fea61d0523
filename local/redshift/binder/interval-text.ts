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
const SPELLINGS: Readonly<Record<string, string>> = {
  y: 'year',
  yr: 'year',
  yrs: 'year',
  year: 'year',
  years: 'year',
  mon: 'month',
  mons: 'month',
  month: 'month',
  months: 'month',
  q: 'quarter',
  qtr: 'quarter',
  quarter: 'quarter',
  quarters: 'quarter',
  w: 'week',
  week: 'week',
  weeks: 'week',
  d: 'day',
  day: 'day',
  days: 'day',
  h: 'hour',
  hr: 'hour',
  hrs: 'hour',
  hour: 'hour',
  hours: 'hour',
  m: 'minute',
  min: 'minute',
  mins: 'minute',
  minute: 'minute',
  minutes: 'minute',
  s: 'second',
  sec: 'second',
  secs: 'second',
  second: 'second',
  seconds: 'second',
  ms: 'millisecond',
  msec: 'millisecond',
  msecs: 'millisecond',
  msecond: 'millisecond',
  mseconds: 'millisecond',
  millisec: 'millisecond',
  millisecond: 'millisecond',
  milliseconds: 'millisecond',
  us: 'microsecond',
  usec: 'microsecond',
  usecs: 'microsecond',
  microsecond: 'microsecond',
  microseconds: 'microsecond',
  decade: 'decade',
  decades: 'decade',
  dec: 'decade',
  decs: 'decade',
  c: 'century',
  cent: 'century',
  century: 'century',
  centuries: 'century',
  millennium: 'millennium',
  millennia: 'millennium',
  mil: 'millennium',
  mils: 'millennium',
};

const unitOf = (word: string): string | undefined => (Object.hasOwn(SPELLINGS, word) ? SPELLINGS[word] : undefined);

export function parseInterval(text: string, qualifier?: string): IntervalParts | undefined {
  const cleaned = text.trim().toLowerCase().replace(/^@\s*/, '');
  const yearMonth = /^([+-]?)(\d+)-(\d+)$/.exec(cleaned);
  if (yearMonth)
    return {
      months: (yearMonth[1] === '-' ? -1 : 1) * (Number(yearMonth[2]) * 12 + Number(yearMonth[3])),
      days: 0,
      microseconds: 0,
    };
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

const negate = (parts: IntervalParts): IntervalParts => ({
  months: -parts.months,
  days: -parts.days,
  microseconds: -parts.microseconds,
});

function addPart(
  sum: { months: number; days: number; microseconds: number },
  match: RegExpExecArray,
  qualifier: string | undefined,
): boolean {
  const sign = match[1] === '-' ? -1 : 1;
  if (match[2] !== undefined) {
    sum.microseconds +=
      sign * Math.round(Number(match[2]) * 3.6e9 + Number(match[3]) * 6e7 + Number(match[4] ?? 0) * 1e6);
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
  sum.microseconds += Math.round(amount * (MICROSECONDS[unit] as number));
  return true;
}

/** The date parts of DATEADD, DATE_TRUNC and their kin, in one spelling; undefined when it is none. */
export function datePart(word: string): string | undefined {
  const lower = word.trim().toLowerCase();
  const special: Readonly<Record<string, string>> = {
    epoch: 'epoch',
    dow: 'dayofweek',
    dayofweek: 'dayofweek',
    weekday: 'dayofweek',
    dw: 'dayofweek',
    doy: 'dayofyear',
    dayofyear: 'dayofyear',
    dy: 'dayofyear',
    yearday: 'dayofyear',
    timezone: 'timezone',
    timezone_hour: 'timezone_hour',
    timezone_minute: 'timezone_minute',
    qtrs: 'quarter',
    isodow: 'isodow',
    isoyear: 'isoyear',
    microsec: 'microsecond',
    microsecs: 'microsecond',
    usecond: 'microsecond',
    useconds: 'microsecond',
    millisecs: 'millisecond',
    millisecon: 'millisecond',
    cents: 'century',
  };
  if (Object.hasOwn(special, lower)) return special[lower];
  return Object.hasOwn(SPELLINGS, lower) ? SPELLINGS[lower] : undefined;
}
