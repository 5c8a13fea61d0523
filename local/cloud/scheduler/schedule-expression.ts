import { MillraceError } from '../../../lib/pipeline/error.ts';

/** When a schedule fires next, strictly after an instant; undefined when it never does again. Milliseconds, UTC. */
export type NextFiring = (after: number) => number | undefined;

const unitMilliseconds: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Reads `rate(5 minutes)`, `at(2026-11-20T23:45:00)` or `cron(0 12 * * ? *)`; a rate counts from `startedAt`. */
export function readSchedule(expression: string, startedAt: number): NextFiring {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate) return everyPeriod(Number(rate[1]) * (unitMilliseconds[rate[2] ?? ''] ?? 0), startedAt, expression);
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(expression);
  if (at) {
    const instant = Date.parse(`${at[1]}Z`);
    return (after) => (instant > after ? instant : undefined);
  }
  const cron = /^cron\((.+)\)$/.exec(expression);
  if (cron) return cronFirings((cron[1] ?? '').trim().split(/\s+/), expression);
  throw refused(expression, 'it is none of rate(…), at(…) and cron(…)');
}

function everyPeriod(period: number, startedAt: number, expression: string): NextFiring {
  if (period === 0) throw refused(expression, 'a rate of nothing');
  return (after) => startedAt + Math.max(1, Math.floor((after - startedAt) / period) + 1) * period;
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const searchedDays = 366 * 30;

/** Minutes, hours, day of month, month, day of week (1 is Sunday), year. L, W and # are refused. */
function cronFirings(fields: readonly string[], expression: string): NextFiring {
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  if (fields.length !== 6 || (dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw refused(expression, 'cron has six fields, and exactly one of day of month and day of week is ?');
  }
  const read = (field: string, minimum: number, maximum: number, names: readonly string[] = [], first = 0) =>
    readField(field, { minimum, maximum, names, first, expression });
  const inDay = {
    minutes: read(minute, 0, 59),
    hours: read(hour, 0, 23),
    daysOfMonth: read(dayOfMonth, 1, 31),
    months: read(month, 1, 12, months, 1),
    daysOfWeek: read(dayOfWeek, 1, 7, days, 1),
    years: read(year, 1970, 2199),
  };
  return (after) => nextCron(inDay, after);
}

type CronFields = Record<'minutes' | 'hours' | 'daysOfMonth' | 'months' | 'daysOfWeek' | 'years', ReadonlySet<number>>;

function nextCron(fields: CronFields, after: number): number | undefined {
  const midnight = Math.floor(after / 86_400_000) * 86_400_000;
  for (let day = 0; day < searchedDays; day += 1) {
    const date = new Date(midnight + day * 86_400_000);
    const fits =
      fields.years.has(date.getUTCFullYear()) &&
      fields.months.has(date.getUTCMonth() + 1) &&
      fields.daysOfMonth.has(date.getUTCDate()) &&
      fields.daysOfWeek.has(date.getUTCDay() + 1);
    const found = fits ? firstInDay(fields, date.getTime(), after) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function firstInDay({ hours, minutes }: CronFields, midnight: number, after: number): number | undefined {
  for (const hour of [...hours].sort((a, b) => a - b)) {
    for (const minute of [...minutes].sort((a, b) => a - b)) {
      const instant = midnight + hour * 3_600_000 + minute * 60_000;
      if (instant > after) return instant;
    }
  }
  return undefined;
}

interface FieldRange {
  readonly minimum: number;
  readonly maximum: number;
  readonly names: readonly string[];
  /** The number of the first name. */
  readonly first: number;
  readonly expression: string;
}

function readField(field: string, range: FieldRange): ReadonlySet<number> {
  const { minimum, maximum, expression } = range;
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const match = /^(\*|\?|[\dA-Z]+)(?:-([\dA-Z]+))?(?:\/(\d+))?$/i.exec(part);
    const [, from = '', to, step] = match ?? [];
    const open = from === '*' || from === '?';
    const start = open ? minimum : readNumber(from, range);
    const end = to !== undefined ? readNumber(to, range) : open || step !== undefined ? maximum : start;
    const every = Number(step ?? 1);
    if (!match || !(start >= minimum && end <= maximum && start <= end && every > 0)) {
      throw refused(expression, `${part} is no number, name, range or step between ${minimum} and ${maximum}`);
    }
    for (let value = start; value <= end; value += every) values.add(value);
  }
  return values;
}

function readNumber(text: string, { names, first }: FieldRange): number {
  const index = names.indexOf(text.toUpperCase());
  return index >= 0 ? index + first : /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function refused(expression: string, why: string): MillraceError {
  return new MillraceError('BAD_SCHEDULE', `the schedule ${expression} is not understood: ${why}`);
}
