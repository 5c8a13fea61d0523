import { isUtf8 } from 'node:buffer';
import { type JsonRefusalCode, jsonLimits } from './json-limits.ts';
import { keepsItsDigits } from './json-number.ts';
import { JsonRefusal, unexpectedByte } from './json-refusal.ts';
import { JsonStringScan } from './json-string.ts';
import { ObjectKeys } from './object-keys.ts';

/** What the scanner says of some bytes. */
export type JsonVerdict =
  | { readonly kind: 'json' /** One value on one line. */; readonly bytes: Uint8Array }
  | { readonly kind: 'refused'; readonly code: JsonRefusalCode; readonly reason: string };

/**
 * Proves that bytes are one JSON value (RFC 8259) which the warehouse keeps unaltered, without building the value: the proven
 * bytes are what lands. Only line breaks between tokens become spaces, because a line break ends a record in NDJSON; inside a
 * string JSON allows none.
 */
export function scanJson(bytes: Uint8Array): JsonVerdict {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return {
      kind: 'refused',
      code: 'BYTE_ORDER_MARK',
      reason: 'starts with a byte order mark, which JSON does not allow',
    };
  }
  if (!isUtf8(bytes)) return { kind: 'refused', code: 'NOT_UTF8', reason: 'is not UTF-8' };
  try {
    new JsonScanner(bytes).scan();
  } catch (error) {
    if (error instanceof JsonRefusal) return { kind: 'refused', code: error.code, reason: error.message };
    throw error;
  }
  return { kind: 'json', bytes: onOneLine(bytes) };
}

function onOneLine(bytes: Uint8Array): Uint8Array {
  if (bytes.indexOf(0x0a) < 0 && bytes.indexOf(0x0d) < 0) return bytes;
  return bytes.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte));
}

const OBJECT = 1;
const ARRAY = 2;
const literals = { t: Buffer.from('true'), f: Buffer.from('false'), n: Buffer.from('null') };

/** One pass over the bytes with its own stack, so that depth costs no call frames. */
class JsonScanner {
  readonly #bytes: Uint8Array;
  readonly #strings: JsonStringScan;
  readonly #keys: ObjectKeys;
  readonly #containers: number[] = [];
  #depth = 0;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#strings = new JsonStringScan(bytes);
    this.#keys = new ObjectKeys(bytes);
  }

  /** Returns when the bytes are one value; throws a JsonRefusal otherwise. */
  scan(): void {
    for (;;) {
      this.#skipSpace();
      if (this.#startValue()) continue;
      if (this.#endValues()) break;
    }
    this.#skipSpace();
    if (this.#at < this.#bytes.length) this.#unexpected('after the value');
  }

  /** Takes a scalar or an empty container whole, or opens a container: true when a value must follow. */
  #startValue(): boolean {
    const byte = this.#bytes[this.#at];
    switch (byte) {
      case 0x22:
        this.#at = this.#strings.end(this.#at);
        return false;
      case 0x7b:
        return this.#open(OBJECT, 0x7d);
      case 0x5b:
        return this.#open(ARRAY, 0x5d);
      case 0x74:
        return this.#literal(literals.t);
      case 0x66:
        return this.#literal(literals.f);
      case 0x6e:
        return this.#literal(literals.n);
      default:
        return this.#number();
    }
  }

  #open(container: number, close: number): boolean {
    if (this.#depth === jsonLimits.depth) {
      throw new JsonRefusal('TOO_DEEP', `nests deeper than ${jsonLimits.depth} levels at byte ${this.#at}`);
    }
    this.#at += 1;
    this.#skipSpace();
    if (this.#bytes[this.#at] === close) {
      this.#at += 1;
      return false;
    }
    this.#containers[this.#depth] = container;
    this.#depth += 1;
    if (container === OBJECT) {
      this.#keys.open();
      this.#key();
    }
    return true;
  }

  /** After a value: a comma asks for the next one (false), closing brackets end their containers; true at the top. */
  #endValues(): boolean {
    while (this.#depth > 0) {
      this.#skipSpace();
      const byte = this.#bytes[this.#at];
      const isObject = this.#containers[this.#depth - 1] === OBJECT;
      if (byte === 0x2c) {
        this.#at += 1;
        if (isObject) {
          this.#skipSpace();
          this.#key();
        }
        return false;
      }
      if (byte !== (isObject ? 0x7d : 0x5d)) this.#unexpected(isObject ? 'in an object' : 'in an array');
      this.#at += 1;
      this.#depth -= 1;
      if (isObject) this.#keys.close();
    }
    return true;
  }

  #key(): void {
    const start = this.#at;
    if (this.#bytes[start] !== 0x22) this.#unexpected('where a key should be');
    this.#at = this.#strings.end(start);
    if (!this.#keys.add(start + 1, this.#at - 1, this.#strings.hasEscapes)) {
      const name = Buffer.from(this.#bytes.subarray(start, Math.min(this.#at, start + 100))).toString('utf8');
      throw new JsonRefusal('DUPLICATE_KEY', `has the key ${name} twice in one object, again at byte ${start}`);
    }
    this.#skipSpace();
    if (this.#bytes[this.#at] !== 0x3a) this.#unexpected('where a colon should be');
    this.#at += 1;
  }

  #literal(word: Uint8Array): false {
    for (const byte of word) {
      if (this.#bytes[this.#at] !== byte) this.#unexpected('in a literal');
      this.#at += 1;
    }
    return false;
  }

  #number(): false {
    const start = this.#at;
    const bytes = this.#bytes;
    if (bytes[this.#at] === 0x2d) this.#at += 1;
    if (bytes[this.#at] === 0x30) this.#at += 1;
    else this.#digits();
    let isPlain = true;
    if (bytes[this.#at] === 0x2e) {
      this.#at += 1;
      this.#digits();
    }
    if (bytes[this.#at] === 0x65 || bytes[this.#at] === 0x45) {
      isPlain = false;
      this.#at += 1;
      if (bytes[this.#at] === 0x2b || bytes[this.#at] === 0x2d) this.#at += 1;
      this.#digits();
    }
    // Most numbers are short and plain: those fit whatever their digits are.
    if (!isPlain || this.#at - start > jsonLimits.fractionDigits) this.#judgeNumber(start);
    return false;
  }

  #judgeNumber(start: number): void {
    const text = Buffer.from(this.#bytes.subarray(start, this.#at)).toString('latin1');
    if (keepsItsDigits(text)) return;
    const shown = text.length > 60 ? `${text.slice(0, 60)}… (${text.length} characters)` : text;
    throw new JsonRefusal('NUMBER_OUT_OF_RANGE', `has a number the warehouse cannot keep digit by digit: ${shown}`);
  }

  #digits(): void {
    const start = this.#at;
    for (let byte = this.#bytes[this.#at] ?? 0; byte >= 0x30 && byte <= 0x39; byte = this.#bytes[this.#at] ?? 0)
      this.#at += 1;
    if (this.#at === start) this.#unexpected('where a value should be');
  }

  #skipSpace(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#at += 1;
    }
  }

  #unexpected(where: string): never {
    throw unexpectedByte(this.#bytes, this.#at, where);
  }
}
