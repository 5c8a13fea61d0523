import * as z from 'zod';
import { type Batch, packBatch } from '../../lib/pipeline/batch.ts';
import { intakeOfDynamodbRecord } from '../../lib/pipeline/dynamodb-record.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { futureCounts } from '../../lib/pipeline/future.ts';
import { intakesOfKinesisRecord, shardOf } from '../../lib/pipeline/kinesis-record.ts';
import type { IntakeCounts } from '../../lib/pipeline/metrics.ts';
import type { Codec } from '../../lib/pipeline/names.ts';
import { type LandingPorts, landBatch } from './land.ts';

/** What an ingest function works with. */
export interface IngestPorts extends LandingPorts {
  readonly dataset: string;
  readonly codec: Codec;
}

/** What Lambda reads: the lowest sequence number named is where it takes the batch up again. */
export interface StreamResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** What became of a batch. */
export type IngestOutcome =
  | { readonly kind: 'landed'; readonly response: StreamResponse; readonly counts: IntakeCounts }
  | { readonly kind: 'retry'; readonly response: StreamResponse; readonly error: MillraceError };

/** A batch as read: what names it, and what becomes of each record. */
type Read = Pick<Parameters<typeof packBatch>[0], 'name' | 'intakes'>;

const streamEvent = z.object({ Records: z.array(z.unknown()) });
const sequenced = z.union([
  z
    .object({ dynamodb: z.object({ SequenceNumber: z.string().min(1) }) })
    .transform((record) => record.dynamodb.SequenceNumber),
  z
    .object({ kinesis: z.object({ sequenceNumber: z.string().min(1) }) })
    .transform((record) => record.kinesis.sequenceNumber),
]);
const shardNamed = z.object({ eventID: z.string() }).transform((record) => shardOf(record.eventID));

/** Lands a batch of a DynamoDB stream, named by its range of sequence numbers: the event does not tell the shard. */
export async function ingestDynamodb(event: unknown, ports: IngestPorts): Promise<IngestOutcome> {
  const { Records: records } = streamEvent.parse(event);
  const range = rangeOf(records);
  const intakes = records.map(intakeOfDynamodbRecord);
  return land({ name: `${range.first}-${range.last}`, intakes }, range.first, ports);
}

/** Lands a batch of one Kinesis shard, named by the shard and its range of sequence numbers. */
export async function ingestKinesis(event: unknown, ports: IngestPorts): Promise<IngestOutcome> {
  const { Records: records } = streamEvent.parse(event);
  const range = rangeOf(records);
  const shard = shardNamed.safeParse(records[0]).data ?? 'unknown';
  const intakes = records.flatMap(intakesOfKinesisRecord);
  return land({ name: `${shard}-${range.first}-${range.last}`, intakes }, range.first, ports);
}

/** The first and the last sequence number that a batch's records tell. */
function rangeOf(records: readonly unknown[]): { first?: string; last?: string } {
  const numbers = records.flatMap((record) => sequenced.safeParse(record).data ?? []);
  return { first: numbers.at(0), last: numbers.at(-1) };
}

/**
 * Writes a batch. A failure that may pass hands the whole batch back from its first record, without the noise of an error;
 * any other is thrown, because somebody has to look. Writing again is harmless: names and bytes are the same. (To Lambda an
 * empty identifier means the whole batch; it stands where no record tells a sequence number.)
 */
async function land(read: Read, firstSequence: string | undefined, ports: IngestPorts): Promise<IngestOutcome> {
  const batch = packBatch({ ...ports, ...read });
  try {
    await landBatch(batch, ports);
  } catch (error) {
    if (!(error instanceof MillraceError && error.retryable)) throw error;
    return { kind: 'retry', response: { batchItemFailures: [{ itemIdentifier: firstSequence ?? '' }] }, error };
  }
  return { kind: 'landed', response: { batchItemFailures: [] }, counts: countsOf(batch, read, ports) };
}

function countsOf(batch: Batch, { intakes }: Read, { nowMilliseconds = Date.now }: IngestPorts): IntakeCounts {
  return {
    RecordsReceived: batch.received,
    RecordsLanded: batch.landed,
    RecordsQuarantined: batch.quarantined,
    BytesLanded: batch.raw?.body.length ?? 0,
    ...futureCounts(intakes, nowMilliseconds()),
  };
}
