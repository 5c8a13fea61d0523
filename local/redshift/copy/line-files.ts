import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { TemporaryDirectory } from './temporary-directory.ts';

/**
 * The temporary files that DuckDB reads lines from. One that has been read is written over by another, under a name that was never used:
 * memory that the system has already given costs a third of new memory.
 */
export class LineFiles {
  readonly #directory: TemporaryDirectory;
  readonly #spare: string[] = [];
  #written = 0;

  constructor(directory: TemporaryDirectory) {
    this.#directory = directory;
  }

  /** Where the lines are now, and how many bytes they take. Each piece is looked at while it is written. */
  async write(
    pieces: AsyncIterable<Buffer>,
    look: (piece: Buffer) => void,
  ): Promise<{ readonly path: string; readonly bytes: number }> {
    this.#written += 1;
    const name = `${String(this.#written).padStart(6, '0')}.quick`;
    const path = join(await this.#directory.path(), name);
    const spare = this.#spare.pop();
    if (spare !== undefined) await rename(spare, path);
    const file = await open(path, spare === undefined ? 'w' : 'r+');
    try {
      let bytes = 0;
      for await (const piece of pieces) {
        const writing = writeAll(file, piece, bytes);
        look(piece);
        await writing;
        bytes += piece.length;
      }
      if (spare !== undefined) await file.truncate(bytes);
      return { path, bytes };
    } finally {
      await file.close();
    }
  }

  release(paths: readonly string[]): void {
    this.#spare.push(...paths);
  }
}

/** The system may take less at once than it is given. */
async function writeAll(file: FileHandle, piece: Buffer, position: number): Promise<void> {
  for (let written = 0; written < piece.length; ) {
    const { bytesWritten } = await file.write(piece, written, piece.length - written, position + written);
    written += bytesWritten;
  }
}
