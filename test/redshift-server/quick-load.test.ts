import fc from 'fast-check';
import { type LineScan, LineScanner } from '../../local/redshift/copy/line-scan.ts';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session, StatementResult } from '../../local/redshift/types.ts';
import { MemoryStore } from './memory-store.ts';

const number = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '-0.0',
    '-0.5',
    '-0.05',
    '1.50',
    '1.0',
    '10.00',
    '1e2',
    '1E-7',
    '0.0001',
    '0.00001',
    '100',
  ),
  fc.constantFrom('12345678901234567890123456789012345678', '-9223372036854775809', '18446744073709551616', '1.05'),
  fc.constantFrom('0.1234567890123456', '0.30000000000000004', '9007199254740993.5', '123456789012.345', '1e999'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.integer(), fc.nat(99_999)).map(([whole, fraction]) => `${whole}.${fraction}`),
);
const text = fc.oneof(
  fc.string().map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '"1.50"',
    '"\\""',
    '"\\\\"',
    '"\\\\\\""',
    '"a, b"',
    '"\\u00e9"',
    '"\\/"',
    '"{"',
    '"Zoë 😀"',
    '",]"',
    '"e1"',
  ),
);
const odd = fc.constantFrom(
  'NaN',
  'nan',
  '-Infinity',
  'inf',
  '"\\ud800"',
  'tru',
  '[1,]',
  '[1, ]',
  '"a\tb"',
  '01',
  '.5',
  "'a'",
);
const blank = fc.constantFrom('', '', '', ' ', '\t', '  ');
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    { weight: 5, arbitrary: number },
    { weight: 3, arbitrary: text },
    { weight: 1, arbitrary: fc.constantFrom('true', 'false', 'null') },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.array(tie('value'), { maxLength: 3 }), blank).map(([all, b]) => `[${all.join(`,${b}`)}]`),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.array(tie('value'), { maxLength: 3 }), blank)
        .map(([all, b]) => `{${all.map((each, index) => `"k${index % 2}":${b}${each}`).join(',')}${b}}`),
    },
  ),
}));
const member = fc.tuple(fc.constantFrom('id', 'n', 'payload', 'payload', 'ID', 'x"y', 'other'), value, blank);
const line = fc.oneof(
  { weight: 20, arbitrary: fc.array(member, { maxLength: 4 }).map(objectOf) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('id', 'payload'), odd, fc.constant('')).map((each) => objectOf([each])),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '  ',
      '[1]',
      '{"id":\n"a"}',
      '{"id":"a",\n"n":1}',
      '{"id":[1',
      ']}',
      '"id"',
      '{"id":"a"}{"id":"b"}',
      '{"id":1',
      ' {"id":"b"}',
      '{}',
    ),
  },
);

function objectOf(members: readonly (readonly [string, string, string])[]): string {
  return `{${members.map(([key, text, space]) => `${JSON.stringify(key)}:${space}${text}`).join(',')}}`;
}

/** What the scan looks for, said by expressions over the text without its strings. */
function expected(content: string): {
  isDoubtful: boolean;
  isMinified: boolean;
  rows: number;
  longestLineBytes: number;
} {
  const strings = /"(?:[^"\\]|\\[\s\S])*("|$)/g;
  const outside = content.replace(strings, (all) => (all.includes('\n') ? '\u0001' : '""'));
  const doubtful = [
    /\.[0-9]+0(?![0-9])/,
    /\.000/,
    /[0-9.][eE]/,
    /-0(?!\.)/,
    /-0\.0/,
    /(?=[0-9.]{17})[0-9]*\.[0-9]/,
    /\d{17}\.\d|\d{16}\.\d/,
    /,[\t\r ]*[\]}]/,
    /[nN](?!u)/,
    /(^|\n)[^{\n]/,
    /\u0001/,
  ];
  const lines = content.split('\n');
  return {
    isDoubtful: doubtful.some((pattern) => pattern.test(`${outside}\n`)),
    isMinified:
      !/[\t\r ]/.test(outside) &&
      !(content.match(strings) ?? []).some((each) => /^(?:[^\\]|\\[^/u])*\\[/u]/.test(each)),
    rows: lines.filter((each) => each !== '').length,
    longestLineBytes: Math.max(...lines.map((each) => Buffer.byteLength(each))),
  };
}

/** A file that comes in pieces of so many bytes. */
function scanned(content: string, pieceBytes = Number.POSITIVE_INFINITY): LineScan {
  const body = Buffer.from(content);
  const scanner = new LineScanner();
  for (let start = 0; start < body.length; start += pieceBytes)
    scanner.update(body.subarray(start, start + pieceBytes));
  return scanner.finish();
}

