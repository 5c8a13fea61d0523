import { INTERVAL_FIELDS } from '../statements/typename.ts';
import { type IntervalParts, MICROSECONDS_OF_DAY, qualified, readInterval } from './interval-text.ts';

/** An interval as a column of that type holds it: what is smaller than the column's smallest field falls off. In DuckDB's spelling, both. */
export function fittedInterval(text: string, scale: number, precision: number): string {
  const parts = qualified(readInterval(text), INTERVAL_FIELDS[scale] ?? 'second', precision);
  return `${parts.months} months ${parts.days} days ${parts.microseconds} microseconds`;
}

/** DuckDB's spelling of an interval in one of IntervalStyle's, which a cast to text writes; whatever is no other style is `postgres`. */
export function styledInterval(text: string, kind: string, style: string): string {
  const given = readInterval(text);
  const isNegative = given.months < 0 || given.days * MICROSECONDS_OF_DAY + given.microseconds < 0;
  const time = Math.abs(given.days * MICROSECONDS_OF_DAY + given.microseconds);
  const parts = {
    months: Math.abs(given.months),
    days: Math.trunc(time / MICROSECONDS_OF_DAY),
    microseconds: time % MICROSECONDS_OF_DAY,
  };
  if (style === 'sql_standard') return `${isNegative ? '-' : ''}${standard(parts, kind)}`;
  if (style === 'postgres_verbose') return `@ ${verbose(parts)}${isNegative ? ' ago' : ''}`;
  return postgres(parts, isNegative ? '-' : '');
}

const two = (count: number): string => String(count).padStart(2, '0');

function clock(microseconds: number): { hours: number; minutes: number; seconds: number; fraction: string } {
  const fraction = String(microseconds % 1e6)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const seconds = Math.trunc(microseconds / 1e6);
  return { hours: Math.trunc(seconds / 3600), minutes: Math.trunc(seconds / 60) % 60, seconds: seconds % 60, fraction };
}

function standard({ months, days, microseconds }: IntervalParts, kind: string): string {
  if (kind === 'interval_year_to_month') return `${Math.trunc(months / 12)}-${months % 12}`;
  const { hours, minutes, seconds, fraction } = clock(microseconds);
  return `${days === 0 ? '' : `${days} `}${hours}:${two(minutes)}:${two(seconds)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** `1 year 2 mons`, with each part that is not zero. */
function counted(parts: readonly (readonly [number, string])[], sign: string): string[] {
  return parts
    .filter(([count]) => count !== 0)
    .map(([count, unit]) => `${sign}${count} ${unit}${sign === '' && count === 1 ? '' : 's'}`);
}

function verbose({ months, days, microseconds }: IntervalParts): string {
  const { hours, minutes, seconds, fraction } = clock(microseconds);
  const whole: (readonly [number, string])[] = [
    [Math.trunc(months / 12), 'year'],
    [months % 12, 'mon'],
    [days, 'day'],
    [hours, 'hour'],
    [minutes, 'min'],
    [fraction === '' ? seconds : 0, 'sec'],
  ];
  // A second's fraction shows two digits, cut.
  const written = [
    ...counted(whole, ''),
    fraction === '' ? '' : `${seconds}.${fraction.slice(0, 2).padEnd(2, '0')} secs`,
  ];
  return written.filter((part) => part !== '').join(' ') || '0';
}

function postgres({ months, days, microseconds }: IntervalParts, sign: string): string {
  const { hours, minutes, seconds, fraction } = clock(microseconds);
  const written = counted(
    [
      [Math.trunc(months / 12), 'year'],
      [months % 12, 'mon'],
      [days, 'day'],
    ],
    sign,
  );
  if (microseconds === 0 && written.length > 0) return written.join(' ');
  const time = `${sign}${two(hours)}:${two(minutes)}:${two(seconds)}${fraction === '' ? '' : `.${fraction}`}`;
  return [...written, time].join(' ');
}
