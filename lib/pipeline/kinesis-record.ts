import { createHash } from 'node:crypto';
import * as z from 'zod';
import { unknownInstant } from './batch.ts';
import { instantFromSeconds } from './envelope.ts';
import { admit, type Intake, reject } from './intake.ts';
import { openKinesisData } from './kinesis-aggregate.ts';

/** Kinesis gives sequence numbers of up to 56 digits; padded, they sort as text. */
const sequenceDigits = 56;
/** A record of 10 MiB holds fewer user records than eight digits count. */
const subsequenceDigits = 8;

/** A record of a Kinesis stream as Lambda delivers it. */
const kinesisRecord = z.object({
  /** `shardId-000000000000:49590338271490256608559692538361571095921575989136588898` */
  eventID: z.string().min(1),
  kinesis: z.object({
    sequenceNumber: z.string().regex(/^\d{1,56}$/),
    data: z.string(),
    approximateArrivalTimestamp: z.number().nonnegative(),
  }),
});
type KinesisRecord = z.infer<typeof kinesisRecord>;

/** What becomes of one record of a Kinesis stream: as many intakes as it holds user records. */
export function intakesOfKinesisRecord(record: unknown): Intake[] {
  const parsed = kinesisRecord.safeParse(record);
  if (!parsed.success) return [malformed(record, parsed.error)];
  const bytes = Buffer.from(parsed.data.kinesis.data, 'base64');
  const content = openKinesisData(bytes);
  if (content.kind === 'plain') return [admitUserRecord(parsed.data, bytes)];
  if (content.kind === 'aggregate')
    return content.records.map((data, index) => admitUserRecord(parsed.data, data, index));
  const { id, at, source } = identify(parsed.data);
  return [reject({ id, at, source, received: () => bytes }, 'BROKEN_AGGREGATE', content.reason)];
}

function admitUserRecord(record: KinesisRecord, data: Uint8Array, subsequence?: number): Intake {
  const { id, at, source } = identify(record, subsequence);
  const sequence = record.kinesis.sequenceNumber.padStart(sequenceDigits, '0');
  const position = `${sequence}.${String(subsequence ?? 0).padStart(subsequenceDigits, '0')}`;
  return admit({ _id: id, _op: 'event', _key: null, _position: position, _at: at }, data, {
    source,
    received: () => data,
  });
}

function identify(record: KinesisRecord, subsequence?: number) {
  const { sequenceNumber, approximateArrivalTimestamp } = record.kinesis;
  const shardId = shardOf(record.eventID);
  const suffix = subsequence === undefined ? '' : `:${subsequence}`;
  return {
    id: `${shardId}:${sequenceNumber}${suffix}`,
    at: instantFromSeconds(approximateArrivalTimestamp),
    source: { shardId, sequenceNumber, ...(suffix && { subsequence: String(subsequence) }) },
  };
}

/** The shard that an event id of Kinesis names. */
export function shardOf(eventId: string): string {
  return eventId.split(':')[0] ?? eventId;
}

function malformed(record: unknown, error: z.ZodError): Intake {
  const bytes = Buffer.from(JSON.stringify(record) ?? 'null');
  const id = `malformed:${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}`;
  const reason = `is not a Kinesis record: ${z.prettifyError(error)}`;
  return reject({ id, at: unknownInstant, source: {}, received: () => bytes }, 'MALFORMED_RECORD', reason);
}
