import { RedshiftError, type RedshiftType } from '../types.ts';
import { numericFromBinary, numericToBinary } from './binary-numeric.ts';
import {
  dateFromBinary,
  dateToBinary,
  durationToBinary,
  monthsToBinary,
  timeFromBinary,
  timestampFromBinary,
  timestampToBinary,
  timeToBinary,
  timetzFromBinary,
  timetzToBinary,
} from './binary-time.ts';
import { decodeUtf8 } from './frontend.ts';

type Kind = RedshiftType['kind'];

/** Renders a value, given in Redshift's text form, in the protocol's binary form; text types stay text. */
export function toBinary(text: string, kind: Kind, catalogName?: RedshiftType['catalogName']): Buffer | string {
  if (catalogName === 'oid') return allocate(4, (buffer) => buffer.writeUInt32BE(Number(text)));
  if (catalogName?.startsWith('_'))
    throw new RedshiftError('0A000', `no binary output function available for type ${catalogName}`);
  switch (kind) {
    case 'bool':
      return Buffer.from([text === 't' ? 1 : 0]);
    case 'int2':
      return allocate(2, (buffer) => buffer.writeInt16BE(Number(text)));
    case 'int4':
      return allocate(4, (buffer) => buffer.writeInt32BE(Number(text)));
    case 'int8':
      return allocate(8, (buffer) => buffer.writeBigInt64BE(BigInt(text)));
    case 'float4':
      return allocate(4, (buffer) => buffer.writeFloatBE(Number(text)));
    case 'float8':
      return allocate(8, (buffer) => buffer.writeDoubleBE(Number(text)));
    case 'decimal':
      return numericToBinary(text);
    case 'date':
      return dateToBinary(text);
    case 'time':
      return timeToBinary(text);
    case 'timestamp':
    case 'timestamptz':
      return timestampToBinary(text);
    case 'timetz':
      return timetzToBinary(text);
    case 'interval_year_to_month':
      return monthsToBinary(text);
    case 'interval_day_to_second':
      return durationToBinary(text);
    case 'varbyte':
      return Buffer.from(text, 'hex');
    case 'varchar':
    case 'char':
    case 'super':
      return text;
  }
}

function allocate(size: number, write: (buffer: Buffer) => void): Buffer {
  const buffer = Buffer.allocUnsafe(size);
  write(buffer);
  return buffer;
}

const fixedSizes: Partial<Record<Kind, number>> = {
  bool: 1,
  int2: 2,
  int4: 4,
  int8: 8,
  float4: 4,
  float8: 8,
  date: 4,
  time: 8,
  timetz: 12,
  timestamp: 8,
  timestamptz: 8,
};

/** Reads a binary parameter into Redshift's text form. */
export function fromBinary(value: Buffer, kind: Kind): string {
  const size = fixedSizes[kind];
  if (size !== undefined && value.length !== size) {
    throw new RedshiftError('22P03', 'incorrect binary data format in bind parameter');
  }
  return fromBinaryOfSize(value, kind);
}

function fromBinaryOfSize(value: Buffer, kind: Kind): string {
  switch (kind) {
    case 'bool':
      return value.readUInt8() === 0 ? 'f' : 't';
    case 'int2':
      return String(value.readInt16BE());
    case 'int4':
      return String(value.readInt32BE());
    case 'int8':
      return String(value.readBigInt64BE());
    case 'float4':
      return String(Number(value.readFloatBE().toPrecision(9)));
    case 'float8':
      return String(value.readDoubleBE());
    case 'decimal':
      return numericFromBinary(value);
    case 'date':
      return dateFromBinary(value);
    case 'time':
      return timeFromBinary(value);
    case 'timetz':
      return timetzFromBinary(value);
    case 'timestamp':
      return timestampFromBinary(value);
    case 'timestamptz':
      return `${timestampFromBinary(value)}+00`;
    case 'varbyte':
      return value.toString('hex');
    case 'varchar':
    case 'char':
    case 'super':
      return decodeUtf8(value);
    default:
      throw new RedshiftError('0A000', `no binary input function available for type ${kind}`);
  }
}
