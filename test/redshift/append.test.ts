import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session } from '../../local/redshift/types.ts';
import { answer } from './cases.ts';

let redshift: Redshift;
let session: Session;
beforeAll(async () => {
  redshift = await openRedshift({ databases: ['dev'], admin: { user: 'admin', password: 'secret' } });
  session = await redshift.session({ database: 'dev', user: 'admin' });
});
afterAll(() => redshift.close());

describe('ALTER TABLE APPEND, which is a transaction of its own', () => {
  test.each([
    ['create table goal (id int, note varchar(9)); create table fresh (note varchar(9), id int)', []],
    ["insert into fresh values ('a', 1), ('b', 2)", []],
    ['alter table goal append from fresh', []],
    [
      'select id, note from goal order by id',
      [
        ['1', 'a'],
        ['2', 'b'],
      ],
    ],
    ['select count(*) from fresh', [['0']]],
    ['create table wide (id int, note varchar(9), more int); insert into wide values (3, null, 0)', []],
    ['alter table goal append from wide', '42703'],
    ['alter table goal append from wide ignoreextra', []],
    ['alter table wide append from goal', '42703'],
    ['alter table wide append from goal filltarget', []],
    ['select count(*), count(more) from wide', [['3', '0']]],
    ['create table other (id bigint, note varchar(9))', []],
    ['alter table goal append from other', '42804'],
    ['declare c cursor for select 1', '25P01'],
  ])('%s', async (sql, expected) => expect(await answer(session, sql)).toEqual(expected));
});
