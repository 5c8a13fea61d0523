import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type Batch, packBatch } from './batch.ts';
import { intakeOfDynamodbRecord } from './dynamodb-record.ts';
import { intakeOfEnvelopeLine } from './envelope-line.ts';
import { restSource } from './environment.ts';
import { type Intake, reject } from './intake.ts';
import { intakesOfKinesisData, intakesOfKinesisRecord } from './kinesis-record.ts';
import type { Codec } from './names.ts';
import { type QuarantinedRecord, quarantineLine } from './quarantine.ts';
import { pullRecord } from './rest-record.ts';

/** What a replay needs to know of a dataset's source to judge a record as its first delivery was. */
export const replaySource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dynamodb') }),
  z.strictObject({ kind: z.literal('kinesis') }),
  z.strictObject({ kind: z.literal('rest'), key: restSource.shape.key, watermark: restSource.shape.watermark }),
]);
export type ReplaySource = z.infer<typeof replaySource>;
/** By dataset. */
export const replaySources = z.record(z.string(), replaySource);

/** Records of one quarantine object that are to be tried again. */
export interface Replay {
  readonly dataset: string;
  readonly source: ReplaySource;
  readonly codec: Codec;
  /** Every record of the object. */
  readonly records: readonly QuarantinedRecord[];
  /** Identities of those that are tried; absent: all. */
  readonly ids?: readonly string[] | undefined;
  /** Takes the place of the bytes of the one record that is tried. */
  readonly mended?: Uint8Array | undefined;
}

/** A record that stays where it is, and why. */
export interface StillQuarantined {
  readonly id: string;
  readonly code: string;
  readonly reason: string;
}

/** What a replay is to write, in this order: the lake's object first, then the quarantine object without what landed. */
export interface ReplayPlan {
  readonly batch: Batch;
  /** Identities, as they were in quarantine, of what has left it. */
  readonly replayed: readonly string[];
  readonly still: readonly StillQuarantined[];
  /** The lines that the quarantine object has afterwards. */
  readonly lines: readonly string[];
  /** False where the quarantine object stays as it is. */
  readonly isChanged: boolean;
}

/**
 * Tries records again. Whatever lands has the identity, position and time of its first delivery, so a later write of its key
 * still wins, and landing it twice changes nothing. What is still bad stays, with the reason it has today.
 */
export function planReplay(replay: Replay): ReplayPlan {
  const tried = replay.ids && new Set(replay.ids);
  const landed: Intake[] = [];
  const replayed: string[] = [];
  const still: StillQuarantined[] = [];
  const lines: string[] = [];
  for (const record of replay.records) {
    const isTried = !tried || tried.has(record.id);
    if (isTried && isWholeObject(record)) still.push(record);
    const intakes = isTried && !isWholeObject(record) ? intakesAgain(record, replay) : undefined;
    const rejected = (intakes ?? []).filter((intake) => intake.kind === 'reject').map((intake) => intake.rejected);
    landed.push(...(intakes ?? []).filter((intake) => intake.kind === 'land'));
    still.push(...rejected.map(({ id, code, reason }) => ({ id, code, reason })));
    if (intakes && rejected.length === 0) replayed.push(record.id);
    // A mended record that is refused as well must not take the place of what was received.
    if (!intakes || (rejected.length > 0 && replay.mended)) lines.push(record.line);
    else lines.push(...rejected.map(quarantineLine));
  }
  const isChanged = lines.length !== replay.records.length || lines.some((line, n) => line !== replay.records[n]?.line);
  return { batch: packLanded(replay, landed), replayed, still, lines, isChanged };
}

/** A whole object that was set aside is no record: its bytes are kept beside the line, for people to look at. */
function isWholeObject({ code }: QuarantinedRecord): boolean {
  return code === 'OBJECT_MISSING' || code === 'OBJECT_UNREADABLE';
}

/** Named after its content: the same replay overwrites its own object, and one with a mended record is another. */
function packLanded({ dataset, codec }: Replay, intakes: readonly Intake[]): Batch {
  const hash = createHash('sha256');
  for (const intake of intakes) if (intake.kind === 'land') hash.update(intake.line).update('\n');
  return packBatch({ dataset, codec, name: `replay-${hash.digest('hex').slice(0, 16)}`, intakes });
}

/** What becomes of a record today; a mended one must still be the same record. */
function intakesAgain(record: QuarantinedRecord, replay: Replay): Intake[] {
  const bytes = replay.mended ?? record.received;
  const intakes = judge(record, bytes, replay);
  if (!replay.mended || isIdentifiedByContent(record, replay.source)) return intakes;
  if (intakes.every((intake) => belongsTo(record.id, intake.id))) return intakes;
  const origin = { id: record.id, at: record.at, source: record.source, received: () => bytes };
  const found = intakes.map(({ id }) => id).join(', ');
  return [reject(origin, 'MALFORMED_RECORD', `was mended into another one: its identity would be ${found}`)];
}

/** A record out of a mended aggregate carries the aggregate's identity and its own number. */
function belongsTo(id: string, mendedId: string): boolean {
  return mendedId === id || mendedId.startsWith(`${id}:`);
}

function isIdentifiedByContent(record: QuarantinedRecord, source: ReplaySource): boolean {
  return record.id.startsWith('malformed:') || (source.kind === 'rest' && !isLakeLine(record));
}

/** A line of the lake that the warehouse refused; anything else is as its source gave it. */
function isLakeLine({ source }: QuarantinedRecord): boolean {
  return source.object !== undefined && source.line !== undefined;
}

function judge(record: QuarantinedRecord, bytes: Uint8Array, { dataset, source }: Replay): Intake[] {
  if (isLakeLine(record)) return [intakeOfEnvelopeLine(bytes, record)];
  if (record.source.exportId !== undefined)
    return [setAsideAgain(record, bytes, "comes from a table's export: mend the item in the table, then fill again")];
  if (source.kind === 'dynamodb') return [intakeOfDynamodbRecord(streamRecord(bytes))];
  if (source.kind === 'kinesis') return judgeKinesis(record, bytes);
  const { pull, page = '0', startedAt, address = '' } = record.source;
  if (pull === undefined || startedAt === undefined) return [unreplayable(record, bytes, 'the pull that brought it')];
  const by = { number: Number(pull), page: Number(page), startedAt, address };
  return [pullRecord(bytes, { dataset, source, ...by }).intake];
}

function judgeKinesis(record: QuarantinedRecord, bytes: Uint8Array): Intake[] {
  const { shardId, sequenceNumber, subsequence } = record.source;
  // Without a place it is no data but a record that was none, whole.
  if (shardId === undefined || sequenceNumber === undefined) return intakesOfKinesisRecord(streamRecord(bytes));
  const number = subsequence === undefined ? undefined : Number(subsequence);
  return intakesOfKinesisData({ shardId, sequenceNumber, subsequence: number, at: record.at }, bytes);
}

function unreplayable(record: QuarantinedRecord, bytes: Uint8Array, what: string): Intake {
  const reason = `was set aside by an older version, which did not note ${what}: pull or send it again at its source`;
  return setAsideAgain(record, bytes, reason);
}

function setAsideAgain({ id, at, source }: QuarantinedRecord, bytes: Uint8Array, reason: string): Intake {
  return reject({ id, at, source, received: () => bytes }, 'MALFORMED_RECORD', reason);
}

/** Text that is not JSON is no record either: the source's own reader says so. */
function streamRecord(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
