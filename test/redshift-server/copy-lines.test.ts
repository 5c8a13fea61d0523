import fc from 'fast-check';
import { delimitedLines } from '../../local/redshift/copy/delimited-lines.ts';
import { replaceInvalidCharacters } from '../../local/redshift/copy/invalid-characters.ts';
import { jsonLines, maximumObjectBytes } from '../../local/redshift/copy/json-lines.ts';
import { readJsonPaths } from '../../local/redshift/copy/json-paths.ts';
import { type DelimitedFormat, readCopyOptions } from '../../local/redshift/copy/options.ts';

const linesOf = (body: Buffer): string[] =>
  body
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '');

describe('JSON objects into lines', () => {
  const cut = (text: string): string[] => linesOf(jsonLines(Buffer.from(text)).body);

  it.each([
    ['one a line', '{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
    ['blank lines and a byte order mark', '\ufeff\n{"a":1}\r\n\n {"a":2} ', ['{"a":1}\r', ' {"a":2} ']],
    ['several on a line', '{"a":1} {"a":2}{"a":3}', ['{"a":1}', '{"a":2}', '{"a":3}']],
    ['one over several lines', '{"a":\n [1,\n2]}\n{"b":"}{"}', ['{"a":  [1, 2]}', '{"b":"}{"}']],
    ['braces and quotes inside strings', '{"a":"} {\\""}\n{"b":1}', ['{"a":"} {\\""}', '{"b":1}']],
    ['no object at all', 'nonsense\n{"a":1}\n[1]', ['0', '{"a":1}', '0']],
    ['a line cut short', '{"a":"x\n{"b":1}', ['0', '{"b":1}']],
    ['nothing', '', []],
  ])('%s', (_, text, expected) => expect(cut(text)).toEqual(expected));

  it('keeps an object of 4 MB and refuses a larger one', () => {
    const sized = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`;
    expect(cut(sized(maximumObjectBytes))).toHaveLength(1);
    expect(cut(`${sized(maximumObjectBytes + 1)}\n{"b":1}`)).toEqual(['0', '{"b":1}']);
  });

  it('says where a row was, in the words of the source', () => {
    const lines = jsonLines(Buffer.from('{"a":\n1}\n\n{"b":2}\n'));
    expect(lines.locate(0)).toEqual({ lineNumber: 2, raw: Buffer.from('{"a":\n1}') });
    expect(lines.locate(1)).toEqual({ lineNumber: 4, raw: Buffer.from('{"b":2}') });
    const plain = jsonLines(Buffer.from('\n{"a":1}\n\n{"b":2}\n'));
    expect(plain.locate(1)).toEqual({ lineNumber: 4, raw: Buffer.from('{"b":2}') });
  });

  it('finds every object again, whatever parts them', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));
    const space = fc.constantFrom('', ' ', '\n', '\r\n', '\t', '\n\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(object, space, fc.boolean())), (parts) => {
        const text = parts.map(([value, blank, wide]) => JSON.stringify(value, null, wide ? 2 : 0) + blank).join('');
        const found = cut(text).map((line) => JSON.stringify(JSON.parse(line)));
        expect(found).toEqual(parts.map(([value]) => JSON.stringify(value)));
      }),
    );
  });
});

describe('delimited records into lines', () => {
  const format = (options: object): DelimitedFormat => {
    const read = readCopyOptions(options as never).format;
    if (read.kind !== 'delimited') throw new Error('not delimited');
    return read;
  };
  const cut = (text: string, options: object, columns = 2): unknown[] =>
    linesOf(delimitedLines(Buffer.from(text), format(options), columns).body).map((line) => JSON.parse(line));

  it.each([
    [
      'plain',
      'a|b\nc|\n',
      {},
      [
        ['a', 'b'],
        ['c', ''],
      ],
    ],
    ['NULL AS', 'a|\\N\n', {}, [['a', null]]],
    ['CSV quotes, line breaks inside them', '"a ""b""","c\nd"\r\n', { FORMAT: 'CSV' }, [['a "b"', 'c\nd']]],
    ['a header, a delimiter', 'x\ty\n1\t2\n', { DELIMITER: '\\t', IGNOREHEADER: 1 }, [['1', '2']]],
    ['ESCAPE', 'a\\|b|c\\\nd\n', { ESCAPE: true }, [['a|b', 'c\nd']]],
    ['too many or too few', 'a|b|c\na\n', {}, [0, 0]],
    ['FILLRECORD', 'a\n', { FILLRECORD: true }, [['a', null]]],
  ])('%s', (_, text, options, expected) => expect(cut(text, options)).toEqual(expected));

  it('counts the lines inside of quotes', () => {
    const lines = delimitedLines(Buffer.from('"a\nb",c\nx\n'), format({ FORMAT: 'CSV' }), 2);
    expect(lines.locate(1)).toEqual({ lineNumber: 3, raw: Buffer.from('x') });
  });
});

describe('options', () => {
  it('refuses by name what it cannot do', () => {
    const read = (options: object) => () => readCopyOptions(options as never);
    expect(read({ BZIP2: true })).toThrow('COPY with BZIP2 is not supported');
    expect(read({ FORMAT: 'PARQUET' })).toThrow('COPY with FORMAT PARQUET is not supported');
    expect(read({ TIMEFORMAT: 'DD.MM.YYYY' })).toThrow("TIMEFORMAT 'DD.MM.YYYY'");
    expect(read({ FORMAT: 'JSON', JSON: 'magic' })).toThrow('Invalid JSON option');
    expect(read({ FORMAT: 'CSV', ESCAPE: true })).toThrow('CSV is not supported with ESCAPE');
    expect(read({ MAXERROR: 100_001 })).toThrow('MAXERROR');
  });

  it('reads paths in both notations', () => {
    const file = (paths: string[]): Buffer => Buffer.from(JSON.stringify({ jsonpaths: paths }));
    expect(readJsonPaths(file(["$['a']['b c'][0]", '$.x.y[2].z']), 2)).toEqual(['$."a"."b c"[0]', '$."x"."y"[2]."z"']);
    expect(() => readJsonPaths(file(['$.a']), 2)).toThrow('JSONPath size: 1, Number of columns');
    for (const wrong of ['a.b', '$', '$.a[', '$.a..b'])
      expect(() => readJsonPaths(file([wrong]), 1)).toThrow('Invalid JSONPath');
  });

  it('replaces what is no UTF-8, and nothing else', () => {
    const body = Buffer.concat([Buffer.from('a\ufffdé'), Buffer.from([0xff]), Buffer.from('b')]);
    expect(replaceInvalidCharacters(body, '?').toString()).toBe('a\ufffdé?b');
  });
});
