import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { farmFingerprint64 } from './farm.ts';
import { power, printDigits, readDigits } from './numbers.ts';
import type { RuntimeFunction } from './runtime.ts';

type Scalar = string | null;
const strict =
  (body: (...args: string[]) => Scalar): ((...args: Scalar[]) => Scalar) =>
  (...args) =>
    args.some((arg) => arg === null) ? null : body(...(args as string[]));

/** CRC-32C (Castagnoli), eight hexadecimal digits. */
function crc32c(bytes: Buffer): string {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}

/** Letters behind anything that is no letter or digit become capitals, all others small. */
function initcap(text: string): string {
  return text
    .toLowerCase()
    .replace(/(^|[^\p{L}\p{N}])(\p{L})/gu, (_match, before: string, letter: string) => before + letter.toUpperCase());
}

const SOUNDS: Readonly<Record<string, string>> = {
  B: '1',
  F: '1',
  P: '1',
  V: '1',
  C: '2',
  G: '2',
  J: '2',
  K: '2',
  Q: '2',
  S: '2',
  X: '2',
  Z: '2',
  D: '3',
  T: '3',
  L: '4',
  M: '5',
  N: '5',
  R: '6',
};

function soundex(text: string): string {
  const letters = text.toUpperCase().replace(/[^A-Z]/g, '');
  if (letters === '') return '';
  let code = letters[0] as string;
  let last = SOUNDS[code];
  for (const letter of letters.slice(1)) {
    const sound = SOUNDS[letter];
    if (sound !== undefined && sound !== last) code += sound;
    if (letter !== 'H' && letter !== 'W') last = sound;
    if (code.length === 4) break;
  }
  return code.padEnd(4, '0');
}

function difference(a: string, b: string): string {
  const [x, y] = [soundex(a), soundex(b)];
  if (x === '' || y === '') return x === y ? '1' : '0';
  return String([0, 1, 2, 3].filter((i) => x[i] !== undefined && x[i] === y[i]).length);
}

function strtol(text: string, baseText: string): string {
  const base = Number(baseText);
  if (base < 2 || base > 36) throw new Error('[22023] The base must be between 2 and 36');
  const cleaned = text
    .trim()
    .toLowerCase()
    .replace(base === 16 ? /^([+-]?)0x/ : /$^/, '$1');
  const sign = cleaned.startsWith('-') ? -1n : 1n;
  if (text === '' || text.startsWith('\u0000')) return '0';
  let value = 0n;
  for (const character of cleaned.replace(/^[+-]/, '')) {
    const digit = Number.parseInt(character, 36);
    if (Number.isNaN(digit) || digit >= base)
      throw new Error(`[22P02] The input ${text} is not valid to be converted to base ${base}`);
    value = value * BigInt(base) + BigInt(digit);
  }
  const result = value * sign;
  if (BigInt.asIntN(64, result) !== result) throw new Error('[22003] value is out of range for type bigint');
  return String(result);
}

/** Rounds half away from zero. */
function round(units: bigint, scale: number, places: number): bigint {
  if (places >= scale) return units * power(places - scale);
  const factor = power(scale - places);
  const half = factor / 2n;
  return (units < 0n ? units - half : units + half) / factor;
}

/** More than any number has, before the point or behind it. */
const MOST_PLACES = 60;

/** ROUND and TRUNC of decimals; places below zero are before the point. */
function places(name: string, text: string, countText: string): Scalar {
  const digits = readDigits(text);
  if (!digits) return null;
  const count = Math.max(-MOST_PLACES, Math.min(MOST_PLACES, Number(countText)));
  if (count >= 0) {
    const units =
      name === 'round'
        ? round(digits.units, digits.scale, count)
        : count >= digits.scale
          ? digits.units * power(count - digits.scale)
          : digits.units / power(digits.scale - count);
    return printDigits(units, count);
  }
  const step = power(-count);
  const whole = { units: digits.units, scale: digits.scale - count };
  const units = name === 'round' ? round(whole.units, whole.scale, 0) : whole.units / power(whole.scale);
  return String(units * step);
}

function octetIndex(needle: string, text: string): string {
  return String(Buffer.from(text).indexOf(Buffer.from(needle)) + 1);
}

const SHA2: Readonly<Record<string, string>> = {
  0: 'sha256',
  224: 'sha224',
  256: 'sha256',
  384: 'sha384',
  512: 'sha512',
};

function sha2(hex: string, bits: string): string {
  const algorithm = SHA2[bits];
  return algorithm === undefined ? '' : createHash(algorithm).update(Buffer.from(hex, 'hex')).digest('hex');
}

const FNV_PRIME = 0x100000001b3n;
const FNV_OFFSET = 0xcbf29ce484222325n;

