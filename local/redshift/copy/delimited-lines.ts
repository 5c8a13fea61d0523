import { isUtf8 } from 'node:buffer';
import type { RedshiftType } from '../types.ts';
import { readDelimitedRecords } from './delimited-records.ts';
import { readFixedWidthRecords } from './fixed-width-records.ts';
import { maximumObjectBytes, type RowFault, type RowLines, type RowPlace } from './json-lines.ts';
import { invalidText } from './load-errors.ts';
import type { DelimitedFormat } from './options.ts';

/** One record of a delimited file: its fields (null is NULL), or why it cannot be one. */
export interface DelimitedRecord {
  readonly fields: readonly (string | null)[];
  readonly lineNumber: number;
  readonly raw: string;
  readonly fault?: RowFault;
}

/** Turns a delimited file into JSON lines, an array of texts each, so that it is staged like any other. */
export function delimitedLines(
  body: Buffer,
  format: DelimitedFormat,
  columnKinds: readonly RedshiftType['kind'][],
): RowLines {
  const records = [...readRecords(body, format)].map((record) => fitted(record, format, columnKinds));
  const lines = records.map((record) => (record.fault ? '0\n' : `${JSON.stringify(record.fields)}\n`));
  return {
    body: Buffer.from(lines.join('')),
    locate: (index) => placeOf(records[index]),
    fault: (index) => records[index]?.fault,
  };
}

function placeOf(record: DelimitedRecord | undefined): RowPlace {
  return { lineNumber: record?.lineNumber ?? 0, raw: Buffer.from(record?.raw ?? '') };
}

const byteOrderMark = /^\ufeff/;

/** A file that is not UTF-8 throughout is read byte by byte, so that only the rows are lost that it is wrong in. */
function* readRecords(body: Buffer, format: DelimitedFormat): Generator<DelimitedRecord> {
  const read = format.widths ? readFixedWidthRecords : readDelimitedRecords;
  if (isUtf8(body)) yield* read(body.toString().replace(byteOrderMark, ''), format);
  else {
    const inBytes = { ...format, nullText: Buffer.from(format.nullText).toString('latin1') };
    for (const record of read(body.toString('latin1'), inBytes)) yield decoded(record);
  }
}

function decoded(record: DelimitedRecord): DelimitedRecord {
  const raw = textOf(record.raw) ?? record.raw;
  const fields = record.fields.map((field) => (field === null ? null : textOf(field)));
  const wrong = fields.indexOf(undefined);
  if (record.fault || wrong < 0) return { ...record, raw, fields: fields as (string | null)[] };
  const bytes = Buffer.from(record.fields[wrong] as string, 'latin1');
  return { ...record, raw, fields: [], fault: { ...invalidText(bytes), columnNumber: wrong + 1 } };
}

/** Undefined where the bytes are no UTF-8. */
function textOf(bytes: string): string | undefined {
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString() : undefined;
}

/** Exactly as many fields as columns. A delimiter may end the record, and FILLRECORD makes up for fields that are missing at the end. */
function fitted(
  record: DelimitedRecord,
  format: DelimitedFormat,
  columnKinds: readonly RedshiftType['kind'][],
): DelimitedRecord {
  const { fields, raw, fault } = record;
  if (fault) return record;
  if (raw.length > maximumObjectBytes) return { ...record, fault: tooLarge };
  const missing = columnKinds.slice(fields.length);
  if (missing.length > 0) {
    if (!format.fillRecord) return { ...record, fault: format.widths ? tooShort : noDelimiter };
    return { ...record, fields: [...fields, ...missing.map((kind) => (kind === 'varchar' ? '' : null))] };
  }
  const surplus = fields.length - columnKinds.length;
  if (surplus === 0) return record;
  const endsInDelimiter =
    surplus === 1 && !format.csv && raw.endsWith(format.delimiter) && (fields.at(-1) ?? '') === '';
  return endsInDelimiter ? { ...record, fields: fields.slice(0, -1) } : { ...record, fault: extraColumns };
}

const noDelimiter: RowFault = { code: 1214, message: 'Delimiter not found' };
const tooShort: RowFault = { code: 1203, message: 'Missing column(s) found' };
const extraColumns: RowFault = { code: 1202, message: 'Extra column(s) found' };
const tooLarge: RowFault = { code: 1204, message: `Input row exceeds the maximum of ${maximumObjectBytes} bytes` };
