import { textOf } from '../binder/casts.ts';
import { RedshiftError, type ResultColumn } from '../types.ts';
import type { SessionSettings } from './settings.ts';

const DATES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  SQL: { MDY: '%m/%d/%Y', DMY: '%d/%m/%Y', YMD: '%m/%d/%Y' },
  German: { MDY: '%d.%m.%Y', DMY: '%d.%m.%Y', YMD: '%d.%m.%Y' },
  Postgres: { MDY: '%m-%d-%Y', DMY: '%d-%m-%Y', YMD: '%m-%d-%Y' },
};
const TIME_OF_DAY_AT = 12;

/** A date or timestamp in a style of the session's that is not ISO; undefined where the style says nothing of a type. */
export function styledMoment(sql: string, type: ResultColumn['type'], dateStyle: string): string | undefined {
  const [style = 'ISO', order = 'MDY'] = dateStyle.split(', ');
  if (style === 'ISO' || !['date', 'timestamp', 'timestamptz'].includes(type.kind)) return undefined;
  if (type.kind === 'timestamptz')
    throw new RedshiftError('0A000', `the box shows moments with a time zone in DateStyle ISO only`);
  const date = `strftime(${sql}, '${DATES[style]?.[order]}')`;
  if (type.kind === 'date') return date;
  const time = `substr(${textOf(sql, type)}, ${TIME_OF_DAY_AT})`;
  if (style !== 'Postgres') return `${date} || ' ' || ${time}`;
  const day = order === 'DMY' ? '%a %d %b ' : '%a %b %d ';
  return `strftime(${sql}, '${day}') || ${time} || strftime(${sql}, ' %Y')`;
}

const AMBIGUOUS = /'\s*\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}/;

/** The box reads a date whose parts may be in any order as month, day, year: under another order it says so instead of guessing. */
export function requireReadableDates(settings: SessionSettings, statementText: string): void {
  const order = settings.get('datestyle')?.split(', ')[1] ?? 'MDY';
  if (order === 'MDY' || !AMBIGUOUS.test(statementText)) return;
  throw new RedshiftError('0A000', `the box reads dates without a clear order in DateStyle MDY only, not ${order}`);
}