/** FNV-1a over 64 bits, from a seed where one is given. */
function fnv(hex: string, seed: string): string {
  let hash = seed === '' ? FNV_OFFSET : BigInt.asUintN(64, BigInt(seed));
  for (const byte of Buffer.from(hex, 'hex')) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return String(BigInt.asIntN(64, hash));
}

function toVarbyte(text: string, format: string): string {
  if (format === 'hex') {
    if (!/^[0-9a-fA-F]*$/.test(text)) throw new Error(`[22023] invalid hexadecimal value ${text}`);
    return text.length % 2 === 0 ? text : `0${text}`;
  }
  if (format === 'utf8') return Buffer.from(text).toString('hex');
  if (format === 'base64') return Buffer.from(text, 'base64').toString('hex');
  if (!/^[01]*$/.test(text)) throw new Error(`[22023] invalid binary value ${text}`);
  const padded = text.padStart(Math.ceil(text.length / 8) * 8, '0');
  return (padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2).toString(16).padStart(2, '0')).join('');
}

function fromVarbyte(hex: string, format: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (format === 'hex') return hex.toLowerCase();
  if (format === 'utf8') {
    if (!isUtf8(bytes)) throw new Error('[22021] String contains invalid or unsupported UTF8 codepoints.');
    return bytes.toString('utf8');
  }
  if (format === 'base64') return bytes.toString('base64');
  return [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

function getBit(hex: string, bitText: string): string {
  const bytes = Buffer.from(hex, 'hex');
  const bit = Number(bitText);
  const byte = bytes[bytes.length - 1 - Math.floor(bit / 8)];
  if (byte === undefined || bit < 0) throw new Error('[22023] bit index is out of range');
  return String((byte >> (bit % 8)) & 1);
}

function setBit(hex: string, bitText: string, on: string): string {
  const bytes = Buffer.from(hex, 'hex');
  const bit = Number(bitText);
  const at = bytes.length - 1 - Math.floor(bit / 8);
  const old = bytes[at];
  if (old === undefined || bit < 0) throw new Error('[22023] bit index is out of range');
  bytes[at] = on === '1' ? old | (1 << (bit % 8)) : old & ~(1 << (bit % 8));
  return bytes.toString('hex');
}

export const STRING_RUNTIME: readonly RuntimeFunction[] = [
  { name: 'mr_initcap', parameters: 1, body: strict(initcap as (...args: string[]) => Scalar) },
  { name: 'mr_soundex', parameters: 1, body: strict(soundex as (...args: string[]) => Scalar) },
  { name: 'mr_difference', parameters: 2, body: strict(difference as (...args: string[]) => Scalar) },
  { name: 'mr_strtol', parameters: 2, body: strict(strtol as (...args: string[]) => Scalar) },
  {
    name: 'mr_quote_ident',
    parameters: 1,
    body: strict((text) =>
      /^[a-z_][a-z0-9_]*$/.test(text as string) ? (text as string) : `"${(text as string).replaceAll('"', '""')}"`,
    ),
  },
  {
    name: 'mr_quote_literal',
    parameters: 1,
    body: strict((text) => `'${(text as string).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`),
  },
  { name: 'mr_octetindex', parameters: 2, body: strict(octetIndex as (...args: string[]) => Scalar) },
  {
    name: 'mr_crc32',
    parameters: 1,
    body: strict((text) => crc32c(Buffer.from(text as string))),
  },
  { name: 'mr_places', parameters: 3, body: strict(places as (...args: string[]) => Scalar) },
  { name: 'mr_sha2', parameters: 2, body: strict(sha2 as (...args: string[]) => Scalar) },
  { name: 'mr_fnv_hash', parameters: 2, body: strict(fnv as (...args: string[]) => Scalar) },
  {
    name: 'mr_farm_fingerprint',
    parameters: 1,
    body: strict((hex) => String(BigInt.asIntN(64, farmFingerprint64(Buffer.from(hex as string, 'hex'))))),
  },
  {
    name: 'mr_reverse_hex',
    parameters: 1,
    body: strict((hex) =>
      Buffer.from(hex as string, 'hex')
        .reverse()
        .toString('hex'),
    ),
  },
  { name: 'mr_to_varbyte', parameters: 2, body: strict(toVarbyte as (...args: string[]) => Scalar) },
  { name: 'mr_from_varbyte', parameters: 2, body: strict(fromVarbyte as (...args: string[]) => Scalar) },
  { name: 'mr_get_bit', parameters: 2, body: strict(getBit as (...args: string[]) => Scalar) },
  { name: 'mr_set_bit', parameters: 3, body: strict(setBit as (...args: string[]) => Scalar) },
];
