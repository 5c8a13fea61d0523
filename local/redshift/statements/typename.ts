import { maximumBytes } from '../type-facts.ts';
import { RedshiftError, type RedshiftType, unlessRefused } from '../types.ts';
import type { Cursor } from './cursor.ts';

const SIMPLE: Readonly<Record<string, RedshiftType>> = {
  smallint: { kind: 'int2' },
  int2: { kind: 'int2' },
  integer: { kind: 'int4' },
  int: { kind: 'int4' },
  int4: { kind: 'int4' },
  bigint: { kind: 'int8' },
  int8: { kind: 'int8' },
  oid: { kind: 'int8', catalogName: 'oid' },
  real: { kind: 'float4' },
  float4: { kind: 'float4' },
  float8: { kind: 'float8' },
  boolean: { kind: 'bool' },
  bool: { kind: 'bool' },
  date: { kind: 'date' },
  timetz: { kind: 'timetz' },
  timestamptz: { kind: 'timestamptz' },
  datetime: { kind: 'timestamp' },
  super: { kind: 'super' },
  name: { kind: 'varchar', length: 128, catalogName: 'name' },
};
const SIZED: Readonly<Record<string, 'varchar' | 'char' | 'varbyte'>> = {
  varchar: 'varchar',
  nvarchar: 'varchar',
  char: 'char',
  character: 'char',
  nchar: 'char',
  bpchar: 'char',
  varbyte: 'varbyte',
  varbinary: 'varbyte',
};
const KNOWN_ELSEWHERE = [
  'geometry',
  'geography',
  'hllsketch',
  'json',
  'jsonb',
  'uuid',
  'money',
  'xml',
  'bytea',
  'bit',
  'refcursor',
];

/** Reads a type's name with its arguments. Lengths left out stay out: the caller knows whether that means 256, 1 or the input's. */
export function parseType(cursor: Cursor): RedshiftType {
  const token = cursor.peek();
  if (token.kind !== 'word') throw cursor.syntaxError();
  cursor.next();
  const simple = Object.hasOwn(SIMPLE, token.text) ? SIMPLE[token.text] : undefined;
  if (simple) return simple;
  if (token.text === 'text')
    return { kind: 'varchar', length: cursor.isSymbol('(') ? parseLength(cursor, 'varchar') : undefined };
  if (Object.hasOwn(SIZED, token.text)) return parseSized(cursor, SIZED[token.text] as 'varchar' | 'char' | 'varbyte');
  const other = parseWordy(cursor, token.text);
  if (other) return other;
  if (KNOWN_ELSEWHERE.includes(token.text)) throw cursor.notSupported(`type "${token.text}"`, token);
  throw new RedshiftError('42704', `type "${token.text}" does not exist`, { position: token.start + 1 });
}

function parseSized(cursor: Cursor, kind: 'varchar' | 'char' | 'varbyte'): RedshiftType {
  const actual = cursor.acceptWords('varying') ? 'varchar' : kind;
  return { kind: actual, length: cursor.isSymbol('(') ? parseLength(cursor, actual) : undefined };
}

function parseLength(cursor: Cursor, kind: 'varchar' | 'char' | 'varbyte'): number {
  const maximum = maximumBytes[kind];
  cursor.expectSymbol('(');
  const length = cursor.acceptWords('max') ? maximum : cursor.expectInteger();
  cursor.expectSymbol(')');
  if (length < 1) throw new RedshiftError('22023', `length for type ${kind} must be at least 1`);
  if (length > maximum) throw new RedshiftError('22023', `length for type ${kind} cannot exceed ${maximum}`);
  return length;
}

function parseWordy(cursor: Cursor, word: string): RedshiftType | undefined {
  switch (word) {
    case 'dec':
    case 'decimal':
    case 'numeric':
      return parseDecimal(cursor);
    case 'double':
      cursor.expectWords('precision');
      return { kind: 'float8' };
    case 'float':
      return parseFloat(cursor);
    case 'binary':
      cursor.expectWords('varying');
      return { kind: 'varbyte', length: cursor.isSymbol('(') ? parseLength(cursor, 'varbyte') : undefined };
    case 'time':
      return zoned(cursor) ? { kind: 'timetz' } : { kind: 'time' };
    case 'timestamp':
      return zoned(cursor) ? { kind: 'timestamptz' } : { kind: 'timestamp' };
    case 'interval':
      return parseIntervalType(cursor);
    default:
      return undefined;
  }
}

