import { isUtf8 } from 'node:buffer';
import type { LoadErrorRecord } from '../catalog/history.ts';
import type { Column } from '../catalog/model.ts';
import { superLimits } from '../type-facts.ts';
import { invalidSequences } from './invalid-characters.ts';
import { maximumObjectBytes, type RowFault, type RowPlace } from './json-lines.ts';
import type { CopyOptions } from './options.ts';
import type { MomentFormat } from './time-formats.ts';

const rawCharacters = 1024;

/** Why a row as a whole could not be read. */
function rowReason(raw: Buffer): RowFault {
  if (raw.length > maximumObjectBytes) {
    return { code: 1224, message: `Size of the JSON object exceeds the maximum of ${maximumObjectBytes} bytes` };
  }
  if (!isUtf8(raw)) return invalidText(raw);
  return { code: 1216, message: 'Input line is not valid: not a JSON object, or one that has a key twice' };
}

/** What the first bytes are that are not UTF-8, and what is wrong with them. */
export function invalidText(bytes: Buffer): RowFault {
  const message = 'String contains invalid or unsupported UTF8 codepoints.';
  const [first] = invalidSequences(bytes);
  if (!first) return { code: 1220, message };
  return {
    code: 1220,
    message: `${message} Bad UTF8 hex sequence: ${hexOf(bytes.subarray(first.start, first.end))} (error ${first.fault})`,
  };
}

const hexOf = (bytes: Buffer): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** What a jsonpath says of an array that has no such member. */
export const outOfRange: RowFault = {
  code: 1216,
  message: 'Invalid JSONPath format: Not an array or index out of range.',
};

/** Why a row is bad: a column's value, or without a column the row as a whole. */
export function faultOf(
  place: RowPlace,
  column: Column | undefined,
  text: string | null,
  formats: MomentFormats,
): RowFault {
  return column ? valueReason(column, text, formats) : rowReason(place.raw);
}

type MomentFormats = Pick<CopyOptions, 'dateFormat' | 'timeFormat'>;

function formatText(format: MomentFormat): string {
  if (format.kind === 'pattern') return format.text;
  return { standard: 'YYYY-MM-DD HH24:MI:SS', auto: 'auto', epoch: 'epoch' }[format.kind];
}

function dateMessage(format: MomentFormat, text: string): string {
  if (format.kind === 'pattern') return `Invalid Date Format - does not match [${format.text}]`;
  const isShort = format.kind === 'standard' && text.trim().length < 10;
  return `Invalid Date Format - ${isShort ? 'length must be 10 or more' : 'not a date'}`;
}

const wrongNumber = {
  int2: 'Short',
  int4: 'Integer',
  int8: 'Long',
  float4: 'Float',
  float8: 'Double',
  decimal: 'Decimal',
};

/** Why a value does not fit its column; text null is a missing value. */
function valueReason(column: Column, text: string | null, formats: MomentFormats): RowFault {
  if (text === null) return { code: 1213, message: 'Missing data for not-null field' };
  switch (column.type.kind) {
    case 'varchar':
    case 'char':
      return textReason(column, text);
    case 'int2':
    case 'int4':
    case 'int8':
      return integerReason(wrongNumber[column.type.kind], text);
    case 'decimal':
      return { code: 1209, message: `Invalid digit or overflow, Value '${text.slice(0, 20)}', Type: Decimal` };
    case 'float4':
    case 'float8':
      return {
        code: 1208,
        message: `Invalid digit, Value '${text.slice(0, 20)}', Type: ${wrongNumber[column.type.kind]}`,
      };
    case 'bool':
      return { code: 1210, message: 'Unknown boolean format' };
    case 'date':
      return { code: 1205, message: dateMessage(formats.dateFormat, text) };
    case 'timestamp':
    case 'timestamptz':
      return { code: 1206, message: `Invalid timestamp format or value [${formatText(formats.timeFormat)}]` };
    case 'varbyte':
      return { code: 1219, message: 'Invalid hexadecimal digits for VARBYTE, or too many of them' };
    case 'super':
      return {
        code: 1224,
        message: `Invalid JSON format for SUPER, or a string of more than ${superLimits.stringBytes} bytes in it`,
      };
    default:
      return { code: 1200, message: `Invalid value for type ${column.type.kind}` };
  }
}

function textReason(column: Column, text: string): RowFault {
  const wide = column.type.kind === 'char' ? Array.from(text).find((character) => character > '\u007f') : undefined;
  if (wide !== undefined) {
    const hint = 'Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: ';
    return { code: 1220, message: hint + hexOf(Buffer.from(wide)) };
  }
  const kind = column.type.kind === 'char' ? 'Char' : 'String';
  return { code: 1204, message: `${kind} length exceeds DDL length` };
}

function integerReason(type: string, text: string): RowFault {
  const value = text.trim();
  if (/^[-+]?\d+$/.test(value)) {
    return { code: 1207, message: `Overflow, Value '${value.slice(0, 30)}', Pos ${value.length - 1}, Type: ${type}` };
  }
  const position = Math.max(0, value.search(/(?!^[-+])\D/));
  return { code: 1207, message: `Invalid digit, Value '${value.charAt(position)}', Pos ${position}, Type: ${type}` };
}

/** The record of one row that was not loaded; without a column the row as a whole was at fault. */
export function loadErrorRecord(
  fileName: string,
  place: RowPlace,
  column: Column | undefined,
  text: string | null,
  reason: RowFault,
): LoadErrorRecord {
  return {
    fileName,
    lineNumber: place.lineNumber,
    columnName: column?.name ?? '',
    columnType: column?.type.kind ?? '',
    columnLength: lengthOf(column),
    position: Number(/ Pos (\d+),/.exec(reason.message)?.[1] ?? 0),
    errorCode: reason.code,
    errorMessage: reason.message,
    rawLine: place.raw
      .subarray(0, 4 * rawCharacters)
      .toString()
      .slice(0, rawCharacters),
    rawFieldValue: (text ?? '').slice(0, rawCharacters),
  };
}

/** A column's length as it was declared: `20`, and `12,2` for a decimal. */
function lengthOf(column: Column | undefined): string {
  const { length, precision, scale } = column?.type ?? {};
  return precision === undefined ? String(length ?? '') : `${precision},${scale ?? 0}`;
}
