import { power, printDigits, readDigits } from './numbers.ts';
import type { RuntimeFunction } from './runtime.ts';

interface NumberFormat {
  readonly whole: string;
  readonly fraction: string;
  readonly fill: boolean;
}

function round(text: string, places: number): string {
  const digits = readDigits(text);
  if (!digits) throw new Error(`[22P02] invalid number ${text}`);
  if (places >= digits.scale) return printDigits(digits.units * power(places - digits.scale), places);
  const factor = power(digits.scale - places);
  const half = factor / 2n;
  return printDigits((digits.units < 0n ? digits.units - half : digits.units + half) / factor, places);
}

const ROMAN: readonly [number, string][] = [
  [1000, 'M'],
  [900, 'CM'],
  [500, 'D'],
  [400, 'CD'],
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
];

function roman(text: string): string {
  let rest = Math.round(Number(text));
  if (rest < 1 || rest > 3999) return '###############';
  let out = '';
  for (const [value, letters] of ROMAN) {
    while (rest >= value) {
      out += letters;
      rest -= value;
    }
  }
  return out;
}

const isDigit = (character: string): boolean => character === '9' || character === '0';

/** TO_CHAR of a number. */
export function formatNumber(text: string, given: string): string {
  const format = given.toUpperCase();
  const fill = !format.startsWith('FM');
  const body = fill ? format : format.slice(2);
  if (body.includes('RN')) return fill ? roman(text).padStart(15) : roman(text);
  const point = body.search(/[.D]/);
  const shape: NumberFormat = {
    whole: point < 0 ? body : body.slice(0, point),
    fraction: point < 0 ? '' : body.slice(point + 1),
    fill,
  };
  const places = [...shape.fraction].filter(isDigit).length;
  const rounded = round(text, places);
  const negative = rounded.startsWith('-');
  const [whole = '', fraction = ''] = rounded.replace('-', '').split('.');
  const width = [...shape.whole].filter(isDigit).length;
  const shown = whole === '0' && width > 0 && !shape.whole.includes('0') && places > 0 ? '' : whole;
  const isOverflow = shown.length > width;
  const front = wholePart(shape.whole, isOverflow ? '#'.repeat(width) : shown, negative);
  const back = fractionPart(shape.fraction, isOverflow ? '#'.repeat(places) : fraction, negative);
  const pointed = point < 0 ? front : `${front}.`;
  return finish(`${pointed}${back}`, body, negative, fill);
}

/** Puts digits into the places before the point, from the right. */
function wholePart(format: string, digits: string, negative: boolean): string {
  const firstZero = format.indexOf('0');
  let left = digits;
  let out = '';
  for (let i = format.length - 1; i >= 0; i -= 1) {
    const character = format[i] as string;
    if (isDigit(character)) {
      const mustShow = firstZero >= 0 && i >= firstZero;
      out = (left === '' ? (mustShow ? '0' : ' ') : (left.at(-1) as string)) + out;
      left = left.slice(0, -1);
    } else if (character === ',' || character === 'G') {
      out = (left === '' && !(firstZero >= 0 && i > firstZero) ? ' ' : ',') + out;
    } else {
      out = symbol(format, i, negative) + out;
    }
  }
  return out;
}

function fractionPart(format: string, digits: string, negative: boolean): string {
  let at = 0;
  let out = '';
  for (let i = 0; i < format.length; i += 1) {
    const character = format[i] as string;
    out += isDigit(character) ? (digits[at++] ?? '0') : symbol(format, i, negative);
  }
  return out;
}

/** Signs and currency are placed when the rest stands; here they leave marks. */
function symbol(format: string, at: number, negative: boolean): string {
  switch (format[at]) {
    case 'S':
      return negative ? '-' : '+';
    case '$':
    case 'L':
      return '$';
    case 'M':
      return format[at + 1] === 'I' ? (negative ? '-' : ' ') : '';
    case 'P':
      return ['R', 'L', 'G'].includes(format[at + 1] ?? '') ? '' : '';
    case 'I':
    case 'R':
      return '';
    default:
      return format[at] as string;
  }
}

function finish(text: string, format: string, negative: boolean, fill: boolean): string {
  let out = text;
  if (format.includes('PR')) out = negative ? out.replace(/^(\s*\$?\s*)(\S+)$/, '$1<$2>') : ` ${out} `;
  else if (!/[S]|MI|PL|SG/.test(format)) out = placeSign(out, negative);
  else out = out.replace(/^([-+])(\s+)/, '$2$1').replace(/^(\$[-+]?|[-+]\$)(\s+)/, '$2$1');
  return fill ? out : out.replace(/\s+/g, '').replace(/(\.\d*?)0+$/, '$1');
}

/** The sign stands right before the first digit, where a column is left free for it. */
function placeSign(text: string, negative: boolean): string {
  const match = /^(\s*)(.*)$/s.exec(text) as RegExpExecArray;
  return ` ${match[1]}`.slice(0, -1) + (negative ? '-' : ' ') + match[2];
}

/** TO_NUMBER: digits by the format's places, the sign wherever it stands. */
export function parseNumber(text: string, _format: string): string {
  const negative = text.includes('-') || /<.*>/.test(text) || /\(.*\)/.test(text);
  const digits = text.replace(/[^0-9.]/g, '');
  if (digits === '') throw new Error(`[22P02] invalid input syntax for type numeric: "${text}"`);
  return `${negative ? '-' : ''}${digits}`;
}

export const FORMAT_NUMBER_RUNTIME: readonly RuntimeFunction[] = [
  {
    name: 'mr_to_char_number',
    parameters: 2,
    body: (text, format) => (text == null || format == null ? null : formatNumber(text, format)),
  },
  {
    name: 'mr_to_number',
    parameters: 2,
    body: (text, format) => (text == null || format == null ? null : parseNumber(text, format)),
  },
];
