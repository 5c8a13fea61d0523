import {
  type Notice,
  RedshiftError,
  type RedshiftType,
  type ResultColumn,
  type RowReceiver,
  type StatementResult,
} from '../types.ts';
import type { MessageSink } from './backend.ts';
import { toBinary } from './binary.ts';
import { modifierOf, oidOf, sizeOf } from './type-oids.ts';

/** 0 is text, 1 binary; none means text, one means that one for all. */
export type Formats = readonly number[];

export function formatAt(formats: Formats, index: number): number {
  return (formats.length === 1 ? formats[0] : formats[index]) ?? 0;
}

export function writeRowDescription(sink: MessageSink, columns: readonly ResultColumn[], formats: Formats): void {
  sink.begin('T').int16(columns.length);
  for (const [index, column] of columns.entries()) {
    sink.text(column.name).int32(0).int16(0);
    sink.int32(oidOf(column.type)).int16(sizeOf(column.type)).int32(modifierOf(column.type));
    sink.int16(formatAt(formats, index));
  }
  sink.end();
}

export interface RowRange {
  readonly from: number;
  readonly to: number;
}

type Row = readonly (string | null)[];

/** Sends rows, waiting whenever the reader is behind. */
export async function writeRows(
  sink: MessageSink,
  result: StatementResult,
  formats: Formats,
  range: RowRange,
): Promise<void> {
  const rows = (result.rows ?? []).slice(range.from, range.to);
  await sendRows(sink, rows, binaryTypes(result.columns ?? [], formats));
}

/** The types of the columns that go out in binary. */
function binaryTypes(columns: readonly ResultColumn[], formats: Formats): (RedshiftType | undefined)[] {
  return columns.map((column, index) => (formatAt(formats, index) === 1 ? column.type : undefined));
}

async function sendRows(
  sink: MessageSink,
  rows: readonly Row[],
  types: readonly (RedshiftType | undefined)[],
): Promise<void> {
  for (const row of rows) {
    sink.begin('D').int16(row.length);
    for (let position = 0; position < row.length; position += 1) {
      const cell = row[position] as string | null;
      const type = types[position];
      sink.cell(cell !== null && type ? toBinary(cell, type.kind, type.catalogName) : cell);
    }
    sink.end();
    if (sink.full) await sink.flush();
  }
}

/** Passes a query's rows on to the client as they are found. Without formats it also describes them, as simple queries do. */
export class RowWriter implements RowReceiver {
  readonly #sink: MessageSink;
  readonly #formats: Formats | undefined;
  #types: readonly (RedshiftType | undefined)[] = [];

  constructor(sink: MessageSink, formats?: Formats) {
    this.#sink = sink;
    this.#formats = formats;
  }

  columns(columns: readonly ResultColumn[]): void {
    this.#types = binaryTypes(columns, this.#formats ?? []);
    if (!this.#formats) writeRowDescription(this.#sink, columns, []);
  }

  rows(rows: readonly Row[]): Promise<void> {
    return sendRows(this.#sink, rows, this.#types);
  }
}

/** One statement's answer in the simple protocol. */
export async function writeResult(sink: MessageSink, result: StatementResult): Promise<void> {
  writeNotices(sink, result.notices ?? []);
  if (result.columns) {
    writeRowDescription(sink, result.columns, []);
    await writeRows(sink, result, [], { from: 0, to: result.rows?.length ?? 0 });
  }
  sink.begin('C').text(result.tag).end();
}

export function writeNotices(sink: MessageSink, notices: readonly Notice[]): void {
  for (const notice of notices) {
    sink.begin('N');
    field(sink, 'S', notice.severity);
    field(sink, 'V', notice.severity);
    field(sink, 'C', notice.severity === 'WARNING' ? '01000' : '00000');
    field(sink, 'M', notice.message);
    sink.byte(0).end();
  }
}

export function writeError(sink: MessageSink, error: RedshiftError, severity: 'ERROR' | 'FATAL'): void {
  sink.begin('E');
  field(sink, 'S', severity);
  field(sink, 'V', severity);
  field(sink, 'C', error.sqlState);
  field(sink, 'M', error.message);
  field(sink, 'D', error.detail);
  field(sink, 'H', error.hint);
  field(sink, 'P', error.position === undefined ? undefined : String(error.position));
  sink.byte(0).end();
}

function field(sink: MessageSink, code: string, value: string | undefined): void {
  if (value !== undefined) sink.byte(code.charCodeAt(0)).text(value);
}

/** What a client is told of a failure: a bug in the box is said to be one, not dressed as the client's mistake. */
export function errorForClient(error: unknown): RedshiftError {
  if (error instanceof RedshiftError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new RedshiftError('XX000', `internal error of the local Redshift: ${message}`, { cause: error });
}