describe('a look at every character', () => {
  it('sees what the expressions see, wherever blocks of 64 characters and pieces part the text', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 5 }),
        fc.nat(70),
        fc.integer({ min: 1, max: 200 }),
        (lines, shift, piece) => {
          const content = [`{"s":"${'x'.repeat(shift)}"}`, ...lines].join('\n');
          const scan = scanned(content, piece);
          const wanted = expected(content);
          expect(scan.isDoubtful).toBe(wanted.isDoubtful);
          if (!wanted.isDoubtful) expect(scan).toEqual(wanted);
          const rows = content.split('\n').filter((each) => /[^ \t\r]/.test(each));
          expect(scan).toMatchObject({ rows: rows.length, longestLineBytes: wanted.longestLineBytes });
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('goes on from window to window', () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `{"id":"${'\\"x'.repeat(index % 31)}","n":${index}.5}`);
    const content = `${rows.join('\r\n')}\n`;
    expect(scanned(content)).toEqual({ ...expected(content), isMinified: false });
    expect(scanned(content, 100_003)).toEqual(scanned(content));
    expect(scanned('')).toMatchObject({ rows: 0, isDoubtful: false });
  });

  it.each([0, 9_999, 20_000])('counts the lines that follow one in doubt: row %i of 20,000', (place) => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `{"id":"${'x'.repeat(index % 31)}"}`);
    rows.splice(place, 0, '{"a":1.50}', '', ' \t');
    const content = rows.join('\n');
    for (const pieceBytes of [undefined, 100_003])
      expect(scanned(content, pieceBytes)).toMatchObject({ isDoubtful: true, rows: 20_001, longestLineBytes: 39 });
  });
});

describe('COPY in one pass', () => {
  const store = new MemoryStore();
  let redshift: Redshift;
  let session: Session;
  const run = async (sql: string): Promise<StatementResult> => (await session.execute(sql)).at(-1) as StatementResult;

  beforeAll(async () => {
    const admin = { user: 'admin', password: 'secret' };
    redshift = await openRedshift({ databases: ['dev'], admin, objectStore: store, defaultRoleArn: 'copy' });
    session = await redshift.session({ database: 'dev', user: 'admin' });
    const columns = 'id varchar(20), n decimal(10,2), payload super';
    await run(`create table quick (${columns})`);
    // A table that numbers its rows is always read row by row.
    await run(`create table exact (${columns}, number int identity)`);
    await run('create table quick_documents (document super)');
    await run('create table exact_documents (document super, number int identity)');
  });
  afterAll(async () => {
    await session.close();
    await redshift.close();
  });

  /** The rows that a COPY loads, and the lines that it complains about. */
  async function loaded(table: string, format: string, columns: string): Promise<unknown> {
    await run(`delete from ${table}`);
    await run(`copy ${table} (${columns}) from 's3://b/' iam_role default format json '${format}' maxerror 1000`);
    const shown = columns.replace(/payload|document/, 'json_serialize($&)');
    const { rows } = await run(`select ${shown} from ${table}`);
    const faults = await run(
      'select line_number, trim(column_name), error_code from sys_load_error_detail where query_id = (select max(query_id) from sys_load_history) order by 1',
    );
    return {
      rows: rows?.map((row) => row.map((cell) => cell?.replace(/\\u[0-9a-fA-F]{4}/g, (u) => u.toLowerCase()))),
      faults: faults.rows,
    };
  }

  it('tells keys apart that differ in case only', async () => {
    await run('set enable_case_sensitive_identifier to true');
    await run('create table cases ("A" int, "a" int)');
    store.objects.set('s3://b/lines', Buffer.from('{"A":1,"a":2}'));
    await run(`copy cases from 's3://b/' iam_role default format json 'auto'`);
    expect((await run('select * from cases')).rows).toEqual([['1', '2']]);
    await run('set enable_case_sensitive_identifier to false');
  });

  /** Rows that make more of a load than what goes to DuckDB without a file. */
  const filler = ['a', 'b'].map((id) => `{"id":"${id}","other":"${'x'.repeat(40_000)}"}`).join('\n');

  it.each([
    ['auto', 'small', 'quick', 'exact', 'id, n, payload'],
    ['auto', 'large', 'quick', 'exact', 'id, n, payload'],
    ['noshred', 'small', 'quick_documents', 'exact_documents', 'document'],
    ['noshred', 'large', 'quick_documents', 'exact_documents', 'document'],
  ])('loads with %s from %s files what the exact way loads', async (format, size, quick, exact, columns) => {
    if (size === 'large') store.objects.set('s3://b/filler', Buffer.from(filler));
    else store.objects.delete('s3://b/filler');
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('\n', '\r\n'),
        async (lines, end) => {
          store.objects.set('s3://b/lines', Buffer.from(lines.join(end)));
          expect(await loaded(quick, format, columns)).toEqual(await loaded(exact, format, columns));
        },
      ),
      { numRuns: 20 },
    );
  });
});
