import { createHash } from 'node:crypto';

/** dynoxide knows neither region nor account: it writes these, and short sequence numbers. */
const internalPrefix = 'arn:aws:dynamodb:dynoxide:000000000000:table/';
/** Sequence numbers of AWS have 21 to 40 digits. */
const sequenceBase = 10n ** 20n;

/** How a table is called outside; a stand-in carries the ARNs of the table that it stands for. */
export interface TableNames {
  readonly tableArn: string;
  readonly streamArn?: string;
}

export type NamesOf = (table: string) => TableNames;

const isArn = (value: string): boolean => value.startsWith('arn:');
const internalTable = /arn:aws:dynamodb:dynoxide:000000000000:table\/([\w.-]+)(\/stream\/[\w.:-]+)?/g;

/** A request as dynoxide understands it. `streamOf` gives its own ARN of a table's stream. */
export function inward(
  body: Record<string, unknown>,
  streamOf: (table: string) => string | undefined,
): Record<string, unknown> {
  const changed = { ...body };
  const tableOf = (reference: string) => /:table\/([^/]+)/.exec(reference)?.[1] ?? reference;
  if (typeof body.TableName === 'string' && isArn(body.TableName)) changed.TableName = tableOf(body.TableName);
  if (typeof body.ResourceArn === 'string') changed.ResourceArn = `${internalPrefix}${tableOf(body.ResourceArn)}`;
  if (typeof body.StreamArn === 'string') changed.StreamArn = streamOf(tableOf(body.StreamArn)) ?? body.StreamArn;
  if (typeof body.SequenceNumber === 'string' && /^\d{21,}$/.test(body.SequenceNumber)) {
    changed.SequenceNumber = String(BigInt(body.SequenceNumber) - sequenceBase);
  }
  return changed;
}

/** The ARNs in an answer of the control plane, as callers know them. */
export function outwardArns(text: string, namesOf: NamesOf): string {
  return text.replace(internalTable, (_arn, table: string, stream?: string) => {
    const names = namesOf(table);
    return stream ? (names.streamArn ?? `${names.tableArn}${stream}`) : names.tableArn;
  });
}

const outwardSequence = (sequence: string): string => String(BigInt(sequence) + sequenceBase);

interface StreamShard {
  SequenceNumberRange: { StartingSequenceNumber?: string; EndingSequenceNumber?: string };
}

/** dynoxide never closes a shard, but gives it an ending sequence number (compared as text): that would say it is closed. */
export function outwardShards(answer: { StreamDescription?: { Shards?: StreamShard[] } }): void {
  for (const { SequenceNumberRange: range } of answer.StreamDescription?.Shards ?? []) {
    delete range.EndingSequenceNumber;
    if (range.StartingSequenceNumber) range.StartingSequenceNumber = outwardSequence(range.StartingSequenceNumber);
  }
}

interface StreamRecord {
  eventID: string;
  awsRegion: string;
  dynamodb: { SequenceNumber: string };
}

/** Records as AWS writes them: its region, event ids of 32 hexadecimal digits, sequence numbers of 21 digits. */
export function outwardRecords(answer: { Records?: StreamRecord[] }, streamArn: string, region: string): void {
  for (const record of answer.Records ?? []) {
    record.dynamodb.SequenceNumber = outwardSequence(record.dynamodb.SequenceNumber);
    record.eventID = createHash('md5').update(`${streamArn} ${record.dynamodb.SequenceNumber}`).digest('hex');
    record.awsRegion = region;
  }
}
