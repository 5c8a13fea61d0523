import { quoteIdentifier, quoteText } from '../../../lib/pipeline/names.ts';
import { nearest } from '../../../lib/pipeline/nearest.ts';
import { type Column, qualifiedName } from '../../../lib/pipeline/tables.ts';
import type { GivenRelation } from './case-file.ts';
import { jsonText, type Place, type Written, type WrittenMap } from './document.ts';

/** A relation that a model reads, as the box has it. */
export interface InputRelation {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
}

/** What a cell of a given row is in SQL, and where it stands in the file. */
export interface Cell {
  readonly column: Column;
  readonly sql: string;
  readonly place: Place;
}
export type GivenRow = readonly Cell[];

type Report = (place: Place, message: string) => void;

const isSuper = ({ type }: Column): boolean => /^super$/i.test(type);

/** The rows of a relation in SQL. A column that a row leaves out is NULL, or, where it must be there, something sensible. */
export function givenRows({ name, rows }: GivenRelation, input: InputRelation, report: Report): GivenRow[] {
  return rows.map((row, index) => {
    const written = cellsOf(row, name, input, report);
    const named = new Set(written.map(({ column }) => column.name));
    const missing = input.columns.filter((column) => column.required && !named.has(column.name));
    return [...written, ...missing.map((column) => ({ column, sql: filledIn(column, index + 1), place: row.place }))];
  });
}

function cellsOf(row: WrittenMap, relation: string, input: InputRelation, report: Report): Cell[] {
  return row.members.flatMap(({ name, place, value }) => {
    const column = input.columns.find((one) => one.name === name);
    if (!column) {
      report(
        place,
        unknownColumn(
          relation,
          name,
          input.columns.map((one) => one.name),
        ),
      );
      return [];
    }
    if (!isSuper(column) && (value.kind === 'list' || value.kind === 'map')) {
      report(value.place, `${relation}.${name} is ${column.type}: it takes one value, not a ${value.kind}`);
      return [];
    }
    return [{ column, sql: literal(value, column), place: value.place }];
  });
}

export function unknownColumn(relation: string, name: string, columns: readonly string[]): string {
  const meant = nearest(name, columns);
  return `${relation} has no column ${name}; ${meant ? `did you mean ${meant}?` : `it has: ${columns.join(', ')}`}`;
}

function literal(value: Written, column: Column): string {
  if (value.kind === 'null') return `CAST(NULL AS ${column.type})`;
  if (isSuper(column)) return `JSON_PARSE(${quoteText(jsonText(value))})`;
  return textLiteral('text' in value ? value.text : jsonText(value), column);
}

const textLiteral = (text: string, { type }: Column): string => `CAST(${quoteText(text)} AS ${type})`;

/** 2026-01-01T00:00:00Z and so many seconds: in the order of the rows. */
const instantOf = (row: number): string => new Date(Date.UTC(2026, 0, 1) + row * 1000).toISOString();

/** Of the envelope a case says only what matters to it. */
function filledIn(column: Column, row: number): string {
  if (column.name === '_op') return textLiteral('insert', column);
  if (column.name === '_position') return textLiteral(String(row).padStart(10, '0'), column);
  if (/^(timestamp|date)/i.test(column.type)) return textLiteral(instantOf(row), column);
  if (/char/i.test(column.type)) return textLiteral(`row ${row}`, column);
  if (/^bool/i.test(column.type)) return 'FALSE';
  return isSuper(column) ? "JSON_PARSE('null')" : textLiteral(String(row), column);
}

/** Rows that name the same columns go in together. */
export function insertStatements(input: InputRelation, rows: readonly GivenRow[]): string[] {
  const groups = Map.groupBy(rows, (row) => JSON.stringify(row.map(({ column }) => column.name)));
  return [...groups.values()].map((group) => {
    const columns = (group[0] ?? []).map(({ column }) => quoteIdentifier(column.name));
    const selects = group.map((row) => `SELECT ${row.map(({ sql }) => sql).join(', ')}`);
    return `INSERT INTO ${qualifiedName(input)} (${columns.join(', ')})\n${selects.join('\nUNION ALL\n')}`;
  });
}
