import type { Cursor } from './cursor.ts';
import type { Identifier, Query } from './syntax.ts';

/** A word, a quoted text or a number behind an option. */
export type CopyOptionValue = string | number | boolean | readonly string[];

/**
 * `COPY table (columns) FROM 's3://…' options`. Options are kept by their upper-case name, in the manual's words:
 * `FORMAT` ('JSON', 'CSV', 'PARQUET', 'AVRO', 'ORC', 'FIXEDWIDTH', 'SHAPEFILE', 'TEXT'), `JSON` (the text behind JSON: 'auto',
 * 'auto ignorecase', 'noshred', 's3://jsonpaths'), `GZIP`, `ZSTD`, `MANIFEST`, `MAXERROR` (number), `DELIMITER`, `STATUPDATE` ('ON'/'OFF'), …
 */
export interface CopyStatement {
  readonly kind: 'copy';
  readonly table: readonly Identifier[];
  readonly columns?: readonly Identifier[];
  readonly from: string;
  readonly authorization: CopyAuthorization;
  readonly options: Readonly<Record<string, CopyOptionValue>>;
  readonly position: number;
}

export interface UnloadStatement {
  readonly kind: 'unload';
  /** The query's text, as between the quotes (unescaped). */
  readonly queryText: string;
  readonly query: Query;
  readonly to: string;
  readonly authorization: CopyAuthorization;
  readonly options: Readonly<Record<string, CopyOptionValue>>;
  readonly position: number;
}

export type CopyAuthorization =
  | { readonly kind: 'defaultRole' }
  | { readonly kind: 'role'; readonly roleArn: string }
  | { readonly kind: 'credentials'; readonly text: string };

type OptionShape = 'flag' | 'text' | 'number' | 'optionalText' | 'onOff' | 'names' | 'optionalNumber';

/** Every option of COPY and UNLOAD that is read, and what follows it. What is not here is a syntax error. */
const OPTIONS: Readonly<Record<string, OptionShape>> = {
  acceptanydate: 'flag',
  acceptinvchars: 'optionalText',
  addquotes: 'flag',
  allowoverwrite: 'flag',
  blanksasnull: 'flag',
  bzip2: 'flag',
  cleanpath: 'flag',
  comprows: 'number',
  compupdate: 'onOff',
  dateformat: 'text',
  delimiter: 'text',
  emptyasnull: 'flag',
  encoding: 'text',
  encrypted: 'flag',
  escape: 'flag',
  explicit_ids: 'flag',
  extension: 'text',
  fillrecord: 'flag',
  gzip: 'flag',
  header: 'flag',
  ignoreallerrors: 'flag',
  ignoreblanklines: 'flag',
  ignoreheader: 'number',
  include: 'flag',
  lzop: 'flag',
  manifest: 'optionalText',
  maxerror: 'number',
  maxfilesize: 'number',
  noload: 'flag',
  null: 'text',
  parallel: 'onOff',
  quote: 'text',
  readratio: 'number',
  region: 'text',
  removequotes: 'flag',
  roundec: 'flag',
  rowgroupsize: 'number',
  serializetojson: 'flag',
  statupdate: 'onOff',
  timeformat: 'text',
  trimblanks: 'flag',
  truncatecolumns: 'flag',
  zstd: 'flag',
};
const FORMATS = ['json', 'csv', 'parquet', 'avro', 'orc', 'fixedwidth', 'shapefile'];
const SIZE_UNITS = ['mb', 'gb', 'kb'];

export function parseCopy(cursor: Cursor): CopyStatement {
  const position = cursor.peek().start;
  cursor.expectWords('copy');
  const table = cursor.qualifiedName();
  const columns = cursor.isSymbol('(') ? cursor.identifierList() : undefined;
  cursor.expectWords('from');
  const from = cursor.expectString();
  return { kind: 'copy', table, columns, from, position, ...parseTail(cursor) };
}

