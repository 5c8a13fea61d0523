import { jsonLimits } from './json-limits.ts';

/**
 * Whether the warehouse keeps a JSON number (valid grammar, as text) digit by digit. Without an exponent it is a DECIMAL(38); with
 * one it is a DOUBLE, so its digits must be those the double gives back. The number itself is only judged here, never rewritten.
 */
export function keepsItsDigits(text: string): boolean {
  const { integer, fraction, exponent } = partsOf(text);
  if (exponent !== undefined) return survivesAsDouble(text, integer + fraction);
  const digits = (integer === '0' ? 0 : integer.length) + fraction.length;
  return digits <= jsonLimits.numberDigits && fraction.length <= jsonLimits.fractionDigits;
}

function partsOf(text: string): { integer: string; fraction: string; exponent: string | undefined } {
  const [mantissa = '', exponent] = text.split(/[eE]/);
  const [integer = '', fraction = ''] = mantissa.replace('-', '').split('.');
  return { integer, fraction, exponent };
}

function survivesAsDouble(text: string, mantissaDigits: string): boolean {
  const significant = mantissaDigits.replace(/^0+/, '').replace(/0+$/, '');
  if (significant === '') return true;
  const double = Math.abs(Number(text));
  if (double === Number.POSITIVE_INFINITY || double < jsonLimits.smallestDouble || significant.length > 17)
    return false;
  const kept = double.toExponential(significant.length - 1).split('e')[0] ?? '';
  return kept.replace('.', '') === significant;
}
