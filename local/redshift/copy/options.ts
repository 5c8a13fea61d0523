import type { CopyStatement } from '../statements/copy.ts';
import { RedshiftError } from '../types.ts';

/** How the source's rows are written. */
export type CopyFormat =
  | { readonly kind: 'json'; readonly mapping: 'auto' | 'auto ignorecase' | 'noshred' }
  | { readonly kind: 'jsonpaths'; readonly uri: string }
  | DelimitedFormat;

export interface DelimitedFormat {
  readonly kind: 'delimited';
  readonly csv: boolean;
  readonly delimiter: string;
  readonly quote: string;
  readonly ignoreHeaderLines: number;
  readonly nullText: string | undefined;
  readonly escape: boolean;
  readonly removeQuotes: boolean;
  readonly ignoreBlankLines: boolean;
  readonly fillRecord: boolean;
}

export interface CopyOptions {
  readonly format: CopyFormat;
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly manifest: boolean;
  /** Rows that may fail before the load does; undefined when all may. */
  readonly maximumErrors: number | undefined;
  readonly truncateColumns: boolean;
  readonly blanksAsNull: boolean;
  readonly emptyAsNull: boolean;
  readonly trimBlanks: boolean;
  readonly acceptAnyDate: boolean;
  /** What stands for characters that are not UTF-8; undefined refuses them. */
  readonly replacementCharacter: string | undefined;
  readonly timeFormat: TimeFormat;
  readonly noLoad: boolean;
}

/** `iso` is Redshift's own format, `YYYY-MM-DD HH:MI:SS`; `auto` also reads what the manual's list names. */
export type TimeFormat = 'iso' | 'auto' | 'epochsecs' | 'epochmillisecs';

/** Options that change nothing in the box: statistics, encodings, regions. */
const withoutEffect = [
  'COMPUPDATE',
  'STATUPDATE',
  'COMPROWS',
  'REGION',
  'EXPLICIT_IDS',
  'ROUNDEC',
  'ENCODING',
  'READRATIO',
];
const understood = [
  ...['FORMAT', 'JSON', 'CSV', 'GZIP', 'ZSTD', 'MANIFEST', 'MAXERROR', 'IGNOREALLERRORS', 'TRUNCATECOLUMNS', 'NOLOAD'],
  ...[
    'DELIMITER',
    'QUOTE',
    'IGNOREHEADER',
    'NULL',
    'ESCAPE',
    'REMOVEQUOTES',
    'IGNOREBLANKLINES',
    'FILLRECORD',
    'TRIMBLANKS',
  ],
  ...['BLANKSASNULL', 'EMPTYASNULL', 'ACCEPTINVCHARS', 'ACCEPTANYDATE', 'TIMEFORMAT', 'DATEFORMAT'],
];

/** Reads COPY's options; what the box cannot do as Redshift does is refused by name. */
export function readCopyOptions(options: CopyStatement['options']): CopyOptions {
  const unknown = Object.keys(options).find((name) => !understood.includes(name) && !withoutEffect.includes(name));
  if (unknown !== undefined) throw unsupported(unknown);
  if (options.ENCODING !== undefined && !/^utf-?8$/i.test(String(options.ENCODING))) throw unsupported('ENCODING');
  if (options.GZIP && options.ZSTD) throw new RedshiftError('42601', 'conflicting or redundant options');
  const anyError = options.IGNOREALLERRORS === true;
  return {
    format: readFormat(options),
    compression: options.GZIP ? 'gzip' : options.ZSTD ? 'zstd' : 'none',
    manifest: options.MANIFEST !== undefined,
    maximumErrors: anyError ? undefined : readMaximumErrors(options.MAXERROR),
    truncateColumns: options.TRUNCATECOLUMNS === true,
    blanksAsNull: options.BLANKSASNULL === true,
    emptyAsNull: options.EMPTYASNULL === true,
    trimBlanks: options.TRIMBLANKS === true,
    acceptAnyDate: options.ACCEPTANYDATE === true,
    replacementCharacter: readReplacement(options.ACCEPTINVCHARS),
    timeFormat: readTimeFormat(options),
    noLoad: options.NOLOAD === true,
  };
}

function readFormat(options: CopyStatement['options']): CopyFormat {
  const format = options.FORMAT ?? 'TEXT';
  if (format === 'JSON') return readJsonFormat(String(options.JSON ?? 'auto'));
  if (format !== 'CSV' && format !== 'TEXT') throw unsupported(`FORMAT ${String(format)}`);
  const csv = format === 'CSV';
  if (csv && (options.ESCAPE || options.REMOVEQUOTES)) {
    throw new RedshiftError('0A000', `CSV is not supported with ${options.ESCAPE ? 'ESCAPE' : 'REMOVEQUOTES'}`);
  }
  return {
    kind: 'delimited',
    csv,
    delimiter: readCharacter(options.DELIMITER ?? (csv ? ',' : '|'), 'DELIMITER'),
    quote: readCharacter(options.QUOTE ?? '"', 'QUOTE'),
    ignoreHeaderLines: Number(options.IGNOREHEADER ?? 0),
    nullText: options.NULL === undefined ? (csv ? undefined : '\\N') : String(options.NULL),
    escape: options.ESCAPE === true,
    removeQuotes: options.REMOVEQUOTES === true,
    ignoreBlankLines: options.IGNOREBLANKLINES === true,
    fillRecord: options.FILLRECORD === true,
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

function readCharacter(value: unknown, option: string): string {
  const text = String(value) === '\\t' ? '\t' : String(value);
  if (text.length !== 1 || text.charCodeAt(0) > 127) throw unsupported(`${option} '${text}'`);
  return text;
}

function readMaximumErrors(value: unknown): number {
  const maximum = value === undefined ? 0 : Number(value);
  if (Number.isInteger(maximum) && maximum >= 0 && maximum <= 100_000) return maximum;
  throw new RedshiftError('42601', 'MAXERROR must be an integer from 0 to 100000');
}

function readReplacement(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value === true) return '?';
  const text = String(value);
  if (text.length !== 1 || text.charCodeAt(0) > 127 || text === '\0') {
    throw new RedshiftError('42601', 'ACCEPTINVCHARS replacement must be a single ASCII character other than NULL');
  }
  return text;
}

function readTimeFormat(options: CopyStatement['options']): TimeFormat {
  const format = String(options.TIMEFORMAT ?? 'YYYY-MM-DD HH:MI:SS');
  const dateFormat = String(options.DATEFORMAT ?? 'YYYY-MM-DD');
  if (!/^(auto|yyyy-mm-dd)$/i.test(dateFormat)) throw unsupported(`DATEFORMAT '${dateFormat}'`);
  if (/^yyyy-mm-dd hh(24)?:mi:ss(of)?$/i.test(format)) return 'iso';
  const known = ['auto', 'epochsecs', 'epochmillisecs'] as const;
  const found = known.find((name) => name === format.toLowerCase());
  if (!found) throw unsupported(`TIMEFORMAT '${format}'`);
  return found;
}

function unsupported(what: string): RedshiftError {
  return new RedshiftError('0A000', `COPY with ${what} is not supported by the local Redshift`);
}
