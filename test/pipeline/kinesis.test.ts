import { createHash } from 'node:crypto';
import * as producer from 'aws-kinesis-agg';
import * as fc from 'fast-check';
import { openKinesisData } from '../../lib/pipeline/kinesis-aggregate.ts';
import { intakesOfKinesisRecord } from '../../lib/pipeline/kinesis-record.ts';
import { kinesisRecord } from '../factories/stream-records.ts';

/** What the package has and its types leave out. */
interface Aggregator {
  addUserRecord(record: { partitionKey: string; data: Buffer; explicitHashKey: string }): void;
  build(): { data: Buffer };
}
const { RecordAggregator } = producer as unknown as { RecordAggregator: new () => Aggregator };

/** An aggregate as a KPL producer makes it, by the library AWS publishes for it. */
function aggregate(records: readonly Uint8Array[]): Uint8Array {
  const aggregator = new RecordAggregator();
  for (const [index, data] of records.entries()) {
    aggregator.addUserRecord({
      partitionKey: `p${index % 3}`,
      data: Buffer.from(data),
      explicitHashKey: String(index),
    });
  }
  return aggregator.build().data;
}

const texts = (content: ReturnType<typeof openKinesisData>) =>
  content.kind === 'aggregate' ? content.records.map((record) => Buffer.from(record).toString('utf8')) : content;

describe('KPL aggregates', () => {
  test('give back every user record, in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 20 }),
        (records) => {
          const content = openKinesisData(aggregate(records));
          expect(content.kind === 'aggregate' && content.records.map((record) => [...record])).toEqual(
            records.map((record) => [...record]),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  test('plain data is left alone, even where it looks like the beginning of one', () => {
    for (const data of ['', '{}', Uint8Array.of(0xf3, 0x89, 0x9a)]) {
      expect(openKinesisData(Buffer.from(data as string))).toEqual({ kind: 'plain' });
    }
  });

  test('one that was cut or changed is broken as a whole', () => {
    const whole = aggregate([Buffer.from('{"a":1}'), Buffer.from('{"a":2}')]);
    expect(texts(openKinesisData(whole))).toEqual(['{"a":1}', '{"a":2}']);
    const changed = Uint8Array.from(whole);
    changed[20] = (changed[20] as number) ^ 1;
    expect(openKinesisData(changed).kind).toBe('broken');
    for (let length = 4; length < whole.length; length += 1) {
      expect(openKinesisData(whole.subarray(0, length)).kind).toBe('broken');
    }
  });
});

describe('KPL aggregates whose digest is right and whose content is not', () => {
  test.each([
    ['a length beyond the end', '1a7f00'],
    ['a length that does not end', '1affffffffffffffffffffff'],
    ['an unknown wire type', '1f'],
    ['a record that ends early', '1a021a7f'],
  ])('%s: broken', (_name, message) => {
    const bytes = Buffer.from(message, 'hex');
    const digest = createHash('md5').update(bytes).digest();
    expect(openKinesisData(Buffer.concat([Buffer.from('f3899ac2', 'hex'), bytes, digest])).kind).toBe('broken');
  });
});

describe('a record of a Kinesis stream', () => {
  const linesOf = (record: unknown) =>
    intakesOfKinesisRecord(record).map((intake) =>
      intake.kind === 'land' ? Buffer.from(intake.line).toString('utf8') : intake.rejected.code,
    );

  test('keeps its bytes in its line', () => {
    const record = kinesisRecord('{"n": 1.0,\n "s":"\\u0041"}', {
      shardId: 'shardId-000000000001',
      sequenceNumber: '49590338',
    });
    expect(linesOf(record)).toEqual([
      `{"_id":"shardId-000000000001:49590338","_op":"event","_key":null,"_position":"${'49590338'.padStart(56, '0')}.00000000",` +
        '"_at":"2026-11-20T22:40:00.123000Z","payload":{"n": 1.0,  "s":"\\u0041"}}',
    ]);
  });

  test('an aggregate makes one line a user record, each with its own identity; the bad one alone is set aside', () => {
    const data = aggregate([Buffer.from('{"a":1}'), Buffer.from('oops'), Buffer.from('{"a":3}')]);
    const intakes = intakesOfKinesisRecord(kinesisRecord(data, { shardId: 's', sequenceNumber: '7' }));
    expect(intakes.map(({ kind, id }) => [kind, id])).toEqual([
      ['land', 's:7:0'],
      ['reject', 's:7:1'],
      ['land', 's:7:2'],
    ]);
    expect(intakes[1]).toMatchObject({ rejected: { code: 'NOT_JSON', source: { subsequence: '1' } } });
  });

  test('a broken aggregate and a malformed record are set aside', () => {
    expect(linesOf(kinesisRecord(Buffer.from('f3899ac2ffff', 'hex')))).toEqual(['BROKEN_AGGREGATE']);
    expect(linesOf({ eventID: 's:1' })).toEqual(['MALFORMED_RECORD']);
  });
});
