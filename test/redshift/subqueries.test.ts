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
