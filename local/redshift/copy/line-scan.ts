import { newline } from './json-lines.ts';
import { blockBytes, lineScanModule, windowBytes } from './line-scan-code.ts';
import { type LineSurvey, LineSurveyor, type LinesSoFar } from './line-survey.ts';

/** What a look at every character of a file of JSON lines says. */
export interface LineScan extends LineSurvey {
  /**
   * True where a number might not come back from DuckDB's reader as it was written, where that reader takes what JSON does not know, and where lines
   * and rows might not be the same. False proves the contrary, for all lines that the reader takes.
   */
  readonly isDoubtful: boolean;
  /** Whether a row, written anew, would look the same: no blanks outside of strings, no escapes that have a shorter spelling. */
  readonly isMinified: boolean;
}

interface Kept {
  value: bigint;
}

interface ScanExports {
  readonly run: (bytes: number) => void;
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly doubtful: Kept;
  readonly blanks: Kept;
  readonly respelled: Kept;
  readonly rows: Kept;
  readonly longest: Kept;
  readonly base: Kept;
  readonly lineStart: Kept;
  readonly newlinesBefore: Kept;
}

/** Node's types leave it out. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

let compiled: object | undefined;

/** Looks at every character of a file that comes in pieces, at two to three GB a second. In doubt it goes on, but counts the lines only. */
export class LineScanner {
  readonly #scan: ScanExports;
  readonly #window: Uint8Array;
  /** Bytes in the window that were not looked at yet. */
  #waiting = 0;
  #survey: LineSurveyor | undefined;

  constructor() {
    compiled ??= new WebAssembly.Module(lineScanModule());
    this.#scan = new WebAssembly.Instance(compiled).exports as ScanExports;
    this.#window = new Uint8Array(this.#scan.memory.buffer);
    // A file begins as if a line had just ended.
    this.#scan.newlinesBefore.value = BigInt.asIntN(64, 1n << 63n);
  }

  update(piece: Uint8Array): void {
    let start = 0;
    while (start < piece.length && !this.#survey) {
      const part = piece.subarray(start, start + windowBytes - this.#waiting);
      this.#window.set(part, this.#waiting);
      this.#waiting += part.length;
      start += part.length;
      if (this.#waiting === windowBytes) this.#look(windowBytes);
    }
    this.#survey?.update(piece.subarray(start));
  }

  /** What the whole file is like, once the last piece has been looked at. */
  finish(): LineScan {
    if (!this.#survey) {
      const end = Math.ceil((this.#waiting + 1) / blockBytes) * blockBytes;
      this.#window.fill(newline, this.#waiting, end);
      this.#look(end);
    }
    const { rows, longestLineBytes } = this.#survey ?? this.#soFar();
    return {
      rows,
      longestLineBytes,
      isDoubtful: this.#survey !== undefined,
      isMinified: this.#scan.blanks.value === 0n && this.#scan.respelled.value === 0n,
    };
  }

  #look(end: number): void {
    const before = this.#soFar();
    this.#scan.run(end);
    if (this.#scan.doubtful.value !== 0n) {
      this.#survey = new LineSurveyor(before);
      this.#survey.update(this.#window.subarray(0, this.#waiting));
    }
    this.#waiting = 0;
  }

  #soFar(): LinesSoFar {
    const { rows, longest, base, lineStart } = this.#scan;
    return {
      rows: Number(rows.value),
      longestLineBytes: Number(longest.value),
      openLineBytes: Number(base.value - lineStart.value),
    };
  }
}
