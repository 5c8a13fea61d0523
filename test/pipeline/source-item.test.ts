import fc from 'fast-check';
import { attributesOfKey, type KeyTypes, keyOfItem, readItems } from '../../lib/pipeline/source-item.ts';
import { pagesOf } from '../../lib/pipeline/statements/present.ts';

const types: KeyTypes = { id: 'S', at: 'N', part: 'B' };

describe('the key of an item', () => {
  test('property: asks the table for what it was read from', () => {
    const digits = fc.stringMatching(/^-?[1-9]\d{0,37}$/);
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), digits, bytes, (id, at, part) => {
        const key = { at: { N: at }, id: { S: id }, part: { B: Buffer.from(part).toString('base64') } };
        expect(attributesOfKey(keyOfItem({ ...key, other: { BOOL: true } }, types), types)).toEqual(key);
      }),
    );
  });

  test.each([
    ['another type', '{"at":"1","id":"a","part":"YQ=="}'],
    ['a missing attribute', '{"at":1,"part":"YQ=="}'],
    ['an empty string', '{"at":1,"id":"","part":"YQ=="}'],
    ['no object at all', '"a"'],
  ])('with %s is none that the table can have', (_what, key) => {
    expect(attributesOfKey(key, types)).toBeUndefined();
  });
});

test('items that the warehouse does not take are counted, not compared', () => {
  const items = [{ id: { S: 'a' } }, { id: { S: 'b' }, long: { S: 'x'.repeat(70_000) } }];
  const { rows, refused } = readItems(items, { id: 'S' }, 7n);
  expect({ rows, refused }).toEqual({
    rows: [{ key: '{"id":"a"}', payload: '{"id":"a"}', asOfMicroseconds: 7n }],
    refused: 1,
  });
});

test('property: lists of keys are whole, in order, and fit one parameter', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 9_000, unit: 'grapheme', size: 'max' }), { maxLength: 30 }), (keys) => {
      const lists = pagesOf(keys.map((key) => ({ key }))).map((page) => page.map(({ key }) => key));
      expect(lists.flat()).toEqual(keys);
      for (const list of lists) {
        expect(list.length === 1 || Buffer.byteLength(JSON.stringify(list)) <= 65_535).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
});
