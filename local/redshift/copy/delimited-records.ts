import type { DelimitedRecord } from './delimited-lines.ts';
import type { RowFault } from './json-lines.ts';
import type { DelimitedFormat } from './options.ts';

/** The records of a CSV file or of one whose fields a delimiter parts. */
export function* readDelimitedRecords(text: string, format: DelimitedFormat): Generator<DelimitedRecord> {
  const reader = new RecordReader(text, format);
  reader.skipLines(format.ignoreHeaderLines);
  for (let record = reader.next(); record; record = reader.next()) {
    if (record.raw !== '' || !format.ignoreBlankLines) yield record;
  }
}

const noEndQuote: RowFault = { code: 1214, message: 'Delimited value missing end quote' };
const badQuote: RowFault = { code: 1216, message: 'Invalid quote formatting for CSV' };

class RecordReader {
  readonly #text: string;
  readonly #format: DelimitedFormat;
  #at = 0;
  #line = 1;
  #lineEnd = -1;
  #delimiterAt = -1;
  #fault?: RowFault;

  constructor(text: string, format: DelimitedFormat) {
    this.#text = text;
    this.#format = format;
  }

  skipLines(count: number): void {
    for (let skipped = 0; skipped < count; skipped += 1) {
      this.#at = this.#endOfLine();
      this.#endLine();
    }
  }

  next(): DelimitedRecord | undefined {
    if (this.#at >= this.#text.length) return undefined;
    const start = this.#at;
    const { delimiter } = this.#format;
    const fields: (string | null)[] = [];
    this.#fault = undefined;
    for (;;) {
      fields.push(this.#field());
      if (this.#fault || !this.#text.startsWith(delimiter, this.#at)) break;
      this.#at += delimiter.length;
    }
    const raw = this.#text.slice(start, this.#at);
    this.#endLine();
    return { fields, lineNumber: this.#line - 1, raw, fault: this.#fault };
  }

  #endLine(): void {
    if (this.#text[this.#at] === '\r') this.#at += 1;
    if (this.#text[this.#at] === '\n') this.#at += 1;
    this.#line += 1;
  }

  /** Where the line ends that the reader is in, before the characters that end it. */
  #endOfLine(): number {
    if (this.#lineEnd < this.#at) {
      const found = this.#text.indexOf('\n', this.#at);
      this.#lineEnd = found < 0 ? this.#text.length : found;
    }
    const before = this.#lineEnd - 1;
    return before >= this.#at && this.#text[before] === '\r' ? before : this.#lineEnd;
  }

  #field(): string | null {
    const { csv, removeQuotes, quote, escape } = this.#format;
    const opening = csv ? this.#afterBlanks() : this.#at;
    const character = this.#text[opening];
    if (csv && character === quote) return this.#quoted(opening);
    if (removeQuotes && (character === '"' || character === "'")) return this.#surrounded(character);
    return escape ? this.#escaped() : this.#plain();
  }

  /** Blanks before a quote are no part of a CSV field, unless they are the delimiter. */
  #afterBlanks(): number {
    let at = this.#at;
    while ((this.#text[at] === ' ' || this.#text[at] === '\t') && !this.#text.startsWith(this.#format.delimiter, at))
      at += 1;
    return at;
  }

  #plain(): string | null {
    const { delimiter, nullText } = this.#format;
    if (this.#delimiterAt < this.#at) {
      const found = this.#text.indexOf(delimiter, this.#at);
      this.#delimiterAt = found < 0 ? this.#text.length : found;
    }
    const start = this.#at;
    this.#at = Math.min(this.#delimiterAt, this.#endOfLine());
    const value = this.#text.slice(start, this.#at);
    return value === nullText ? null : value;
  }

  /** ESCAPE: what follows a backslash is itself, delimiters and line breaks too. */
  #escaped(): string | null {
    const { delimiter, nullText } = this.#format;
    const start = this.#at;
    let value = '';
    for (; this.#at < this.#text.length; this.#at += 1) {
      if (this.#text.startsWith(delimiter, this.#at) || this.#at >= this.#endOfLine()) break;
      if (this.#text[this.#at] === '\\' && this.#at + 1 < this.#text.length) this.#skipBackslash();
      value += this.#text[this.#at];
    }
    return value === nullText || this.#text.slice(start, this.#at) === nullText ? null : value;
  }

  #skipBackslash(): void {
    this.#at += 1;
    if (this.#text[this.#at] === '\n') this.#line += 1;
  }

  /** Inside CSV's quotes a doubled quote is one, and line breaks are kept. */
  #quoted(opening: number): string {
    const { quote } = this.#format;
    let value = '';
    for (let from = opening + 1; ; ) {
      const closing = this.#text.indexOf(quote, from);
      if (closing < 0) {
        this.#fail(noEndQuote, this.#text.length);
        return value;
      }
      value += this.#text.slice(from, closing);
      from = closing + 1;
      if (this.#text[from] !== quote) {
        this.#countLines(value);
        this.#closeQuotes(from);
        return value;
      }
      value += quote;
      from += 1;
    }
  }

  /** After the closing quote there may be blanks, and then the field is over. */
  #closeQuotes(from: number): void {
    this.#at = from;
    this.#at = this.#afterBlanks();
    if (!this.#isFieldEnd(this.#at)) this.#fail(badQuote, this.#endOfLine());
  }

  /** REMOVEQUOTES: up to the quote that ends the field; those within it stay. */
  #surrounded(quote: string): string {
    let value = '';
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at];
      if (character === quote && this.#isFieldEnd(this.#at + 1)) {
        this.#at += 1;
        return value;
      }
      if (character === '\n') break;
      if (character === '\\' && this.#format.escape && this.#at + 1 < this.#text.length) this.#skipBackslash();
      value += this.#text[this.#at];
    }
    this.#fail(noEndQuote, Math.min(this.#at, this.#text.length));
    return value;
  }

  #isFieldEnd(at: number): boolean {
    if (at >= this.#text.length || this.#text[at] === '\n') return true;
    return this.#text.startsWith('\r\n', at) || this.#text.startsWith(this.#format.delimiter, at);
  }

  #countLines(value: string): void {
    for (let at = value.indexOf('\n'); at >= 0; at = value.indexOf('\n', at + 1)) this.#line += 1;
  }

  #fail(fault: RowFault, resumeAt: number): void {
    this.#fault = fault;
    this.#at = resumeAt;
  }
}
