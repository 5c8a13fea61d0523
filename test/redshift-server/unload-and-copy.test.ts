import fc from 'fast-check';
import { CopyFixture } from './copy-fixture.ts';

const columns = `n int, small int2, big int8, price decimal(38,10), ratio float8, flag bool, day date, moment timestamp, instant timestamptz,
  name varchar(200), code char(8), document super`;

const text = (unit: fc.Arbitrary<string>, maxLength: number) => fc.string({ unit, maxLength });
const character = fc.constantFrom(
  'a',
  'Z',
  '0',
  ' ',
  '|',
  ',',
  '"',
  "'",
  '\\',
  '\n',
  '\r',
  '\t',
  '~',
  'é',
  '😀',
  '{',
  '^',
);
const plain = fc.constantFrom('a', 'B', '7', '|', ',', '"', '\\');
const instant = fc.date({
  min: new Date('1900-01-01T00:00:00Z'),
  max: new Date('2200-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const moment = instant.map((date) => date.toISOString().slice(0, 23).replace('T', ' '));
/** JSON's null and NULL are one in a SUPER column's files. */
const json = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => value !== null)
  .map((value) => JSON.stringify(value));
const digits = fc.tuple(fc.bigInt({ min: -(10n ** 27n), max: 10n ** 27n }), fc.integer({ min: 0, max: 9_999_999_999 }));
const orNull = (value: fc.Arbitrary<string>) => fc.option(value, { freq: 6 });

/** One row's values as SQL, in the order of the columns. */
const row = fc.tuple(
  orNull(fc.integer().map(String)),
  orNull(fc.integer({ min: -32_768, max: 32_767 }).map(String)),
  orNull(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => `'${value}'`)),
  orNull(digits.map(([whole, part]) => `'${whole}.${String(part).padStart(10, '0')}'`)),
  orNull(fc.integer({ min: -1_000_000, max: 1_000_000 }).map((value) => String(value / 64))),
  orNull(fc.boolean().map(String)),
  orNull(moment.map((value) => `'${value.slice(0, 10)}'`)),
  orNull(moment.map((value) => `'${value}'`)),
  orNull(moment.map((value) => `'${value}+00'`)),
  orNull(text(character, 40).map((value) => `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`)),
  orNull(text(plain, 8).map((value) => `'${value.replaceAll('\\', '\\\\')}'`)),
  orNull(json.map((value) => `json_parse('${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}')`)),
);

describe('what UNLOAD writes', () => {
  let box: CopyFixture;

  beforeAll(async () => {
    box = await CopyFixture.open();
    await box.run(`create table source (${columns}); create table target (${columns})`);
  });
  afterAll(() => box.close());

  it.each([
    ['CSV', "csv null as '@null@'", "csv null as '@null@' timeformat 'auto'"],
    ['text', "escape null as '@null@' delimiter ','", "escape null as '@null@' delimiter ',' timeformat 'auto'"],
    [
      'quoted text',
      "escape addquotes null as '@null@' gzip",
      "escape removequotes null as '@null@' timeformat 'auto' gzip",
    ],
    ['JSON', 'json zstd', "json 'auto' timeformat 'auto' zstd"],
    ['Parquet', 'parquet', 'parquet'],
  ])('COPY reads again, row by row: %s', async (_, unloadOptions, copyOptions) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), async (rows) => {
        await box.run('delete from source; delete from target');
        const values = rows.map((cells) => `(${cells.map((cell) => cell ?? 'null').join(', ')})`);
        await box.run(`insert into source values ${values.join(', ')}`);
        box.store.objects.clear();
        await box.run(`unload ('select * from source') to 's3://out/' iam_role default ${unloadOptions}`);
        await box.run(`copy target from 's3://out/' iam_role default ${copyOptions}`);
        const read = async (table: string): Promise<string[] | undefined> =>
          (await box.rows(`select * from ${table}`))?.map((cells) => JSON.stringify(cells)).sort();
        expect(await read('target')).toEqual(await read('source'));
      }),
      { numRuns: 8 },
    );
  });
});
