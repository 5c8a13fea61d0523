import type { CopyStatement } from '../statements/copy.ts';
import { RedshiftError } from '../types.ts';

/** How the source's rows are written. */
export type CopyFormat =
  | { readonly kind: 'json'; readonly mapping: 'auto' | 'auto ignorecase' | 'noshred' }
  | { readonly kind: 'jsonpaths'; readonly uri: string }
  | { readonly kind: 'parquet'; readonly serializeToJson: boolean; readonly fillRecord: boolean }
  | DelimitedFormat;

export interface DelimitedFormat {
  readonly kind: 'delimited';
  readonly csv: boolean;
  readonly delimiter: string;
  readonly quote: string;
  readonly ignoreHeaderLines: number;
  readonly nullText: string;
  readonly escape: boolean;
  readonly removeQuotes: boolean;
  readonly ignoreBlankLines: boolean;
  readonly fillRecord: boolean;
  /** Characters of each field, where fields are told by their place instead of by delimiters. */
  readonly widths?: readonly number[];
}

type Options = CopyStatement['options'];

/** What FORMAT and the options that go with it say. */
export function readFormat(options: Options): CopyFormat {
  const format = options.FORMAT ?? 'TEXT';
  switch (format) {
    case 'JSON':
      return readJsonFormat(String(options.JSON ?? 'auto'));
    case 'PARQUET':
      return {
        kind: 'parquet',
        serializeToJson: options.SERIALIZETOJSON === true,
        fillRecord: options.FILLRECORD === true,
      };
    case 'CSV':
    case 'TEXT':
    case 'FIXEDWIDTH':
      return readDelimitedFormat(options, format);
    default:
      throw new RedshiftError('0A000', `COPY with FORMAT ${String(format)} is not supported by the local Redshift`);
  }
}

function readDelimitedFormat(options: Options, format: 'CSV' | 'TEXT' | 'FIXEDWIDTH'): DelimitedFormat {
  const csv = format === 'CSV';
  return {
    kind: 'delimited',
    csv,
    delimiter: readDelimiter(options.DELIMITER ?? (csv ? ',' : '|')),
    quote: readQuote(options.QUOTE ?? '"'),
    ignoreHeaderLines: Number(options.IGNOREHEADER ?? 0),
    nullText: readNullText(options.NULL),
    escape: options.ESCAPE === true,
    removeQuotes: options.REMOVEQUOTES === true,
    ignoreBlankLines: options.IGNOREBLANKLINES === true,
    fillRecord: options.FILLRECORD === true,
    widths: format === 'FIXEDWIDTH' ? readWidths(options.FIXEDWIDTH) : undefined,
  };
}

function readJsonFormat(argument: string): CopyFormat {
  const mapping = argument.toLowerCase();
  if (mapping === 'auto' || mapping === 'auto ignorecase' || mapping === 'noshred') return { kind: 'json', mapping };
  if (mapping.startsWith('s3://')) return { kind: 'jsonpaths', uri: argument };
  throw new RedshiftError('42601', `Invalid JSON option: '${argument}'`, {
    hint: "Use 'auto', 'auto ignorecase', 'noshred' or the S3 path of a jsonpaths file",
  });
}

/** `\t`, and characters by their octal number: `\037`. */
function unescapeCharacters(text: string): string {
  return text.replace(/\\t/g, '\t').replace(/\\([0-7]{3})/g, (_, octal: string) => {
    return String.fromCharCode(Number.parseInt(octal, 8));
  });
}

/** What parts fields: one or more ASCII characters, none of which ends a line. */
export function readDelimiter(value: unknown): string {
  const delimiter = unescapeCharacters(String(value));
  if (/^[^\n\r\\\u0080-\uffff]+$/.test(delimiter)) return delimiter;
  throw new RedshiftError(
    '42601',
    `Invalid DELIMITER '${String(value)}': ASCII characters other than \\, \\n and \\r are allowed`,
  );
}

function readQuote(value: unknown): string {
  const quote = unescapeCharacters(String(value));
  if (/^[^\n\r\u0080-\uffff]$/.test(quote)) return quote;
  throw new RedshiftError('42601', `Invalid QUOTE '${String(value)}': it must be a single ASCII character`);
}

function readNullText(value: unknown): string {
  const text = String(value ?? '\\N');
  if (text === '\n' || text === '\\n') throw new RedshiftError('42601', "NULL AS cannot be '\\n', which ends a line");
  return /^\\0(00)?$/.test(text) ? '\0' : text;
}

/** `'id:3,name:25'`: labels that mean nothing, and widths. */
export function readWidths(spec: unknown): number[] {
  const parts = String(spec ?? '').split(',');
  const widths = parts.map((part) => Number(/^\s*[^:,]+:\s*(\d+)\s*$/.exec(part)?.[1] ?? 0));
  if (widths.every((width) => width > 0)) return widths;
  throw new RedshiftError(
    '42601',
    `Invalid FIXEDWIDTH specification '${String(spec ?? '')}': it must be 'label:width, …'`,
  );
}
