import type { UnloadContext } from '../copy-context.ts';
import { quoteText } from '../rewriter/sql.ts';
import { RedshiftError, type ResultColumn } from '../types.ts';
import type { UnloadOptions } from './unload-options.ts';

type Context = Pick<UnloadContext, 'connection' | 'columns' | 'querySql' | 'textForm' | 'superToJson'>;

/** A column of the result and its name in the bound query. */
interface Field {
  readonly column: ResultColumn;
  readonly sql: string;
}

/** The DuckDB expression of one line without its end, for every format that is written in lines. */
export function lineSql(context: Context, options: UnloadOptions, fields: readonly Field[]): string {
  if (options.format === 'JSON') {
    const members = fields.map(
      (field) =>
        `${quoteText(`${JSON.stringify(field.column.name)}:`)} || coalesce(${jsonSql(context, field)}, 'null')`,
    );
    return `'{' || concat_ws(',', ${members.join(', ')}) || '}'`;
  }
  const cells = fields.map((field, index) => cellSql(context, options, field, index));
  return cells.join(options.format === 'FIXEDWIDTH' ? ' || ' : ` || ${quoteText(options.delimiter)} || `);
}

/** HEADER: the columns' names, written as the values are. */
export function headerLine(options: UnloadOptions, names: readonly string[]): string {
  const written = names.map((name) => {
    if (options.format === 'CSV') return isSpecial(name, options) ? `"${name.replaceAll('"', '""')}"` : name;
    const escaped = options.escaped ? escapedCharacters(options).reduce(escapeText, name) : name;
    return options.quoted ? `"${escaped}"` : escaped;
  });
  return `${written.join(options.delimiter)}\n`;
}

const isSpecial = (text: string, options: UnloadOptions): boolean =>
  ['"', '\n', '\r', options.delimiter].some((part) => text.includes(part));

const escapeText = (text: string, character: string): string => text.replaceAll(character, `\\${character}`);

const isText = ({ type }: ResultColumn): boolean => type.kind === 'varchar' || type.kind === 'char';

function plainText(context: Context, field: Field): string {
  if (field.column.type.kind !== 'super') return textSql(context, field);
  return `coalesce(CAST(${context.superToJson(field.sql)} AS VARCHAR), 'null')`;
}

/** A value's text. The blanks that fill a CHAR for clients stay away. */
export function textSql(context: Pick<Context, 'textForm'>, { column, sql }: Field): string {
  return column.type.kind === 'char' ? sql : `CAST(${context.textForm(sql, column.type)} AS VARCHAR)`;
}

/** One cell. NULL is written out, because NULL || text is NULL; SUPER knows only JSON's own null. */
function cellSql(context: Context, options: UnloadOptions, field: Field, index: number): string {
  const text = plainText(context, field);
  if (options.format === 'FIXEDWIDTH') return paddedSql(options, field, text, options.widths[index] as number);
  const written = options.format === 'CSV' ? csvSql(text, options) : delimitedSql(text, options, field.column);
  return `coalesce(${written}, ${quoteText(options.nullText)})`;
}

function csvSql(text: string, options: UnloadOptions): string {
  const special = `contains(${text}, '"') OR contains(${text}, chr(10)) OR contains(${text}, chr(13)) OR contains(${text}, ${quoteText(options.delimiter)})`;
  return `CASE WHEN ${special} THEN '"' || replace(${text}, '"', '""') || '"' ELSE ${text} END`;
}

/** Characters that ESCAPE puts a backslash before, the backslash first. */
function escapedCharacters(options: UnloadOptions): string[] {
  const quotes = options.quoted ? ['"', "'"] : [];
  return [...new Set(['\\', '\n', '\r', options.delimiter, ...quotes])];
}

function delimitedSql(text: string, options: UnloadOptions, column: ResultColumn): string {
  const isEscaped = options.escaped && (isText(column) || column.type.kind === 'super');
  const characters = isEscaped ? escapedCharacters(options) : [];
  const escaped = characters.reduce(
    (sql, character) => `replace(${sql}, ${quoteText(character)}, ${quoteText(`\\${character}`)})`,
    text,
  );
  return options.quoted ? `'"' || ${escaped} || '"'` : escaped;
}

/** A null text that is too long leaves a field of another type than text empty. */
function paddedSql(options: UnloadOptions, { column }: Field, text: string, width: number): string {
  const nullText = options.nullText.length > width && !isText(column) ? '' : options.nullText;
  return `rpad(coalesce(${text}, ${quoteText(nullText)}), ${width}, ' ')`;
}

/** FIXEDWIDTH cuts nothing: a value that is too long fails. */
export async function requireWidths(context: Context, options: UnloadOptions, fields: readonly Field[]): Promise<void> {
  const lengths = fields.map((field) => {
    const text = plainText(context, field);
    const nullText = isText(field.column) ? options.nullText : '';
    return `coalesce(max(length(coalesce(${text}, ${quoteText(nullText)}))), 0)`;
  });
  const result = await context.connection.runAndReadAll(`SELECT ${lengths.join(', ')} FROM (${context.querySql}) AS q`);
  const [measured] = result.getRows();
  const wide = fields.findIndex((_, index) => Number(measured?.[index]) > (options.widths[index] as number));
  if (wide < 0) return;
  const { name } = (fields[wide] as Field).column;
  const widths = `${Number(measured?.[wide])} characters, FIXEDWIDTH has ${options.widths[wide]}`;
  throw new RedshiftError('22001', `value too long for fixed-width column "${name}": ${widths}`);
}

function jsonSql(context: Context, { column, sql }: Field): string {
  const text = textSql(context, { column, sql });
  switch (column.type.kind) {
    case 'super':
      return context.superToJson(sql);
    case 'int2':
    case 'int4':
    case 'int8':
    case 'decimal':
      return text;
    case 'float4':
    case 'float8':
      return `CASE WHEN isfinite(${sql}) THEN ${text} ELSE '"' || ${text} || '"' END`;
    default:
      return `CAST(to_json(${text}) AS VARCHAR)`;
  }
}
