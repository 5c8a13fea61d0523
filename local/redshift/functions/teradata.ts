import { type Bound, combine } from '../binder/bound.ts';
import { cast } from '../binder/casts.ts';
import { INT4, TEXT } from '../binder/types.ts';
import { quoteText } from '../rewriter/sql.ts';
import { RedshiftError } from '../types.ts';
import { type FunctionCall, type FunctionEntry, literalText, noSuchFunction, requireCount, special } from './define.ts';

/** The format, where the second argument is a literal text; the arguments without it. */
function splitFormat(call: FunctionCall): { format: string; rest: readonly Bound[] } {
  const format = literalText(call.arguments[1]);
  return { format: format ?? '', rest: call.arguments.slice(format === undefined ? 1 : 2) };
}

/** TEXT_TO_INT_ALT(text [, format]). */
function textToInteger(call: FunctionCall): Bound {
  requireCount(call, 1, 2);
  const { format, rest } = splitFormat(call);
  if (rest.length > 0) throw noSuchFunction(call);
  const value = cast(call.arguments[0] as Bound, TEXT, 'implicit');
  return combine(`CAST(mr_text_to_int_alt(${value.sql}, ${quoteText(format)}) AS INTEGER)`, INT4, [value]);
}

const wholeNumber = (value: Bound): number => {
  const digits = /^CAST\((\d+) AS \w+\)$/.exec(value.sql)?.[1];
  if (digits === undefined) throw new RedshiftError('22023', 'precision and scale must be whole numbers');
  return Number(digits);
};

/** TEXT_TO_NUMERIC_ALT(text [, format] [, precision, scale]). */
function textToNumeric(call: FunctionCall): Bound {
  requireCount(call, 1, 4);
  const { format, rest } = splitFormat(call);
  if (rest.length !== 0 && rest.length !== 2) throw noSuchFunction(call);
  const [precision = 38, scale = 0] = rest.map(wholeNumber);
  if (precision < 1 || precision > 38 || scale > Math.min(37, precision))
    throw new RedshiftError('22023', `DECIMAL precision ${precision} and scale ${scale} are out of range`);
  const value = cast(call.arguments[0] as Bound, TEXT, 'implicit');
  return combine(
    `CAST(mr_text_to_numeric_alt(${value.sql}, ${quoteText(format)}, '${scale}') AS DECIMAL(${precision}, ${scale}))`,
    { kind: 'decimal', precision, scale },
    [value],
  );
}

export const TERADATA: Readonly<Record<string, FunctionEntry>> = {
  text_to_int_alt: special(textToInteger),
  text_to_numeric_alt: special(textToNumeric),
};
