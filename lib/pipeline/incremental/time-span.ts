import { canonical } from './column-use.ts';
import type { Columns } from './paths.ts';
import type { Expression, Source } from './shape.ts';

/** What a time is cut down to. */
export const timeSpans = ['instant', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type TimeSpan = (typeof timeSpans)[number];

const units = timeSpans.filter((span) => span !== 'instant').join('|');
/** What keeps a time where it is, but for the zone that it is told in, and what cuts it down to a unit. */
const steps: readonly (readonly [RegExp, TimeSpan | undefined])[] = [
  [/^@ :: (?:timestamp|timestamptz)$/, 'instant'],
  [/^@ :: date$/, 'day'],
  [/^cast \( @ as date \)$/, 'day'],
  [/^cast \( @ as (?:timestamp|timestamptz) \)$/, 'instant'],
  [/^trunc \( @ \)$/, 'day'],
  [/^convert_timezone \( "[^"]*" , (?:"[^"]*" , )?@ \)$/, 'instant'],
  [new RegExp(`^date_trunc \\( "(?:${units})" , @ \\)$`), undefined],
];

/**
 * The span of time that an expression cuts `_at` down to: its value is the beginning of the span that `_at` lies in, in some
 * time zone. Undefined where it is anything else.
 */
export function spanOf(expression: Expression, source: Source, columnsOfTable: Columns): TimeSpan | undefined {
  let text = canonical(expression, { sources: [source] }, columnsOfTable).replace(`${source.alias}._at`, '@');
  let widest: TimeSpan = 'instant';
  while (text !== '@') {
    const inner = innermost(text);
    if (!inner) return undefined;
    const [matched, span] = inner;
    const own = span ?? (/"(\w+)"/.exec(matched)?.[1]?.toLowerCase() as TimeSpan);
    if (timeSpans.indexOf(own) > timeSpans.indexOf(widest)) widest = own;
    text = text.replace(matched, '@');
  }
  return widest;
}

/** The step around `@`, the smallest one that is known. */
function innermost(text: string): [string, TimeSpan | undefined] | undefined {
  const tokens = text.split(' ');
  const at = tokens.indexOf('@');
  for (let length = 2; length <= 8; length += 1) {
    for (let start = Math.max(0, at - length + 1); start <= at; start += 1) {
      const piece = tokens.slice(start, start + length).join(' ');
      const step = steps.find(([pattern]) => pattern.test(piece));
      if (step) return [piece, step[1]];
    }
  }
  return undefined;
}
