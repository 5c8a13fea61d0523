import type { RuntimeFunction } from './runtime.ts';

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));
const scramble = (block: number): number => Math.imul(rotate(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);

/** Murmur3A over 32 bits, by its published definition. */
function murmur3(bytes: Buffer, seed: number): number {
  let hash = seed;
  const whole = bytes.length & ~3;
  for (let at = 0; at < whole; at += 4) {
    hash = (Math.imul(rotate(hash ^ scramble(bytes.readInt32LE(at)), 13), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let at = bytes.length - 1; at >= whole; at -= 1) rest = (rest << 8) | (bytes[at] as number);
  hash ^= scramble(rest) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** A decimal's digits without the point as the shortest two's complement, big end first. */
function decimalHex(text: string): string {
  const units = BigInt(text.replace('.', ''));
  let width = 1;
  while (BigInt.asIntN(width * 8, units) !== units) width += 1;
  return BigInt.asUintN(width * 8, units)
    .toString(16)
    .padStart(width * 2, '0');
}

/** A double's eight bytes, little end first; there is one zero. */
function doubleHex(text: string): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(Number(text) || 0);
  return bytes.toString('hex');
}

export const MURMUR_RUNTIME: readonly RuntimeFunction[] = [
  { name: 'mr_decimal_hex', parameters: 1, body: (text) => (text == null ? null : decimalHex(text)) },
  { name: 'mr_double_hex', parameters: 1, body: (text) => (text == null ? null : doubleHex(text)) },
  {
    name: 'mr_murmur3',
    parameters: 2,
    body: (hex, seed) =>
      hex == null || seed == null ? null : String(murmur3(Buffer.from(hex, 'hex'), Number(seed) | 0)),
  },
];
