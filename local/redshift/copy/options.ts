import type { CopyStatement } from '../statements/copy.ts';
import { RedshiftError } from '../types.ts';
import { type CopyFormat, readFormat } from './format-options.ts';
import { refuseConflicts, refuseUnsupported } from './option-conflicts.ts';
import { type MomentFormat, readDateFormat, readTimeFormat } from './time-formats.ts';

export type { CopyFormat, DelimitedFormat } from './format-options.ts';

export interface CopyOptions {
  readonly format: CopyFormat;
  readonly compression: 'none' | 'gzip' | 'zstd' | 'bzip2';
  readonly encoding: FileEncoding;
  readonly manifest: boolean;
  /** Rows that may fail before the load does; undefined when all may. */
  readonly maximumErrors: number | undefined;
  /** Lines at the beginning of each file that are no rows. */
  readonly ignoreHeaderLines: number;
  readonly truncateColumns: boolean;
  readonly blanksAsNull: boolean;
  readonly emptyAsNull: boolean;
  readonly trimBlanks: boolean;
  readonly acceptAnyDate: boolean;
  /** Whether decimals with too many digits are rounded; otherwise they are cut. */
  readonly roundDecimals: boolean;
  /** What stands for characters that are not UTF-8; undefined refuses them. */
  readonly replacementCharacter: string | undefined;
  readonly dateFormat: MomentFormat;
  readonly timeFormat: MomentFormat;
  readonly noLoad: boolean;
}

export type FileEncoding = 'utf8' | 'utf16' | 'utf16le' | 'utf16be';

/** Reads COPY's options; what the box cannot do as Redshift does is refused by name. */
export function readCopyOptions(options: CopyStatement['options']): CopyOptions {
  refuseUnsupported(options, 'COPY');
  const format = readFormat(options);
  refuseConflicts(options, 'COPY');
  const anyError = options.IGNOREALLERRORS === true;
  readNumber(options, 'COMPROWS', 1_000, 2_147_483_647, 100_000);
  return {
    format,
    compression: options.GZIP ? 'gzip' : options.ZSTD ? 'zstd' : options.BZIP2 ? 'bzip2' : 'none',
    encoding: readEncoding(options.ENCODING),
    manifest: options.MANIFEST !== undefined,
    maximumErrors: anyError ? undefined : readNumber(options, 'MAXERROR', 0, 100_000, 0),
    ignoreHeaderLines: readNumber(options, 'IGNOREHEADER', 0, Number.MAX_SAFE_INTEGER, 0),
    truncateColumns: options.TRUNCATECOLUMNS === true,
    blanksAsNull: options.BLANKSASNULL === true,
    emptyAsNull: options.EMPTYASNULL === true,
    trimBlanks: options.TRIMBLANKS === true,
    acceptAnyDate: options.ACCEPTANYDATE === true,
    roundDecimals: options.ROUNDEC === true,
    replacementCharacter: readReplacement(options.ACCEPTINVCHARS),
    dateFormat: readDateFormat(options.DATEFORMAT),
    timeFormat: readTimeFormat(options.TIMEFORMAT),
    noLoad: options.NOLOAD === true,
  };
}

function readNumber(
  options: CopyStatement['options'],
  name: string,
  least: number,
  most: number,
  otherwise: number,
): number {
  const value = options[name] === undefined ? otherwise : Number(options[name]);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RedshiftError('42601', `${name} must be an integer from ${least} to ${most}`);
}

function readEncoding(value: unknown): FileEncoding {
  const name = String(value ?? 'utf8')
    .toLowerCase()
    .replace('-', '');
  const known = (['utf8', 'utf16', 'utf16le', 'utf16be'] as const).find((encoding) => encoding === name);
  if (known) return known;
  throw new RedshiftError('42601', `Invalid ENCODING '${String(value)}': use UTF8, UTF16, UTF16LE or UTF16BE`);
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
