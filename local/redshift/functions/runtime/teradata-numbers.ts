import { type Digits, power, printDigits, readDigits, rescale } from './numbers.ts';
import type { RuntimeFunction } from './runtime.ts';

/** What a Teradata format says of the texts that it describes. */
interface Shape {
  /** S: the last character is a digit that carries the sign. */
  readonly zoned: boolean;
  /** Digits behind V, where the point is thought. */
  readonly shift: number;
  /** Digits that there may be before and behind the point; infinite for `9(I)` and `9(F)`. */
  readonly whole: number;
  readonly fraction: number;
}

const FREE: Shape = { zoned: false, shift: 0, whole: Number.POSITIVE_INFINITY, fraction: Number.POSITIVE_INFINITY };
const invalidFormat = (format: string): Error => new Error(`[22023] invalid format "${format}"`);
const ELEMENT = /[Z9]\((?:\d+|I|F)\)|[Z9.DVSLCN$]/y;

/** Reads a format: digits 9 and Z, `9(n)`, a point as `.`, D or V, currency, and S behind the last digit. */
function readShape(format: string): Shape {
  const counts = { before: 0, behind: 0 };
  let separator = '';
  let zoned = false;
  let currency = 0;
  for (let at = 0; at < format.length; ) {
    ELEMENT.lastIndex = at;
    const element = ELEMENT.exec(format)?.[0];
    if (element === undefined || zoned) throw invalidFormat(format);
    at += element.length;
    if (element === 'S') zoned = true;
    else if (element === '.' || element === 'D' || element === 'V') {
      if (separator !== '') throw invalidFormat(format);
      separator = element;
    } else if ('LCN$'.includes(element)) currency += 1;
    else counts[separator === '' && !element.includes('F') ? 'before' : 'behind'] += countOf(element);
  }
  if (currency > 1 || (zoned && /[.DZF]/.test(format)) || /9[^Z]*Z/.test(format.split(/[.DV]/)[0] as string))
    throw invalidFormat(format);
  if (counts.before + counts.behind === 0) throw invalidFormat(format);
  return {
    zoned,
    shift: separator === 'V' ? counts.behind : 0,
    whole: counts.before + (separator === 'V' ? counts.behind : 0) + (zoned ? 1 : 0),
    fraction: separator === 'V' ? 0 : counts.behind,
  };
}

function countOf(element: string): number {
  const inner = /\((.+)\)/.exec(element)?.[1];
  if (inner === undefined) return 1;
  return inner === 'I' || inner === 'F' ? Number.POSITIVE_INFINITY : Number(inner);
}

const POSITIVE_ZONES = '{ABCDEFGHI';
const NEGATIVE_ZONES = '}JKLMNOPQR';

/** The last character of a signed zoned decimal as a digit, the sign in front. */
function unzone(text: string): string | undefined {
  const last = text.at(-1) ?? '';
  const rest = text.slice(0, -1);
  if (!/^\d*$/.test(rest)) return undefined;
  if (/\d/.test(last)) return text;
  if (POSITIVE_ZONES.includes(last)) return `${rest}${POSITIVE_ZONES.indexOf(last)}`;
  return NEGATIVE_ZONES.includes(last) ? `-${rest}${NEGATIVE_ZONES.indexOf(last)}` : undefined;
}

/** A text without currency and insertion characters, its sign in front. */
function plain(text: string): string {
  const bare = text
    .replace(/^\s*(\$|USD|US Dollars)\s*|\s*(\$|USD|US Dollars)\s*$/g, '')
    .trim()
    .replace(/[/,:%]/g, '');
  const moved = bare.replace(/^(.*[^eE])([+-])$/, '$2$1');
  return moved.replace(/(\d)-(?=\d)/g, '$1');
}

/** Numbers as Teradata writes them: `123-`, `-123E-2`, `$ 12`. Blank text is 0. */
function read(text: string, format: string): Digits {
  if (text.trim() === '') return { units: 0n, scale: 0 };
  const shape = format === '' ? FREE : readShape(format);
  const digits = readDigits((shape.zoned ? unzone(text.trim()) : plain(text)) ?? '');
  if (!digits) throw new Error(`[22P02] invalid input: ${text}`);
  const [whole = '', fraction = ''] = printDigits(digits.units < 0n ? -digits.units : digits.units, digits.scale).split(
    '.',
  );
  if (whole.replace(/^0+/, '').length > shape.whole || fraction.replace(/0+$/, '').length > shape.fraction)
    throw new Error(`[22P02] the input ${text} does not fit the format ${format}`);
  return { units: digits.units, scale: digits.scale + shape.shift };
}

function toInteger(text: string, format: string): string {
  const value = rescale(read(text, format), 0);
  if (BigInt.asIntN(32, value) !== value) throw new Error('[22003] value is out of range for type integer');
  return String(value);
}

/** Rounds to the scale; what lies right between two goes to the even one. */
function toNumeric(text: string, format: string, scaleText: string): string {
  const { units, scale } = read(text, format);
  const target = Number(scaleText);
  if (target >= scale) return printDigits(units * power(target - scale), target);
  const step = power(scale - target);
  const size = units < 0n ? -units : units;
  const [low, rest] = [size / step, (size % step) * 2n];
  const rounded = rest > step || (rest === step && low % 2n === 1n) ? low + 1n : low;
  return printDigits(units < 0n ? -rounded : rounded, target);
}

export const TERADATA_RUNTIME: readonly RuntimeFunction[] = [
  {
    name: 'mr_text_to_int_alt',
    parameters: 2,
    body: (text, format) => (text == null || format == null ? null : toInteger(text, format)),
  },
  {
    name: 'mr_text_to_numeric_alt',
    parameters: 3,
    body: (text, format, scale) =>
      text == null || format == null || scale == null ? null : toNumeric(text, format, scale),
  },
];
