import { canonicalNumber, sameJson } from '../../../lib/pipeline/exact-json.ts';
import type { RedshiftType } from '../../redshift/types.ts';
import { jsonText, type Written } from './document.ts';

/** How a cell compares with what a case expects of it. */
export type Verdict = 'same' | 'different' | { readonly kind: 'unreadable'; readonly message: string };

const unreadable = (message: string): Verdict => ({ kind: 'unreadable', message });
const verdict = (same: boolean): Verdict => (same ? 'same' : 'different');

/** Whether a cell, in Redshift's text form, is the expected value: to the last digit, whatever the spelling. */
export function compareCell(expected: Written, actual: string | null, type: RedshiftType): Verdict {
  if (expected.kind === 'null') return verdict(actual === null || (type.kind === 'super' && actual === 'null'));
  if (type.kind === 'super') return verdict(actual !== null && sameJson(jsonText(expected), actual));
  if (expected.kind === 'list' || expected.kind === 'map')
    return unreadable(`the column holds one value (${type.kind}), not a ${expected.kind}`);
  const wanted = canonicalCell(expected.text, type);
  if (wanted === undefined) return unreadable(`${JSON.stringify(expected.text)} is no ${hint(type)}`);
  return verdict(actual !== null && wanted === canonicalCell(actual, type));
}

/** One spelling for each value of a type; undefined for what is none of its values. */
function canonicalCell(text: string, { kind }: RedshiftType): string | undefined {
  switch (kind) {
    case 'int2':
    case 'int4':
    case 'int8':
    case 'decimal':
      return canonicalDecimal(text);
    case 'float4':
    case 'float8':
      return canonicalFloat(text, kind);
    case 'bool':
      return booleans.get(text.toLowerCase());
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined;
    case 'timestamp':
    case 'timestamptz':
      return canonicalInstant(text);
    case 'char':
      return text.trimEnd();
    default:
      return text;
  }
}

const hints: Partial<Record<RedshiftType['kind'], string>> = {
  bool: 'boolean: write true or false',
  date: 'date: write 2026-01-31',
  timestamp: 'timestamp: write 2026-01-31 12:00:00',
  timestamptz: 'instant: write 2026-01-31T12:00:00Z',
};
const hint = ({ kind }: RedshiftType): string => hints[kind] ?? 'number';

const booleans = new Map([
  ['t', 'true'],
  ['true', 'true'],
  ['f', 'false'],
  ['false', 'false'],
]);

function canonicalDecimal(text: string): string | undefined {
  const unsigned = text
    .replace(/^\+/, '')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.$/, '');
  return /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(unsigned) ? canonicalNumber(unsigned) : undefined;
}

const floats = new Map([
  ['infinity', Number.POSITIVE_INFINITY],
  ['.inf', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
  ['-.inf', Number.NEGATIVE_INFINITY],
  ['nan', Number.NaN],
  ['.nan', Number.NaN],
]);

/** A float is a JavaScript number, and nothing is lost by taking it for one. */
function canonicalFloat(text: string, kind: 'float4' | 'float8'): string | undefined {
  const named = floats.get(text.toLowerCase());
  const value = named ?? (canonicalDecimal(text) === undefined ? undefined : Number(text));
  if (value === undefined) return undefined;
  return String(kind === 'float4' ? Math.fround(value) : value);
}

const instant =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?(?:(Z)|([-+]\d\d)(?::?(\d\d))?)?$/;

/** Microseconds since the epoch; an instant without a zone is UTC, as in the box. */
function canonicalInstant(text: string): string | undefined {
  const match = instant.exec(text.replace(/(:\d\d(?:\.\d+)?) (?=[-+Z])/, '$1'));
  if (!match) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const [fraction = '', , offsetHours = '+00', offsetMinutes = '00'] = match.slice(7);
  const offset = Math.sign(Number(`${offsetHours[0]}1`)) * (Math.abs(Number(offsetHours)) * 60 + Number(offsetMinutes));
  const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second) - offset * 60_000;
  return String(BigInt(milliseconds) * 1000n + BigInt(fraction.padEnd(6, '0')));
}
