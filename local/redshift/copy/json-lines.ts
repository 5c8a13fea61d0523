/** One object of a source may weigh 4 MB. */
export const maximumObjectBytes = 4 * 1024 * 1024;

/** Rows of a source, one a line, as the staging query reads them, with the way back to where each was. */
export interface RowLines {
  readonly body: Buffer;
  /** Where row `index` (from 0) was in the source. */
  locate(index: number): RowPlace;
}

export interface RowPlace {
  /** The row's last line in the source, from 1. */
  readonly lineNumber: number;
  readonly raw: Buffer;
}

const newline = 0x0a;
const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

/**
 * Lines of JSON objects. Redshift reads objects however white space parts them. The ordinary file has one on each line and is taken as it
 * is; any other is cut exactly, and written anew with one object a line.
 */
export function jsonLines(body: Buffer): RowLines {
  const text = body.subarray(0, 3).equals(byteOrderMark) ? body.subarray(3) : body;
  return hasOneObjectPerLine(text) ? { body: text, locate: (index) => locateLine(text, index) } : cutLines(text);
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Every line that is not blank begins with `{`, ends with `}`, is not too long, and has no `} {` in it. */
function hasOneObjectPerLine(text: Buffer): boolean {
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf(newline, start);
    const end = found < 0 ? text.length : found;
    let first = start;
    while (first < end && isBlank(text[first])) first += 1;
    let last = end - 1;
    while (last > first && isBlank(text[last])) last -= 1;
    const ordinary = text[first] === openBrace && text[last] === closeBrace && last - first < maximumObjectBytes;
    if (first < end && !ordinary) return false;
    start = end + 1;
  }
  return !hasNeighbours(text);
}

/** True where `}` is followed by `{` with nothing but blanks between: perhaps two objects, perhaps part of a string. */
function hasNeighbours(text: Buffer): boolean {
  return ['}{', '} ', '}\t', '}\r'].some((pair) => {
    for (let at = text.indexOf(pair); at >= 0; at = text.indexOf(pair, at + 1)) {
      let next = at + 1;
      while (isBlank(text[next])) next += 1;
      if (text[next] === openBrace) return true;
    }
    return false;
  });
}

function locateLine(text: Buffer, index: number): RowPlace {
  let lineNumber = 0;
  let row = -1;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf(newline, start);
    const end = found < 0 ? text.length : found;
    lineNumber += 1;
    const line = text.subarray(start, end);
    if (line.some((byte) => !isBlank(byte))) row += 1;
    if (row === index) return { lineNumber, raw: line };
    start = end + 1;
  }
  return { lineNumber, raw: Buffer.alloc(0) };
}

interface Piece {
  readonly start: number;
  readonly end: number;
  /** False for what cannot be an object: unbalanced, a line break inside a string, another kind of value, too large. */
  readonly whole: boolean;
}

function cutLines(text: Buffer): RowLines {
  const pieces = cutObjects(text);
  const lines = pieces.map((piece) => (piece.whole ? onOneLine(text.subarray(piece.start, piece.end)) : brokenLine));
  return {
    body: Buffer.concat(lines.flatMap((line) => [line, lineEnd])),
    locate: (index) => {
      const piece = pieces[index] ?? { start: text.length, end: text.length };
      return { lineNumber: countLines(text, piece.end), raw: text.subarray(piece.start, piece.end) };
    },
  };
}

const lineEnd = Buffer.from('\n');
/** Stands for a row that cannot be read: it is no object, so the staging query reports it. */
const brokenLine = Buffer.from('0');

function onOneLine(object: Buffer): Buffer {
  if (!object.includes(newline)) return object;
  const line = Buffer.from(object);
  for (let at = line.indexOf(newline); at >= 0; at = line.indexOf(newline, at)) line[at] = 0x20;
  return line;
}

function countLines(text: Buffer, end: number): number {
  let count = 1;
  for (let at = text.indexOf(newline); at >= 0 && at < end; at = text.indexOf(newline, at + 1)) count += 1;
  return count;
}

function cutObjects(text: Buffer): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && (isBlank(text[at]) || text[at] === newline)) at += 1;
    if (at >= text.length) return pieces;
    const piece = text[at] === openBrace ? cutObject(text, at) : cutOther(text, at);
    pieces.push(piece.end - piece.start > maximumObjectBytes ? { ...piece, whole: false } : piece);
    at = piece.end;
  }
}

/** Up to the brace that closes the first one. A line break inside a string ends the damage there. */
function cutObject(text: Buffer, start: number): Piece {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const byte = text[at];
    if (inString) {
      if (byte === backslash) at += 1;
      else if (byte === quote) inString = false;
      else if (byte === newline) return { start, end: at, whole: false };
    } else if (byte === quote) inString = true;
    else if (byte === openBrace) depth += 1;
    else if (byte === closeBrace) {
      depth -= 1;
      if (depth === 0) return { start, end: at + 1, whole: true };
    }
  }
  return { start, end: text.length, whole: false };
}

/** What begins otherwise is no object; the rest of its line goes with it. */
function cutOther(text: Buffer, start: number): Piece {
  const end = text.indexOf(newline, start);
  return { start, end: end < 0 ? text.length : end, whole: false };
}
