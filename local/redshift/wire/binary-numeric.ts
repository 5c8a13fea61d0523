import { RedshiftError } from '../types.ts';

const positive = 0x0000;
const negative = 0x4000;

/** The protocol's numeric: groups of four decimal digits, the weight of the first group, a sign and a scale. */
export function numericToBinary(text: string): Buffer {
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (!match) throw new RedshiftError('22P02', `invalid input syntax for type numeric: "${text}"`);
  const whole = (match[2] ?? '').replace(/^0+/, '');
  const fraction = match[3] ?? '';
  const wholeGroups = Math.ceil(whole.length / 4);
  const digits = whole.padStart(wholeGroups * 4, '0') + fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0');
  const groups = (digits.match(/.{4}/g) ?? []).map(Number);
  let weight = wholeGroups - 1;
  while (groups.length > 0 && groups[0] === 0) {
    groups.shift();
    weight -= 1;
  }
  while (groups.length > 0 && groups.at(-1) === 0) groups.pop();
  const header = [groups.length, groups.length === 0 ? 0 : weight, match[1] ? negative : positive, fraction.length];
  return int16s([...header, ...groups]);
}

function int16s(values: readonly number[]): Buffer {
  const buffer = Buffer.allocUnsafe(values.length * 2);
  for (const [index, value] of values.entries()) buffer.writeInt16BE(value, index * 2);
  return buffer;
}

export function numericFromBinary(value: Buffer): string {
  if (value.length < 8 || value.length !== 8 + value.readUInt16BE(0) * 2) throw malformed();
  const weight = value.readInt16BE(2);
  const sign = value.readUInt16BE(4);
  const scale = value.readUInt16BE(6);
  if ((sign !== positive && sign !== negative) || Math.abs(weight) > 64 || scale > 256) throw malformed();
  const group = (index: number): string => {
    const offset = 8 + index * 2;
    return index < 0 || offset >= value.length ? '0000' : String(value.readUInt16BE(offset)).padStart(4, '0');
  };
  let whole = '';
  for (let index = 0; index <= weight; index += 1) whole += group(index);
  let fraction = '';
  for (let index = weight + 1; fraction.length < scale; index += 1) fraction += group(index);
  const text = whole.replace(/^0+(?=\d)/, '') || '0';
  return (sign === negative ? '-' : '') + text + (scale > 0 ? `.${fraction.slice(0, scale)}` : '');
}

function malformed(): RedshiftError {
  return new RedshiftError('22P03', 'incorrect binary data format in bind parameter');
}
