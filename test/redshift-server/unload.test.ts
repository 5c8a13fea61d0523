import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { CopyFixture } from './copy-fixture.ts';

describe('UNLOAD, option by option', () => {
  let box: CopyFixture;

  beforeAll(async () => {
    box = await CopyFixture.open();
    await box.run('create table t (n int, s varchar(40), c char(4), d decimal(6,2), b bool, m timestamp, j super)');
    await box.run(`insert into t values
      (1, 'a|b', 'x', 1.5, true, '2026-01-31 10:00:00', json_parse('{"k":[1.50,"|"]}')),
      (2, 'say "hi", it''s\\n', null, null, false, null, null)`);
  });
  afterAll(() => box.close());
  beforeEach(() => box.store.objects.clear());

  const unload = (query: string, options = '', to = 's3://out/p_') =>
    box.run(`unload ($$${query}$$) to '${to}' iam_role default ${options}`);
  const written = async (query: string, options = ''): Promise<string | undefined> => {
    await unload(query, options);
    return box.text('s3://out/p_0000_part_00');
  };
  const all = 'select * from t order by n';

  it.each([
    ['text', 'select n, c, d, b, m from t order by n', '', ['1|x|1.50|t|2026-01-31 10:00:00', '2|||f|']],
    ['a delimiter', 'select n, c from t order by n', "delimiter '\\t'", ['1\tx', '2\t']],
    [
      'NULL AS, which SUPER ignores',
      'select c, d, j from t order by n',
      "null as 'none'",
      ['x|1.50|{"k":[1.50,"|"]}', 'none|none|null'],
    ],
    ['ESCAPE', 'select s, j from t where n = 1', 'escape', ['a\\|b|{"k":[1.50,"\\|"]}']],
    [
      'ESCAPE and ADDQUOTES',
      'select s from t order by n',
      'escape addquotes',
      ['"a\\|b"', '"say \\"hi\\", it\\\'s\\', '"'],
    ],
    ['ADDQUOTES', 'select n, c from t where n = 1', "addquotes delimiter ','", ['"1","x"']],
    ['HEADER', 'select n as a, c from t where n = 1', 'header', ['a|c', '1|x']],
    ['HEADER in CSV', 'select n as "x,y", c from t where n = 1', 'csv header', ['"x,y",c', '1,x']],
    ['CSV', 'select n, s from t order by n', 'format as csv', ['1,a|b', '2,"say ""hi"", it\'s', '"']],
    ['CSV with another delimiter', 'select n, s from t where n = 1', "csv delimiter as '|'", ['1|"a|b"']],
    ['FIXEDWIDTH', 'select n, c, d from t order by n', "fixedwidth 'n:3,c:4,d:5'", ['1  x   1.50 ', '2           ']],
    ['FIXEDWIDTH with NULL AS', 'select c, d from t where n = 2', "fixedwidth 'c:4,d:2' null as 'nil'", ['nil   ']],
    [
      'JSON',
      'select n, c, d, b, m, j from t order by n',
      'json',
      [
        '{"n":1,"c":"x","d":1.50,"b":"t","m":"2026-01-31 10:00:00","j":{"k":[1.50,"|"]}}',
        '{"n":2,"c":null,"d":null,"b":"f","m":null,"j":null}',
      ],
    ],
    ['VARBYTE', "select to_varbyte('abc', 'utf8') as v", 'csv', ['616263']],
  ])('%s', async (_, query, options, lines) => {
    expect(await written(query, options)).toBe(lines.map((line) => `${line}\n`).join(''));
  });

  it('names files, compresses them, and writes nothing for JSON without rows', async () => {
    await unload(all, 'parallel off gzip');
    await unload(all, "allowoverwrite zstd extension 'txt.zst'", 's3://out/q_');
    await unload('select n from t where n > 9', 'json', 's3://out/none_');
    await unload('select n from t where n > 9', '', 's3://out/empty_');
    expect(box.names('s3://out/')).toEqual(['empty_0000_part_00', 'p_000.gz', 'q_0000_part_00.txt.zst']);
    const text = gunzipSync(box.store.objects.get('s3://out/p_000.gz') as Buffer).toString();
    expect(text).toMatch(/^1\|a\|b\|x/);
    expect(zstdDecompressSync(box.store.objects.get('s3://out/q_0000_part_00.txt.zst') as Buffer).toString()).toBe(
      text,
    );
  });

  it('begins a new file when one is full', async () => {
    await box.run(
      "create temp table wide as select repeat('x', 60000) as s from (select 1 from t a, t b, t c, t d, t e, t f, t g)",
    );
    await unload('select s from wide', 'maxfilesize 5 mb header');
    expect(box.names('s3://out/p_')).toEqual(['0000_part_00', '0000_part_01']);
    expect(box.text('s3://out/p_0000_part_01')).toMatch(/^s\nx/);
  });

  it('parts rows into folders', async () => {
    const query = "select n, c, s from (select n, c, 'a/b' as s from t union all select 3, 'x', 'z')";
    await unload(query, 'partition by (s, c)', 's3://out/hive');
    expect(box.names('s3://out/hive')).toEqual([
      '/s=a%2Fb/c=__HIVE_DEFAULT_PARTITION__/0000_part_00',
      '/s=a%2Fb/c=x/0000_part_00',
      '/s=z/c=x/0000_part_00',
    ]);
    expect(box.text('s3://out/hive/s=z/c=x/0000_part_00')).toBe('3\n');
    await unload(query, 'parquet partition by (c) include', 's3://out/parquet/');
    expect(box.names('s3://out/parquet/')).toEqual([
      'c=__HIVE_DEFAULT_PARTITION__/0000_part_00.parquet',
      'c=x/0000_part_00.parquet',
    ]);
    await box.run('create temp table back (n int, c char(4), s varchar(9))');
    await box.run("copy back from 's3://out/parquet/c=x' iam_role default parquet");
    expect(await box.rows('select * from back order by n')).toEqual([
      ['1', 'x   ', 'a/b'],
      ['3', 'x   ', 'z'],
    ]);
  });

  it('writes manifests that COPY reads', async () => {
    await unload('select n, c, d from t', 'manifest verbose header');
    const size = box.store.objects.get('s3://out/p_0000_part_00')?.length;
    expect(JSON.parse(box.text('s3://out/p_manifest') as string)).toEqual({
      entries: [{ url: 's3://out/p_0000_part_00', meta: { content_length: size, record_count: 3 } }],
      schema: {
        elements: [
          { name: 'n', type: { base: 'integer' } },
          { name: 'c', type: { base: 'character', max_length: 4 } },
          { name: 'd', type: { base: 'numeric', precision: 6, scale: 2 } },
        ],
      },
      meta: { content_length: size, record_count: 3 },
      author: { name: 'Amazon Redshift', version: '1.0.0' },
    });
    await box.run('create temp table again (n int, c char(4), d decimal(6,2))');
    await box.run("copy again from 's3://out/p_manifest' iam_role default manifest ignoreheader 1");
    expect(await box.rows('select count(*) from again')).toEqual([['2']]);
  });

  it('clears the way only where it is told to', async () => {
    box.put('s3://out/p_old', 'x');
    await expect(unload(all)).rejects.toThrow('not empty');
    await unload(all, 'allowoverwrite');
    expect(box.names('s3://out/p_')).toEqual(['0000_part_00', 'old']);
    await unload(all, 'cleanpath');
    expect(box.names('s3://out/p_')).toEqual(['0000_part_00']);
  });

  it.each([
    ['select * from t limit 1', '', 'Limit clause is not supported'],
    ['(select * from t limit 1)', '', 'Limit clause is not supported'],
    ['select top 1 * from t', '', 'Limit clause is not supported'],
    ['select s from t', "fixedwidth 's:3'", 'value too long for fixed-width column "s"'],
    ['select s from t', "fixedwidth 's:30,t:1'", 'the specification has 2 columns, the query 1'],
    ['select n, n from t', 'json', 'column name "n" is not unique'],
    ['select n from t', 'partition by (n)', 'at least one column that is no partition column'],
    ['select n, j from t', 'partition by (j)', 'cannot be of type super'],
    ['select n from t', 'partition by (x)', 'not in the query'],
    ['select n from t', 'csv addquotes', 'CSV is not supported with ADDQUOTES'],
    ['select n from t', 'parquet gzip', 'PARQUET is not supported with GZIP'],
    ['select n from t', 'json header', 'JSON is not supported with HEADER'],
    ['select n from t', 'cleanpath allowoverwrite', 'CLEANPATH cannot be used with ALLOWOVERWRITE'],
    ['select n from t', 'maxfilesize 1 mb', 'MAXFILESIZE must be from 5 MB'],
    ['select n from t', 'rowgroupsize 64 mb', 'ROWGROUPSIZE is supported with PARQUET only'],
    ['select n from t', "kms_key_id 'k'", 'KMS_KEY_ID requires the ENCRYPTED option'],
    ['select n from t', "encrypted master_symmetric_key 'k'", 'UNLOAD with MASTER_SYMMETRIC_KEY is not supported'],
    ['select n from t', 'delimiter tab', 'syntax error at or near "tab"'],
    ['select n from t', 'bzip2', 'UNLOAD with BZIP2 is not supported'],
    ["select to_varbyte('abc', 'utf8') as v", 'json', 'UNLOAD of varbyte column "v" is not supported with JSON'],
  ])('refuses %s %s', async (query, options, message) => {
    await expect(unload(query, options)).rejects.toThrow(message);
    expect(box.names('s3://out/')).toEqual([]);
  });

  it('keeps the books, file by file and as a whole', async () => {
    await unload('select n, s from t', 'csv encrypted auto');
    expect(await box.rows('select pg_last_unload_count()')).toEqual([['2']]);
    expect(
      await box.rows(`select status, trim(file_format), unloaded_location, unloaded_rows, unloaded_files_count
                      from sys_unload_history where query_id = pg_last_unload_id()`),
    ).toEqual([['completed', 'CSV', 's3://out/p_', '2', '1']]);
    expect(
      await box.rows('select trim(file_name), line_count from sys_unload_detail where query_id = pg_last_unload_id()'),
    ).toEqual([['s3://out/p_0000_part_00', '2']]);
    expect(await box.rows('select trim(path) from stl_unload_log where query = pg_last_unload_id()')).toEqual([
      ['s3://out/p_0000_part_00'],
    ]);
  });
});
