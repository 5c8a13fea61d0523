import { isUtf8 } from 'node:buffer';
import type { LoadErrorRecord } from '../catalog/history.ts';
import type { Column } from '../catalog/model.ts';
import { maximumObjectBytes, type RowPlace } from './json-lines.ts';

/** Why a row or a value was not loaded: Redshift's load error codes and wording. */
export interface LoadErrorReason {
  readonly code: number;
  readonly message: string;
}

const rawCharacters = 1024;

/** Why a row as a whole could not be read. */
export function rowReason(raw: Buffer): LoadErrorReason {
  if (raw.length > maximumObjectBytes) {
    return { code: 1224, message: `Size of the JSON object exceeds the maximum of ${maximumObjectBytes} bytes` };
  }
  if (!isUtf8(raw)) return { code: 1220, message: 'String contains invalid or unsupported UTF8 codepoints.' };
  return { code: 1216, message: 'Input line is not valid: not a JSON object, or one that has a key twice' };
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
export function valueReason(column: Column, text: string | null): LoadErrorReason {
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
      return { code: 1205, message: 'Invalid Date Format - length must be 10 or more' };
    case 'timestamp':
    case 'timestamptz':
      return { code: 1206, message: 'Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]' };
    case 'super':
      return { code: 1224, message: 'Invalid JSON format for SUPER, or a string of more than 65535 bytes in it' };
    default:
      return { code: 1200, message: `Invalid value for type ${column.type.kind}` };
  }
}

function textReason(column: Column, text: string): LoadErrorReason {
  const isMultibyte = column.type.kind === 'char' && Buffer.byteLength(text) !== text.length;
  if (isMultibyte) return { code: 1215, message: 'CHAR columns can only contain single-byte characters' };
  return { code: 1204, message: 'String length exceeds DDL length' };
}

function integerReason(type: string, text: string): LoadErrorReason {
  if (/^\s*[-+]?\d+\s*$/.test(text))
    return { code: 1222, message: `Overflow, Value '${text.slice(0, 30)}', Type: ${type}` };
  const position = Math.max(0, text.search(/[^\d]/));
  return { code: 1207, message: `Invalid digit, Value '${text.charAt(position)}', Pos ${position}, Type: ${type}` };
}

/** The record of one row that was not loaded; without a column the row as a whole was at fault. */
export function loadErrorRecord(
  fileName: string,
  place: RowPlace,
  column: Column | undefined,
  text: string | null,
  reason: LoadErrorReason = column ? valueReason(column, text) : rowReason(place.raw),
): LoadErrorRecord {
  return {
    fileName,
    lineNumber: place.lineNumber,
    columnName: column?.name ?? '',
    columnType: column?.type.kind ?? '',
    columnLength: String(column?.type.length ?? column?.type.precision ?? ''),
    position: 0,
    errorCode: reason.code,
    errorMessage: reason.message,
    rawLine: place.raw
      .subarray(0, 4 * rawCharacters)
      .toString()
      .slice(0, rawCharacters),
    rawFieldValue: (text ?? '').slice(0, rawCharacters),
  };
}
