import { createHash } from 'node:crypto';
import * as z from 'zod';
import { unknownInstant } from './batch.ts';
import { AttributeRefusal, writeCanonicalItem, writeItem } from './dynamodb-json.ts';
import { instantFromSeconds, type Operation } from './envelope.ts';
import { admit, type Intake, type Origin, reject } from './intake.ts';

/** DynamoDB gives sequence numbers of up to 40 digits; padded, they sort as text. Source: API reference, StreamRecord. */
const sequenceDigits = 40;

const operations = { INSERT: 'insert', MODIFY: 'update', REMOVE: 'delete' } as const satisfies Record<
  string,
  Operation
>;

/** A record of a DynamoDB stream as Lambda delivers it; the images are read by the writer, attribute by attribute. */
const dynamodbRecord = z.object({
  eventID: z.string().min(1),
  eventName: z.enum(['INSERT', 'MODIFY', 'REMOVE']),
  dynamodb: z.object({
    SequenceNumber: z.string().regex(/^\d{1,40}$/),
    ApproximateCreationDateTime: z.number().nonnegative(),
    Keys: z.unknown().optional(),
    NewImage: z.unknown().optional(),
    OldImage: z.unknown().optional(),
  }),
  userIdentity: z.unknown().optional(),
});
type DynamodbRecord = z.infer<typeof dynamodbRecord>;

/** Who deletes what has outlived its time to live. Source: API reference, DynamoDB Streams, Record. */
const timeToLive = z.object({ type: z.literal('Service'), principalId: z.literal('dynamodb.amazonaws.com') });

/** What becomes of one record of a DynamoDB stream. */
export function intakeOfDynamodbRecord(record: unknown): Intake {
  const received = () => Buffer.from(JSON.stringify(record) ?? 'null');
  const parsed = dynamodbRecord.safeParse(record);
  if (!parsed.success) return malformed(received(), parsed.error);
  const { eventID, dynamodb } = parsed.data;
  const at = instantFromSeconds(dynamodb.ApproximateCreationDateTime);
  const source = { eventId: eventID, sequenceNumber: dynamodb.SequenceNumber };
  const origin: Origin = { id: eventID, at, source, received };
  try {
    return admitRecord(parsed.data, origin);
  } catch (error) {
    if (error instanceof AttributeRefusal) return reject(origin, error.code, error.message);
    throw error;
  }
}

function operationOf({ eventName, userIdentity }: DynamodbRecord): Operation {
  return eventName === 'REMOVE' && timeToLive.safeParse(userIdentity).success ? 'expire' : operations[eventName];
}

function admitRecord(record: DynamodbRecord, origin: Origin): Intake {
  const { eventID, eventName, dynamodb } = record;
  const { Keys, NewImage, OldImage } = dynamodb;
  const image = eventName === 'REMOVE' ? (OldImage ?? Keys) : NewImage;
  if (image === undefined) {
    return reject(
      origin,
      'NO_NEW_IMAGE',
      'has no new image: the stream needs the view type NEW_IMAGE or NEW_AND_OLD_IMAGES',
    );
  }
  const head = {
    _id: eventID,
    _op: operationOf(record),
    _key: writeCanonicalItem(Keys),
    _position: dynamodb.SequenceNumber.padStart(sequenceDigits, '0'),
    _at: origin.at,
  };
  const intake = admit(head, Buffer.from(writeItem(image)), origin);
  // What a deleted item held was judged when it was written; that it is gone must arrive, or `latest` would keep what was there before.
  if (intake.kind === 'reject' && eventName === 'REMOVE' && image !== Keys) {
    return admit(head, Buffer.from(writeItem(Keys)), origin);
  }
  return intake;
}

function malformed(bytes: Buffer, error: z.ZodError): Intake {
  const id = `malformed:${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}`;
  const reason = `is not a DynamoDB stream record: ${z.prettifyError(error)}`;
  return reject({ id, at: unknownInstant, source: {}, received: () => bytes }, 'MALFORMED_RECORD', reason);
}
