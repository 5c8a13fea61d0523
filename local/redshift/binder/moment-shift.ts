import { type Bound, combine } from './bound.ts';
import { cast } from './casts.ts';
import { DATE, TIMESTAMP } from './types.ts';

/** A date, a time or a timestamp an interval later, or earlier. */
export function shift(operator: string, moment: Bound, interval: Bound): Bound {
  const isDay = moment.type.kind === 'date';
  // Months leave a date a date.
  if (isDay && interval.type.kind === 'interval_year_to_month')
    return combine(`CAST((${moment.sql} ${operator} ${interval.sql}) AS DATE)`, DATE, [moment, interval]);
  const type = isDay ? TIMESTAMP : moment.type;
  const base = cast(moment, type, 'implicit').sql;
  const span = operator === '-' ? `(-(${interval.sql}))` : interval.sql;
  const sql = type.kind === 'timestamptz' ? monthsFirst(base, span) : `(${base} + ${span})`;
  return combine(sql, type, [moment, interval]);
}

/** Going back, DuckDB takes the months of a timestamp with a zone last, and without a zone first, as Redshift does for both. */
function monthsFirst(base: string, span: string): string {
  const months = `to_months(CAST(year(${span}) * 12 + month(${span}) AS INTEGER))`;
  return `((${base} + ${months}) + (${span} - ${months}))`;
}
