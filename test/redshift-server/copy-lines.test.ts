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
    ['something between objects', '{"a":1}x{"a":2}, {"a":3}', ['{"a":1}', '0', '{"a":2}', '0', '{"a":3}']],
    ['something around an object', 'x {"a":1} y', ['0', '{"a":1}', '0']],
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
  const read = (text: string | Buffer, options: object, ...kinds: ('varchar' | 'char' | 'int4')[]) =>
    delimitedLines(Buffer.from(text), format(options), kinds);
  /** The fields of each record, or why it is none. */
  const cut = (text: string | Buffer, options: object): unknown[] => {
    const lines = read(text, options, 'varchar', 'char');
    return linesOf(lines.body).map((line, index) => lines.fault?.(index)?.message ?? JSON.parse(line));
  };
  const csv = { FORMAT: 'CSV' };
  const escape = { ESCAPE: true };
  const unquoted = { REMOVEQUOTES: true };
  const fixed = { FORMAT: 'FIXEDWIDTH', FIXEDWIDTH: 'a:2,b:3' };

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
    ['a delimiter at the end', 'a|b|\n', {}, [['a', 'b']]],
    ['the default NULL', 'a|\\N\n', {}, [['a', null]]],
    [
      'NULL AS',
      'a|none\n\\N|b\n',
      { NULL: 'none' },
      [
        ['a', null],
        ['\\N', 'b'],
      ],
    ],
    ['NULL AS NUL', 'a|\0\n', { NULL: '\\000' }, [['a', null]]],
    ['CSV quotes, line breaks inside them', '"a ""b""","c\nd"\r\n', csv, [['a "b"', 'c\nd']]],
    ['blanks around CSV quotes', ' "a,b" ,\t"c"\n', csv, [['a,b', 'c']]],
    ['another quote', "'it''s',\"x\"\n", { ...csv, QUOTE: "'" }, [["it's", '"x"']]],
    ['text behind a CSV quote', '"a"b,c\nd,e\n', csv, ['Invalid quote formatting for CSV', ['d', 'e']]],
    ['a CSV quote that is not closed', 'a,b\n"c,d\n', csv, [['a', 'b'], 'Delimited value missing end quote']],
    ['no delimiter may end a CSV record', 'a,b,\n', csv, ['Extra column(s) found']],
    ['a header, a delimiter', 'x\ty\n1\t2\n', { DELIMITER: '\\t', IGNOREHEADER: 1 }, [['1', '2']]],
    ['a delimiter by its octal number', 'a\x1fb\n', { DELIMITER: '\\037' }, [['a', 'b']]],
    ['a delimiter of several characters', 'a|~|b\n', { DELIMITER: '|~|' }, [['a', 'b']]],
    [
      'ESCAPE',
      'a\\|b|c\\\nd\n\\\\|\\N\n',
      escape,
      [
        ['a|b', 'c\nd'],
        ['\\', null],
      ],
    ],
    ['ESCAPE and the default NULL written twice', 'a|\\\\N\n', escape, [['a', null]]],
    [
      'REMOVEQUOTES',
      "\"a|b\"|'c'\nd'|'it's'\n",
      unquoted,
      [
        ['a|b', 'c'],
        ["d'", "it's"],
      ],
    ],
    ['quotes within quotes', "' 'a' '|b\n", unquoted, [[" 'a' ", 'b']]],
    ['half a pair of quotes', "'a|b\nc|d\n", unquoted, ['Delimited value missing end quote', ['c', 'd']]],
    ['too many or too few', 'a|b|c\na\n', {}, ['Extra column(s) found', 'Delimiter not found']],
    ['a blank line', 'a|b\n\nc|d\n', {}, [['a', 'b'], 'Delimiter not found', ['c', 'd']]],
    [
      'IGNOREBLANKLINES',
      'a|b\n\nc|d\n',
      { IGNOREBLANKLINES: true },
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['FILLRECORD', 'a\n', { FILLRECORD: true }, [['a', null]]],
    [
      'fixed widths, in characters',
      'é b  \nab\nab1234\n',
      fixed,
      [['é ', 'b  '], 'Missing column(s) found', 'Extra column(s) found'],
    ],
    ['a last field that is short', '😀cd\n', fixed, [['😀c', 'd']]],
  ])('%s', (_, text, options, expected) => expect(cut(text, options)).toEqual(expected));

  it('fills VARCHAR with empty texts, and all else with NULL', () => {
    const lines = read('a\n', { FILLRECORD: true }, 'varchar', 'varchar', 'char', 'int4');
    expect(linesOf(lines.body)).toEqual(['["a","",null,null]']);
  });

  it('loses only the rows that are not UTF-8, and says which bytes are wrong', () => {
    const body = Buffer.concat([Buffer.from('é|b\nc|'), Buffer.from([0xa4]), Buffer.from('\nd|ü\n')]);
    const lines = read(body, {}, 'varchar', 'varchar');
    const message = 'String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: a4 (error 3)';
    expect(linesOf(lines.body)).toEqual(['["é","b"]', '0', '["d","ü"]']);
    expect(lines.fault?.(1)).toEqual({ code: 1220, message, columnNumber: 2 });
  });

  it('counts the lines inside of quotes', () => {
    const lines = read('"a\nb",c\nx\n', csv, 'varchar', 'varchar');
    expect(lines.locate(1)).toEqual({ lineNumber: 3, raw: Buffer.from('x') });
  });

  it('finds every CSV field again', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '|', 'é', '😀', '\\') });
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field)), (rows) => {
        expect(cut(rows.map((row) => `${row.map(quoted).join(',')}\n`).join(''), csv)).toEqual(rows);
      }),
    );
  });
});

