import * as fc from 'fast-check';
import { scanJson } from '../../lib/pipeline/json-scan.ts';

const scan = (text: string) => scanJson(Buffer.from(text));
const codeOf = (text: string | Uint8Array) => {
  const verdict = scanJson(Buffer.from(text as string));
  return verdict.kind === 'refused' ? verdict.code : 'json';
};
const parses = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('what is JSON', () => {
  const mutated = fc
    .tuple(
      fc.json(),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{}[],:"\\0129.eE+-u tfn\n\t\u0001é'.split('')), fc.boolean())),
    )
    .map(([text, edits]) =>
      edits.slice(0, 3).reduce((current, [at, character, replaces]) => {
        const place = at % (current.length + 1);
        return current.slice(0, place) + character + current.slice(place + (replaces ? 1 : 0));
      }, text),
    );

  test('agrees with JSON.parse, its own refusals apart', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), mutated, fc.string({ unit: 'binary' })), (text) => {
        fc.pre(text.isWellFormed());
        const code = codeOf(text);
        if (code === 'json') expect(parses(text)).toBe(true);
        if (code === 'NOT_JSON') expect(parses(text)).toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });

  test('the bytes that land parse to the same value and hold no line break', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t', ' \r\n'), (value, space) => {
        const text = JSON.stringify(value, null, space as string).replaceAll(space === ' \r\n' ? '\n' : '\0', '\r\n');
        const verdict = scan(text);
        if (verdict.kind === 'refused') return;
        const landed = Buffer.from(verdict.bytes).toString('utf8');
        expect(JSON.parse(landed)).toEqual(JSON.parse(text));
        expect(landed).not.toMatch(/[\r\n]/);
        expect(landed.length).toBe(text.length);
      }),
      { numRuns: 1_000 },
    );
  });

  test('bytes without a line break land as the very same bytes', () => {
    const bytes = Buffer.from(
      ' {"id": 12345678901234567890123456789012345678, "x":-0, "e":"\\u00e9 🏆", "a":[1.50,2E3]} ',
    );
    expect(scanJson(bytes)).toEqual({ kind: 'json', bytes });
  });

  test.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a":1,}',
    '{,}',
    '01',
    '1.',
    '.5',
    '+1',
    '-',
    '1e',
    'nul',
    'true false',
    "{'a':1}",
    '{"a" 1}',
    '{1:2}',
    '"a\nb"',
    '"\\x"',
    '"\\u12g4"',
    '"open',
    '[1}',
    '{"a":1]',
    'NaN',
    '\u00a01',
  ])('refuses %j as not JSON', (text) => expect(codeOf(text)).toBe('NOT_JSON'));
});

describe('what the warehouse could not keep', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['invalid UTF-8', Uint8Array.of(0x22, 0xc3, 0x28, 0x22), 'NOT_UTF8'],
    ['a surrogate in UTF-8', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'NOT_UTF8'],
    ['a byte order mark', '\ufeff{}', 'BYTE_ORDER_MARK'],
    ['a key twice', '{"a":1,"b":2,"a":3}', 'DUPLICATE_KEY'],
    ['a key twice, escaped once', '{"caf\\u00e9":1,"café":2}', 'DUPLICATE_KEY'],
    ['an empty key twice', '{"":1,"":2}', 'DUPLICATE_KEY'],
    ['a key twice, deep', '[{"a":{"b":1,"c":{},"b":2}}]', 'DUPLICATE_KEY'],
    ['a NUL character', '"a\\u0000b"', 'NUL_CHARACTER'],
    ['a NUL character in a key', '{"\\u0000":1}', 'NUL_CHARACTER'],
    ['a high surrogate alone', '"\\ud83c"', 'LONE_SURROGATE'],
    ['a low surrogate alone', '"\\udfc6"', 'LONE_SURROGATE'],
    ['a high surrogate before another escape', '"\\ud83c\\n"', 'LONE_SURROGATE'],
    ['two high surrogates', '"\\ud83c\\ud83c"', 'LONE_SURROGATE'],
    ['a number beyond every double', '1e400', 'NUMBER_OUT_OF_RANGE'],
    ['a number below every double', '1e-400', 'NUMBER_OUT_OF_RANGE'],
    ['39 digits', '9'.repeat(39), 'NUMBER_OUT_OF_RANGE'],
    ['39 digits around a point', `${'9'.repeat(20)}.${'9'.repeat(19)}`, 'NUMBER_OUT_OF_RANGE'],
    ['38 places after the point', `0.${'1'.repeat(38)}`, 'NUMBER_OUT_OF_RANGE'],
    ['digits a double drops', '9007199254740993e0', 'NUMBER_OUT_OF_RANGE'],
    ['more digits than a double shows', '1152921504606846976e0', 'NUMBER_OUT_OF_RANGE'],
    ['150 digits and an exponent', `${'1'.repeat(150)}e-140`, 'NUMBER_OUT_OF_RANGE'],
    ['1,001 levels', '['.repeat(1_001) + ']'.repeat(1_001), 'TOO_DEEP'],
    ['a million levels', '['.repeat(1_000_000), 'TOO_DEEP'],
    ['a string of 65,536 bytes', `"${'a'.repeat(65_536)}"`, 'STRING_TOO_LONG'],
    ['a string of 65,536 bytes in two-byte characters', `"${'é'.repeat(32_768)}"`, 'STRING_TOO_LONG'],
    ['a string of 65,538 bytes in escapes', `"${'\\u20ac'.repeat(21_846)}"`, 'STRING_TOO_LONG'],
  ])('refuses %s', (_name, text, code) => expect(codeOf(text)).toBe(code));

  test.each([
    '9'.repeat(38),
    `-${'9'.repeat(38)}`,
    `0.${'1'.repeat(37)}`,
    '-0',
    '-0.0',
    '0e5',
    '1.7976931348623157e308',
    '6.02214076e23',
    '1E+2',
    '5e-300',
    '['.repeat(1_000) + ']'.repeat(1_000),
    `"${'a'.repeat(65_535)}"`,
    `"${'\\u0061'.repeat(65_535)}"`,
    `"${'\\u20ac'.repeat(21_845)}"`,
    '"\\ud83c\\udfc6"',
    '{"a":1,"A":2,"\\u0062":3}',
    '{"a":{"b":1},"b":[{"a":1},{"a":2}]}',
  ])('keeps %.40s', (text) => expect(codeOf(text)).toBe('json'));

  test('a key that comes twice is found however many there are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 60 }), fc.nat(), (keys, pick) => {
        fc.pre(keys.every((key) => key.isWellFormed() && !key.includes('\0')));
        const members = keys.map((key) => `${JSON.stringify(key)}:{}`);
        expect(codeOf(`{${members.join(',')}}`)).toBe('json');
        const again = members[pick % members.length];
        expect(codeOf(`{${[...members, again].join(',')}}`)).toBe('DUPLICATE_KEY');
      }),
    );
  });

  test('a key that comes again in another object is no duplicate', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.constant(1), fc.array(tie('value'), { maxLength: 3 }), tie('object')),
      object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'é'), tie('value'), { maxKeys: 4 }),
    })).object;
    fc.assert(fc.property(value, (one) => expect(codeOf(JSON.stringify(one))).toBe('json')));
  });

  test('says where and what, for people', () => {
    expect(scan('{"a": oops}')).toMatchObject({ reason: "is not JSON: 'o' where a value should be, at byte 6" });
    expect(scan('{"a":')).toMatchObject({ reason: 'is not JSON: ends where a value should be, after 5 bytes' });
  });
});
