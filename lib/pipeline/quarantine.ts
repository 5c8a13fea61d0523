import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { jsonRefusalCodes } from './json-limits.ts';

/** Every reason a record can be set aside for; stable, because alarms, replays and tests name it. */
export const quarantineCodes = [
  ...jsonRefusalCodes,
  /** Its line would be longer than COPY takes. */
  'RECORD_TOO_LARGE',
  /** Its `_key` would be longer than the column of that name. */
  'KEY_TOO_LONG',
  /** The source's own wrapping is not as the source documents it. */
  'MALFORMED_RECORD',
  /** A DynamoDB change without the item's new image: the stream's view type does not carry it. */
  'NO_NEW_IMAGE',
  /** A DynamoDB attribute that is none of the ten documented types. */
  'UNKNOWN_ATTRIBUTE_TYPE',
  /** A Kinesis record that starts as a KPL aggregate and is none inside. */
  'BROKEN_AGGREGATE',
  /** A REST record without one of the configured key fields. */
  'NO_KEY',
  /** A REST record whose watermark is missing, or neither an instant nor an integer. */
  'NO_WATERMARK',
  /** A line of the lake that the warehouse does not take, and no other code says why. */
  'LOAD_REFUSED',
  /** A whole object of the lake that is not there any more. */
  'OBJECT_MISSING',
  /** A whole object of the lake that cannot be unpacked. */
  'OBJECT_UNREADABLE',
] as const;
export type QuarantineCode = (typeof quarantineCodes)[number];

/** A record that cannot land, as it was received. */
export interface RejectedRecord {
  /** What `_id` would have been. */
  readonly id: string;
  readonly code: QuarantineCode;
  /** For people: completes the sentence "this record …". */
  readonly reason: string;
  /** When the source took it in, ISO-8601 UTC: not a clock reading, so that a redelivery writes the same bytes. */
  readonly at: string;
  /** Where it stands in its source: shard, sequence number, event id, address. */
  readonly source: Readonly<Record<string, string>>;
  readonly received: Uint8Array;
  /** How many records it stands for, where it is a whole object that said so. One, where it says nothing. */
  readonly records?: number;
}

/** A rejected record as one line of the quarantine's NDJSON, with the bytes as received: base64 where they are not UTF-8. */
export function quarantineLine(rejected: RejectedRecord): string {
  const { id, code, reason, at, source, received, records } = rejected;
  const encoding = isUtf8(received) ? 'utf8' : 'base64';
  const buffer = Buffer.from(received.buffer, received.byteOffset, received.byteLength);
  return JSON.stringify({ id, code, reason, at, source, records, encoding, record: buffer.toString(encoding) });
}

const quarantinedLine = z.object({
  id: z.string(),
  /** Any text: a later version may know reasons that this one does not. */
  code: z.string(),
  reason: z.string(),
  at: z.string(),
  source: z.record(z.string(), z.string()),
  records: z.number().optional(),
  encoding: z.enum(['utf8', 'base64']),
  record: z.string(),
});

/** A record in quarantine, as its line says. */
export type QuarantinedRecord = Omit<z.infer<typeof quarantinedLine>, 'encoding' | 'record'> & {
  readonly received: Uint8Array;
  /** The line itself, for what rewrites the object around it. */
  readonly line: string;
};

/** The records of a quarantine object, from its bytes as they are stored. */
export function readQuarantine(stored: Uint8Array): QuarantinedRecord[] {
  const lines = gunzipSync(stored).toString('utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const { encoding, record, ...rest } = quarantinedLine.parse(JSON.parse(line));
    return { ...rest, received: Buffer.from(record, encoding), line };
  });
}
