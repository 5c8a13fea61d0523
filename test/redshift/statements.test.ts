import { topic } from './cases.ts';

const tables = `
  create table crate (id int, label varchar(9) default 'none'); insert into crate values (1, 'one'), (2, 'two'), (3, 'three');
  create table pallet (label varchar(9), id int); insert into pallet values ('four', 4);
  create table box (id int, spare int); insert into box values (5, 0);
  create view crates as select id from crate;`;

topic(
  'cursors',
  [
    ['declare c cursor for select id from crate order by 1; fetch forward 2 from c', [['1'], ['2']]],
    [
      'declare "C" cursor without hold for select id from crate order by 1; fetch from "C"; fetch all from "C"',
      [['2'], ['3']],
    ],
    ['declare c cursor for select 1; fetch all from c; fetch next from c', []],
    ['declare c cursor for select 1; close c; fetch next from c', '34000'],
    ['declare c cursor for select 1; declare d cursor for select 2', '42P03'],
    ['declare c cursor with hold for select 1', '0A000'],
    ['savepoint here', '0A000'],
    ['rollback to savepoint here', '0A000'],
  ],
  tables,
);

topic('ALTER TABLE APPEND is a transaction of its own', [['alter table crate append from pallet', '25001']], tables);
