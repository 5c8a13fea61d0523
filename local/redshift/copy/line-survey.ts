import { isBlank, newline } from './json-lines.ts';

/** A file's lines that are not blank, and how long the longest line is. */
export interface LineSurvey {
  readonly rows: number;
  readonly longestLineBytes: number;
}

/** What is known of a file up to some byte of it. */
export interface LinesSoFar extends LineSurvey {
  /** Of the line that has not ended yet. */
  readonly openLineBytes: number;
}

/** Counts the rows of a file that comes in pieces: the lines that are not blank. */
export class LineSurveyor implements LineSurvey {
  #rows: number;
  #longestLineBytes: number;
  #openLineBytes: number;
  /** Whether the line that has not ended yet is already counted. */
  #isRow: boolean;

  /** A line that is open where it starts counts as one that is not blank. */
  constructor(soFar: LinesSoFar = { rows: 0, longestLineBytes: 0, openLineBytes: 0 }) {
    this.#rows = soFar.rows;
    this.#longestLineBytes = soFar.longestLineBytes;
    this.#openLineBytes = soFar.openLineBytes;
    this.#isRow = soFar.openLineBytes > 0;
  }

  get rows(): number {
    return this.#rows;
  }

  get longestLineBytes(): number {
    return this.#longestLineBytes;
  }

  update(piece: Uint8Array): void {
    for (let start = 0; start < piece.length; ) {
      const found = piece.indexOf(newline, start);
      const end = found < 0 ? piece.length : found;
      this.#take(piece, start, end);
      if (found >= 0) {
        this.#openLineBytes = 0;
        this.#isRow = false;
      }
      start = end + 1;
    }
  }

  #take(piece: Uint8Array, start: number, end: number): void {
    let at = start;
    while (!this.#isRow && at < end && isBlank(piece[at])) at += 1;
    if (!this.#isRow && at < end) {
      this.#rows += 1;
      this.#isRow = true;
    }
    this.#openLineBytes += end - start;
    if (this.#openLineBytes > this.#longestLineBytes) this.#longestLineBytes = this.#openLineBytes;
  }
}

/** Rows are the lines that are not blank. */
export function surveyLines(body: Buffer): LineSurvey {
  const surveyor = new LineSurveyor();
  surveyor.update(body);
  return surveyor;
}
