import { type Bound, combine } from '../binder/bound.ts';
import { cast, textOf } from '../binder/casts.ts';
import {
  DATE,
  decimal,
  duckdbType,
  isMoment,
  isNumeric,
  isTime,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
} from '../binder/types.ts';
import { quoteText } from '../rewriter/sql.ts';
import { RedshiftError } from '../types.ts';
import { type FunctionCall, type FunctionEntry, literalText, noSuchFunction, requireCount, special } from './define.ts';
import { numberFormat } from './runtime/number-patterns.ts';

/** TO_CHAR of dates, timestamps, intervals and numbers. */
function toChar(call: FunctionCall): Bound {
  requireCount(call, 2);
  const format = cast(call.arguments[1] as Bound, TEXT, 'implicit').sql;
  let value = call.arguments[0] as Bound;
  if (value.type.kind === 'unknown') value = cast(value, TIMESTAMP, 'implicit');
  if (isMoment(value.type) || isTime(value.type)) {
    const stamp = isTime(value.type)
      ? `('2000-01-01 ' || CAST(${value.sql} AS VARCHAR))`
      : `CAST(${cast(value, TIMESTAMP, 'implicit').sql} AS VARCHAR)`;
    return combine(`mr_to_char_moment(${stamp}, ${format}, ${zoneOf(call, value)})`, TEXT, [value]);
  }
  if (isNumeric(value.type))
    return combine(`mr_to_char_number(${textOf(value.sql, value.type)}, ${format})`, TEXT, [value]);
  throw noSuchFunction(call);
}

/** The zone in which a moment is shown, and how far it is from UTC then. */
function zoneOf(call: FunctionCall, value: Bound): string {
  if (value.type.kind !== 'timestamptz') return `'UTC', '0'`;
  const zone = call.environment.settingValues.get('timezone') ?? 'UTC';
  return `${quoteText(zone)}, CAST(date_part('timezone', ${value.sql}) AS VARCHAR)`;
}

/** TO_DATE(text, format [, strict]): without strict, days beyond the month run on into the next. */
function toDate(call: FunctionCall): Bound {
  requireCount(call, 2, 3);
  const [text, format] = call.arguments.slice(0, 2).map((value) => cast(value, TEXT, 'implicit').sql);
  const strict = call.arguments[2] ? `CAST(${call.arguments[2].sql} AS VARCHAR)` : "'false'";
  return combine(`CAST(mr_to_moment(${text}, ${format}, ${strict}, 'date') AS DATE)`, DATE, call.arguments);
}

function toTimestamp(call: FunctionCall): Bound {
  requireCount(call, 2, 3);
  const [text, format] = call.arguments.slice(0, 2).map((value) => cast(value, TEXT, 'implicit').sql);
  const strict = call.arguments[2] ? `CAST(${call.arguments[2].sql} AS VARCHAR)` : "'false'";
  return combine(
    `CAST(CAST(mr_to_moment(${text}, ${format}, ${strict}, 'timestamp') AS TIMESTAMP) AS TIMESTAMPTZ)`,
    TIMESTAMPTZ,
    call.arguments,
  );
}

/** TO_NUMBER's precision and scale are those of its format. */
function toNumber(call: FunctionCall): Bound {
  requireCount(call, 2);
  const [value, format] = call.arguments.map((argument) => cast(argument, TEXT, 'implicit')) as [Bound, Bound];
  const pattern = literalText(call.arguments[1]);
  if (pattern === undefined) throw new RedshiftError('0A000', "to_number's format must be a literal value");
  const { whole, fraction, shift } = numberFormat(pattern);
  const type = decimal(Math.max(1, whole + fraction + shift), fraction + shift);
  return combine(`CAST(mr_to_number(${value.sql}, ${format.sql}) AS ${duckdbType(type)})`, type, [value, format]);
}

export const FORMATS: Readonly<Record<string, FunctionEntry>> = {
  to_char: special(toChar),
  to_date: special(toDate),
  to_timestamp: special(toTimestamp),
  to_number: special(toNumber),
};