/** `parseQuery` reads the text between the quotes; it is passed in because queries live in another room. */
export function parseUnload(cursor: Cursor, parseQuery: (text: string) => Query): UnloadStatement {
  const position = cursor.peek().start;
  cursor.expectWords('unload');
  cursor.expectSymbol('(');
  const queryText = cursor.expectString();
  cursor.expectSymbol(')');
  cursor.expectWords('to');
  const to = cursor.expectString();
  const tail = parseTail(cursor);
  return { kind: 'unload', queryText, query: parseQuery(queryText), to, position, ...tail };
}

function parseTail(cursor: Cursor): Pick<CopyStatement, 'authorization' | 'options'> {
  let authorization: CopyAuthorization = { kind: 'defaultRole' };
  const options: Record<string, CopyOptionValue> = {};
  while (!cursor.atEnd()) {
    const found = parseAuthorization(cursor);
    if (found) authorization = found;
    else if (!parseFormat(cursor, options)) parseOption(cursor, options);
  }
  cursor.expectEnd();
  return { authorization, options };
}

function parseAuthorization(cursor: Cursor): CopyAuthorization | undefined {
  if (cursor.acceptWords('iam_role')) {
    if (cursor.acceptWords('default')) return { kind: 'defaultRole' };
    const roleArn = cursor.expectString();
    return roleArn === 'default' ? { kind: 'defaultRole' } : { kind: 'role', roleArn };
  }
  if (cursor.acceptOneOf('credentials', 'access_key_id', 'secret_access_key', 'session_token') === undefined) {
    if (!cursor.acceptWords('with', 'credentials')) return undefined;
  }
  cursor.acceptWords('as');
  const text = cursor.expectString();
  const role = /^aws_iam_role=(.+)$/.exec(text)?.[1];
  return role === undefined ? { kind: 'credentials', text } : { kind: 'role', roleArn: role };
}

/** `FORMAT [AS] JSON 'auto'`, `JSON [AS] 'auto'`, `CSV [QUOTE AS '…']`, `FORMAT PARQUET`. */
function parseFormat(cursor: Cursor, options: Record<string, CopyOptionValue>): boolean {
  const announced = cursor.acceptWords('format');
  if (announced) cursor.acceptWords('as');
  const format = cursor.acceptOneOf(...FORMATS, ...(announced ? ['text'] : []));
  if (format === undefined) {
    if (announced) throw cursor.syntaxError();
    return false;
  }
  options.FORMAT = format.toUpperCase();
  cursor.acceptWords('as');
  if (cursor.peek().kind === 'string' && ['json', 'avro', 'fixedwidth', 'shapefile'].includes(format)) {
    options[format.toUpperCase()] = cursor.expectString();
  }
  return true;
}

function parseOption(cursor: Cursor, options: Record<string, CopyOptionValue>): void {
  if (cursor.acceptWords('partition', 'by')) {
    options['PARTITION BY'] = cursor.identifierList().map((column) => column.name);
    return;
  }
  const token = cursor.peek();
  const shape = token.kind === 'word' ? OPTIONS[token.text] : undefined;
  if (shape === undefined) throw cursor.syntaxError();
  cursor.next();
  options[token.text.toUpperCase()] = parseValue(cursor, shape);
}

function parseValue(cursor: Cursor, shape: OptionShape): CopyOptionValue {
  cursor.acceptWords('as');
  switch (shape) {
    case 'text':
      return cursor.expectString();
    case 'optionalText':
      return cursor.peek().kind === 'string' ? cursor.expectString() : (cursor.acceptOneOf('verbose') ?? true);
    case 'number':
      return parseSize(cursor);
    case 'onOff':
      return (cursor.acceptOneOf('on', 'off', 'true', 'false', 'preset') ?? 'on').toUpperCase();
    default:
      return true;
  }
}

/** A number, or a size such as `100 MB` (then the answer is in bytes). */
function parseSize(cursor: Cursor): number {
  const token = cursor.next();
  if (token.kind !== 'number' && token.kind !== 'string') throw cursor.syntaxError(token);
  const unit = cursor.acceptOneOf(...SIZE_UNITS);
  const factor = unit === undefined ? 1 : 1024 ** (['', 'kb', 'mb', 'gb'].indexOf(unit) as number);
  return Number(token.text) * factor;
}
