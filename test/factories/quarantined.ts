import { linesObject } from '../../lib/pipeline/batch.ts';
import { intakeOfDynamodbRecord } from '../../lib/pipeline/dynamodb-record.ts';
import { type Intake, reject } from '../../lib/pipeline/intake.ts';
import { intakesOfKinesisRecord } from '../../lib/pipeline/kinesis-record.ts';
import { quarantineLine } from '../../lib/pipeline/quarantine.ts';
import { dynamodbRecord, kinesisRecord } from './stream-records.ts';

/** Where the objects of these tests lie. */
export const quarantineKey = (dataset: string, name = 'batch-1'): string =>
  `quarantine/${dataset}/dt=2026-11-20/hh=22/${name}.ndjson.gz`;

/** The line of an intake; one that is fine today was set aside by stricter limits of yesterday. */
export function asQuarantined(intake: Intake, received: Uint8Array, source: Readonly<Record<string, string>>): string {
  if (intake.kind === 'reject') return quarantineLine(intake.rejected);
  const origin = { id: intake.id, at: intake.at, source, received: () => received };
  const strict = reject(origin, 'TOO_DEEP', 'is deeper than it may be');
  if (strict.kind !== 'reject') throw new Error('rejects');
  return quarantineLine(strict.rejected);
}

/** A Kinesis record in quarantine, and what its first delivery would have landed today. */
export function quarantinedKinesis(
  data: string | Uint8Array,
  sequenceNumber: string,
  shardId = 'shardId-000000000006',
) {
  const [intake] = intakesOfKinesisRecord(kinesisRecord(data, { sequenceNumber, shardId }));
  if (!intake) throw new Error('a record has an intake');
  return { intake, line: asQuarantined(intake, Buffer.from(data), { shardId, sequenceNumber }) };
}

/** The same of a change in a table. */
export function quarantinedDynamodb(record: Parameters<typeof dynamodbRecord>[0]) {
  const written = dynamodbRecord(record);
  const intake = intakeOfDynamodbRecord(written);
  const { eventID: eventId, dynamodb } = written;
  const source = { eventId, sequenceNumber: dynamodb.SequenceNumber };
  return { record: written, intake, line: asQuarantined(intake, Buffer.from(JSON.stringify(written)), source) };
}

/** A quarantine object of these lines. */
export const quarantineOf = (dataset: string, lines: readonly string[], name?: string) =>
  linesObject(quarantineKey(dataset, name), lines);
