import * as z from 'zod';

/** Rows of the statement that diagnoses: file, line, code, message. */
const findingRows = z.tuple([z.array(z.tuple([z.string(), z.string(), z.string().nullable(), z.string().nullable()]))]);

/** The system view keeps so much of a file's name. */
const fileNameCharacters = 256;

/** The lines that the warehouse refused, by the object they are in. */
export class Findings {
  readonly #byFile = new Map<string, Map<number, string>>();

  constructor(text: string | undefined) {
    if (text === undefined) return;
    const [rows] = findingRows.parse(JSON.parse(text));
    for (const [file, line, code, message] of rows) {
      const lines = this.#byFile.get(file) ?? new Map<number, string>();
      lines.set(Number(line), `${message ?? 'no reason was given'} (${code ?? 'no code'})`);
      this.#byFile.set(file, lines);
    }
  }

  /** By line, counted from 1. A name that was cut off may be that of another object: it accuses nobody. */
  of(uri: string): ReadonlyMap<number, string> {
    return (uri.length < fileNameCharacters && this.#byFile.get(uri)) || new Map();
  }
}