function parseDecimal(cursor: Cursor): RedshiftType {
  if (!cursor.acceptSymbol('(')) return { kind: 'decimal', precision: 18, scale: 0 };
  const precision = cursor.expectInteger();
  const scale = cursor.acceptSymbol(',') ? cursor.expectInteger() : 0;
  cursor.expectSymbol(')');
  if (precision < 1 || precision > 38) {
    throw new RedshiftError('22023', `NUMERIC precision ${precision} must be between 1 and 38`);
  }
  if (scale < 0 || scale > Math.min(37, precision)) {
    throw new RedshiftError('22023', `NUMERIC scale ${scale} must be between 0 and precision ${precision}`);
  }
  return { kind: 'decimal', precision, scale };
}

function parseFloat(cursor: Cursor): RedshiftType {
  if (!cursor.acceptSymbol('(')) return { kind: 'float8' };
  const digits = cursor.expectInteger();
  cursor.expectSymbol(')');
  return { kind: digits <= 24 ? 'float4' : 'float8' };
}

function zoned(cursor: Cursor): boolean {
  if (cursor.acceptSymbol('(')) {
    cursor.expectInteger();
    cursor.expectSymbol(')');
  }
  if (cursor.acceptWords('without', 'time', 'zone')) return false;
  return cursor.acceptWords('with', 'time', 'zone');
}

/** The fields of an interval, the largest first. A type keeps the smallest that its qualifier names in `scale`, a second's digits in `precision`. */
export const INTERVAL_FIELDS = ['year', 'month', 'day', 'hour', 'minute', 'second'];

/** `YEAR TO MONTH`, `DAY TO SECOND (6)`, `MONTH` … behind INTERVAL; undefined when nothing of the kind follows. */
export function parseIntervalQualifier(cursor: Cursor): string | undefined {
  const first = cursor.acceptOneOf(...INTERVAL_FIELDS);
  if (first === undefined) return undefined;
  const precision = parsePrecision(cursor);
  if (!cursor.acceptWords('to')) return `${first}${precision}`;
  const last = cursor.acceptOneOf(...INTERVAL_FIELDS);
  if (last === undefined) throw cursor.syntaxError();
  return `${first} to ${last}${parsePrecision(cursor)}`;
}

/** How many digits of a second count: `(3)`, or nothing. */
function parsePrecision(cursor: Cursor): string {
  if (!cursor.acceptSymbol('(')) return '';
  const digits = cursor.expectInteger();
  cursor.expectSymbol(')');
  if (digits > 6) throw new RedshiftError('22023', `interval precision ${digits} must be between 0 and 6`);
  return `(${digits})`;
}

function parseIntervalType(cursor: Cursor): RedshiftType {
  const qualifier = parseIntervalQualifier(cursor);
  if (qualifier === undefined) return { kind: 'interval_day_to_second' };
  const [fields = '', digits] = qualifier.split(/[()]/);
  return {
    kind: /^(year|month)/.test(fields) ? 'interval_year_to_month' : 'interval_day_to_second',
    scale: INTERVAL_FIELDS.indexOf(fields.split(' to ').at(-1) ?? ''),
    ...(digits === undefined ? {} : { precision: Number(digits) }),
  };
}

const BEFORE_LITERAL: ReadonlySet<string> = new Set([
  ...[SIMPLE, SIZED].flatMap(Object.keys),
  ...['decimal', 'numeric', 'float', 'time', 'timestamp', 'text'],
]);

/** Whether a type's name begins here and a quoted text follows (`date '2020-01-01'`): then it is a typed literal. */
export function isTypedLiteral(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (token.kind !== 'word') return false;
  if (!BEFORE_LITERAL.has(token.text)) return false;
  if (cursor.peek(1).kind === 'string') return true;
  const isZoned =
    (token.text === 'time' || token.text === 'timestamp') && ['with', 'without'].includes(cursor.peek(1).text);
  return (
    isZoned && cursor.peek(2).text === 'time' && cursor.peek(3).text === 'zone' && cursor.peek(4).kind === 'string'
  );
}

/** SQL functions take types only; names before them are read and forgotten. */
export function parseArgumentTypes(cursor: Cursor): RedshiftType[] {
  if (cursor.isSymbol('(') && cursor.isSymbol(')', 1)) {
    cursor.next();
    cursor.next();
    return [];
  }
  return cursor.parenthesized(() => {
    const mark = cursor.offset;
    const type = unlessRefused(() => parseType(cursor));
    if (type && (cursor.isSymbol(',') || cursor.isSymbol(')'))) return type;
    // The first word was an argument's name.
    cursor.seek(mark);
    cursor.identifier();
    return parseType(cursor);
  });
}
