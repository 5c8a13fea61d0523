import * as fc from 'fast-check';
import { jsonNumber, writeCanonicalItem, writeItem } from '../../lib/pipeline/dynamodb-json.ts';
import { intakeOfDynamodbRecord } from '../../lib/pipeline/dynamodb-record.ts';
import { dynamodbRecord } from '../factories/stream-records.ts';

const lineOf = (record: unknown) => {
  const intake = intakeOfDynamodbRecord(record);
  if (intake.kind === 'reject') throw new Error(`${intake.rejected.code}: ${intake.rejected.reason}`);
  return Buffer.from(intake.line).toString('utf8');
};
const codeOf = (record: unknown) => {
  const intake = intakeOfDynamodbRecord(record);
  return intake.kind === 'reject' ? intake.rejected.code : 'land';
};
const nested = (levels: number): object => (levels === 0 ? { NULL: true } : { L: [nested(levels - 1)] });

describe('DynamoDB JSON', () => {
  test('becomes plain JSON text, type by type', () => {
    const text = writeItem({
      s: { S: 'a "quoted" 🏆\n' },
      n: { N: '12345678901234567890123456789012345678' },
      zero: { N: '-0' },
      b: { B: 'AAEC/w==' },
      yes: { BOOL: true },
      no: { BOOL: false },
      nothing: { NULL: true },
      m: { M: { camelCase: { L: [{ N: '1.50' }, { S: '' }, { M: {} }] } } },
      ss: { SS: ['b', 'a'] },
      ns: { NS: ['2', '10'] },
      bs: { BS: ['/w==', 'AA=='] },
    });
    expect(text).toBe(
      '{"s":"a \\"quoted\\" 🏆\\n","n":12345678901234567890123456789012345678,"zero":-0,"b":"AAEC/w==","yes":true,"no":false,' +
        '"nothing":null,"m":{"camelCase":[1.50,"",{}]},"ss":["a","b"],"ns":[10,2],"bs":["/w==","AA=="]}',
    );
  });

  test.each([
    ['007', '7'],
    ['+5', '5'],
    ['.5', '0.5'],
    ['-.5', '-0.5'],
    ['1.', '1'],
    ['1E+20', '1E+20'],
    ['0', '0'],
    ['1.10', '1.10'],
  ])('the number %s is written %s', (text, expected) => expect(jsonNumber(text)).toBe(expected));

  test.each(['', '-', '.', 'e5', '1e', 'NaN', 'Infinity', '1,5', ' 1', '0x10'])('%j is no number', (text) =>
    expect(() => jsonNumber(text)).toThrow('no number'),
  );

  test('every decimal that JSON knows keeps its digits', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }),
        (value) => jsonNumber(String(value)) === String(value),
      ),
    );
  });

  test('a key has one text, whatever the order of its attributes', () => {
    expect(writeCanonicalItem({ sort: { N: '7' }, id: { S: 'x' } })).toBe('{"id":"x","sort":7}');
    expect(writeCanonicalItem({ id: { S: 'x' }, sort: { N: '7' } })).toBe('{"id":"x","sort":7}');
  });
});

