/** Stream records as Lambda delivers them; each has what a test does not care about. */

let sequence = 111_000_000_000_000_000_000n;

/** A record of a DynamoDB stream; images and keys are DynamoDB JSON. */
export function dynamodbRecord(
  record: {
    eventName?: string;
    keys?: object;
    newImage?: object;
    oldImage?: object;
    sequenceNumber?: string;
    eventId?: string;
    createdAtSeconds?: number;
  } = {},
) {
  const sequenceNumber = record.sequenceNumber ?? String(sequence++);
  const keys = record.keys ?? { tournamentId: { S: 't-1' } };
  const isRemove = record.eventName === 'REMOVE';
  return {
    eventID: record.eventId ?? `event-${sequenceNumber}`,
    eventName: record.eventName ?? 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      ApproximateCreationDateTime: record.createdAtSeconds ?? 1_795_214_400,
      Keys: keys,
      ...(!isRemove && { NewImage: record.newImage ?? { ...keys, name: { S: 'Spring Open' } } }),
      ...(record.oldImage && { OldImage: record.oldImage }),
      SequenceNumber: sequenceNumber,
      SizeBytes: 100,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
    eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/brackets/stream/2026-11-20T00:00:00.000',
  };
}

/** A record of a Kinesis stream. */
export function kinesisRecord(
  data: string | Uint8Array,
  record: { shardId?: string; sequenceNumber?: string; arrivedAtSeconds?: number } = {},
) {
  const sequenceNumber = record.sequenceNumber ?? String(49_590_338_271_490_256_608_559_692n * 10n ** 27n + sequence++);
  const shardId = record.shardId ?? 'shardId-000000000006';
  return {
    eventID: `${shardId}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    eventVersion: '1.0',
    eventSource: 'aws:kinesis',
    awsRegion: 'us-east-1',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/ingest',
    eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/app-logs',
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: 'p',
      sequenceNumber,
      data: Buffer.from(data).toString('base64'),
      approximateArrivalTimestamp: record.arrivedAtSeconds ?? 1_795_214_400.123,
    },
  };
}
