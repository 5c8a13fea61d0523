import { typeFacts } from '../type-facts.ts';
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

/** Digits, or characters as shown, of the types that have a fixed number of them; then those after the point. */
const fixedSizes: Partial<Record<RedshiftType['kind'], readonly [precision: number, scale: number]>> = {
  int2: [5, 0],
  int4: [10, 0],
  int8: [19, 0],
  float4: [8, 8],
  float8: [17, 17],
  bool: [1, 0],
  date: [13, 0],
  time: [15, 6],
  timetz: [21, 6],
  timestamp: [29, 6],
  timestamptz: [35, 6],
};

/** The name, size and sign of a type, as a driver tells them. */
export function typeMetadata(type: RedshiftType): Record<string, unknown> {
  const [precision = 0, scale = 0] = fixedSizes[type.kind] ?? [];
  return {
    isCaseSensitive: ['varchar', 'char', 'super'].includes(type.kind),
    isCurrency: false,
    isSigned: ['int2', 'int4', 'int8', 'decimal', 'float4', 'float8'].includes(type.kind),
    precision: type.precision ?? type.length ?? precision,
    scale: type.scale ?? scale,
    typeName: typeFacts[type.kind].shortName,
  };
}

/** A result's column. Its length is 0, as the service has it: its size is the precision. */
export function columnMetadata(column: ResultColumn): Record<string, unknown> {
  const { name, type } = column;
  return { ...typeMetadata(type), label: name, name, nullable: 1, schemaName: '', tableName: '', length: 0 };
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

/** Rows end with CR LF; the first page begins with the columns' names. */
export function csvOf({ columns }: StoredResult, rows: StoredResult['rows'], from: number): string {
  const header = from === 0 ? [columns.map((column) => column.name)] : [];
  return [...header, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(cell: string | null): string {
  if (cell === null) return '';
  return /[",\r\n]/.test(cell) || cell === '' ? `"${cell.replaceAll('"', '""')}"` : cell;
}

export function sizeOfRows(rows: StoredResult['rows']): number {
  return rows.reduce((sum, row) => row.reduce((bytes, cell) => bytes + Buffer.byteLength(cell ?? ''), sum), 0);
}
