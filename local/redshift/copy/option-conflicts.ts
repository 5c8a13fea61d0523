import type { CopyStatement } from '../statements/copy.ts';
import { RedshiftError } from '../types.ts';

type Options = CopyStatement['options'];
type Command = 'COPY' | 'UNLOAD';

/** What the box has nothing for: sources and keys that are not here, programs that it does not carry. */
const UNSUPPORTED: Readonly<Record<Command, readonly string[]>> = {
  COPY: ['SSH', 'READRATIO', 'LZOP', 'ENCRYPTED', 'MASTER_SYMMETRIC_KEY'],
  UNLOAD: ['MASTER_SYMMETRIC_KEY', 'BZIP2'],
};

/** Options of which a statement may have one. */
const EXCLUSIVE: Readonly<Record<Command, readonly (readonly string[])[]>> = {
  COPY: [
    ['GZIP', 'ZSTD', 'BZIP2', 'LZOP'],
    ['MAXERROR', 'IGNOREALLERRORS'],
  ],
  UNLOAD: [
    ['GZIP', 'ZSTD', 'BZIP2'],
    ['CLEANPATH', 'ALLOWOVERWRITE'],
  ],
};

/** What a format cannot have beside it. */
const NOT_WITH: Readonly<Record<Command, Readonly<Record<string, readonly string[]>>>> = {
  COPY: {
    CSV: ['ESCAPE', 'REMOVEQUOTES'],
    FIXEDWIDTH: ['DELIMITER', 'ESCAPE', 'QUOTE', 'REMOVEQUOTES'],
    TEXT: ['QUOTE'],
    JSON: ['DELIMITER', 'ESCAPE', 'FILLRECORD', 'IGNOREBLANKLINES', 'NULL', 'QUOTE', 'REMOVEQUOTES'],
  },
  UNLOAD: {
    CSV: ['ADDQUOTES', 'ESCAPE'],
    FIXEDWIDTH: ['DELIMITER', 'HEADER', 'ADDQUOTES'],
    PARQUET: ['DELIMITER', 'ADDQUOTES', 'ESCAPE', 'NULL', 'HEADER', 'GZIP', 'BZIP2', 'ZSTD'],
    JSON: ['DELIMITER', 'HEADER', 'ADDQUOTES', 'ESCAPE', 'NULL'],
  },
};

/** All that goes with a COPY of a columnar format. */
const WITH_COLUMNAR = [
  'FORMAT',
  'ACCEPTINVCHARS',
  'EXPLICIT_IDS',
  'FILLRECORD',
  'MANIFEST',
  'SERIALIZETOJSON',
  'STATUPDATE',
  'REGION',
];

export function refuseUnsupported(options: Options, command: Command): void {
  const found = UNSUPPORTED[command].find((name) => options[name] !== undefined);
  if (found === undefined) return;
  throw new RedshiftError('0A000', `${command} with ${found} is not supported by the local Redshift`);
}

/** Refuses options that Redshift does not let stand together. */
export function refuseConflicts(options: Options, command: Command): void {
  const format = String(options.FORMAT ?? 'TEXT');
  const names = Object.keys(options);
  for (const group of EXCLUSIVE[command]) {
    const [first, second] = group.filter((name) => names.includes(name));
    if (second !== undefined) throw new RedshiftError('42601', `${first} cannot be used with ${second}`);
  }
  if (command === 'COPY' && format === 'PARQUET') refuseBesideColumnar(names, format);
  const unwanted = NOT_WITH[command][format]?.find((name) => names.includes(name));
  if (unwanted !== undefined) throw new RedshiftError('0A000', `${format} is not supported with ${unwanted}`);
  if (command === 'COPY' && format !== 'PARQUET' && names.includes('SERIALIZETOJSON')) {
    throw new RedshiftError('0A000', `SERIALIZETOJSON is not supported with ${format}`);
  }
}

function refuseBesideColumnar(names: readonly string[], format: string): void {
  const unwanted = names.find((name) => !WITH_COLUMNAR.includes(name));
  if (unwanted === undefined) return;
  throw new RedshiftError('0A000', `${unwanted} argument is not supported for ${format} based COPY`);
}
