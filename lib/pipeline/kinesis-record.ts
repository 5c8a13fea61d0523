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

/** Where a user record stands in its stream, and when the stream took it in. */
export interface KinesisPlace {
  readonly shardId: string;
  readonly sequenceNumber: string;
  /** Its number within a KPL aggregate; absent outside of one. */
  readonly subsequence?: number | undefined;
  /** ISO-8601 UTC. */
  readonly at: string;
}

/** What becomes of one record of a Kinesis stream: as many intakes as it holds user records. */
export function intakesOfKinesisRecord(record: unknown): Intake[] {
  const parsed = kinesisRecord.safeParse(record);
  if (!parsed.success) return [malformed(record, parsed.error)];
  return intakesOfKinesisData(placeOf(parsed.data), Buffer.from(parsed.data.kinesis.data, 'base64'));
}

/** The same from a record's data and its place: what a replay has. What came out of an aggregate is not opened again. */
export function intakesOfKinesisData(place: KinesisPlace, bytes: Uint8Array): Intake[] {
  const content = place.subsequence === undefined ? openKinesisData(bytes) : ({ kind: 'plain' } as const);
  if (content.kind === 'plain') return [admitUserRecord(place, bytes)];
  if (content.kind === 'aggregate')
    return content.records.map((data, subsequence) => admitUserRecord({ ...place, subsequence }, data));
  const { id, at, source } = identify(place);
  return [reject({ id, at, source, received: () => bytes }, 'BROKEN_AGGREGATE', content.reason)];
}

function admitUserRecord(place: KinesisPlace, data: Uint8Array): Intake {
  const { id, at, source } = identify(place);
  const sequence = place.sequenceNumber.padStart(sequenceDigits, '0');
  const position = `${sequence}.${String(place.subsequence ?? 0).padStart(subsequenceDigits, '0')}`;
  return admit({ _id: id, _op: 'event', _key: null, _position: position, _at: at }, data, {
    source,
    received: () => data,
  });
}

function placeOf({ eventID, kinesis }: KinesisRecord): KinesisPlace {
  const at = instantFromSeconds(kinesis.approximateArrivalTimestamp);
  return { shardId: shardOf(eventID), sequenceNumber: kinesis.sequenceNumber, at };
}

function identify({ shardId, sequenceNumber, subsequence, at }: KinesisPlace) {
  const suffix = subsequence === undefined ? '' : `:${subsequence}`;
  return {
    id: `${shardId}:${sequenceNumber}${suffix}`,
    at,
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
