import { type Bound, combine } from '../binder/bound.ts';
import { cast } from '../binder/casts.ts';
import { TEXT, TIMESTAMP, TIMESTAMPTZ } from '../binder/types.ts';
import { ZONE_ABBREVIATIONS } from '../binder/zone-abbreviations.ts';
import { bindOnce, quoteText } from '../rewriter/sql.ts';
import { moment } from './date-parts.ts';
import { type FunctionCall, type FunctionEntry, requireCount, special } from './define.ts';

/** CONVERT_TIMEZONE([from,] to, timestamp). */
function convertTimezone(call: FunctionCall): Bound {
  requireCount(call, 2, 3);
  const hasSource = call.arguments.length === 3;
  const source = hasSource ? cast(call.arguments[0] as Bound, TEXT, 'implicit').sql : "'UTC'";
  const target = cast(call.arguments[hasSource ? 1 : 0] as Bound, TEXT, 'implicit').sql;
  const stamp = cast(call.arguments.at(-1) as Bound, TIMESTAMP, 'implicit');
  return combine(
    `CAST(mr_convert_timezone(${source}, ${target}, CAST(${stamp.sql} AS VARCHAR)) AS TIMESTAMP)`,
    TIMESTAMP,
    call.arguments,
  );
}

/** `value AT TIME ZONE zone`: a timestamp becomes one with zone, and the other way round. */
function timezone(call: FunctionCall): Bound {
  requireCount(call, 2);
  const zone = cast(call.arguments[0] as Bound, TEXT, 'implicit').sql;
  const value = moment(call.arguments[1] as Bound);
  if (value.type.kind === 'timestamptz') {
    const text = `CAST(timezone('UTC', ${value.sql}) AS VARCHAR)`;
    return combine(`CAST(mr_convert_timezone('UTC', ${zone}, ${text}) AS TIMESTAMP)`, TIMESTAMP, [value]);
  }
  const text = `CAST(${cast(value, TIMESTAMP, 'implicit').sql} AS VARCHAR)`;
  return combine(`CAST(mr_convert_timezone(${zone}, 'UTC', ${text}) || '+00' AS TIMESTAMPTZ)`, TIMESTAMPTZ, [value]);
}

const clock = (minutes: number): string => {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : ''}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}:00`;
};

function abbreviations(call: FunctionCall): Bound {
  requireCount(call, 0);
  const rows = Object.entries(ZONE_ABBREVIATIONS).map(
    ([name, { minutes, isDaylight }]) => `(${name.toUpperCase()},${clock(minutes)},${isDaylight ? 't' : 'f'})`,
  );
  return combine(`unnest([${rows.map(quoteText).join(', ')}])`, TEXT, []);
}

/** One row a zone: its name, abbreviation, offset now, and whether it keeps summer time now. */
function names(call: FunctionCall): Bound {
  requireCount(call, 0);
  const zones = `(SELECT list('(' || name || ',' || abbrev || ',' || CAST(utc_offset AS VARCHAR) || ',' || CASE WHEN is_dst THEN 't' ELSE 'f' END || ')' ORDER BY name) FROM pg_timezone_names())`;
  return combine(`unnest(${bindOnce(zones, (list) => list)})`, TEXT, []);
}

export const TIMEZONES: Readonly<Record<string, FunctionEntry>> = {
  convert_timezone: special(convertTimezone),
  timezone: special(timezone),
  pg_timezone_abbrevs: special(abbreviations),
  pg_timezone_names: special(names),
};
