import { quoteText } from '../rewriter/sql.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';
import { type Bound, constant } from './bound.ts';
import type { BindEnvironment } from './context.ts';
import { type IntervalParts, qualified } from './interval-text.ts';
import { intervalSql, requireInterval } from './literals.ts';
import type { Settings } from './scope.ts';
import { decimal, FLOAT8, INT4, INT8 } from './types.ts';

export const literal = (text: string | null): Bound =>
  constant(
    text === null ? 'NULL' : quoteText(text),
    { kind: 'unknown' },
    { literal: text, name: '?column?', trimmed: text === null || !text.endsWith(' ') },
  );

/** Whole numbers take the smallest of INTEGER, BIGINT, NUMERIC that holds them; with a point they are NUMERIC. */
export function bindNumber(text: string): Bound {
  if (/^\d+$/.test(text)) {
    const value = BigInt(text);
    const name = { name: '?column?' };
    if (value <= 2147483647n) return constant(`CAST(${value} AS INTEGER)`, INT4, name);
    if (value <= 9223372036854775807n) return constant(`CAST(${value} AS BIGINT)`, INT8, name);
    if (text.length > 38) throw new RedshiftError('22003', 'numeric field overflow');
    const digits = Math.max(20, text.length);
    return constant(`CAST('${text}' AS DECIMAL(${digits}, 0))`, decimal(digits, 0), name);
  }
  if (/e/i.test(text)) return constant(`CAST('${text}' AS DOUBLE)`, FLOAT8, { name: '?column?' });
  const [whole = '', fraction = ''] = text.split('.');
  const digits = whole.replace(/^0+/, '');
  const precision = Math.max(1, digits.length + fraction.length);
  if (precision > 38) throw new RedshiftError('22003', 'numeric field overflow');
  return constant(`CAST('${text}' AS DECIMAL(${precision}, ${fraction.length}))`, decimal(precision, fraction.length), {
    name: '?column?',
  });
}

export function bindParameter(index: number, environment: BindEnvironment): Bound {
  if (environment.argumentValues) {
    const value = environment.argumentValues[index - 1];
    if (!value) throw new RedshiftError('42P02', `there is no parameter $${index}`);
    return value;
  }
  if (environment.parameters && index > environment.parameters.length)
    throw new RedshiftError('42P02', `there is no parameter $${index}`);
  const value = environment.parameters?.[index - 1] ?? null;
  const note = (type: RedshiftType): void => {
    if (!environment.parameterTypes.has(index)) environment.parameterTypes.set(index, type);
  };
  return { ...literal(value), note };
}

const countsMonths = (qualifier = ''): boolean => /(?:year|month)$/.test(qualifier);

/** The months or the time of an interval, whichever its qualifier counts. */
const partOf = (parts: IntervalParts, qualifier: string): IntervalParts =>
  countsMonths(qualifier) ? { ...parts, days: 0, microseconds: 0 } : { ...parts, months: 0 };

/** `INTERVAL 'text' [qualifier]`; the qualifier may say how many digits of a second count: `day to second(3)`. */
export function bindInterval(
  text: string,
  written: string | undefined,
  { forbidsCompositeIntervals }: Settings,
): Bound {
  const [qualifier, precision] = written?.split(/[()]/) ?? [];
  const read = requireInterval(text, qualifier);
  const given = forbidsCompositeIntervals || qualifier === undefined ? read : partOf(read, qualifier);
  const parts = qualifier === undefined ? given : qualified(given, qualifier, Number(precision ?? 6));
  const isMonths = parts.months !== 0 && parts.days === 0 && parts.microseconds === 0;
  return isMonths || countsMonths(qualifier)
    ? constant(intervalSql(parts), { kind: 'interval_year_to_month' }, { name: 'intervaly2m' })
    : constant(intervalSql(parts), { kind: 'interval_day_to_second' }, { name: 'intervald2s' });
}
