import { createHash } from 'node:crypto';

/**
 * What a Kinesis record holds. The Kinesis Producer Library packs many user records into one: a magic number, a protobuf
 * message, its MD5. Source: amazon-kinesis-producer, aggregation-format.md. Read here in a few lines, because the package that
 * does it (aws-kinesis-agg) brings protobufjs 7.2.4, with a known vulnerability and code generated at run time.
 */
export type KinesisContent =
  | { readonly kind: 'plain' }
  | { readonly kind: 'aggregate'; readonly records: readonly Uint8Array[] }
  | { readonly kind: 'broken'; readonly reason: string };

const magic = Buffer.from('f3899ac2', 'hex');
const digestBytes = 16;
const recordsField = 3;
const dataField = 3;

/** Takes an aggregate apart. No JSON starts with the magic number, which is not UTF-8, so nothing is taken for one by mistake. */
export function openKinesisData(bytes: Uint8Array): KinesisContent {
  if (!magic.equals(bytes.subarray(0, magic.length))) return { kind: 'plain' };
  if (bytes.length < magic.length + digestBytes) return { kind: 'broken', reason: 'is a KPL aggregate cut short' };
  const message = bytes.subarray(magic.length, -digestBytes);
  const digest = createHash('md5').update(message).digest();
  if (!digest.equals(bytes.subarray(-digestBytes))) {
    return { kind: 'broken', reason: 'is a KPL aggregate whose MD5 does not match its content' };
  }
  try {
    const records = fieldsOf(message, recordsField).map((record) => fieldsOf(record, dataField)[0] ?? new Uint8Array());
    return { kind: 'aggregate', records };
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'broken', reason: `is a KPL aggregate ${error.message}` };
    throw error;
  }
}

/** The length-delimited fields of a protobuf message that have a number, in their order. Throws a RangeError where it is none. */
function fieldsOf(message: Uint8Array, wanted: number): Uint8Array[] {
  const fields: Uint8Array[] = [];
  let at = 0;
  while (at < message.length) {
    const tag = variableInteger(message, at);
    at = tag.end;
    const wireType = tag.value & 7;
    if (wireType === 2) {
      const length = variableInteger(message, at);
      at = length.end + length.value;
      if (at > message.length) throw new RangeError('with a field that goes beyond its end');
      if (tag.value >>> 3 === wanted) fields.push(message.subarray(length.end, at));
    } else {
      at = skipFixed(message, at, wireType);
    }
  }
  return fields;
}

function skipFixed(message: Uint8Array, at: number, wireType: number): number {
  if (wireType === 0) return variableInteger(message, at).end;
  if (wireType === 1) return at + 8;
  if (wireType === 5) return at + 4;
  throw new RangeError(`with a field of the unknown wire type ${wireType}`);
}

/** Protobuf's base-128 integer; the ones used here (tags, lengths, table indexes) are far below 2^53. */
function variableInteger(message: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; index < 10; index += 1) {
    const byte = message[start + index];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  throw new RangeError('with an integer that does not end');
}
