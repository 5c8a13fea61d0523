import type { RedshiftType, ResultColumn } from '../types.ts';
import type { StoredResult } from './result-store.ts';

/** One value in the API's own typing. Decimals, dates and SUPER come as strings, as AWS gives them. */
export type Field =
  | { readonly isNull: true }
  | { readonly stringValue: string }
  /** A number, or raw JSON digits where a JavaScript number would lose some. */
  | { readonly longValue: number | object }
  | { readonly doubleValue: number | string }
  | { readonly booleanValue: boolean };

const pageRows = 1000;
const pageBytes = 1024 * 1024;

declare global {
  interface JSON {
    /** A value that JSON.stringify writes as these very characters (ES2025; Node ≥ 22). */
    rawJSON(text: string): object;
  }
}

export function fieldOf(cell: string | null, kind: RedshiftType['kind']): Field {
  if (cell === null) return { isNull: true };
  switch (kind) {
    case 'int2':
    case 'int4':
    case 'int8':
      return { longValue: Number.isSafeInteger(Number(cell)) ? Number(cell) : JSON.rawJSON(cell) };
    case 'float4':
    case 'float8':
      return { doubleValue: Number.isFinite(Number(cell)) ? Number(cell) : cell };
    case 'bool':
      return { booleanValue: cell === 't' };
    default:
      return { stringValue: cell };
  }
}

const typeNames: Partial<Record<RedshiftType['kind'], string>> = { char: 'bpchar', decimal: 'numeric' };

/** Decimal digits of the types that have a fixed number of them. */
const fixedPrecisions: Partial<Record<RedshiftType['kind'], number>> = {
  int2: 5,
  int4: 10,
  int8: 19,
  float4: 8,
  float8: 17,
  bool: 1,
  date: 13,
  timestamp: 29,
  timestamptz: 35,
};

export function columnMetadata(column: ResultColumn): Record<string, unknown> {
  const { type } = column;
  const numeric = ['int2', 'int4', 'int8', 'decimal', 'float4', 'float8'].includes(type.kind);
  return {
    isCaseSensitive: !numeric,
    isCurrency: false,
    isSigned: numeric,
    label: column.name,
    name: column.name,
    nullable: 1,
    precision: type.precision ?? type.length ?? fixedPrecisions[type.kind] ?? 0,
    scale: type.scale ?? 0,
    schemaName: '',
    tableName: '',
    typeName: typeNames[type.kind] ?? type.kind,
    length: type.length ?? 0,
  };
}

export interface Page {
  readonly from: number;
  readonly to: number;
  readonly nextToken?: string;
}

/** The next rows: at most a thousand, at most about a megabyte. */
export function pageOf(result: StoredResult, from: number): Page {
  let bytes = 0;
  let to = from;
  while (to < result.rows.length && to - from < pageRows && bytes < pageBytes) {
    for (const cell of result.rows[to] ?? []) bytes += (cell?.length ?? 0) + 20;
    to += 1;
  }
  return to < result.rows.length ? { from, to, nextToken: encodeToken(to) } : { from, to };
}

export function encodeToken(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString('base64');
}

/** The offset in a token of ours; undefined for any other text. */
export function decodeToken(token: string | undefined): number | undefined {
  if (token === undefined) return 0;
  const match = /^offset:(\d{1,9})$/.exec(Buffer.from(token, 'base64').toString());
  return match ? Number(match[1]) : undefined;
}

export function csvOf(rows: StoredResult['rows']): string {
  return rows.map((row) => row.map(csvCell).join(',')).join('\n');
}

function csvCell(cell: string | null): string {
  if (cell === null) return '';
  return /[",\r\n]/.test(cell) || cell === '' ? `"${cell.replaceAll('"', '""')}"` : cell;
}

export function sizeOfResult(result: StoredResult): number {
  return result.rows.reduce((sum, row) => row.reduce((bytes, cell) => bytes + Buffer.byteLength(cell ?? ''), sum), 0);
}
