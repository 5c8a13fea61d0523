import { unmarkNumber } from './json-text.ts';

/** A decimal number of any size: `units / 10^scale`. */
export interface Digits {
  readonly units: bigint;
  readonly scale: number;
}

/** Reads a number's text, stored SUPER or plain; undefined when it is none. */
export function readDigits(text: string): Digits | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(unmarkNumber(text.trim()));
  if (!match || `${match[2]}${match[3] ?? ''}` === '') return undefined;
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > 400) return undefined;
  const units = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const scale = fraction.length - exponent;
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 };
}

export const power = (digits: number): bigint => 10n ** BigInt(digits);

export function rescale(number: Digits, scale: number): bigint {
  return scale >= number.scale
    ? number.units * power(scale - number.scale)
    : number.units / power(number.scale - scale);
}

export function printDigits(units: bigint, scale: number): string {
  const sign = units < 0n ? '-' : '';
  const text = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  return scale === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

/** -1, 0, 1. */
export function compareDigits(a: Digits, b: Digits): number {
  const scale = Math.max(a.scale, b.scale);
  const [x, y] = [rescale(a, scale), rescale(b, scale)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The result cut (never rounded) to the scale; undefined for a division by zero. */
export function computeDigits(operator: string, a: Digits, b: Digits, scale: number): string | undefined {
  if (operator === '*')
    return printDigits(rescale({ units: a.units * b.units, scale: a.scale + b.scale }, scale), scale);
  if (operator === '/' || operator === '%') {
    if (b.units === 0n) return undefined;
    if (operator === '%') {
      const common = Math.max(a.scale, b.scale);
      return printDigits(rescale({ units: rescale(a, common) % rescale(b, common), scale: common }, scale), scale);
    }
    const shift = scale + b.scale - a.scale;
    const numerator = shift >= 0 ? a.units * power(shift) : a.units / power(-shift);
    return printDigits(numerator / b.units, scale);
  }
  const common = Math.max(a.scale, b.scale);
  const [x, y] = [rescale(a, common), rescale(b, common)];
  return printDigits(rescale({ units: operator === '-' ? x - y : x + y, scale: common }, scale), scale);
}
