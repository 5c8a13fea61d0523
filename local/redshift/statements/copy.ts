import { AuthorizationClauses, redundant } from './copy-authorization.ts';
import type { Cursor } from './cursor.ts';
import type { Identifier, Query } from './syntax.ts';
import type { Token } from './tokens.ts';

/** A word, a quoted text or a number behind an option. */
export type CopyOptionValue = string | number | boolean | readonly string[];

/**
 * `COPY table (columns) FROM 's3://…' options`. Options are kept by their upper-case name, in the manual's words:
 * `FORMAT` ('JSON', 'CSV', 'PARQUET', 'AVRO', 'ORC', 'FIXEDWIDTH', 'SHAPEFILE', 'TEXT'), `JSON` (the text behind JSON: 'auto',
 * 'auto ignorecase', 'noshred', 's3://jsonpaths'), `GZIP`, `ZSTD`, `MANIFEST` (true or 'verbose'), `MAXERROR` (number), `DELIMITER`,
 * `STATUPDATE` ('ON'/'OFF'), `MAXFILESIZE` (bytes), `PARTITION BY` (column names), …
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
  /** The statement names nobody. */
  | { readonly kind: 'none' }
  | { readonly kind: 'defaultRole' }
  /** One role, or several that are assumed one after the other, with commas between. */
  | { readonly kind: 'role'; readonly roleArn: string }
  | {
      readonly kind: 'keys';
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    };

type OptionShape = 'flag' | 'text' | 'name' | 'number' | 'size' | 'optionalText' | 'optionalWord' | 'onOff';

/** Options that COPY and UNLOAD share, and what follows each. What is in no list is a syntax error. */
const SHARED_OPTIONS: Readonly<Record<string, OptionShape>> = {
  bzip2: 'flag',
  delimiter: 'text',
  encrypted: 'optionalWord',
  escape: 'flag',
  gzip: 'flag',
  manifest: 'optionalWord',
  master_symmetric_key: 'text',
  null: 'text',
  region: 'text',
  zstd: 'flag',
};
const COPY_OPTIONS: Readonly<Record<string, OptionShape>> = {
  ...SHARED_OPTIONS,
  acceptanydate: 'flag',
  acceptinvchars: 'optionalText',
  blanksasnull: 'flag',
  comprows: 'number',
  compupdate: 'onOff',
  dateformat: 'text',
  emptyasnull: 'flag',
  encoding: 'name',
  explicit_ids: 'flag',
  fillrecord: 'flag',
  ignoreallerrors: 'flag',
  ignoreblanklines: 'flag',
  ignoreheader: 'number',
  lzop: 'flag',
  maxerror: 'number',
  noload: 'flag',
  quote: 'text',
  readratio: 'number',
  removequotes: 'flag',
  roundec: 'flag',
  serializetojson: 'flag',
  ssh: 'flag',
  statupdate: 'onOff',
  timeformat: 'text',
  trimblanks: 'flag',
  truncatecolumns: 'flag',
};
const UNLOAD_OPTIONS: Readonly<Record<string, OptionShape>> = {
  ...SHARED_OPTIONS,
  addquotes: 'flag',
  allowoverwrite: 'flag',
  cleanpath: 'flag',
  extension: 'name',
  header: 'flag',
  kms_key_id: 'text',
  maxfilesize: 'size',
  parallel: 'onOff',
  rowgroupsize: 'size',
};
const COPY_FORMATS = ['json', 'csv', 'parquet', 'avro', 'orc', 'fixedwidth', 'shapefile'];
const UNLOAD_FORMATS = ['json', 'csv', 'parquet', 'fixedwidth'];
const FORMATS_WITH_ARGUMENT = ['json', 'avro', 'fixedwidth', 'shapefile'];
const SIZE_UNITS = ['kb', 'mb', 'gb'];

const JOB_COMMANDS = ['alter', 'run', 'list', 'show', 'drop'];

export function parseCopy(cursor: Cursor): CopyStatement {
  const position = cursor.peek().start;
  cursor.expectWords('copy');
  if (JOB_COMMANDS.some((command) => cursor.isWords('job', command))) throw cursor.notSupported('COPY JOB');
  const table = cursor.qualifiedName();
  const columns = cursor.isSymbol('(') ? cursor.identifierList() : undefined;
  cursor.expectWords('from');
  const from = cursor.expectString();
  return { kind: 'copy', table, columns, from, position, ...new Tail(cursor, COPY_FORMATS, COPY_OPTIONS).parse() };
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
  const tail = new Tail(cursor, UNLOAD_FORMATS, UNLOAD_OPTIONS).parse();
  return { kind: 'unload', queryText, query: parseQuery(queryText), to, position, ...tail };
}

