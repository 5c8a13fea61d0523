import { topic } from './cases.ts';

const tables = `
  create table crate (id int, label varchar(9)); insert into crate values (1, 'one'), (2, 'two');
  create view crates as select * from crate; create view ids as select id from crates;
  create materialized view labels as select label from crate;`;

topic(
  'views follow what they read',
  [
    ['alter table crate rename to chest; select count(*) from ids', [['2']]],
    ['alter table crate rename column id to number; select min(id) from crates', [['1']]],
    [
      'alter table crate add column more int default 7; select * from crates order by 1',
      [
        ['1', 'one'],
        ['2', 'two'],
      ],
    ],
    [
      'alter table crate rename to chest; create table crate (id int, label varchar(9)); select count(*) from crates',
      [['2']],
    ],
    [
      "alter table crate rename to chest; insert into chest values (3, 'x'); refresh materialized view labels; select count(*) from labels",
      [['3']],
    ],
    ['create view twice as select id, label as id from crate', '42701'],
    ['create view twice (a, b) as select id, label as id from crate; select max(a) from twice', [['2']]],
    ['create temp table crate as select 9 as id; select max(id) from ids', [['2']]],
    [
      'create schema aside; create table aside.crate (id int, label varchar(9)); set search_path to aside, public; select count(*) from crates',
      [['2']],
    ],
  ],
  tables,
);

topic(
  'what others read goes with CASCADE only',
  [
    ['drop table crate', '2BP01'],
    ['drop table crate cascade; select * from ids', '42P01'],
    ['alter table crate drop column label', '2BP01'],
    ['alter table crate drop column label cascade; select * from labels', '42P01'],
    [
      'drop materialized view labels; drop view ids; drop view crates; alter table crate drop column label; select * from crate order by 1',
      [['1'], ['2']],
    ],
    ['alter table crate alter column label type varchar(20)', '0A000'],
    ['alter table crate alter column id type bigint', '0A000'],
    [
      'create schema s; create table s.t (a int); create view reads as select a from s.t; drop schema s cascade; select * from reads',
      '42P01',
    ],
    [
      'create schema s; create function s.f() returns int stable as $$ select 1 $$ language sql; drop schema s',
      '2BP01',
    ],
    [
      'create view late as select id from public.crate with no schema binding; drop table crate cascade; select * from late',
      '42P01',
    ],
  ],
  tables,
);

topic(
  'a view is replaced by one of the same columns',
  [
    ['create or replace view ids as select id + 0 as id from crate; select max(id) from ids', [['2']]],
    ['create or replace view ids as select id, label from crate', '42P16'],
    ['create or replace view ids as select id as other from crate', '42P16'],
    ['create or replace view ids as select label as id from crate', '42P16'],
    ['create or replace view crate as select 1 as a', '42P07'],
    ['create or replace view labels as select label from crate', '42P07'],
    ['create temp table own (a int); create view v as select a from own', '0A000'],
  ],
  tables,
);

topic(
  'a materialized view takes what the manual lets it take',
  [
    ['create materialized view more as select label from labels; select count(*) from more', [['2']]],
    [
      'create materialized view more as select id, row_number() over (order by id) as n from crate; select max(n) from more',
      [['2']],
    ],
    ['create materialized view more as select id from crates', '0A000'],
    [
      'create view late as select id from public.crate with no schema binding; create materialized view more as select id from late',
      '0A000',
    ],
    ['create materialized view more as select id from crate order by id', '0A000'],
    ['create materialized view more as select id from crate limit 1', '0A000'],
    ['create materialized view more as select id from crate offset 1', '0A000'],
    [
      'create function twice(int) returns int immutable as $$ select $1 * 2 $$ language sql; create materialized view more as select twice(id) from crate',
      '0A000',
    ],
  ],
  tables,
);

topic(
  'a late-binding view too is replaced by one of the same columns',
  [
    [
      'create view late as select id from public.crate with no schema binding; create or replace view late as select id * 2 as id from public.crate with no schema binding; select max(id) from late',
      [['4']],
    ],
    [
      'create view late as select id from public.crate with no schema binding; create or replace view late as select id, label from public.crate with no schema binding',
      '42P16',
    ],
    [
      'create view late as select id from public.gone with no schema binding; create or replace view late as select id, label from public.crate with no schema binding; select count(*) from late',
      [['2']],
    ],
  ],
  tables,
);
