import { mayHold } from '../../lib/pipeline/object-range.ts';
import { typedKeys } from '../../lib/pipeline/typed-key.ts';

describe('a key as somebody types it', () => {
  test.each<[string, string[], string[], string[]]>([
    ['the value alone', ['id'], ['t-900'], ['{"id":"t-900"}']],
    ['a value that looks like a number is text or a number', ['id'], ['7'], ['{"id":"7"}', '{"id":7}']],
    ['a number with a leading zero is text', ['id'], ['007'], ['{"id":"007"}']],
    ['name=value', ['id'], ['id=a=b'], ['{"id":"a=b"}']],
    ['two fields, in any order', ['b', 'a'], ['b=y', 'a=x'], ['{"a":"x","b":"y"}']],
    [
      'JSON, whatever its order and spaces',
      ['b', 'a'],
      ['{"b": 12345678901234567890,', '"a":"x"}'],
      ['{"a":"x","b":12345678901234567890}'],
    ],
    ['quotes and emoji', ['id'], ['a"🌸'], ['{"id":"a\\"🌸"}']],
  ])('%s', (_story, fields, words, keys) => {
    expect(typedKeys(fields, words)).toEqual(keys);
  });

  test('two numbers may each be text', () => {
    expect(typedKeys(['a', 'b'], ['a=1', 'b=2'])).toHaveLength(4);
  });

  test.each([
    [['a', 'b'], ['x']],
    [['a', 'b'], ['a=1']],
    [['a'], ['a=1', 'c=2']],
    [['a'], ['{"b":1}']],
    [['a'], ['{broken']],
  ])('of %j, %j is none, and it says how one is written', (fields, words) => {
    expect(() => typedKeys(fields, words)).toThrow(/is no key of this dataset: write .*a=…/);
  });
});

describe('which objects may hold an event, by their names', () => {
  const digest = 'a55b17a27e98c9cd';
  const raw = (name: string) => `raw/x/dt=2026-11-28/hh=17/${name}.ndjson.zst`;
  const change = { id: 'e', position: '7'.padStart(40, '0') };
  const line = { id: 'shardId-000000000001:7', position: `${'7'.padStart(56, '0')}.00000000` };
  const row = { id: 'e', position: '2026-11-28T17:02:23.532000000Z#000000000012' };

  test.each<[string, string, { id: string; position: string }, boolean]>([
    ['its range', raw(`5-9-${digest}`), change, true],
    ['a range of one', raw(`7-7-${digest}`), change, true],
    ['another range', raw(`8-12-${digest}`), change, false],
    ['its shard and range', raw(`shardId-000000000001-5-9-${digest}`), line, true],
    ['another shard', raw(`shardId-000000000002-5-9-${digest}`), line, false],
    ['its pull', raw(`pull-000000012-${digest}`), row, true],
    ['another pull', raw(`pull-000000013-${digest}`), row, false],
    ['a name that tells nothing', raw(`replay-${digest}-${digest}`), row, true],
  ])('%s', (_story, key, event, expected) => {
    expect(mayHold(key, event)).toBe(expected);
  });
});