describe('a record of a DynamoDB stream', () => {
  test('becomes a line', () => {
    const record = dynamodbRecord({ eventId: 'e1', sequenceNumber: '4421584500000000017450439092' });
    expect(lineOf(record)).toBe(
      '{"_id":"e1","_op":"insert","_key":"{\\"tournamentId\\":\\"t-1\\"}","_position":"0000000000004421584500000000017450439092",' +
        '"_at":"2026-11-20T22:40:00.000000Z","payload":{"tournamentId":"t-1","name":"Spring Open"}}',
    );
  });

  test('MODIFY is an update; REMOVE is a delete with the old image, or the keys where there is none', () => {
    expect(JSON.parse(lineOf(dynamodbRecord({ eventName: 'MODIFY' })))).toMatchObject({ _op: 'update' });
    const oldImage = { tournamentId: { S: 't-1' }, name: { S: 'Old' } };
    expect(JSON.parse(lineOf(dynamodbRecord({ eventName: 'REMOVE', oldImage })))).toMatchObject({
      _op: 'delete',
      payload: { name: 'Old' },
    });
    expect(JSON.parse(lineOf(dynamodbRecord({ eventName: 'REMOVE' })))).toMatchObject({
      payload: { tournamentId: 't-1' },
    });
  });

  test.each([
    [{ type: 'Service', principalId: 'dynamodb.amazonaws.com' }, 'expire'],
    [{ type: 'Service', principalId: 'replication.dynamodb.amazonaws.com' }, 'delete'],
    [null, 'delete'],
  ])('REMOVE by %p is of the kind %s', (userIdentity, operation) => {
    const record = { ...dynamodbRecord({ eventName: 'REMOVE' }), userIdentity };
    expect(JSON.parse(lineOf(record))).toMatchObject({ _op: operation });
  });

  test('REMOVE of an item that could not be loaded is a delete all the same, with the keys', () => {
    const oldImage = { tournamentId: { S: 't-1' }, notes: { S: 'x'.repeat(65_536) } };
    expect(JSON.parse(lineOf(dynamodbRecord({ eventName: 'REMOVE', oldImage })))).toMatchObject({
      _op: 'delete',
      _key: '{"tournamentId":"t-1"}',
      payload: { tournamentId: 't-1' },
    });
  });

  test.each<[string, unknown, string]>([
    [
      'without its new image',
      { ...dynamodbRecord(), dynamodb: { ...dynamodbRecord().dynamodb, NewImage: undefined } },
      'NO_NEW_IMAGE',
    ],
    ['with an unknown attribute type', dynamodbRecord({ newImage: { a: { X: 1 } } }), 'UNKNOWN_ATTRIBUTE_TYPE'],
    [
      'with two types in one attribute',
      dynamodbRecord({ newImage: { a: { S: 'x', N: '1' } } }),
      'UNKNOWN_ATTRIBUTE_TYPE',
    ],
    ['with a number that is none', dynamodbRecord({ newImage: { a: { N: 'one' } } }), 'MALFORMED_RECORD'],
    ['with a number of 40 digits', dynamodbRecord({ newImage: { a: { N: '1'.repeat(40) } } }), 'NUMBER_OUT_OF_RANGE'],
    ['with a string too long', dynamodbRecord({ newImage: { a: { S: 'x'.repeat(65_536) } } }), 'STRING_TOO_LONG'],
    ['with half a surrogate pair', dynamodbRecord({ newImage: { a: { S: '\ud83c' } } }), 'LONE_SURROGATE'],
    ['with a NUL character', dynamodbRecord({ newImage: { a: { S: 'a\0' } } }), 'NUL_CHARACTER'],
    ['too deep by one', dynamodbRecord({ newImage: { a: nested(1_000) } }), 'TOO_DEEP'],
    ['too deep by far', dynamodbRecord({ newImage: { a: nested(1_500) } }), 'TOO_DEEP'],
    ['with an operation nobody knows', dynamodbRecord({ eventName: 'TRUNCATE' }), 'MALFORMED_RECORD'],
    ['without a sequence number', { eventID: 'e', eventName: 'INSERT', dynamodb: {} }, 'MALFORMED_RECORD'],
    ['with a key beyond its column', dynamodbRecord({ keys: { id: { S: '\u0001'.repeat(2_000) } } }), 'KEY_TOO_LONG'],
    ['that is nothing', null, 'MALFORMED_RECORD'],
  ])('%s is set aside', (_name, record, code) => expect(codeOf(record)).toBe(code));

  test('1,000 levels land', () => expect(codeOf(dynamodbRecord({ newImage: { a: nested(999) } }))).toBe('land'));
});
