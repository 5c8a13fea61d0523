import { midnight, parseMoment } from '../../binder/datetime-text.ts';
import { abbreviationMinutes } from '../../binder/zone-abbreviations.ts';
import type { RuntimeFunction } from './runtime.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds to add to UTC for the local time of a zone at an instant. */
function offsetAt(zone: string, instant: number): number {
  const abbreviation = abbreviationMinutes(zone);
  if (abbreviation !== undefined) return abbreviation * MINUTE;
  return named(zone, instant) ?? posix(zone, instant) ?? unknownZone(zone);
}

function unknownZone(zone: string): never {
  throw new Error(`[22023] time zone "${zone}" not recognized`);
}

/** The offset of a zone with a name such as Europe/Paris; undefined when there is none. */
function named(zone: string, instant: number): number | undefined {
  const format = formats.get(zone) ?? formatOf(zone);
  if (!format) return undefined;
  const parts = Object.fromEntries(format.formatToParts(instant).map((part) => [part.type, Number(part.value)]));
  const day = midnight(parts.year as number, parts.month as number, parts.day as number);
  const seconds = (parts.hour as number) * 3600 + (parts.minute as number) * 60 + (parts.second as number);
  return day + seconds * 1000 - Math.floor(instant / 1000) * 1000;
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (!/^[a-z]/i.test(zone)) return undefined;
  try {
    const numeric = 'numeric' as const;
    const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric };
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...fields });
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}

/**
 * `PST8`, `UTC+3` and `EST5EDT` name a zone that lies so many hours west; summer time, where there is one, is an hour ahead and
 * kept when New York keeps it. A bare `+3` lies east.
 */
function posix(zone: string, instant: number): number | undefined {
  const match = /^([a-z][a-z/_]{2,} ?)?([+-]?)(\d{1,2})(?::?(\d{2}))?([a-z]{3,})?$/i.exec(zone);
  if (!match || (match[1] === undefined && (match[2] === '' || match[5] !== undefined))) return undefined;
  const minutes = Number(match[3]) * 60 + Number(match[4] ?? 0);
  const isEast = (match[2] !== '-') === (match[1] === undefined);
  const standard = (isEast ? minutes : -minutes) * MINUTE;
  if (match[5] === undefined) return standard;
  const newYork = offsetAt('America/New_York', instant + standard - NEW_YORK);
  return newYork === NEW_YORK ? standard : standard + 60 * MINUTE;
}

const MINUTE = 60_000;
const NEW_YORK = -300 * MINUTE;
const DAY = 86_400_000;

/** A local time's instant. In the hour that clocks repeat and in the one that they leave out, standard time counts. */
function toInstant(local: number, zone: string): number {
  const [before, after] = [offsetAt(zone, local - DAY), offsetAt(zone, local + DAY)];
  const fitting = [before, after].filter((offset) => offsetAt(zone, local - offset) === offset);
  return local - (fitting.length === 1 ? (fitting[0] as number) : Math.min(before, after));
}

function convert(source: string, target: string, text: string): string | null {
  const moment = parseMoment(text);
  if (!moment) return null;
  const milliseconds = midnight(moment.year, moment.month, moment.day) + Math.floor(moment.microseconds / 1e6) * 1000;
  const instant = toInstant(milliseconds, source);
  const local = new Date(instant + offsetAt(target, instant)).toISOString().replace('T', ' ').slice(0, 19);
  const fraction = moment.microseconds % 1e6;
  return fraction === 0 ? local : `${local}.${String(fraction).padStart(6, '0')}`;
}

/** What a day may be called, Sunday first. */
const DAYS = [
  ['su', 'sun', 'sunday'],
  ['m', 'mo', 'mon', 'monday'],
  ['tu', 'tue', 'tues', 'tuesday'],
  ['w', 'we', 'wed', 'weds', 'wednesday'],
  ['th', 'thu', 'thur', 'thurs', 'thursday'],
  ['f', 'fr', 'fri', 'friday'],
  ['sa', 'sat', 'saturday'],
];

function nextDay(date: string, name: string): string | null {
  const day = DAYS.findIndex((names) => names.includes(name.trim().toLowerCase()));
  if (day < 0) throw new Error(`[22023] not a valid day of the week: ${name}`);
  const moment = parseMoment(date);
  if (!moment) return null;
  const start = new Date(midnight(moment.year, moment.month, moment.day));
  const ahead = ((day - start.getUTCDay() + 6) % 7) + 1;
  return new Date(start.getTime() + ahead * DAY).toISOString().slice(0, 10);
}

export const ZONE_RUNTIME: readonly RuntimeFunction[] = [
  {
    name: 'mr_convert_timezone',
    parameters: 3,
    body: (source, target, text) =>
      source == null || target == null || text == null ? null : convert(source, target, text),
  },
  { name: 'mr_clock', parameters: 1, body: () => new Date().toISOString() },
  {
    name: 'mr_next_day',
    parameters: 2,
    body: (date, day) => (date == null || day == null ? null : nextDay(date, day)),
  },
];
