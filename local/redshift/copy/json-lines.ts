/** One object of a source may weigh 4 MB. */
export const maximumObjectBytes = 4 * 1024 * 1024;

/** Rows of a source, one a line, as the staging query reads them, with the way back to where each was. */
export interface RowLines {
  readonly body: Buffer;
  /** Where row `index` (from 0) was in the source. */
  locate(index: number): RowPlace;
  /** Why row `index` was no row; absent where that is to be seen from the row itself. */
  fault?(index: number): RowFault | undefined;
}

/** Why a row was not loaded: one of Redshift's load error codes, and its wording. */
export interface RowFault {
  readonly code: number;
  readonly message: string;
  /** The column that was at fault, from 1. */
  readonly columnNumber?: number;
}

export interface RowPlace {
  /** The row's last line in the source, from 1. */
  readonly lineNumber: number;
  readonly raw: Buffer;
}

export const newline = 0x0a;
const quote = 0x22;
const backslash = 0x5c;
/** What a row begins and ends with: rows are objects, or arrays where a jsonpaths file counts their members. */
export interface RowBrackets {
  readonly open: '{' | '[';
  readonly close: '}' | ']';
}

const objects: RowBrackets = { open: '{', close: '}' };

/** Within a line. */
export const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

/**
 * Lines of JSON objects (or of arrays). Redshift reads them however white space parts them. The ordinary file has one on each line and is
 * taken as it is; any other is cut exactly, and written anew with one a line.
 */
export function jsonLines(body: Buffer, brackets: RowBrackets = objects): RowLines {
  const text = body.subarray(0, 3).equals(byteOrderMark) ? body.subarray(3) : body;
  const isOrdinary = hasOneRowPerLine(text, brackets);
  return isOrdinary ? { body: text, locate: (index) => locateLine(text, index) } : cutLines(text, brackets);
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** IGNOREHEADER: blanks in the place of the first lines, so that those after them keep their numbers. */
export function blankedHeader(body: Buffer, lines: number): Buffer {
  const blanked = Buffer.from(body);
  let start = 0;
  for (let line = 0; line < lines && start < body.length; line += 1) {
    const found = body.indexOf(newline, start);
    const end = found < 0 ? body.length : found;
    blanked.fill(' ', start, end);
    start = end + 1;
  }
  return blanked;
}

/** Every line that is not blank holds one row that is not too long, and nothing else. */
function hasOneRowPerLine(text: Buffer, brackets: RowBrackets): boolean {
  const open = brackets.open.charCodeAt(0);
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf(newline, start);
    const end = found < 0 ? text.length : found;
    const from = afterBlanks(text, start, end);
    if (from < end) {
      const row = text[from] === open ? cutRow(text, from, brackets) : undefined;
      const isAlone = row?.whole && row.end <= end && afterBlanks(text, row.end, end) === end;
      if (!isAlone || row.end - from > maximumObjectBytes) return false;
    }
    start = end + 1;
  }
  return true;
}

function afterBlanks(text: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(text[at])) at += 1;
  return at;
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

function cutLines(text: Buffer, brackets: RowBrackets): RowLines {
  const pieces = cutRows(text, brackets);
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

function cutRows(text: Buffer, brackets: RowBrackets): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && (isBlank(text[at]) || text[at] === newline)) at += 1;
    if (at >= text.length) return pieces;
    const piece = text[at] === brackets.open.charCodeAt(0) ? cutRow(text, at, brackets) : cutOther(text, at, brackets);
    pieces.push(piece.end - piece.start > maximumObjectBytes ? { ...piece, whole: false } : piece);
    at = piece.end;
  }
}

/** Up to the bracket that closes the first one. A line break inside a string ends the damage there. */
function cutRow(text: Buffer, start: number, brackets: RowBrackets): Piece {
  const [open, close] = [brackets.open.charCodeAt(0), brackets.close.charCodeAt(0)];
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const byte = text[at];
    if (inString) {
      if (byte === backslash) at += 1;
      else if (byte === quote) inString = false;
      else if (byte === newline) return { start, end: at, whole: false };
    } else if (byte === quote) inString = true;
    else if (byte === open) depth += 1;
    else if (byte === close) {
      depth -= 1;
      if (depth === 0) return { start, end: at + 1, whole: true };
    }
  }
  return { start, end: text.length, whole: false };
}

/** What begins otherwise is no row; it goes up to the next one, or to the end of its line. */
function cutOther(text: Buffer, start: number, brackets: RowBrackets): Piece {
  const lineEnd = text.indexOf(newline, start);
  const end = lineEnd < 0 ? text.length : lineEnd;
  const next = text.subarray(start, end).indexOf(brackets.open);
  return { start, end: next < 0 ? end : start + next, whole: false };
}
