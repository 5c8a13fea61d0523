import { itemFromJson, putRecordsBatches } from '../../local/front-door.ts';

describe('a JSON object as a DynamoDB item', () => {
  test('numbers keep their digits, whatever a JavaScript number would make of them', () => {
    expect(
      itemFromJson(
        '{"id":"a","big":12345678901234567890123456789012345678,"price":1.10,"n":{"seats":[9007199254740993]}}',
      ),
    ).toEqual({
      id: { S: 'a' },
      big: { N: '12345678901234567890123456789012345678' },
      price: { N: '1.10' },
      n: { M: { seats: { L: [{ N: '9007199254740993' }] } } },
    });
  });

  test.each(['[]', '"text"', 'null', '7'])('%s is no item', (text) => {
    expect(() => itemFromJson(text)).toThrow('a DynamoDB item is a JSON object');
  });
});

describe('records cut into calls of PutRecords', () => {
  const record = (sizeBytes: number) => ({ data: Buffer.alloc(sizeBytes), partitionKey: 'k' });

  test('at most 500 records a call', () => {
    const batches = putRecordsBatches(Array.from({ length: 1001 }, () => record(10)));
    expect(batches.map((batch) => batch.length)).toEqual([500, 500, 1]);
  });

  test('at most 5 MiB a call, and one that is larger goes alone', () => {
    const mebibyte = 1024 * 1024;
    const batches = putRecordsBatches([record(3 * mebibyte), record(3 * mebibyte), record(6 * mebibyte), record(1)]);
    expect(batches.map((batch) => batch.length)).toEqual([1, 1, 1, 1]);
  });

  test('nothing to send is no call', () => {
    expect(putRecordsBatches([])).toEqual([]);
  });
});
