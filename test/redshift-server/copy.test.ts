import { gzipSync, zstdCompressSync } from 'node:zlib';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session, StatementResult } from '../../local/redshift/types.ts';
import { MemoryStore } from './memory-store.ts';

const role = 'arn:aws:iam::000000000000:role/copy';

describe('COPY and UNLOAD', () => {
  const store = new MemoryStore();
  let redshift: Redshift;
  let session: Session;

  beforeAll(async () => {
    const admin = { user: 'admin', password: 'secret' };
    redshift = await openRedshift({ databases: ['prod'], admin, objectStore: store, defaultRoleArn: role });
    session = await redshift.session({ database: 'prod', user: 'admin' });
  });
  afterAll(async () => {
    await session.close();
    await redshift.close();
  });
  beforeEach(async () => {
    store.objects.clear();
    store.denied.clear();
    await run('drop table if exists t');
    await run(
      'create table t (id varchar(20) not null, n int, price decimal(38,10), moment timestamptz, ok bool, payload super)',
    );
  });

  const run = async (sql: string): Promise<StatementResult> => (await session.execute(sql)).at(-1) as StatementResult;
  const rows = async (sql: string) => (await run(sql)).rows;
  const put = (uri: string, body: string | Buffer): void => void store.objects.set(uri, Buffer.from(body));
  const lines = (...objects: string[]): string => objects.map((object) => `${object}\n`).join('');

  it('loads what the manifest names, compressed, and keeps every digit', async () => {
    const payload =
      '{"Big":12345678901234567890123456789012345678,"money":0.10,"Σ":"😀","inner":"{\\"a\\": 1}","list":[1,[2.50]]}';
    const line = `{"id":"a","n":7,"price":1234567890123456789012345678.0123456789,"moment":"2026-01-31T23:59:59.123456Z","ok":true,"payload":${payload},"unknown":1}`;
    put('s3://lake/1.zst', zstdCompressSync(lines(line)));
    put('s3://lake/manifest', JSON.stringify({ entries: [{ url: 's3://lake/1.zst', mandatory: true }] }));
    const result = await run(
      `copy t from 's3://lake/manifest' iam_role '${role}' manifest format json 'auto' zstd timeformat 'auto'`,
    );
    expect(result).toMatchObject({ tag: 'COPY', rowCount: 1 });
    expect(result.notices).toEqual([
      { severity: 'INFO', message: "Load into table 't' completed, 1 record(s) loaded successfully." },
    ]);
    expect(await rows('select id, n, price, moment, ok, json_serialize(payload) from t')).toEqual([
      ['a', '7', '1234567890123456789012345678.0123456789', '2026-01-31 23:59:59.123456+00', 't', payload],
    ]);
    expect(store.calls.every((call) => call.roleArn === role)).toBe(true);
  });

  it('gives each load the time of its own day where a column says so by default', async () => {
    await run('create table stamped (id int, loaded_at timestamp default sysdate)');
    put('s3://lake/a', lines('{"id":1}'));
    for (let load = 0; load < 3; load += 1)
      await run(`copy stamped (id) from 's3://lake/a' iam_role default json 'auto'`);
    expect((await run('select count(distinct loaded_at) from stamped')).rows).toEqual([['3']]);
  });

  it('maps keys by their exact case, gives NULL for what is missing, and takes scalars into SUPER', async () => {
    put(
      's3://lake/a',
      lines('{"id":"1","N":5,"payload":"text"}', '{"id":"2","n":"5","payload":null}', '{"id":"3","payload":-1.50}'),
    );
    await run(`copy t from 's3://lake/a' iam_role default json 'auto'`);
    expect(await rows('select id, n, payload from t order by id')).toEqual([
      ['1', null, '"text"'],
      ['2', '5', null],
      ['3', null, '-1.50'],
    ]);
    await run('delete from t');
    await run(`copy t from 's3://lake/a' iam_role default json 'auto ignorecase'`);
    expect(await rows('select id, n from t order by id')).toEqual([
      ['1', '5'],
      ['2', '5'],
      ['3', null],
    ]);
  });

  it('takes nested values into VARCHAR as JSON', async () => {
    await run('drop table t');
    await run('create table t (id varchar(100), n varchar(20))');
    put('s3://lake/a', lines('{"id":{"b":[1.50,"x"]},"n":100.0}'));
    await run(`copy t from 's3://lake/a' iam_role default json 'auto'`);
    expect(await rows('select id, n from t')).toEqual([['{"b":[1.50,"x"]}', '100.0']]);
  });

  it('records what could not be loaded, though the transaction is gone', async () => {
    put(
      's3://lake/a.gz',
      gzipSync(
        lines('{"id":"1","n":1}', '{"id":"2","n":"x"}', '{"n":3}', 'nonsense', '{"id":"abcdefghijklmnopqrstuvwxyz"}'),
      ),
    );
    await run('begin');
    await run("insert into t (id) values ('before')");
    const failed = session.execute(`copy t from 's3://lake/a' iam_role default format json 'auto' gzip`);
    await expect(failed).rejects.toMatchObject({
      sqlState: 'XX000',
      message: "Load into table 't' failed.  Check 'stl_load_errors' system table for details.",
    });
    expect(session.transactionStatus).toBe('E');
    await run('rollback');
    expect(await rows('select count(*) from t')).toEqual([['0']]);
    const detail = await rows(
      `select trim(file_name), line_number, trim(column_name), error_code, trim(error_message) from sys_load_error_detail
       where query_id = (select max(query_id) from sys_load_error_detail) order by line_number`,
    );
    expect(detail).toEqual([
      ['s3://lake/a.gz', '2', 'n', '1207', "Invalid digit, Value 'x', Pos 0, Type: Integer"],
      ['s3://lake/a.gz', '3', 'id', '1213', 'Missing data for not-null field'],
      ['s3://lake/a.gz', '4', '', '1216', expect.stringContaining('not valid')],
      ['s3://lake/a.gz', '5', 'id', '1204', 'String length exceeds DDL length'],
    ]);
    expect(await rows('select trim(raw_field_value) from stl_load_errors where line_number = 2')).toEqual([['x']]);
    expect(await rows('select status, error_count from sys_load_history order by start_time desc limit 1')).toEqual([
      ['aborted', '4'],
    ]);
  });

  it('goes on until MAXERROR, and cuts what TRUNCATECOLUMNS allows', async () => {
    put('s3://lake/a', lines('{"id":"1"}', 'x', '{"id":"2"}', 'y', `{"id":"${'é'.repeat(11)}"}`));
    await expect(run(`copy t from 's3://lake/a' iam_role default json 'auto' maxerror 3`)).rejects.toThrow('failed');
    const result = await run(`copy t from 's3://lake/a' iam_role default json 'auto' maxerror 4`);
    expect(result.notices?.map((notice) => notice.message)).toEqual([
      expect.stringContaining('2 record(s) loaded'),
      expect.stringContaining('3 record(s) could not be loaded'),
    ]);
    const cut = await run(`copy t from 's3://lake/a' iam_role default json 'auto' maxerror 4 truncatecolumns`);
    expect(cut.rowCount).toBe(3);
    expect(await rows('select max(id) from t')).toEqual([['é'.repeat(10)]]);
  });

  it('reads times as Redshift does: ISO 8601 needs TIMEFORMAT auto', async () => {
    put('s3://lake/a', lines('{"id":"1","moment":"2026-01-31T10:00:00Z"}'));
    await expect(run(`copy t from 's3://lake/a' iam_role default json 'auto'`)).rejects.toThrow('failed');
    await run(`copy t from 's3://lake/a' iam_role default json 'auto' timeformat 'auto'`);
    put('s3://lake/b', lines('{"id":"2","moment":1769853600123}'));
    await run(`copy t from 's3://lake/b' iam_role default json 'auto' timeformat 'epochmillisecs'`);
    expect(await rows('select moment from t order by id')).toEqual([
      ['2026-01-31 10:00:00+00'],
      ['2026-01-31 10:00:00.123+00'],
    ]);
  });

  it('loads CSV, jsonpaths and whole rows', async () => {
    put(
      's3://lake/a.csv',
      'id,n,price,moment,ok,payload\n"a,b",1,2.5,2026-01-01 00:00:00,true,"{""k"": 1.50}"\nb,,,,,\n',
    );
    await run(`copy t from 's3://lake/a.csv' iam_role default csv ignoreheader 1`).catch(async (e) =>
      console.log(String(e), await rows('select * from stl_load_errors')),
    );
    expect(await rows('select id, n, price, ok, payload.k from t order by id')).toEqual([
      ['a,b', '1', '2.5000000000', 't', '1.50'],
      ['b', null, null, null, null],
    ]);
    put('s3://lake/paths', JSON.stringify({ jsonpaths: ["$['who']['id']", "$['counts'][1]"] }));
    put('s3://lake/rows', lines('{"who":{"id":"p"},"counts":[1,2]}'));
    await run(`copy t (id, n) from 's3://lake/rows' iam_role default json 's3://lake/paths'`);
    expect(await rows("select id, n from t where id = 'p'")).toEqual([['p', '2']]);
    await run('create temp table whole (document super)');
    await run(`copy whole from 's3://lake/rows' iam_role default json 'noshred'`);
    expect(await rows('select document.counts from whole')).toEqual([['[1,2]']]);
  });

  it('refuses a SUPER string of more than 65,535 bytes, and takes a document of many shorter ones', async () => {
    const document = (bytes: number): string =>
      `{"id":"1","payload":{"a":"${'x'.repeat(bytes)}","b":"${'y'.repeat(60_000)}"}}`;
    put('s3://lake/a', lines(document(65_535)));
    expect((await run(`copy t from 's3://lake/a' iam_role default json 'auto'`)).rowCount).toBe(1);
    put('s3://lake/a', lines(document(65_536)));
    await expect(run(`copy t from 's3://lake/a' iam_role default json 'auto'`)).rejects.toThrow('failed');
  });

  it('loads the same in one pass as row by row, digits, blanks and all', async () => {
    const objects = [
      '{"id":"a","n":1,"payload":{"a":1.50,"b":1.5}}',
      '{"id":"b","payload":{"a": 1.5},"n":2}',
      '{"x":{"payload":{"a":1.5}},"id":"c","payload":{"a":1.50}}',
      '{"id":"d","payload":123456789012345678901234567890.10}',
      '{"id":"\\u0065\\"","payload":"\\u00e9"}',
      '{"id":6,"n":null,"payload":null}',
    ];
    const select = 'select id, n, json_serialize(payload) from t order by id';
    for (const object of objects) {
      await run('delete from t');
      put('s3://lake/a', lines(object));
      await run(`copy t from 's3://lake/a' iam_role default json 'auto'`);
      const alone = await rows(select);
      await run('delete from t');
      put('s3://lake/a', lines(object, 'broken'));
      await run(`copy t from 's3://lake/a' iam_role default json 'auto' maxerror 2`);
      expect(await rows(select)).toEqual(alone);
    }
  });

  it('takes an attempt back without touching what the transaction had', async () => {
    await run('begin');
    await run("insert into t (id) values ('before')");
    put('s3://lake/a', lines('{"id":"1"}', '{"id":"2"}', 'x', '{"id":"3"}'));
    await run(`copy t from 's3://lake/a' iam_role default json 'auto' maxerror 2`);
    await run('commit');
    expect(await rows('select id from t order by id')).toEqual([['1'], ['2'], ['3'], ['before']]);
  });

  it('says which role may not read', async () => {
    put('s3://lake/a', '{}');
    store.denied.add('s3://lake/a');
    await expect(run(`copy t from 's3://lake/a' iam_role '${role}' json 'auto'`)).rejects.toMatchObject({
      sqlState: 'XX000',
      message: expect.stringMatching(/^S3ServiceException:.*role\/copy.*Status 403,Error AccessDenied/),
    });
  });

  it('unloads what it has loaded', async () => {
    put('s3://lake/a', lines('{"id":"1","n":1,"price":0.10,"payload":{"k":[1.50,"x,y"]}}', '{"id":"a\\"b"}'));
    await run(`copy t from 's3://lake/a' iam_role default json 'auto'`);
    const select = 'select id, n, payload from t order by id';
    await run(`unload ('${select}') to 's3://out/json_' iam_role default json`);
    expect(store.objects.get('s3://out/json_0000_part_00')?.toString()).toBe(
      lines('{"id":"1","n":1,"payload":{"k":[1.50,"x,y"]}}', '{"id":"a\\"b","n":null,"payload":null}'),
    );
    await run(`unload ('${select}') to 's3://out/csv_' iam_role default csv header parallel off`);
    expect(store.objects.get('s3://out/csv_000')?.toString()).toBe(
      lines('id,n,payload', '1,1,"{""k"":[1.50,""x,y""]}"', '"a""b",,null'),
    );
    await expect(run(`unload ('${select}') to 's3://out/csv_' iam_role default csv`)).rejects.toThrow('not empty');
  });
});
