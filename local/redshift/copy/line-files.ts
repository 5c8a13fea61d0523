import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The temporary files that DuckDB reads lines from. One that has been read is written over by another, under a name that was never used:
 * memory that the system has already given costs a third of new memory.
 */
export class LineFiles {
  readonly #directory: string;
  readonly #spare: string[] = [];
  #written = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Where the lines are now. */
  async write(body: Buffer): Promise<string> {
    this.#written += 1;
    const path = join(this.#directory, `${String(this.#written).padStart(6, '0')}.quick`);
    const spare = this.#spare.pop();
    if (spare !== undefined) await rename(spare, path);
    const file = await open(path, spare === undefined ? 'w' : 'r+');
    try {
      if (spare !== undefined) await file.truncate(body.length);
      await file.writeFile(body);
    } finally {
      await file.close();
    }
    return path;
  }

  release(paths: readonly string[]): void {
    this.#spare.push(...paths);
  }
}
