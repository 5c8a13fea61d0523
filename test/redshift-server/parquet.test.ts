import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { CopyFixture } from './copy-fixture.ts';

describe('COPY FORMAT PARQUET', () => {
  let box: CopyFixture;
  let directory: string;
  let instance: DuckDBInstance;

  beforeAll(async () => {
    box = await CopyFixture.open();
    directory = await mkdtemp(join(tmpdir(), 'millrace-parquet-test-'));
    instance = await DuckDBInstance.create(':memory:');
  });
  afterAll(async () => {
    await box.close();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    box.store.objects.clear();
    await box.run('drop table if exists t');
  });

  /** A Parquet file of a query of DuckDB's. */
  async function parquet(query: string): Promise<Buffer> {
    const path = join(directory, 'file.parquet');
    const connection = await instance.connect();
    await connection.run(`SET TimeZone = 'UTC'`);
    await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet)`);
    connection.closeSync();
    return readFile(path);
  }

  async function loaded(columns: string, query: string, options = '') {
    await box.run(`create table t (${columns})`);
    box.put('s3://lake/file', await parquet(query));
    await box.run(`copy t from 's3://lake/file' iam_role default format as parquet ${options}`);
    return box.rows('select * from t order by 1');
  }

  it('maps columns by their place and keeps every digit', async () => {
    const columns = `a smallint, b int, c bigint, d decimal(38,10), e real, f double precision, g bool, h date, i timestamp, j timestamptz, k varchar(9),
      l char(3), m varbyte(4), n time`;
    const query = `SELECT 1::SMALLINT AS z, 2::INTEGER, 9007199254740993::BIGINT, 1234567890123456789012345678.0123456789::DECIMAL(38,10), 1.5::FLOAT,
      0.1::DOUBLE, true, DATE '2026-01-31', TIMESTAMP '2026-01-31 10:00:00.123456', TIMESTAMPTZ '2026-01-31 10:00:00+02', 'é', 'ab', 'abc'::BLOB, TIME '10:11:12'
      UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL`;
    const [row, nothing] = (await loaded(columns, query)) ?? [];
    expect(row).toEqual([
      ...['1', '2', '9007199254740993', '1234567890123456789012345678.0123456789', '1.5', '0.1', 't', '2026-01-31'],
      ...['2026-01-31 10:00:00.123456', '2026-01-31 08:00:00+00', 'é', 'ab ', '616263', '10:11:12'],
    ]);
    expect(nothing?.every((value) => value === null)).toBe(true);
    expect(await box.rows('select pg_last_copy_count()')).toEqual([['2']]);
    expect(
      await box.rows('select file_format, loaded_rows from sys_load_history where query_id = pg_last_copy_id()'),
    ).toEqual([['parquet', '2']]);
  });

  it('takes nested values into SUPER with SERIALIZETOJSON', async () => {
    const query = `SELECT 1, {'Big': 12345678901234567890123456789.10::DECIMAL(38,2), 'list': [1.50::DECIMAL(3,2)]}, 'text', MAP {'k': 1}, '{"a":1}'::JSON`;
    expect(await loaded('n int, a super, b super, c super, d super', query, 'serializetojson')).toEqual([
      ['1', '{"Big":12345678901234567890123456789.10,"list":[1.50]}', '"text"', '{"k":1}', '{"a":1}'],
    ]);
  });

  it('fills what is missing at the end, names columns, unpacks by the file name', async () => {
    expect(await loaded('a int, b varchar', 'SELECT 1', 'fillrecord')).toEqual([['1', null]]);
    await box.run('delete from t');
    box.store.objects.set('s3://packed/file.gz', gzipSync(await parquet(`SELECT 'x'`)));
    await box.run("copy t (b) from 's3://packed/' iam_role default parquet");
    expect(await box.rows('select * from t')).toEqual([[null, 'x']]);
  });

  it.each([
    ['a int', 'SELECT 1, 2', 'Unmatched number of columns between table and file. Table columns: 1, Data columns: 2'],
    [
      'a bigint',
      'SELECT 1 AS id',
      "incompatible Parquet schema for column 's3://lake/file.id'. Column type: BIGINT, Parquet schema: optional int32 id",
    ],
    ['a int', "SELECT 'x' AS s", 'Column type: INT, Parquet schema: optional byte_array s (UTF8)'],
    ['a decimal(10,2)', 'SELECT 1.5::DECIMAL(10,1) AS d', 'Column type: DECIMAL(10, 2)'],
    ['a super', "SELECT {'k': 1} AS s", 'SERIALIZETOJSON loads any type into SUPER'],
    [
      'a varchar(2)',
      "SELECT 'éé' AS s",
      'The length of the data column a is longer than the length defined in the table. Table: 2, Data: 4',
    ],
    ['a char(4)', "SELECT 'é' AS s", 'Invalid value in column a for type char'],
    ['a smallint', 'SELECT 70000 AS n', 'Invalid value in column a for type int2'],
    ['a int not null', 'SELECT NULL::INTEGER AS n', 'Missing data for not-null field a'],
    ['a super', `SELECT repeat('x', 65536) AS s`, 'incompatible Parquet schema'],
  ])('%s: refuses %s', async (columns, query, message) => {
    await expect(loaded(columns, query)).rejects.toMatchObject({
      sqlState: 'XX000',
      message: expect.stringContaining(message),
    });
    expect(await box.rows('select count(*) from t')).toEqual([['0']]);
  });

  it('refuses what is no Parquet, strings too long for SUPER, and a manifest without sizes', async () => {
    await expect(loaded('a super', `SELECT repeat('x', 65536) AS s`, 'serializetojson')).rejects.toThrow('65535 bytes');
    box.put('s3://lake/file', 'a,b');
    await expect(box.run("copy t from 's3://lake/file' iam_role default parquet")).rejects.toThrow(
      'not a valid Parquet file',
    );
    box.put('s3://lake/manifest', '{"entries":[{"url":"s3://lake/file","mandatory":true}]}');
    await expect(box.run("copy t from 's3://lake/manifest' iam_role default parquet manifest")).rejects.toThrow(
      'content_length',
    );
  });
});
