import { createHash } from 'node:crypto';
import * as z from 'zod';
import { intakeOfDynamodbRecord } from './dynamodb-record.ts';
import { intakesOfKinesisRecord } from './kinesis-record.ts';

/** Stands for the code of records that Lambda gave up with their whole batch: nothing is wrong with them by themselves. */
export const givenUpCode = 'BATCH_GIVEN_UP';

/** What Lambda keeps of a batch in S3: metadata, and the event itself, as JSON or as text that holds it. */
const invocationRecord = z.object({
  requestContext: z.object({
    functionArn: z.string(),
    condition: z.string(),
    approximateInvokeCount: z.number().optional(),
  }),
  timestamp: z.string(),
  KinesisBatchInfo: z.object({ shardId: z.string() }).optional(),
  DDBStreamBatchInfo: z.object({ shardId: z.string() }).optional(),
  payload: z.union([z.string().transform((text) => JSON.parse(text) as unknown), z.unknown()]),
});
const event = z.object({ Records: z.array(z.unknown()) });

/** A batch that Lambda gave up: every record of it, and whose it was. */
export interface GivenUpBatch {
  readonly kind: 'kinesis' | 'dynamodb';
  /** The function that should have landed it, without a version. */
  readonly functionArn: string;
  /** As Lambda says: `RetryAttemptsExhausted`, `RecordAgeExceeded`, … */
  readonly condition: string;
  readonly invocations: number | undefined;
  /** When it was given up, ISO-8601 UTC. */
  readonly givenUpAt: string;
  readonly shardId: string;
  /** As the function would be given it. */
  readonly event: { readonly Records: readonly unknown[] };
}

/** Reads what Lambda kept; undefined where it is no batch of a stream. */
export function readGivenUp(stored: Uint8Array): GivenUpBatch | undefined {
  const record = invocationRecord.safeParse(parsed(stored));
  if (!record.success) return undefined;
  const { requestContext, timestamp, KinesisBatchInfo, DDBStreamBatchInfo, payload } = record.data;
  const batch = event.safeParse(payload);
  const info = KinesisBatchInfo ?? DDBStreamBatchInfo;
  if (!batch.success || !info) return undefined;
  return {
    kind: KinesisBatchInfo ? 'kinesis' : 'dynamodb',
    functionArn: requestContext.functionArn.replace(/(:function:[^:]+):.*$/, '$1'),
    condition: requestContext.condition,
    invocations: requestContext.approximateInvokeCount,
    givenUpAt: timestamp,
    shardId: info.shardId,
    event: batch.data,
  };
}

/** A record of such a batch as a list of the quarantine shows it: no reason of its own, because it was not judged. */
export interface GivenUpRecord {
  readonly id: string;
  readonly at: string;
  readonly source: Readonly<Record<string, string>>;
  readonly received: Uint8Array;
}

/** The records of a batch, under the identities they would have landed with. */
export function givenUpRecords({ kind, event, shardId }: GivenUpBatch): GivenUpRecord[] {
  return event.Records.flatMap((record) => {
    const intakes = kind === 'kinesis' ? intakesOfKinesisRecord(record) : [intakeOfDynamodbRecord(record)];
    const received = Buffer.from(JSON.stringify(record) ?? 'null');
    return intakes.map(({ id, at }) => ({ id, at, source: { shardId }, received }));
  });
}

/** The name of what notes that a batch, or part of an object, was dropped: the same for the same records. */
export function droppedName(objectKey: string, ids: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([objectKey, ids]));
  return `drop-${hash.digest('hex').slice(0, 16)}`;
}

function parsed(stored: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(stored).toString('utf8'));
  } catch {
    return undefined;
  }
}