/** What stands behind the source or the destination: who may, and how, in any order. */
class Tail {
  readonly #cursor: Cursor;
  readonly #formats: readonly string[];
  readonly #shapes: Readonly<Record<string, OptionShape>>;
  readonly #options: Record<string, CopyOptionValue> = {};
  readonly #authorization = new AuthorizationClauses();

  constructor(cursor: Cursor, formats: readonly string[], shapes: Readonly<Record<string, OptionShape>>) {
    this.#cursor = cursor;
    this.#formats = formats;
    this.#shapes = shapes;
  }

  parse(): Pick<CopyStatement, 'authorization' | 'options'> {
    while (!this.#cursor.atEnd()) {
      if (!this.#authorization.accept(this.#cursor) && !this.#parseFormat()) this.#parseOption();
    }
    this.#cursor.expectEnd();
    const { authorization, rootKey } = this.#authorization.result();
    if (rootKey !== undefined) this.#options.MASTER_SYMMETRIC_KEY = rootKey;
    return { authorization, options: this.#options };
  }

  /** `FORMAT [AS] JSON 'auto'`, `JSON [AS] 'auto'`, `CSV [QUOTE AS '…']`, `FORMAT PARQUET`. */
  #parseFormat(): boolean {
    const cursor = this.#cursor;
    const token = cursor.peek();
    const announced = cursor.acceptWords('format') || cursor.isWords('as');
    cursor.acceptWords('as');
    const format = cursor.acceptOneOf(...this.#formats, ...(announced ? ['text'] : []));
    if (format === undefined) {
      if (announced) throw cursor.syntaxError();
      return false;
    }
    this.#keep('FORMAT', format.toUpperCase(), token);
    cursor.acceptWords('as');
    if (cursor.peek().kind === 'string' && FORMATS_WITH_ARGUMENT.includes(format)) {
      this.#keep(format.toUpperCase(), cursor.expectString(), token);
    }
    return true;
  }

  #parseOption(): void {
    const cursor = this.#cursor;
    const token = cursor.peek();
    if (this.#shapes === UNLOAD_OPTIONS && cursor.acceptWords('partition', 'by')) {
      const names = cursor.identifierList().map((column) => (column.quoted ? column.name : column.name.toLowerCase()));
      this.#keep('PARTITION BY', names, token);
      if (cursor.acceptWords('include')) this.#keep('INCLUDE', true, token);
      return;
    }
    if (cursor.isWords('job', 'create')) throw cursor.notSupported('COPY JOB');
    if (cursor.isWords('simplify')) throw cursor.notSupported('SIMPLIFY');
    const shape =
      token.kind === 'word' && Object.hasOwn(this.#shapes, token.text) ? this.#shapes[token.text] : undefined;
    if (shape === undefined) throw cursor.syntaxError();
    cursor.next();
    this.#keep(token.text.toUpperCase(), parseValue(cursor, shape), token);
  }

  #keep(name: string, value: CopyOptionValue, token: Token): void {
    if (Object.hasOwn(this.#options, name)) throw redundant(token);
    this.#options[name] = value;
  }
}

function parseValue(cursor: Cursor, shape: OptionShape): CopyOptionValue {
  cursor.acceptWords('as');
  switch (shape) {
    case 'text':
      return cursor.expectString();
    case 'name':
      return cursor.peek().kind === 'word' ? cursor.next().text : cursor.expectString();
    case 'optionalText':
      return cursor.peek().kind === 'string' ? cursor.expectString() : true;
    case 'optionalWord':
      return cursor.acceptOneOf('verbose', 'auto') ?? true;
    case 'number':
      return parseNumber(cursor);
    case 'size':
      return parseSize(cursor);
    case 'onOff':
      return parseSwitch(cursor);
    default:
      return true;
  }
}

function parseSwitch(cursor: Cursor): string {
  const word = cursor.acceptOneOf('on', 'off', 'true', 'false', 'preset') ?? 'on';
  return { true: 'ON', false: 'OFF' }[word] ?? word.toUpperCase();
}

function parseNumber(cursor: Cursor): number {
  const token = cursor.next();
  if (token.kind !== 'number' && token.kind !== 'string') throw cursor.syntaxError(token);
  return Number(token.text);
}

/** A size such as `100 MB`, or `100`, which means the same; in bytes. */
function parseSize(cursor: Cursor): number {
  const size = parseNumber(cursor);
  const unit = cursor.acceptOneOf(...SIZE_UNITS) ?? 'mb';
  return size * 1024 ** (SIZE_UNITS.indexOf(unit) + 1);
}
