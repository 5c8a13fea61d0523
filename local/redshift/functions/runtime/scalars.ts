import { fittedInterval, styledInterval } from '../../binder/interval-style.ts';
import { intervalText } from '../../binder/interval-text.ts';
import { momentText, truncateBytes } from '../../binder/literals.ts';
import { similarToRegularExpression } from '../../binder/pattern.ts';
import { computeDigits, readDigits } from './numbers.ts';
import type { RuntimeFunction } from './runtime.ts';

type Scalar = string | null;
const strict =
  (body: (...args: string[]) => Scalar): ((...args: Scalar[]) => Scalar) =>
  (...args) =>
    args.some((arg) => arg === null) ? null : body(...(args as string[]));

function decimal(operator: string, a: string, b: string, scale: string): Scalar {
  const [x, y] = [readDigits(a), readDigits(b)];
  if (!x || !y) return null;
  const result = computeDigits(operator, x, y, Number(scale));
  if (result === undefined) throw new Error('[22012] division by zero');
  return result;
}

/** A whole number's bytes, big end first. */
function integerHex(text: string, bytes: string): string {
  const width = Number(bytes);
  return BigInt.asUintN(width * 8, BigInt(text))
    .toString(16)
    .padStart(width * 2, '0');
}

/** A whole number of its bytes, big end first; there must be as many as its type has. */
function hexInteger(hex: string, bytes: string): string {
  const width = Number(bytes);
  if (hex.length !== width * 2)
    throw new Error(`[22023] a varbyte value of ${hex.length / 2} bytes is no ${width}-byte integer`);
  return String(BigInt.asIntN(width * 8, BigInt(`0x${hex}`)));
}

function shiftLeft(text: string, countText: string, bitsText: string): string {
  const bits = Number(bitsText);
  return String(BigInt.asIntN(bits, BigInt(text) << (BigInt(countText) & BigInt(bits - 1))));
}

/** `& | #` on bytes of equal length, `~` on one. */
function bytes(operator: string, a: string, b: Scalar): Scalar {
  const x = Buffer.from(a, 'hex');
  if (operator === '~') return Buffer.from(x.map((byte) => ~byte & 0xff)).toString('hex');
  if (b === null) return null;
  const y = Buffer.from(b, 'hex');
  if (x.length !== y.length)
    throw new Error('[22023] cannot apply a bitwise operator to varbyte values of different lengths');
  return Buffer.from(
    x.map((byte, i) =>
      operator === '&' ? byte & (y[i] as number) : operator === '|' ? byte | (y[i] as number) : byte ^ (y[i] as number),
    ),
  ).toString('hex');
}

export const SCALAR_RUNTIME: readonly RuntimeFunction[] = [
  { name: 'mr_truncate', parameters: 2, body: strict((text, length) => truncateBytes(text as string, Number(length))) },
  {
    name: 'mr_moment',
    parameters: 2,
    body: strict((text, kind) => momentText(text as string, kind as 'date') ?? null),
  },
  {
    name: 'mr_decimal',
    parameters: 4,
    body: strict((operator, a, b, scale) => decimal(operator as string, a as string, b as string, scale as string)),
  },
  { name: 'mr_int_hex', parameters: 2, body: strict((text, width) => integerHex(text as string, width as string)) },
  { name: 'mr_hex_int', parameters: 2, body: strict((hex, width) => hexInteger(hex as string, width as string)) },
  {
    name: 'mr_shift_left',
    parameters: 3,
    body: strict((text, count, bits) => shiftLeft(text as string, count as string, bits as string)),
  },
  {
    name: 'mr_bytes',
    parameters: 3,
    body: (operator, a, b) => (operator == null || a == null ? null : bytes(operator, a, b ?? null)),
  },
  {
    name: 'mr_similar',
    parameters: 2,
    body: strict((pattern, escape) => similarToRegularExpression(pattern as string, escape as string)),
  },
  {
    name: 'mr_interval_text',
    parameters: 2,
    body: strict((text, kind) => intervalText(text as string, kind as string)),
  },
  {
    name: 'mr_interval_style',
    parameters: 3,
    body: strict((text, kind, style) => styledInterval(text as string, kind as string, style as string)),
  },
  {
    name: 'mr_interval_fit',
    parameters: 3,
    body: strict((text, scale, precision) => fittedInterval(text as string, Number(scale), Number(precision))),
  },
];
