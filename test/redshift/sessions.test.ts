import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session } from '../../local/redshift/types.ts';
import { answer } from './cases.ts';

const admin = { user: 'admin', password: 'secret' };

describe('sessions side by side', () => {
  let redshift: Redshift;
  let one: Session;
  let two: Session;
  beforeEach(async () => {
    redshift = await openRedshift({ databases: ['dev', 'other'], admin });
    one = await redshift.session({ database: 'dev', user: 'admin' });
    two = await redshift.session({ database: 'dev', user: 'admin' });
    await one.execute('create table t (id int, v int); insert into t values (1, 1), (2, 2)');
  });
  afterEach(() => redshift.close());

  test('a transaction is seen whole or not at all, definitions included', async () => {
    await one.execute('begin; create table u (a int); insert into u values (1); insert into t values (3, 3)');
    expect(await answer(two, 'select count(*) from t')).toEqual([['2']]);
    expect(await answer(two, 'select * from u')).toBe('42P01');
    await one.execute('commit');
    expect(await answer(two, 'select (select count(*) from t), (select count(*) from u)')).toEqual([['3', '1']]);
  });

  test('a rollback takes back tables, rows, names and settings', async () => {
    await one.execute('begin; drop table t; create temp table x (a int); set search_path to other; rollback');
    expect(await answer(one, 'select count(*) from t')).toEqual([['2']]);
    expect(await answer(one, 'select * from x')).toBe('42P01');
    expect(await answer(one, 'show search_path')).toEqual([['$user, public']]);
  });

  test('an error leaves a transaction waiting for its end', async () => {
    await one.execute('begin');
    expect(await answer(one, 'select 1 / 0')).toBe('22012');
    expect(one.transactionStatus).toBe('E');
    expect(await answer(one, 'select 1')).toBe('25P02');
    expect((await one.execute('commit'))[0]?.tag).toBe('ROLLBACK');
    expect(await answer(one, 'select 1')).toEqual([['1']]);
  });

  test('several statements in one text are one transaction', async () => {
    expect(await answer(one, 'insert into t values (9, 9); select 1 / 0')).toBe('22012');
    expect(await answer(one, 'select count(*) from t')).toEqual([['2']]);
    expect(one.transactionStatus).toBe('I');
  });

  test('two writers of one row: the later is told to try again', async () => {
    await one.execute('begin; update t set v = 10 where id = 1');
    await two.execute('begin');
    expect(await answer(two, 'update t set v = 20 where id = 1')).toBe('40001');
    await two.execute('rollback');
    await one.execute('commit');
    expect(await answer(two, 'select v from t where id = 1')).toEqual([['10']]);
  });

  test('LOCK waits for the other transaction, and sees what it did', async () => {
    await one.execute('begin; lock t; insert into t values (3, 3)');
    await two.execute('begin');
    const waiting = two.execute('lock t; select count(*) from t');
    await one.execute('commit');
    expect((await waiting).at(-1)?.rows).toEqual([['3']]);
    await two.execute('commit');
  });

  test('TRUNCATE commits; VACUUM wants to be alone', async () => {
    await one.execute('begin; insert into t values (3, 3); truncate t');
    expect(one.transactionStatus).toBe('I');
    expect(await answer(two, 'select count(*) from t')).toEqual([['0']]);
    expect((await one.execute('vacuum'))[0]?.tag).toBe('VACUUM');
    expect(await answer(one, 'select 1; vacuum')).toBe('25001');
  });

  test('a session finds nothing of those before it', async () => {
    const session = () => redshift.session({ database: 'dev', user: 'admin' });
    const made = 'create temp table scratch (a int not null, b varchar(10))';
    for (let round = 0; round < 4; round += 1) {
      const next = await session();
      expect(await answer(next, 'select * from scratch')).toBe('42P01');
      await next.execute(`begin; ${made}; insert into scratch values (1, 'a')`);
      expect(await answer(next, 'select count(*) from scratch')).toEqual([['1']]);
      await next.execute('rollback');
      await next.execute(`${made}; set timezone to 'Asia/Tokyo'`);
      expect(await answer(next, 'select count(*) from scratch')).toEqual([['0']]);
      await next.execute("insert into scratch values (2, 'b')");
      if (round % 2 > 0) await next.execute('alter table scratch add column c int; drop table scratch');
      await next.close();
      const after = await session();
      expect(await answer(after, `${made}; select count(*) from scratch`)).toEqual([['0']]);
      await after.execute("insert into scratch values (3, 'c'), (4, 'd')");
      await after.close();
    }
  });

  test('a session reads times in its own zone, whoever had its connection', async () => {
    const session = () => redshift.session({ database: 'dev', user: 'admin' });
    const shown = "select '2026-01-01 00:00:00+00'::timestamptz::varchar";
    for (const [zone, text] of [
      ['UTC', '2026-01-01 00:00:00+00'],
      ['Asia/Tokyo', '2026-01-01 09:00:00+09'],
      ['UTC', '2026-01-01 00:00:00+00'],
    ]) {
      const next = await session();
      if (zone !== 'UTC') await next.execute(`set timezone to '${zone}'`);
      expect(await answer(next, shown)).toEqual([[text]]);
      await next.close();
    }
  });

  test('temporary tables are the session’s own and hide others', async () => {
    await one.execute('create temp table t as select 7 as id');
    expect(await answer(one, 'select * from t')).toEqual([['7']]);
    expect(await answer(one, 'select count(*) from public.t')).toEqual([['2']]);
    expect(await answer(two, 'select count(*) from t')).toEqual([['2']]);
  });

  test('another database is read by three names, not written', async () => {
    const elsewhere = await redshift.session({ database: 'other', user: 'admin' });
    expect(await answer(elsewhere, 'select count(*) from dev.public.t')).toEqual([['2']]);
    expect(await answer(elsewhere, 'insert into dev.public.t values (1, 1)')).toBe('0A000');
  });

  test('a parameter beside a decimal is computed as it is described', async () => {
    const prepared = await one.prepare('select 10.5 * $1 as price');
    expect(prepared.columns?.[0]?.type.kind).toBe('decimal');
    const { columns, rows } = await prepared.execute(['-2.125']);
    expect([columns?.[0]?.type.kind, rows]).toEqual(['decimal', [['-22.3125']]]);
    const sum = await one.prepare('select $1 + $2');
    expect((await sum.execute(['2', '3'])).columns?.[0]?.type).toEqual(sum.columns?.[0]?.type);
  });

  test('prepared statements know their parameters and columns', async () => {
    const prepared = await one.prepare("select id, v + $1 as sum from t where id = $2 and 'x' = $3");
    expect(prepared.parameterTypes.map((type) => type.kind)).toEqual(['int4', 'int4', 'varchar']);
    expect(prepared.columns?.map((column) => [column.name, column.type.kind])).toEqual([
      ['id', 'int4'],
      ['sum', 'int4'],
    ]);
    expect((await prepared.execute(['40', '2', 'x'])).rows).toEqual([['2', '42']]);
    expect((await prepared.execute(['40', null, 'x'])).rows).toEqual([]);
  });

  test('a query can be cancelled', async () => {
    const long = answer(
      one,
      'with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000000) select count(*) from n',
    );
    await answer(two, 'select 1');
    one.cancel();
    expect(await long).toBe('57014');
  });
});

test('a database file holds what was committed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'box-'));
  try {
    const first = await openRedshift({ directory, databases: ['dev'], admin });
    const session = await first.session({ database: 'dev', user: 'admin' });
    await session.execute(`create schema mart; create table mart.t (id int identity(1, 1), "Name" varchar(9) default 'n' not null, s super) distkey(id) sortkey(id);
      insert into mart.t (s) values (json_parse('{"n":1.10}')); create view mart.v as select id, s.n from mart.t; create user ann password 'Secret1x';
      grant usage on schema mart to ann; grant insert on mart.t to ann; grant select on mart.v to ann`);
    await first.close();
    const second = await openRedshift({ directory, databases: [], admin });
    const again = await second.session({ database: 'dev', user: 'ann' });
    expect(
      await answer(again, 'insert into mart.t (s) values (json_parse(\'{"n":2}\')); select * from mart.v order by 1'),
    ).toEqual([
      ['1', '1.10'],
      ['2', '2'],
    ]);
    expect(second.passwordOf('ann')).toBe('Secret1x');
    await second.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
