import * as z from 'zod';
import { kinds, section } from './issues.ts';

const text = (mend: string) => z.string(mend).min(1, mend);
const attribute = (what: string) => text(`write the name of ${what}, as it is in the records`);
const arn = (service: string, example: string) =>
  z
    .string(`write its ARN, such as '${example}'`)
    .regex(new RegExp(`^arn:[a-z0-9-]+:${service}:`), `write its ARN, such as '${example}'`);

const createdTable = section(
  {
    /** The table that the stack makes, keeps and streams. */
    create: section(
      {
        /** Attribute of the partition key; a string in a table the stack makes. */
        partitionKey: attribute('the partition key'),
        /** Attribute of the sort key, where there is one; a string in a table the stack makes. */
        sortKey: attribute('the sort key').optional(),
      },
      "write create: { partitionKey: '…' }",
    ),
  },
  "write table: { create: { partitionKey: '…' } } to have one made, or { tableName, streamArn, partitionKey } for one you have",
);

const existingTable = section(
  {
    /** Name of the table; the local runtime makes a stand-in with this name. */
    tableName: text('write the name of the table'),
    /** Its stream, with both images (`NEW_AND_OLD_IMAGES`). */
    streamArn: arn('dynamodb', 'arn:aws:dynamodb:eu-west-1:111122223333:table/brackets/stream/2026-01-01T00:00:00.000'),
    /** Attribute of the partition key. */
    partitionKey: attribute('the partition key'),
    /** Attribute of the sort key, where there is one. */
    sortKey: attribute('the sort key').optional(),
  },
  'write table: { tableName, streamArn, partitionKey }',
);

const dynamodb = section(
  {
    /** A DynamoDB table: every insert, update and delete, through its stream. */
    kind: z.literal('dynamodb'),
    /** A table for the stack to make, or one you have. */
    table: z.union([createdTable, existingTable]),
  },
  "write source: { kind: 'dynamodb', table: … }",
);

const kinesis = section(
  {
    /** A Kinesis data stream of JSON records. They have no key, so they land in `raw` and have no `latest`. */
    kind: z.literal('kinesis'),
    /** A stream for the stack to make, or one you have. */
    stream: z.union([
      section(
        {
          /** The stream that the stack makes: on demand, encrypted, kept for a day. */
          create: section({}, 'write create: {}'),
        },
        'write stream: { create: {} } to have one made, or { streamArn } for one you have',
      ),
      section(
        { /** The stream you have. */ streamArn: arn('kinesis', 'arn:aws:kinesis:eu-west-1:111122223333:stream/logs') },
        "write stream: { streamArn: 'arn:…' }",
      ),
    ]),
  },
  "write source: { kind: 'kinesis', stream: … }",
);

const cursor = section(
  {
    /** The next page is asked for with what this one says. */
    kind: z.literal('cursor'),
    /** Where a page says what comes next; the last page says nothing there. */
    field: attribute('the field with the cursor'),
    /** The query parameter that takes it. */
    parameter: text('write the query parameter that takes the cursor'),
  },
  "write pagination: { kind: 'cursor', field, parameter }",
);
const noPages = section(
  { /** One response holds everything. */ kind: z.literal('none') },
  "write pagination: { kind: 'none' }",
);

/** A day: the longest that makes sense between two pulls. */
const mostMinutes = 1440;

const rest = section(
  {
    /** A REST API of JSON, asked again and again for what has changed. Its address and token are in the secret the stack makes. */
    kind: z.literal('rest'),
    /** Fields that identify a record. */
    key: z
      .array(attribute('a field that identifies a record'), "write the fields that identify a record, such as ['id']")
      .min(1, "write the fields that identify a record, such as ['id']"),
    /** How to ask for what has changed since the last pull. */
    watermark: section(
      {
        /** The field of a record that says when it changed; sorts as text, such as ISO-8601 in UTC. */
        field: attribute('the field that says when a record changed'),
        /** The query parameter that takes the highest one seen. */
        parameter: text('write the query parameter that takes the watermark'),
        /** How far back each pull begins, because sources commit late and clocks differ; 60 where left out. */
        overlapSeconds: z
          .int('write a whole number of seconds, from 0')
          .min(0, 'write a whole number of seconds, from 0')
          .optional(),
      },
      "write watermark: { field: 'updatedAt', parameter: 'updatedSince' }",
    ),
    /** The field of a page that holds its records. */
    records: attribute('the field of a page that holds its records'),
    /** How the API splits a long answer. */
    pagination: kinds(['cursor', 'none'], [cursor, noPages]),
    /** Minutes between two pulls. */
    everyMinutes: z
      .int('write a whole number of minutes, from 1')
      .min(1, 'write a whole number of minutes, from 1')
      .max(mostMinutes, `write at most ${mostMinutes} (a day)`),
  },
  "write source: { kind: 'rest', key, watermark, records, pagination, everyMinutes }",
);

/** Where a dataset's records come from. */
export const source = kinds(['dynamodb', 'kinesis', 'rest'], [dynamodb, kinesis, rest]);
export type Source = z.infer<typeof source>;
export type SourceOf<K extends Source['kind']> = Extract<Source, { kind: K }>;
