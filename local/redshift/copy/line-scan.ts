import { setImmediate as otherWork } from 'node:timers/promises';
import { newline } from './json-lines.ts';
import { blockBytes, lineScanModule, windowBytes } from './line-scan-code.ts';

/** What a look at every character of a file of JSON lines says. */
export interface LineScan {
  /** Lines that are not blank. */
  readonly rows: number;
  readonly longestLineBytes: number;
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
  readonly newlinesBefore: Kept;
}

/** Node's types leave it out. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** So much is scanned before others get their turn; it takes some milliseconds. */
const bytesAtOnce = 16 * 1024 * 1024;

let compiled: object | undefined;

/** Looks at every character of a file, at two to three GB a second. */
export async function scanLines(body: Buffer): Promise<LineScan> {
  compiled ??= new WebAssembly.Module(lineScanModule());
  const scan = new WebAssembly.Instance(compiled).exports as ScanExports;
  const memory = new Uint8Array(scan.memory.buffer);
  // A file begins as if a line had just ended.
  scan.newlinesBefore.value = BigInt.asIntN(64, 1n << 63n);
  for (let start = 0; start < body.length; start += windowBytes) {
    const window = body.subarray(start, start + windowBytes);
    memory.set(window);
    const end = Math.ceil((window.length + 1) / blockBytes) * blockBytes;
    const isLast = start + windowBytes >= body.length;
    memory.fill(newline, window.length, end);
    scan.run(isLast ? end : window.length);
    if (isLast || scan.doubtful.value !== 0n) break;
    if ((start + windowBytes) % bytesAtOnce === 0) await otherWork();
  }
  return {
    rows: Number(scan.rows.value),
    longestLineBytes: Number(scan.longest.value),
    isDoubtful: scan.doubtful.value !== 0n,
    isMinified: scan.blanks.value === 0n && scan.respelled.value === 0n,
  };
}
