import { type Moment, midnight, parseMoment } from '../../binder/datetime-text.ts';
import { pieces } from './date-patterns.ts';
import { ordinalSuffix } from './format-numbers.ts';
import { parseFormatted } from './parse-dates.ts';
import type { RuntimeFunction } from './runtime.ts';
import { type LocalZone, offsetText, UTC, zoneAbbreviation } from './zone-names.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const ROMAN_MONTHS = ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII'];
interface Calendar {
  readonly moment: Moment;
  readonly dayOfWeek: number;
  readonly dayOfYear: number;
  readonly isoYear: number;
  readonly isoWeek: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly zone: LocalZone;
}

const instantOf = ({ moment, zone }: Calendar): number =>
  midnight(moment.year, moment.month, moment.day) + moment.microseconds / 1000 - zone.offsetSeconds * 1000;

function calendar(moment: Moment, zone: LocalZone): Calendar {
  const day = midnight(moment.year, moment.month, moment.day);
  const dayOfWeek = new Date(day).getUTCDay();
  const dayOfYear = Math.round((day - midnight(moment.year, 1, 1)) / 86_400_000) + 1;
  const thursday = new Date(day + (4 - (dayOfWeek || 7)) * 86_400_000);
  const isoYear = thursday.getUTCFullYear();
  const isoWeek = Math.floor((thursday.getTime() - midnight(isoYear, 1, 1)) / 604_800_000) + 1;
  const seconds = Math.floor(moment.microseconds / 1e6);
  return {
    moment,
    dayOfWeek,
    dayOfYear,
    isoYear,
    isoWeek,
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    zone,
  };
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
const half = (c: Calendar): string => (c.hour < 12 ? 'AM' : 'PM');
const styled = (word: string, name: string): string =>
  name === name.toUpperCase() ? word.toUpperCase() : name === name.toLowerCase() ? word.toLowerCase() : word;

const NUMBERS: Readonly<Record<string, (c: Calendar) => [number, number]>> = {
  YYYY: (c) => [c.moment.year, 4],
  YYY: (c) => [c.moment.year % 1000, 3],
  YY: (c) => [c.moment.year % 100, 2],
  Y: (c) => [c.moment.year % 10, 1],
  IYYY: (c) => [c.isoYear, 4],
  IYY: (c) => [c.isoYear % 1000, 3],
  IY: (c) => [c.isoYear % 100, 2],
  I: (c) => [c.isoYear % 10, 1],
  MM: (c) => [c.moment.month, 2],
  DD: (c) => [c.moment.day, 2],
  DDD: (c) => [c.dayOfYear, 3],
  IDDD: (c) => [(c.isoWeek - 1) * 7 + (c.dayOfWeek || 7), 3],
  D: (c) => [c.dayOfWeek + 1, 1],
  ID: (c) => [c.dayOfWeek || 7, 1],
  W: (c) => [Math.ceil(c.moment.day / 7), 1],
  WW: (c) => [Math.ceil(c.dayOfYear / 7), 2],
  IW: (c) => [c.isoWeek, 2],
  CC: (c) => [Math.ceil(c.moment.year / 100), 2],
  Q: (c) => [Math.ceil(c.moment.month / 3), 1],
  J: (c) => [Math.round(midnight(c.moment.year, c.moment.month, c.moment.day) / 86_400_000) + 2440588, 1],
  HH24: (c) => [c.hour, 2],
  HH12: (c) => [c.hour % 12 || 12, 2],
  HH: (c) => [c.hour % 12 || 12, 2],
  MI: (c) => [c.minute, 2],
  SS: (c) => [c.second, 2],
  MS: (c) => [Math.floor((c.moment.microseconds % 1e6) / 1000), 3],
  US: (c) => [c.moment.microseconds % 1e6, 6],
  SSSS: (c) => [Math.floor(c.moment.microseconds / 1e6), 1],
  SSSSS: (c) => [Math.floor(c.moment.microseconds / 1e6), 1],
};

function word(name: string, c: Calendar, fill: boolean): string | undefined {
  const month = MONTHS[c.moment.month - 1] as string;
  const day = DAYS[c.dayOfWeek] as string;
  switch (name.toUpperCase()) {
    case 'MONTH':
      return styled(month, name).padEnd(fill ? 9 : 0);
    case 'MON':
      return styled(month.slice(0, 3), name);
    case 'DAY':
      return styled(day, name).padEnd(fill ? 9 : 0);
    case 'DY':
      return styled(day.slice(0, 3), name);
    case 'AM':
    case 'PM':
      return styled(half(c), name);
    case 'A.M.':
    case 'P.M.':
      return styled(
        half(c)
          .split('')
          .map((letter) => `${letter}.`)
          .join(''),
        name,
      );
    case 'AD':
    case 'BC':
      return styled('AD', name);
    case 'RM':
      return styled(ROMAN_MONTHS[c.moment.month - 1] as string, name).padEnd(fill ? 4 : 0);
    case 'Y,YYY':
      return `${Math.floor(c.moment.year / 1000)},${pad(c.moment.year % 1000, 3)}`;
    case 'TZ':
      return styled(zoneAbbreviation(c.zone, instantOf(c)), name);
    case 'OF':
      return offsetText(c.zone);
    default:
      return undefined;
  }
}

/** TO_CHAR of a timestamp. */
function formatMoment(text: string, format: string, zone: LocalZone = UTC): string | null {
  const moment = parseMoment(text);
  if (!moment) return null;
  const c = calendar(moment, zone);
  let out = '';
  let fill = true;
  let last = 0;
  for (const piece of pieces(format)) {
    if (piece.kind === 'text') {
      out += piece.text;
    } else if (piece.name === 'FM') {
      fill = false;
      continue;
    } else if (piece.name === 'TH' || piece.name === 'th') {
      out += styled(ordinalSuffix(last), piece.name);
    } else {
      const number = NUMBERS[piece.name.toUpperCase()]?.(c);
      if (number) last = number[0];
      out += number ? pad(number[0], fill ? number[1] : 1) : (word(piece.name, c, fill) ?? piece.name);
    }
    fill = true;
  }
  return out;
}

export const FORMAT_DATE_RUNTIME: readonly RuntimeFunction[] = [
  {
    name: 'mr_to_char_moment',
    parameters: 4,
    body: (text, format, zone, offset) =>
      text == null || format == null
        ? null
        : formatMoment(text.replace(/\+00$/, ''), format, { name: zone ?? 'UTC', offsetSeconds: Number(offset ?? 0) }),
  },
  {
    name: 'mr_to_moment',
    parameters: 4,
    body: (text, format, strict, kind) =>
      text == null || format == null ? null : parseFormatted(text, format, strict ?? 'false', kind ?? 'date'),
  },
];
