import { dateText, daysInMonth, type Moment, monthNumber, parseMoment, timeText } from '../../binder/datetime-text.ts';
import type { RuntimeFunction } from './runtime.ts';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const ROMAN_MONTHS = ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII'];
const PATTERNS = ['SSSS', 'SSSSS', 'Y,YYY', 'YYYY', 'IYYY', 'MONTH', 'Month', 'month', 'HH24', 'HH12', 'A.M.', 'P.M.', 'a.m.', 'p.m.', 'B.C.', 'A.D.', 'b.c.', 'a.d.', 'YYY', 'IYY', 'MON', 'Mon', 'mon', 'DAY', 'Day', 'day', 'DDD', 'AM', 'PM', 'am', 'pm', 'BC', 'AD', 'bc', 'ad', 'YY', 'IY', 'MM', 'DY', 'Dy', 'dy', 'DD', 'HH', 'MI', 'SS', 'MS', 'US', 'IW', 'WW', 'ID', 'CC', 'RM', 'rm', 'TZ', 'tz', 'OF', 'FM', 'TH', 'th', 'Y', 'I', 'D', 'W', 'J', 'Q'].sort((a, b) => b.length - a.length);

type Piece = { readonly kind: 'pattern'; readonly name: string } | { readonly kind: 'text'; readonly text: string };

/** Cuts a format into patterns and the text between them; quoted text is never a pattern. */
function pieces(format: string): Piece[] {
  const found: Piece[] = [];
  for (let at = 0; at < format.length; ) {
    const quoted = /"([^"]*)"/y;
    quoted.lastIndex = at;
    const text = quoted.exec(format);
    const name = text ? undefined : PATTERNS.find((pattern) => format.startsWith(pattern, at) || format.toUpperCase().startsWith(pattern, at));
    if (text) found.push({ kind: 'text', text: text[1] as string });
    else found.push(name ? { kind: 'pattern', name: PATTERNS.find((pattern) => format.startsWith(pattern, at) && pattern.length === name.length) ?? name } : { kind: 'text', text: format[at] as string });
    at += text ? text[0].length : (name?.length ?? 1);
  }
  return found;
}

