import { topic } from './cases.ts';

const tables = `
  create table shelf (id int, label varchar(9)); insert into shelf values (1, 'Oak'), (2, 'OAK');
  create table book (shelf int, pages int); insert into book values (1, 50), (1, 70), (2, 60);`;

topic(
  'correlated subqueries, as far as Redshift takes them apart',
  [
    [
      'select id, (select max(pages) from book where shelf = id) from shelf order by 1',
      [
        ['1', '70'],
        ['2', '60'],
      ],
    ],
    ['select id from shelf s where exists (select 1 from book b where b.shelf = s.id and pages > 60)', [['1']]],
    [
      'select id from shelf s where not exists (select 1 from book where not exists (select 1 from book b where b.shelf = s.id))',
      '0A000',
    ],
    [
      'select 1 from shelf left join book b on pages = (select max(pages) from book i where i.shelf = b.shelf)',
      '0A000',
    ],
    [
      'select count(*) from shelf join book b on pages = (select max(pages) from book i where i.shelf = b.shelf)',
      [['4']],
    ],
    ['select id from shelf where id in (select rank() over (order by pages) from book where shelf = id)', '0A000'],
    ['select (select count(*) from book where shelf = id) as n, id from shelf group by n, id', '0A000'],
    ['select id from shelf where id in (select count(*) from book where shelf = id group by pages)', '0A000'],
    ['select count(*) from shelf where 70 in (select max(pages) from book where shelf = id group by shelf)', [['1']]],
  ],
  tables,
);

topic(
  'spellings of operators and collations',
  [
    ["select id from shelf where label operator(pg_catalog.~) '^Oa' and id operator(pg_catalog.<) 9", [['1']]],
    ["select id from shelf where label operator(other.~) 'x'", '42601'],
    ["select count(*) from shelf where collate(label, 'ci') = 'oak'", [['2']]],
    ["select collate(label, 'case_insensitive'), count(*) from shelf group by 1 order by 2", [['Oak', '2']]],
    ["select collate(label, 'turkish') from shelf", '22023'],
    ["select convert_timezone('UTC', 'HERE -1:30', '2024-01-01 00:00:00')", [['2024-01-01 01:30:00']]],
    [
      "select sha2(concat(label, from_hex('ff')), 256) = sha2(from_hex('4f616bff'), 256) from shelf where id = 1",
      [['t']],
    ],
    ["select murmur3_32_hash('cd', murmur3_32_hash('ab')) is not null, murmur3_32_hash(34)", [['t', '2017239379']]],
  ],
  tables,
);

topic(
  'NULL in rows of values, and queries between parentheses',
  [
    ['select (x, y) in (select x, y from pair where x = 1) from pair order by id', [['t'], [null], ['f']]],
    ['select id from pair where (x, y) not in (select 1, cast(null as int)) order by id', [['3']]],
    ['select id from pair where not ((x, y) in (select 1, 2)) order by id', [['3']]],
    ['select (x, y) not in (select 9, 9 where false) from pair order by id', [['t'], ['t'], ['t']]],
    ['select ((select 2) + 3), (((select 1) union (select 1)) * 4), (((select 6)))', [['5', '4', '6']]],
    ['select id from pair where ((select min(x) from pair) = x) order by id', [['1'], ['2']]],
    ['select 3 in ((select 2), 3), 3 in ((select 2) union (select 1))', [['t', 'f']]],
    ['with a as (select 1), a as (select 2) select * from a', '42712'],
    ['update pair set x = 1, x = 2', '42601'],
    ['select l.id from pair l left join pair r on l.id = r.id and exists (select 1 from pair)', '0A000'],
    ['select sum((select max(l.x) from pair)) from pair l', '42803'],
    ['select l.n, r.n from ((select 1 as n) l join (select 1 as n) r on l.n = r.n)', [['1', '1']]],
  ],
  'create table pair (id int, x int, y int); insert into pair values (1, 1, 2), (2, 1, null), (3, 3, 4);',
);
