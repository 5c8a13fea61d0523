import { RedshiftError } from '../types.ts';

const microsecondsPerDay = 86_400_000_000n;
/** 2000-01-01, where the protocol's dates begin, in days since 1970-01-01. */
const epochDays = 10_957;

function invalid(text: string): RedshiftError {
  return new RedshiftError('22007', `invalid date or time "${text}"`);
}

function daysOf(text: string): number {
  const match = /^(\d{4,6})-(\d\d)-(\d\d)$/.exec(text);
  if (!match) throw invalid(text);
  const date = new Date(0);
  date.setUTCFullYear(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return Math.round(date.getTime() / 86_400_000) - epochDays;
}

function textOfDays(days: number): string {
  const date = new Date((days + epochDays) * 86_400_000);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1) throw invalid(`day ${days}`);
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  return `${year}-${String(date.getUTCMonth() + 1).padStart(2, '0')}-${String(date.getUTCDate()).padStart(2, '0')}`;
}

function microsecondsOf(text: string): bigint {
  const match = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) throw invalid(text);
  const seconds = Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]);
  return BigInt(seconds) * 1_000_000n + BigInt((match[4] ?? '').padEnd(6, '0'));
}

function textOfMicroseconds(microseconds: bigint): string {
  const seconds = Number(microseconds / 1_000_000n);
  const fraction = String(microseconds % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':') + (fraction ? `.${fraction}` : '');
}

export function dateToBinary(text: string): Buffer {
  const buffer = Buffer.allocUnsafe(4);
  buffer.writeInt32BE(daysOf(text));
  return buffer;
}

export function dateFromBinary(value: Buffer): string {
  return textOfDays(value.readInt32BE());
}

export function timeToBinary(text: string): Buffer {
  const buffer = Buffer.allocUnsafe(8);
  buffer.writeBigInt64BE(microsecondsOf(text));
  return buffer;
}

/** Microseconds of the day and seconds west of UTC: `03:04:05.5+02:30`. */
export function timetzToBinary(text: string): Buffer {
  const match = /^([\d:.]+)([+-])(\d\d)(?::?(\d\d))?$/.exec(text);
  if (!match) throw invalid(text);
  const seconds = Number(match[3]) * 3600 + Number(match[4] ?? 0) * 60;
  const buffer = Buffer.allocUnsafe(12);
  buffer.writeBigInt64BE(microsecondsOf(match[1] ?? ''));
  buffer.writeInt32BE(match[2] === '+' ? -seconds : seconds, 8);
  return buffer;
}

export function timetzFromBinary(value: Buffer): string {
  const west = value.readInt32BE(8);
  const minutes = Math.abs(Math.trunc(west / 60));
  const parts = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'));
  return `${timeFromBinary(value)}${west > 0 ? '-' : '+'}${parts[0]}${parts[1] === '00' ? '' : `:${parts[1]}`}`;
}

/** Redshift's own: months in four bytes, of `1 year 2 mons`. */
export function monthsToBinary(text: string): Buffer {
  const buffer = Buffer.allocUnsafe(4);
  buffer.writeInt32BE(quantity(text, 'year') * 12 + quantity(text, 'mon'));
  return buffer;
}

/** Redshift's own: microseconds in eight bytes, of `3 days 4 hours 5 mins 6.5 secs` or `3 days 04:05:06.5`. */
export function durationToBinary(given: string): Buffer {
  const text = given.replace(/(-?)(\d+):(\d+):([\d.]+)$/, '$1$2 hours $1$3 mins $1$4 secs');
  const [, sign = '', whole = '0', fraction = ''] = /(-?)(\d+)(?:\.(\d+))? sec/.exec(text) ?? [];
  const ofSeconds = BigInt(whole) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
  const minutes = BigInt((quantity(text, 'day') * 24 + quantity(text, 'hour')) * 60 + quantity(text, 'min'));
  const buffer = Buffer.allocUnsafe(8);
  buffer.writeBigInt64BE(minutes * 60_000_000n + (sign === '-' ? -ofSeconds : ofSeconds));
  return buffer;
}

const quantity = (text: string, unit: string): number => Number(new RegExp(`(-?\\d+) ${unit}`).exec(text)?.[1] ?? 0);

export function timeFromBinary(value: Buffer): string {
  const microseconds = value.readBigInt64BE();
  if (microseconds < 0n || microseconds > microsecondsPerDay) throw invalid(`microsecond ${microseconds}`);
  return textOfMicroseconds(microseconds);
}

/** `2026-01-31 12:00:00.5`, with or without an offset after it. */
export function timestampToBinary(text: string): Buffer {
  const match = /^(\S+) ([\d:.]+)(?:([+-])(\d\d)(?::?(\d\d))?)?$/.exec(text);
  if (!match) throw invalid(text);
  const offsetMinutes = Number(match[4] ?? 0) * 60 + Number(match[5] ?? 0);
  const offset = BigInt(match[3] === '-' ? -offsetMinutes : offsetMinutes) * 60_000_000n;
  const buffer = Buffer.allocUnsafe(8);
  buffer.writeBigInt64BE(BigInt(daysOf(match[1] ?? '')) * microsecondsPerDay + microsecondsOf(match[2] ?? '') - offset);
  return buffer;
}

export function timestampFromBinary(value: Buffer): string {
  const microseconds = value.readBigInt64BE();
  const withinDay = ((microseconds % microsecondsPerDay) + microsecondsPerDay) % microsecondsPerDay;
  const days = Number((microseconds - withinDay) / microsecondsPerDay);
  return `${textOfDays(days)} ${textOfMicroseconds(withinDay)}`;
}