describe('options', () => {
  const options = (given: object) => () => readCopyOptions(given as never);

  it.each([
    [{ LZOP: true }, 'COPY with LZOP is not supported'],
    [{ SSH: true }, 'COPY with SSH is not supported'],
    [{ FORMAT: 'ORC' }, 'COPY with FORMAT ORC is not supported'],
    [{ TIMEFORMAT: 'DD.MM.YYYY QQ' }, "Invalid TIMEFORMAT 'DD.MM.YYYY QQ'"],
    [{ TIMEFORMAT: 'AUTO' }, "Invalid TIMEFORMAT 'AUTO'"],
    [{ FORMAT: 'JSON', JSON: 'magic' }, 'Invalid JSON option'],
    [{ FORMAT: 'CSV', ESCAPE: true }, 'CSV is not supported with ESCAPE'],
    [{ FORMAT: 'FIXEDWIDTH', FIXEDWIDTH: 'a:1', DELIMITER: ',' }, 'FIXEDWIDTH is not supported with DELIMITER'],
    [{ FORMAT: 'FIXEDWIDTH', FIXEDWIDTH: 'a' }, 'Invalid FIXEDWIDTH'],
    [{ FORMAT: 'JSON', NULL: 'x' }, 'JSON is not supported with NULL'],
    [{ FORMAT: 'PARQUET', MAXERROR: 1 }, 'MAXERROR argument is not supported for PARQUET based COPY'],
    [{ GZIP: true, ZSTD: true }, 'GZIP cannot be used with ZSTD'],
    [{ MAXERROR: 1, IGNOREALLERRORS: true }, 'MAXERROR cannot be used with IGNOREALLERRORS'],
    [{ MAXERROR: 100_001 }, 'MAXERROR'],
    [{ ENCODING: 'latin1' }, 'Invalid ENCODING'],
    [{ DELIMITER: 'é' }, 'Invalid DELIMITER'],
    [{ NULL: '\\n' }, 'NULL AS'],
  ])('refuses %j', (given, message) => expect(options(given)).toThrow(message));

  it('reads jsonpaths in either notation', () => {
    const file = (paths: unknown[]): Buffer => Buffer.from(JSON.stringify({ jsonpaths: paths }));
    const paths = (...given: unknown[]) =>
      readJsonPaths(file(given), given.length)?.sources.map((source) => ('path' in source ? source.path : undefined));
    expect(paths("$['a']['b c'][0]", '$')).toEqual(['$."a"."b c"[0]', '$']);
    expect(paths('$.x.y[2].z')).toEqual(['$."x"."y"[2]."z"']);
    expect(readJsonPaths(file(['$[0]']), 1)?.brackets.open).toBe('[');
    expect(() => readJsonPaths(file(['$.a']), 2)).toThrow('JSONPath size: 1, Number of columns');
    for (const wrong of ['a.b', '$.a[', '$.a..b', '$.*', "$.it's"])
      expect(() => paths(wrong)).toThrow('Invalid JSONPath');
    expect(() => paths("$['a']", '$.b')).toThrow('cannot be mixed');
    for (const wrong of ['', 1, null]) expect(() => paths(wrong)).toThrow('Invalid JSONPaths file');
    expect(() => readJsonPaths(Buffer.from('{"jsonpaths":["$.a"]} x'), 1)).toThrow('Invalid JSONPaths file');
    expect(readJsonPaths(Buffer.from('{"paths":["$.a"]}'), 1)).toBeUndefined();
  });

  it('puts one character in the place of each byte that is no UTF-8, and changes nothing else', () => {
    const body = Buffer.concat([Buffer.from('a\ufffdé'), Buffer.from([0xff, 0xe2, 0x82]), Buffer.from('b')]);
    expect(replaceInvalidCharacters(body, '?').toString()).toBe('a\ufffdé???b');
  });
});
