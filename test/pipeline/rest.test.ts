import * as fc from 'fast-check';
import { elementsOf, membersOf, scalarText } from '../../lib/pipeline/json-slice.ts';
import { pullSince, readWatermark } from '../../lib/pipeline/watermark.ts';

const bytesOf = (text: string) => Buffer.from(text);
const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('utf8');

describe('slices of JSON', () => {
  const spaced = fc.tuple(fc.jsonValue(), fc.constantFrom(0, 1, '\t')).map(([value, space]) => ({ value, space }));

  test('are the values that JSON.parse would give', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), spaced, { maxKeys: 6 }), fc.array(spaced), (members, elements) => {
        const object = `{${Object.entries(members)
          .map(([name, one]) => `${JSON.stringify(name)} : ${JSON.stringify(one.value, null, one.space)}\n`)
          .join(',')}}`;
        for (const [name, one] of Object.entries(members)) {
          expect(membersOf(bytesOf(object), name).map(textOf)).toEqual([JSON.stringify(one.value, null, one.space)]);
        }
        const array = `[ ${elements.map((one) => JSON.stringify(one.value, null, one.space)).join(' ,\n')} ]`;
        expect(elementsOf(bytesOf(array))?.map(textOf)).toEqual(
          elements.map((one) => JSON.stringify(one.value, null, one.space)),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('a name is found however it is escaped, each time it comes', () => {
    expect(membersOf(bytesOf('{"caf\\u00e9":1,"x":{"café":9},"café":[2]}'), 'café').map(textOf)).toEqual(['1', '[2]']);
    expect(membersOf(bytesOf('[1]'), 'a')).toEqual([]);
    expect(elementsOf(bytesOf('{"a":1}'))).toBeUndefined();
  });

  test('scalars are text', () => {
    expect(
      ['"a\\nb"', '12345678901234567890', '-1.50', 'true', 'null', '{}', '[]'].map((text) => scalarText(bytesOf(text))),
    ).toEqual(['a\nb', '12345678901234567890', '-1.50', undefined, undefined, undefined, undefined]);
  });
});

describe('a watermark', () => {
  test.each([
    ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.000000000Z', '2026-11-20T10:00:00.000000Z'],
    ['2026-11-20T10:00:00.123456789+02:00', '2026-11-20T08:00:00.123456789Z', '2026-11-20T08:00:00.123456Z'],
    ['2026-11-20 10:00:00.5', '2026-11-20T10:00:00.500000000Z', '2026-11-20T10:00:00.500000Z'],
    ['2026-11-20T10:00-0130', '2026-11-20T11:30:00.000000000Z', '2026-11-20T11:30:00.000000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000000000Z', '2026-11-20T00:00:00.000000Z'],
    ['1795214400', '1795214400'.padStart(40, '0'), '2026-11-20T22:40:00.000000Z'],
    ['1795214400123', '1795214400123'.padStart(40, '0'), '2026-11-20T22:40:00.123000Z'],
    ['1795214400.5', `${'1795214400'.padStart(40, '0')}.5`, '2026-11-20T22:40:00.500000Z'],
    ['42', '42'.padStart(40, '0'), undefined],
  ])('%s stands at %s', (text, position, at) => expect(readWatermark(text)).toEqual({ text, position, at }));

  test.each(['', 'yesterday', '-1', '1e5', '20/11/2026', '2026-13-01T00:00:00Z', '2026-11-20T25:00:00Z', '0x10'])(
    '%j is none',
    (text) => expect(readWatermark(text)).toBeUndefined(),
  );

  test('positions sort as their instants do', () => {
    const date = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(date, date, fc.constantFrom(0, 2, 5), (left, right, hours) => {
        const shifted = new Date(right.getTime() + hours * 3_600_000).toISOString().replace('Z', `+0${hours}:00`);
        const [a, b] = [readWatermark(left.toISOString())?.position ?? '', readWatermark(shifted)?.position ?? ''];
        expect(Math.sign(left.getTime() - right.getTime())).toBe(a === b ? 0 : a < b ? -1 : 1);
      }),
    );
  });

  test.each([
    ['2026-11-20T10:00:30.250Z', 60, '2026-11-20T09:59:30.250Z'],
    ['2026-11-20T10:00:30+02:00', 60, '2026-11-20T07:59:30Z'],
    ['2026-11-20T10:00:30Z', 0, '2026-11-20T10:00:30Z'],
    ['2026-11-20', 60, '2026-11-20'],
    ['42', 60, '42'],
  ])('the pull after %s, %i seconds of overlap, begins at %s', (text, seconds, since) => {
    const watermark = readWatermark(text);
    expect(watermark && pullSince(watermark, seconds).text).toBe(since);
  });
});
