import Table from 'cli-table3';
import stringWidth from 'string-width';

export const rowFormats = ['table', 'json', 'csv'] as const;
export type RowFormat = (typeof rowFormats)[number];

/** Columns and rows in text form; null is NULL. */
export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const longestCell = 40;
const shortened = (cell: string): string => (cell.length > longestCell ? `${cell.slice(0, longestCell - 1)}…` : cell);

/** How many columns fit beside one another; at least one. */
function fitting(cells: readonly (readonly string[])[], widthCharacters: number): number {
  const columns = cells[0]?.length ?? 0;
  let used = 1;
  for (let column = 0; column < columns; column += 1) {
    used += Math.max(...cells.map((row) => stringWidth(row[column] ?? ''))) + 3;
    if (used > widthCharacters) return Math.max(column, 1);
  }
  return columns;
}

const terminalWidth = (): number => (process.stdout.isTTY ? process.stdout.columns : 160);

/** A table for people: NULL shows as an empty cell, and what does not fit the terminal is left out, saying so. */
export function renderTable(rows: Rows, widthCharacters = terminalWidth()): string {
  const cells = [[...rows.columns], ...rows.rows.map((row) => row.map((cell) => shortened(cell ?? '')))];
  const shown = fitting(cells, widthCharacters);
  const style = process.stdout.isTTY ? { head: ['bold'], border: ['gray'] } : { head: [], border: [] };
  const table = new Table({ head: rows.columns.slice(0, shown), style: { ...style, compact: true } });
  for (const row of cells.slice(1)) table.push(row.slice(0, shown));
  const left = rows.columns.slice(shown);
  return left.length > 0 ? `${table.toString()}\n  and ${left.join(', ')}` : table.toString();
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
