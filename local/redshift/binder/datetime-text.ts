import { abbreviationMinutes } from './zone-abbreviations.ts';

/** Dates and times from the many spellings that Redshift reads. Pure; used for literals when binding and for texts at run time. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const LONG_MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

export interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Microseconds since midnight. */
  readonly microseconds: number;
  /** Minutes east of UTC, or a zone's name, when the text says one. */
  readonly zone?: number | string;
  readonly hasTime: boolean;
}

/** A day's first millisecond since 1970. Date.UTC takes the years 0 to 99 for 1900 to 1999. */
export const midnight = (year: number, month: number, day: number): number =>
  new Date(0).setUTCFullYear(year, month - 1, day);

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** Reads a date with or without a time; undefined when it is none. */
export function parseMoment(text: string): Moment | undefined {
  const trimmed = yearFirst(text.trim());
  const date = parseDatePart(trimmed);
  if (!date) return undefined;
  const rest = trimmed.slice(date.length).replace(/^[T\s,]+/i, '');
  if (rest === '') return { ...date, microseconds: 0, hasTime: false };
  // Drivers send dates with an offset alone: it says nothing of the day.
  if (/^(?:[+-]\d{1,2}(?::?\d{2})?|z)$/i.test(rest))
    return { ...date, ...(parseTime(`00:00${rest}`) as TimeOfDay), hasTime: false };
  const time = parseTime(rest);
  return time && isDate(date) ? { ...date, ...time, hasTime: true } : undefined;
}

/** `17 Dec 07:37:16 1997 PST` and `Dec 17 07:37:16 1997` have the year behind the time. */
function yearFirst(text: string): string {
  return text.replace(
    /^(?:[a-z]{3,9}\s+)?(\d{1,2}\s+[a-z]{3,9}|[a-z]{3,9}\s+\d{1,2})\s+(\d{1,2}:\S+)\s+(\d{4})(?!\d)/i,
    '$1 $3 $2',
  );
}

interface DatePart {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly length: number;
}

const fullYear = (year: string): number =>
  year.length > 2 ? Number(year) : Number(year) + (Number(year) < 70 ? 2000 : 1900);

/** Days since 24 November 4714 BC; 2440588 is 1 January 1970. */
function julianDay(number: number): { year: number; month: number; day: number } {
  const date = new Date((number - 2_440_588) * 86_400_000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

function dayOfYear(year: number, day: number): { year: number; month: number; day: number } {
  const date = new Date(midnight(year, 1, day));
  return date.getUTCFullYear() === year
    ? { year, month: date.getUTCMonth() + 1, day: date.getUTCDate() }
    : { year, month: 0, day };
}

type Reader = (match: string[]) => { year: number; month: number; day: number };
const DATE_FORMS: readonly [RegExp, Reader][] = [
  [
    /^(\d{4,})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/,
    (m) => ({ year: Number(m[1]), month: Number(m[2]), day: Number(m[3]) }),
  ],
  [/^J(\d{1,8})(?=$|[T\s])/i, (m) => julianDay(Number(m[1]))],
  [/^(\d{4})\.(\d{3})(?=$|[T\s])/i, (m) => dayOfYear(Number(m[1]), Number(m[2]))],
  [
    /^(\d{2})(\d{2})(\d{2})(?=$|[T\s])/i,
    (m) => ({ year: fullYear(m[1] as string), month: Number(m[2]), day: Number(m[3]) }),
  ],
  [/^(\d{4})(\d{2})(\d{2})(?=$|[T\s])/i, (m) => ({ year: Number(m[1]), month: Number(m[2]), day: Number(m[3]) })],
  [
    /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)/,
    (m) => ({ year: fullYear(m[3] as string), month: Number(m[1]), day: Number(m[2]) }),
  ],
  [
    /^(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?!\d)/,
    (m) => ({ year: fullYear(m[3] as string), month: Number(m[2]), day: Number(m[1]) }),
  ],
  [
    /^([a-z]{3,9})[\s,-]+(\d{1,2})(?:st|nd|rd|th)?[\s,-]+(\d{4})(?!\d)/i,
    (m) => ({ year: Number(m[3]), month: monthNumber(m[1] as string), day: Number(m[2]) }),
  ],
  [
    /^(\d{1,2})[\s-]+([a-z]{3,9})[\s,-]+(\d{4})(?!\d)/i,
    (m) => ({ year: Number(m[3]), month: monthNumber(m[2] as string), day: Number(m[1]) }),
  ],
  [
    /^(\d{4})[\s-]+([a-z]{3,9})[\s-]+(\d{1,2})(?!\d)/i,
    (m) => ({ year: Number(m[1]), month: monthNumber(m[2] as string), day: Number(m[3]) }),
  ],
];

export function monthNumber(name: string): number {
  const lower = name.toLowerCase();
  const long = LONG_MONTHS.indexOf(lower);
  return (long >= 0 ? long : MONTHS.indexOf(lower)) + 1;
}

function parseDatePart(text: string): DatePart | undefined {
  for (const [form, read] of DATE_FORMS) {
    const match = form.exec(text);
    if (!match) continue;
    const date = { ...read([...match]), length: match[0].length };
    if (isDate(date)) return date;
  }
  return undefined;
}

export function daysInMonth(year: number, month: number): number {
  return new Date(midnight(year, month + 1, 0)).getUTCDate();
}

function isDate(date: { year: number; month: number; day: number }): boolean {
  return date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= daysInMonth(date.year, date.month);
}

export interface TimeOfDay {
  readonly microseconds: number;
  readonly zone?: number | string;
}

const TIME = /^(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?\s*(?:(am|pm)(?![a-z]))?\s*(.*)$/i;

/** Reads a time of day with or without a zone. */
export function parseTime(text: string): TimeOfDay | undefined {
  const match = TIME.exec(text.trim());
  if (!match) return undefined;
  const [, hourText, minuteText, secondText = '0', fraction = '', half, zoneText = ''] = match;
  let hour = Number(hourText);
  if (half) hour = (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  const [minute, second] = [Number(minuteText), Number(secondText)];
  const micros = Math.round(Number(`0.${fraction || '0'}`) * 1e6);
  if (hour > 24 || minute > 59 || second > 60) return undefined;
  const microseconds = ((hour * 60 + minute) * 60 + second) * 1e6 + micros;
  if (microseconds > 86_400_000_000) return undefined;
  if (zoneText === '') return { microseconds };
  const zone = parseZone(zoneText);
  return zone === undefined ? undefined : { microseconds, zone };
}

function parseZone(text: string): number | string | undefined {
  const offset = /^(?:utc|gmt)?\s*([+-])(\d{1,2}):?(\d{2})?$/i.exec(text);
  if (offset) return (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3] ?? 0));
  const known = abbreviationMinutes(text);
  if (known !== undefined) return known;
  return /^[a-z]+\/[a-z_/+-]+\d*$/i.test(text) ? text : undefined;
}

export const dateText = (moment: { year: number; month: number; day: number }): string =>
  `${pad(moment.year, 4)}-${pad(moment.month)}-${pad(moment.day)}`;

export function timeText(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1e6);
  const fraction = microseconds % 1e6;
  const base = `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return fraction === 0 ? base : `${base}.${pad(fraction, 6)}`;
}

export function zoneText(minutes: number): string {
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(absolute / 60))}:${pad(absolute % 60)}`;
}
