import type { DelimitedRecord } from './delimited-lines.ts';
import type { DelimitedFormat } from './options.ts';

/** The records of a file whose fields are told by their place: so many characters each, one record a line. */
export function* readFixedWidthRecords(text: string, format: DelimitedFormat): Generator<DelimitedRecord> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const [index, line] of lines.entries()) {
    const raw = line.endsWith('\r') ? line.slice(0, -1) : line;
    const skipped = index < format.ignoreHeaderLines || (raw === '' && format.ignoreBlankLines);
    if (!skipped) yield { fields: cut(raw, format), lineNumber: index + 1, raw };
  }
}

/** The last field may be shorter than it is wide; what is beyond it is a field too many. */
function cut(line: string, format: DelimitedFormat): (string | null)[] {
  const characters = /[\ud800-\udfff]/.test(line) ? Array.from(line) : line;
  const fields: (string | null)[] = [];
  let at = 0;
  for (const width of [...(format.widths as readonly number[]), Number.POSITIVE_INFINITY]) {
    if (at >= characters.length) break;
    const piece = characters.slice(at, at + width);
    const field = typeof piece === 'string' ? piece : piece.join('');
    fields.push(field.trimEnd() === format.nullText ? null : field);
    at += width;
  }
  return fields;
}
