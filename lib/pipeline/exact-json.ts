/** Whether two JSON texts say the same, whatever the order of names and the spelling of strings and numbers; no digit is rounded. */
export function sameJson(one: string, other: string): boolean {
  return one === other || canonicalJson(one) === canonicalJson(other);
}

/** JSON text with sorted names, no spaces and numbers in one spelling: the same value, the same text. */
export function canonicalJson(text: string): string {
  return write(JSON.parse(text, reviver));
}

/** A number as its digits: JSON.parse would round them. */
class ExactNumber {
  readonly text: string;

  constructor(source: string) {
    this.text = canonicalNumber(source);
  }
}

/** Node hands the source text of each scalar to the reviver; TypeScript's library does not say so yet. */
const reviver = ((_name: string, value: unknown, context?: { source?: string }) =>
  typeof value === 'number' ? new ExactNumber(context?.source ?? String(value)) : value) as (
  this: unknown,
  name: string,
  value: unknown,
) => unknown;

function write(value: unknown): string {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${write(inner)}`).join(',')}}`;
}

/** Significant digits and the power of ten behind them: 1.50, 15e-1 and 1.5 are one number. */
export function canonicalNumber(text: string): string {
  const [, sign = '', integer = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${integer}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}${power === 0n ? '' : `e${power}`}`;
}
