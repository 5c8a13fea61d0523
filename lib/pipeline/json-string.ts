import { jsonLimits } from './json-limits.ts';
import { JsonRefusal, unexpectedByte } from './json-refusal.ts';

/** The bytes that may follow a backslash, `u` apart. */
const simpleEscapes = new Set(Buffer.from('"\\/bfnrt'));

/** Reads JSON strings in UTF-8 bytes: finds their end and refuses what the warehouse cannot keep. */
export class JsonStringScan {
  /** Whether the string read last has escapes: only then do its bytes differ from its characters. */
  hasEscapes = false;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The place after the closing quote of the string that opens at `start`. */
  end(start: number): number {
    const bytes = this.#bytes;
    this.hasEscapes = false;
    /** Bytes that escapes take beyond the characters they stand for. */
    let surplus = 0;
    let at = start + 1;
    for (;;) {
      let byte = bytes[at] as number;
      while (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) {
        at += 1;
        byte = bytes[at] as number;
      }
      if (byte === 0x22) break;
      if (byte !== 0x5c) throw unexpectedByte(bytes, at, 'in a string');
      const length = this.#escapeLength(at);
      surplus += length - decodedLength(length, this.#codeUnit);
      this.hasEscapes = true;
      at += length;
    }
    if (at - start - 1 - surplus > jsonLimits.stringBytes) {
      const size = at - start - 1 - surplus;
      throw new JsonRefusal(
        'STRING_TOO_LONG',
        `has a string of ${size} bytes at byte ${start}; the most is ${jsonLimits.stringBytes}`,
      );
    }
    return at + 1;
  }

  /** The code unit of the `\u` escape read last, the first of a pair. */
  #codeUnit = 0;

  /** How many bytes the escape at `at` takes; a surrogate pair counts as one escape. */
  #escapeLength(at: number): number {
    const kind = this.#bytes[at + 1] as number;
    if (simpleEscapes.has(kind)) return 2;
    if (kind !== 0x75) throw unexpectedByte(this.#bytes, at + 1, 'after a backslash');
    const unit = this.#hexadecimal(at + 2);
    if (unit === 0) throw new JsonRefusal('NUL_CHARACTER', `has the character U+0000 in a string at byte ${at}`);
    this.#codeUnit = unit;
    if (unit < 0xd800 || unit > 0xdfff) return 6;
    if (unit < 0xdc00 && this.#bytes[at + 6] === 0x5c && this.#bytes[at + 7] === 0x75) {
      const low = this.#hexadecimal(at + 8);
      if (low >= 0xdc00 && low <= 0xdfff) return 12;
    }
    throw new JsonRefusal('LONE_SURROGATE', `has half a surrogate pair in a string at byte ${at}`);
  }

  #hexadecimal(at: number): number {
    let value = 0;
    for (let index = at; index < at + 4; index += 1) {
      const digit = hexadecimalDigit(this.#bytes[index] ?? 0);
      if (digit < 0) throw unexpectedByte(this.#bytes, index, 'in a \\u escape');
      value = value * 16 + digit;
    }
    return value;
  }
}

function hexadecimalDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Bytes of UTF-8 that an escape of so many bytes stands for. */
function decodedLength(escapeLength: number, codeUnit: number): number {
  if (escapeLength === 2) return 1;
  if (escapeLength === 12) return 4;
  if (codeUnit < 0x80) return 1;
  return codeUnit < 0x800 ? 2 : 3;
}
