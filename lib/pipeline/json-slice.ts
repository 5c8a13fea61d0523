/**
 * Finds values in JSON that is already known to be valid, as slices of its bytes: what is cut out is what was sent, digits,
 * spaces and all. Nothing is parsed but the names that are compared.
 */

/** The values of an object's member, one for each time its name comes; none where the value is no object. */
export function membersOf(bytes: Uint8Array, name: string): Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== 0x7b) return found;
  const wanted = Buffer.from(JSON.stringify(name));
  at = skipSpace(bytes, at + 1);
  while (bytes[at] === 0x22) {
    const keyEnd = stringEnd(bytes, at);
    const start = skipSpace(bytes, skipSpace(bytes, keyEnd) + 1);
    const end = valueEnd(bytes, start);
    if (isName(bytes.subarray(at, keyEnd), wanted, name)) found.push(bytes.subarray(start, end));
    at = nextItem(bytes, end);
  }
  return found;
}

/** The elements of an array, or undefined where the value is none. */
export function elementsOf(bytes: Uint8Array): Uint8Array[] | undefined {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== 0x5b) return undefined;
  const elements: Uint8Array[] = [];
  at = skipSpace(bytes, at + 1);
  while (at < bytes.length && bytes[at] !== 0x5d) {
    const end = valueEnd(bytes, at);
    elements.push(bytes.subarray(at, end));
    at = nextItem(bytes, end);
  }
  return elements;
}

/** A scalar as text: a string without its quotes and escapes, a number in its own digits; undefined for anything else. */
export function scalarText(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').trim();
  if (text.startsWith('"')) return JSON.parse(text) as string;
  return /^[-0-9]/.test(text) ? text : undefined;
}

function isName(key: Uint8Array, wanted: Buffer, name: string): boolean {
  if (wanted.equals(key)) return true;
  return key.includes(0x5c) && JSON.parse(Buffer.from(key).toString('utf8')) === name;
}

/** The next item after a value in an object or array, or its closing bracket. */
function nextItem(bytes: Uint8Array, end: number): number {
  const at = skipSpace(bytes, end);
  return bytes[at] === 0x2c ? skipSpace(bytes, at + 1) : at;
}

/** The place after the value that starts at `start`: nesting is counted, not recursed into. */
function valueEnd(bytes: Uint8Array, start: number): number {
  let depth = 0;
  let at = start;
  while (at < bytes.length) {
    const byte = bytes[at] as number;
    if (byte === 0x22) at = stringEnd(bytes, at);
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      at += 1;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
      at += 1;
    } else at = depth > 0 ? at + 1 : scalarEnd(bytes, at);
    if (depth === 0) return at;
  }
  return at;
}

function scalarEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  // Commas, closing brackets and white space end a number or a literal.
  while (at < bytes.length && !isDelimiter(bytes[at] as number)) at += 1;
  return at;
}

function isDelimiter(byte: number): boolean {
  return byte <= 0x20 || byte === 0x2c || byte === 0x7d || byte === 0x5d;
}

function stringEnd(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1;
  return at + 1;
}

function skipSpace(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && (bytes[at] as number) <= 0x20) at += 1;
  return at;
}
