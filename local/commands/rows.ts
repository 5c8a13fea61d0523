import Table from 'cli-table3';

export const rowFormats = ['table', 'json', 'csv'] as const;
export type RowFormat = (typeof rowFormats)[number];

/** Columns and rows in text form; null is NULL. */
export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const longestCell = 60;
const shortened = (cell: string): string => (cell.length > longestCell ? `${cell.slice(0, longestCell - 1)}…` : cell);

/** A table for people; NULL shows as an empty cell. */
export function renderTable(rows: Rows): string {
  const table = new Table({ head: [...rows.columns], style: { head: ['bold'], border: ['gray'], compact: true } });
  for (const row of rows.rows) table.push(row.map((cell) => shortened(cell ?? '')));
  return table.toString();
}

const csvCell = (cell: string | null): string => {
  if (cell === null) return '';
  return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
};

/** One format for people, two for programs: JSON lines, and CSV (RFC 4180) in which NULL is an empty, unquoted field. */
export function renderRows(rows: Rows, format: RowFormat): string {
  if (format === 'table') return renderTable(rows);
  if (format === 'csv') {
    return [rows.columns, ...rows.rows].map((row) => row.map(csvCell).join(',')).join('\n');
  }
  return rows.rows
    .map((row) => JSON.stringify(Object.fromEntries(rows.columns.map((column, n) => [column, row[n] ?? null]))))
    .join('\n');
}
