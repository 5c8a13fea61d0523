import { abbreviationMinutes, parseMoment } from '../../binder/datetime-text.ts';
import type { RuntimeFunction } from './runtime.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds to add to UTC for the local time of a zone at an instant. */
function offsetAt(zone: string, instant: number): number {
  const minutes = fixedMinutes(zone);
  if (minutes !== undefined) return minutes * 60_000;
  let format = formats.get(zone);
  if (!format) {
    try {
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch {
      throw new Error(`[22023] time zone "${zone}" not recognized`);
    }
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(instant).map((part) => [part.type, Number(part.value)]));
  const local = Date.UTC(
    parts.year as number,
    (parts.month as number) - 1,
    parts.day,
    parts.hour,
    parts.minute,
    parts.second,
  );
  return local - Math.floor(instant / 1000) * 1000;
}

/** Abbreviations, and offsets: a POSIX offset `UTC+3` lies west, a bare `+3` east. */
function fixedMinutes(zone: string): number | undefined {
  const known = abbreviationMinutes(zone);
  if (known !== undefined) return known;
  const offset = /^([a-z][a-z/_]{2,} ?)?([+-])(\d{1,2}):?(\d{2})?$/i.exec(zone);
  if (!offset) return undefined;
  const minutes = Number(offset[3]) * 60 + Number(offset[4] ?? 0);
  const east = (offset[2] === '+') !== (offset[1] !== undefined);
  return east ? minutes : -minutes;
}

/** A local time's instant; in the hour that clocks repeat, the first. */
function toInstant(local: number, zone: string): number {
  const guess = local - offsetAt(zone, local);
  return local - offsetAt(zone, guess);
}

function convert(source: string, target: string, text: string): string | null {
  const moment = parseMoment(text);
  if (!moment) return null;
  const milliseconds =
    Date.UTC(moment.year, moment.month - 1, moment.day) + Math.floor(moment.microseconds / 1e6) * 1000;
  const instant = toInstant(milliseconds, source);
  const local = new Date(instant + offsetAt(target, instant)).toISOString().replace('T', ' ').slice(0, 19);
  const fraction = moment.microseconds % 1e6;
  return fraction === 0 ? local : `${local}.${String(fraction).padStart(6, '0')}`;
}

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function nextDay(date: string, name: string): string | null {
  const lower = name.trim().toLowerCase();
  const day = lower === '' ? -1 : DAYS.findIndex((candidate) => candidate.startsWith(lower));
  if (day < 0) throw new Error(`[22023] not a valid day of the week: ${name}`);
  const moment = parseMoment(date);
  if (!moment) return null;
  const start = new Date(Date.UTC(moment.year, moment.month - 1, moment.day));
  const ahead = ((day - start.getUTCDay() + 6) % 7) + 1;
  return new Date(start.getTime() + ahead * 86_400_000).toISOString().slice(0, 10);
}

export const ZONE_RUNTIME: readonly RuntimeFunction[] = [
  {
    name: 'mr_convert_timezone',
    parameters: 3,
    body: (source, target, text) =>
      source == null || target == null || text == null ? null : convert(source, target, text),
  },
  {
    name: 'mr_next_day',
    parameters: 2,
    body: (date, day) => (date == null || day == null ? null : nextDay(date, day)),
  },
];
