import { dateText, daysInMonth, monthNumber, timeText } from '../../binder/datetime-text.ts';
import { pieces } from './date-patterns.ts';
import { readRoman } from './roman.ts';

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

/** What a strict call says of a day or a time that there is not. */
function requireExisting(fields: Fields): void {
  const { year, month, day, hour, minute, second } = fields;
  if (day > daysInMonth(year, month))
    throw new Error(`[22008] date/time field date value out of range: ${year}-${month}-${day}`);
  if (hour > 23 || minute > 59 || second > 59)
    throw new Error(`[22008] date/time field time value out of range: ${hour}:${minute}:${second}.0`);
}

/** TO_DATE and TO_TIMESTAMP. Unless strict, fields beyond their range run on: 31 June is 1 July. */
export function parseFormatted(text: string, format: string, strict: string, kind: string): string {
  const fields: Fields = { year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0, microseconds: 0 };
  let at = 0;
  for (const piece of pieces(format)) {
    if (piece.kind === 'text') {
      if (piece.text.length > 1) at += piece.text.length;
      else if (at < text.length && !/[A-Za-z0-9]/.test(text[at] as string)) at += 1;
      continue;
    }
    while (text[at] === ' ') at += 1;
    at += readField(fields, piece.name.toUpperCase(), text.slice(at), text, format);
  }
  return printFields(fields, text, strict === 'true', kind);
}

const WIDTHS: Readonly<Record<string, number>> = {
  YYYY: 4,
  IYYY: 4,
  YYY: 3,
  YY: 2,
  Y: 1,
  MM: 2,
  DD: 2,
  DDD: 3,
  HH24: 2,
  HH12: 2,
  HH: 2,
  MI: 2,
  SS: 2,
  SSSS: 5,
  SSSSS: 5,
  J: 7,
  Q: 1,
  CC: 2,
  W: 1,
  WW: 2,
  D: 1,
  ID: 1,
  MS: 3,
  US: 6,
};

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
  const special = readSpecialField(fields, name, rest);
  if (special !== undefined) return special;
  const width = WIDTHS[name];
  if (width === undefined) return unsupported(name, format);
  const digits = new RegExp(`^\\d{1,${width}}`).exec(rest)?.[0];
  if (digits === undefined) {
    if (rest === '') return 0;
    throw new Error(`[22007] invalid value for ${name} in source string: "${text}"`);
  }
  store(fields, name, digits);
  return digits.length;
}

/** Fields that are no plain digits: how many characters they take; undefined for all others. */
function readSpecialField(fields: Fields, name: string, rest: string): number | undefined {
  switch (name) {
    case 'FM':
      return 0;
    case 'TH':
      return /^(?:st|nd|rd|th)/i.test(rest) ? 2 : 0;
    case 'RM': {
      const { value, length } = readRoman(rest);
      fields.month = value;
      return length;
    }
    case 'Y,YYY': {
      const [all = '', thousands = '0', years = '0'] = /^(\d+),(\d{3})/.exec(rest) ?? [];
      fields.year = Number(thousands) * 1000 + Number(years);
      return all.length;
    }
    case 'AD':
    case 'A.D.':
      return /^a\.?d\.?/i.exec(rest)?.[0].length ?? 0;
    default:
      return undefined;
  }
}

function unsupported(name: string, format: string): number {
  throw new Error(`[0A000] the pattern ${name} is not supported in the format "${format}" here`);
}

/** Read, and left to the fields that say the day. */
const IMPLIED: ReadonlySet<string> = new Set(['Q', 'CC', 'W', 'WW', 'D', 'ID']);

function storeJulianDay(fields: Fields, julianDay: number): void {
  const date = new Date((julianDay - 2440588) * 86_400_000);
  fields.year = date.getUTCFullYear();
  fields.month = date.getUTCMonth() + 1;
  fields.day = date.getUTCDate();
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
  else if (name === 'J') storeJulianDay(fields, number);
  else if (name.startsWith('SSSS')) {
    fields.hour = Math.floor(number / 3600);
    fields.minute = Math.floor(number / 60) % 60;
    fields.second = number % 60;
  } else if (IMPLIED.has(name)) return;
  else if (name.startsWith('HH')) fields.hour = number;
  else if (name === 'MI') fields.minute = number;
  else if (name === 'SS') fields.second = number;
  else if (name === 'MS') fields.microseconds = Number(digits.padEnd(3, '0')) * 1000;
  else fields.microseconds = Number(digits.padEnd(6, '0'));
}

function printFields(fields: Fields, text: string, strict: boolean, kind: string): string {
  if (fields.afternoon !== undefined) fields.hour = (fields.hour % 12) + (fields.afternoon ? 12 : 0);
  if (fields.month < 1 || fields.month > 12 || fields.day < 1) throw outOfRange(text);
  if (strict) requireExisting(fields);
  if (fields.day > 31 || fields.minute > 59 || fields.second > 59) throw outOfRange(text);
  const date =
    fields.dayOfYear === undefined
      ? new Date(Date.UTC(2000, fields.month - 1, fields.day, fields.hour, fields.minute, fields.second))
      : new Date(Date.UTC(2000, 0, fields.dayOfYear));
  date.setUTCFullYear(
    fields.year,
    fields.dayOfYear === undefined ? fields.month - 1 : 0,
    fields.dayOfYear ?? fields.day + Math.floor(fields.hour / 24),
  );
  const day = dateText({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() });
  if (kind === 'date') return day;
  const time = timeText((((fields.hour % 24) * 60 + fields.minute) * 60 + fields.second) * 1e6 + fields.microseconds);
  return `${day} ${time}`;
}
