import { isUtf8 } from 'node:buffer';

/** A sequence of bytes that is not UTF-8. */
export interface InvalidSequence {
  readonly start: number;
  readonly end: number;
  /** The manual's number of what is wrong with it. */
  readonly fault: InvalidSequenceFault;
}

/** 1: more than four bytes; 2: cut short; 3: no byte to begin with; 4: a wrong byte follows; 5: out of range, or needlessly long. */
type InvalidSequenceFault = 1 | 2 | 3 | 4 | 5;

/** ACCEPTINVCHARS: puts a character in the place of each byte of a sequence that is not UTF-8. */
export function replaceInvalidCharacters(body: Buffer, character: string): Buffer {
  if (isUtf8(body)) return body;
  const replaced = Buffer.from(body);
  for (const { start, end } of invalidSequences(body)) replaced.fill(character, start, end);
  return replaced;
}

/** The numbers (from 1) of the lines that hold a sequence that is not UTF-8. */
export function invalidLines(body: Buffer): number[] {
  if (isUtf8(body)) return [];
  const lines: number[] = [];
  let line = 1;
  let lineEnd = -1;
  for (const { start } of invalidSequences(body)) {
    for (; start > lineEnd; line += 1) {
      const found = body.indexOf(0x0a, lineEnd + 1);
      lineEnd = found < 0 ? body.length : found;
    }
    if (lines.at(-1) !== line - 1) lines.push(line - 1);
  }
  return lines;
}

/** All sequences of bytes that are not UTF-8, in their order. */
export function* invalidSequences(body: Buffer): Generator<InvalidSequence> {
  for (let at = 0; at < body.length; ) {
    const length = lengthOf(body[at] as number);
    if (length === 1) {
      at += 1;
      continue;
    }
    const [end, fault] = judge(body, at, length);
    if (fault !== undefined) yield { start: at, end, fault };
    at = end;
  }
}

/** How many bytes a character takes that begins so; 0: none begins so. */
function lengthOf(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte < 0xc0 || byte > 0xfd) return 0;
  return [0xe0, 0xf0, 0xf8, 0xfc, 0xfe].findIndex((limit) => byte < limit) + 2;
}

function judge(body: Buffer, at: number, length: number): readonly [end: number, fault?: InvalidSequenceFault] {
  if (length === 0) return [at + 1, 3];
  let end = at + 1;
  while (end < at + length && end < body.length && ((body[end] as number) & 0xc0) === 0x80) end += 1;
  if (end < at + length) return [end, end >= body.length ? 2 : 4];
  if (length > 4) return [end, 1];
  return isUtf8(body.subarray(at, end)) ? [end] : [end, 5];
}