interface Calendar {
  readonly moment: Moment;
  readonly dayOfWeek: number;
  readonly dayOfYear: number;
  readonly isoYear: number;
  readonly isoWeek: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

function calendar(moment: Moment): Calendar {
  const day = Date.UTC(moment.year, moment.month - 1, moment.day);
  const dayOfWeek = new Date(day).getUTCDay();
  const dayOfYear = Math.round((day - Date.UTC(moment.year, 0, 1)) / 86_400_000) + 1;
  const thursday = new Date(day + (4 - (dayOfWeek || 7)) * 86_400_000);
  const isoYear = thursday.getUTCFullYear();
  const isoWeek = Math.floor((thursday.getTime() - Date.UTC(isoYear, 0, 1)) / 604_800_000) + 1;
  const seconds = Math.floor(moment.microseconds / 1e6);
  return { moment, dayOfWeek, dayOfYear, isoYear, isoWeek, hour: Math.floor(seconds / 3600), minute: Math.floor(seconds / 60) % 60, second: seconds % 60 };
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
const half = (c: Calendar): string => (c.hour < 12 ? 'AM' : 'PM');
const styled = (word: string, name: string): string => (name === name.toUpperCase() ? word.toUpperCase() : name === name.toLowerCase() ? word.toLowerCase() : word);

const NUMBERS: Readonly<Record<string, (c: Calendar) => [number, number]>> = {
  YYYY: (c) => [c.moment.year, 4], YYY: (c) => [c.moment.year % 1000, 3], YY: (c) => [c.moment.year % 100, 2], Y: (c) => [c.moment.year % 10, 1],
  IYYY: (c) => [c.isoYear, 4], IYY: (c) => [c.isoYear % 1000, 3], IY: (c) => [c.isoYear % 100, 2], I: (c) => [c.isoYear % 10, 1],
  MM: (c) => [c.moment.month, 2], DD: (c) => [c.moment.day, 2], DDD: (c) => [c.dayOfYear, 3], D: (c) => [c.dayOfWeek + 1, 1], ID: (c) => [c.dayOfWeek || 7, 1],
  W: (c) => [Math.ceil(c.moment.day / 7), 1], WW: (c) => [Math.ceil(c.dayOfYear / 7), 2], IW: (c) => [c.isoWeek, 2], CC: (c) => [Math.ceil(c.moment.year / 100), 2], Q: (c) => [Math.ceil(c.moment.month / 3), 1],
  J: (c) => [Math.round(Date.UTC(c.moment.year, c.moment.month - 1, c.moment.day) / 86_400_000) + 2440588, 1],
  HH24: (c) => [c.hour, 2], HH12: (c) => [c.hour % 12 || 12, 2], HH: (c) => [c.hour % 12 || 12, 2], MI: (c) => [c.minute, 2], SS: (c) => [c.second, 2],
  MS: (c) => [Math.floor((c.moment.microseconds % 1e6) / 1000), 3], US: (c) => [c.moment.microseconds % 1e6, 6], SSSS: (c) => [Math.floor(c.moment.microseconds / 1e6), 1], SSSSS: (c) => [Math.floor(c.moment.microseconds / 1e6), 1],
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
      return styled(half(c).split('').map((letter) => `${letter}.`).join(''), name);
    case 'AD':
    case 'BC':
      return styled('AD', name);
    case 'RM':
      return styled(ROMAN_MONTHS[c.moment.month - 1] as string, name).padEnd(fill ? 4 : 0);
    case 'Y,YYY':
      return `${Math.floor(c.moment.year / 1000)},${pad(c.moment.year % 1000, 3)}`;
    case 'TZ':
      return styled('UTC', name);
    case 'OF':
      return '+00';
    default:
      return undefined;
  }
}

function ordinal(number: number): string {
  if (Math.floor((number % 100) / 10) === 1) return 'th';
  return ['th', 'st', 'nd', 'rd'][number % 10] ?? 'th';
}

/** TO_CHAR of a timestamp. */
export function formatMoment(text: string, format: string): string | null {
  const moment = parseMoment(text);
  if (!moment) return null;
  const c = calendar(moment);
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
      out += styled(ordinal(last), piece.name);
    } else {
      const number = NUMBERS[piece.name.toUpperCase()]?.(c);
      if (number) last = number[0];
      out += number ? pad(number[0], fill ? number[1] : 1) : (word(piece.name, c, fill) ?? piece.name);
    }
    fill = true;
  }
  return out;
}

interface Fields {
  year: number;
  month: number;
  day: number;
  dayOfYear?: number;
  hour: number;
  minute: number;
  second: number;
  microseconds: number;
  afternoon?: boolean;
}

const outOfRange = (text: string): Error => new Error(`[22008] date/time field value out of range: "${text}"`);

/** TO_DATE and TO_TIMESTAMP. Unless strict, fields beyond their range run on: 31 June is 1 July. */
export function parseFormatted(text: string, format: string, strict: string, kind: string): string {
  const fields: Fields = { year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0, microseconds: 0 };
  let at = 0;
  for (const piece of pieces(format)) {
    if (piece.kind === 'text') {
      if (at < text.length && !/[A-Za-z0-9]/.test(text[at] as string)) at += 1;
      continue;
    }
    while (text[at] === ' ') at += 1;
    at += readField(fields, piece.name.toUpperCase(), text.slice(at), text, format);
  }
  return printFields(fields, text, strict === 'true', kind);
}

const WIDTHS: Readonly<Record<string, number>> = { YYYY: 4, IYYY: 4, YYY: 3, YY: 2, Y: 1, MM: 2, DD: 2, DDD: 3, HH24: 2, HH12: 2, HH: 2, MI: 2, SS: 2, MS: 3, US: 6 };

