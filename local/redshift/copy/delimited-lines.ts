import type { RowLines, RowPlace } from './json-lines.ts';
import type { DelimitedFormat } from './options.ts';

/** One record of a delimited file: its fields (null is NULL), or why it cannot be one. */
export interface DelimitedRecord {
  readonly fields: readonly (string | null)[];
  readonly lineNumber: number;
  readonly raw: string;
}

/** Turns a delimited file into JSON lines, an array of texts each, so that it is staged like any other. */
export function delimitedLines(body: Buffer, format: DelimitedFormat, columnCount: number): RowLines {
  const records = [...readRecords(body.toString(), format)];
  const lines = records.map((record) => {
    const fields = fitted(record.fields, format, columnCount);
    return fields ? JSON.stringify(fields) : '0';
  });
  return {
    body: Buffer.from(lines.map((line) => `${line}\n`).join('')),
    locate: (index) => placeOf(records[index]),
  };
}

function placeOf(record: DelimitedRecord | undefined): RowPlace {
  return { lineNumber: record?.lineNumber ?? 0, raw: Buffer.from(record?.raw ?? '') };
}

/** Exactly as many fields as columns; FILLRECORD makes up for those that are missing at the end. */
function fitted(
  fields: readonly (string | null)[],
  format: DelimitedFormat,
  columnCount: number,
): readonly (string | null)[] | undefined {
  if (fields.length === columnCount) return fields;
  if (fields.length > columnCount || !format.fillRecord) return undefined;
  return [...fields, ...Array.from({ length: columnCount - fields.length }, () => null)];
}

function* readRecords(text: string, format: DelimitedFormat): Generator<DelimitedRecord> {
  const reader = new RecordReader(text.replace(/^\ufeff/, ''), format);
  for (let skipped = 0; skipped < format.ignoreHeaderLines; skipped += 1) reader.next();
  for (let record = reader.next(); record; record = reader.next()) {
    const blank = record.fields.length === 1 && record.raw.trim() === '';
    if (!blank || !format.ignoreBlankLines) yield record;
  }
}

class RecordReader {
  readonly #text: string;
  readonly #format: DelimitedFormat;
  #at = 0;
  #line = 1;

  constructor(text: string, format: DelimitedFormat) {
    this.#text = text;
    this.#format = format;
  }

  next(): DelimitedRecord | undefined {
    if (this.#at >= this.#text.length) return undefined;
    const start = this.#at;
    const fields: (string | null)[] = [];
    for (;;) {
      fields.push(this.#field());
      if (this.#text[this.#at] !== this.#format.delimiter) break;
      this.#at += 1;
    }
    const raw = this.#text.slice(start, this.#at);
    this.#endLine();
    return { fields, lineNumber: this.#line - 1, raw };
  }

  #endLine(): void {
    if (this.#text[this.#at] === '\r') this.#at += 1;
    if (this.#text[this.#at] === '\n') this.#at += 1;
    this.#line += 1;
  }

  #field(): string | null {
    const { csv, removeQuotes, quote, nullText } = this.#format;
    if ((csv && this.#text[this.#at] === quote) || (removeQuotes && this.#text[this.#at] === '"'))
      return this.#quoted();
    const value = this.#plain();
    return value === nullText ? null : value;
  }

  #plain(): string {
    let value = '';
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at] as string;
      if (character === this.#format.delimiter || character === '\n') break;
      if (character === '\r' && this.#text[this.#at + 1] === '\n') break;
      if (character === '\\' && this.#format.escape && this.#at + 1 < this.#text.length) {
        this.#at += 1;
        if (this.#text[this.#at] === '\n') this.#line += 1;
      }
      value += this.#text[this.#at];
    }
    return value;
  }

  /** Inside quotes a doubled quote is one, and line breaks are kept. */
  #quoted(): string {
    const quote = this.#text[this.#at] as string;
    let value = '';
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at] as string;
      if (character === quote) {
        if (this.#text[this.#at + 1] !== quote) break;
        this.#at += 1;
      }
      if (character === '\n') this.#line += 1;
      value += character;
    }
    this.#at += 1;
    return value + this.#plain().trimEnd();
  }
}