function readField(fields: Fields, name: string, rest: string, text: string, format: string): number {
  if (name === 'MONTH' || name === 'MON' || name === 'DAY' || name === 'DY') {
    const letters = /^[A-Za-z]+/.exec(rest)?.[0] ?? '';
    if (name.startsWith('MON')) {
      fields.month = monthNumber(name === 'MON' ? letters.slice(0, 3) : letters);
      if (fields.month === 0) throw new Error(`[22007] invalid value for ${name} in source string: "${text}"`);
      return name === 'MON' ? 3 : letters.length;
    }
    return letters.length;
  }
  if (/^[AP]\.?M\.?$/.test(name)) {
    const found = /^([ap])\.?m\.?/i.exec(rest);
    fields.afternoon = found?.[1]?.toLowerCase() === 'p';
    return found?.[0].length ?? 0;
  }
  const width = WIDTHS[name];
  if (width === undefined) return name === 'FM' || name === 'TH' ? 0 : unsupported(name, format);
  const digits = new RegExp(`^\\d{1,${width}}`).exec(rest)?.[0];
  if (digits === undefined) {
    if (rest === '') return 0;
    throw new Error(`[22007] invalid value for ${name} in source string: "${text}"`);
  }
  store(fields, name, digits);
  return digits.length;
}

function unsupported(name: string, format: string): number {
  throw new Error(`[0A000] the pattern ${name} is not supported in the format "${format}" here`);
}

function store(fields: Fields, name: string, digits: string): void {
  const number = Number(digits);
  if (name === 'YYYY' || name === 'IYYY') fields.year = number;
  else if (name === 'YYY') fields.year = 2000 + number;
  else if (name === 'YY') fields.year = number < 70 ? 2000 + number : 1900 + number;
  else if (name === 'Y') fields.year = 2000 + number;
  else if (name === 'MM') fields.month = number;
  else if (name === 'DD') fields.day = number;
  else if (name === 'DDD') fields.dayOfYear = number;
  else if (name.startsWith('HH')) fields.hour = number;
  else if (name === 'MI') fields.minute = number;
  else if (name === 'SS') fields.second = number;
  else if (name === 'MS') fields.microseconds = Number(digits.padEnd(3, '0')) * 1000;
  else fields.microseconds = Number(digits.padEnd(6, '0'));
}

function printFields(fields: Fields, text: string, strict: boolean, kind: string): string {
  if (fields.afternoon !== undefined) fields.hour = (fields.hour % 12) + (fields.afternoon ? 12 : 0);
  if (fields.month < 1 || fields.month > 12 || fields.day < 1) throw outOfRange(text);
  if (strict && (fields.day > daysInMonth(fields.year, fields.month) || fields.hour > 23 || fields.minute > 59 || fields.second > 59)) throw outOfRange(text);
  if (fields.day > 31 || fields.minute > 59 || fields.second > 59) throw outOfRange(text);
  const date = fields.dayOfYear === undefined ? new Date(Date.UTC(2000, fields.month - 1, fields.day, fields.hour, fields.minute, fields.second)) : new Date(Date.UTC(2000, 0, fields.dayOfYear));
  date.setUTCFullYear(fields.year, fields.dayOfYear === undefined ? fields.month - 1 : 0, fields.dayOfYear ?? fields.day + Math.floor(fields.hour / 24));
  const day = dateText({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() });
  if (kind === 'date') return day;
  const time = timeText((((fields.hour % 24) * 60 + fields.minute) * 60 + fields.second) * 1e6 + fields.microseconds);
  return `${day} ${time}+00`;
}

export const FORMAT_DATE_RUNTIME: readonly RuntimeFunction[] = [
  { name: 'mr_to_char_moment', parameters: 2, body: (text, format) => (text == null || format == null ? null : formatMoment(text.replace(/\+00$/, ''), format)) },
  { name: 'mr_to_moment', parameters: 4, body: (text, format, strict, kind) => (text == null || format == null ? null : parseFormatted(text, format, strict ?? 'false', kind ?? 'date')) },
];
