import { topic } from './cases.ts';

const tables = `
  create table spelling (id int, word varchar(10), name varchar(10) collate case_insensitive, doc super);
  insert into spelling values
    (1, 'a', 'Ada', json_parse('{"n":12.50}')), (2, 'a  ', 'ADA', json_parse('{"n":12.5}')),
    (3, 'b', 'Bo', json_parse('{"n":1e2}')), (4, 'b', 'bo', json_parse('{"n":100}'));`;

topic(
  'values that are equal however they are written',
  [
    ['select count(*) from (select doc.n from spelling union select 100)', [['2']]],
    ['select count(*) from (select doc.n from spelling except select 12.5)', [['1']]],
    ["select count(*) from (select doc.n from spelling intersect select json_parse('100.0'))", [['1']]],
    ["select lower(name) from (select name from spelling where id > 2 union select 'BO')", [['bo']]],
    ["select rtrim(word) from (select word from spelling union select 'b ') order by 1", [['a'], ['b']]],
    ["select word from spelling except select 'a'", [['b']]],
    ['select count(distinct word), count(distinct name), count(distinct doc.n) from spelling', [['2', '2', '2']]],
    ['select count(*) over (partition by doc.n) from spelling where id < 3', [['2'], ['2']]],
    [
      'select count(*) over (partition by name), id from spelling order by id limit 2',
      [
        ['2', '1'],
        ['2', '2'],
      ],
    ],
    ["select listagg(distinct name, ',') within group (order by id) from spelling", [['Ada,Bo']]],
    [
      'select doc.n, count(*) from spelling where id < 3 group by doc.n union all select 0, count(*) from spelling where id = 1 group by word',
      [
        ['12.50', '2'],
        ['0', '1'],
      ],
    ],
    ['select name, count(*) from spelling where id < 3 group by name', [['Ada', '2']]],
    [
      'select word, grouping(word), count(*) from spelling group by rollup(word) order by 1',
      [
        ['a', '0', '2'],
        ['b', '0', '2'],
        [null, '1', '4'],
      ],
    ],
    [
      'select word, (select max(id) from spelling i where i.word = o.word) from spelling o group by word order by 1',
      [
        ['a', '2'],
        ['b', '4'],
      ],
    ],
  ],
  tables,
);

topic('text in SUPER that looks like a number', [
  [`select json_parse('"1.5e9999"')::float, json_parse('"1.5e9999"')::decimal(9,2)`, [[null, null]]],
  [
    `select json_parse('"1.5e3"')::float, json_parse('" 7 "')::int, json_parse('1.50')::decimal(9,2)`,
    [['1500', '7', '1.50']],
  ],
]);

topic(
  'columns with case and without do not meet',
  [
    ['select word = name from spelling', '0A000'],
    ['select concat(name, word) from spelling', '0A000'],
    ["select coalesce(name, upper(word)), case when id > 1 then name else 'x' end from spelling", '0A000'],
    ['select name from spelling union select word from spelling', '0A000'],
    ["select count(*) from spelling where word in ('q', name)", '0A000'],
    ['select count(*) from spelling where name like word', '0A000'],
    ['select count(*) from spelling a join spelling b on a.word = b.name', '0A000'],
    ['select name = doc from spelling', '0A000'],
    ["select collate(usename, 'ci') from pg_user", '0A000'],
    ["select count(*) from spelling where coalesce(name, 'x') = 'BO' and name || '!' = 'bO!'", [['2']]],
    ["select count(*) from spelling where case when id > 3 then name else 'ada' end = 'ADA'", [['3']]],
    ["select count(*) from spelling where collate(word, 'case_insensitive') = 'B'", [['2']]],
    [
      "select upper(max(name)), upper(min(name)), upper(greatest(null, max(name), 'ab')) from spelling",
      [['BO', 'ADA', 'BO']],
    ],
    ["select least(name, 'AB', null) from spelling where id = 3", [['AB']]],
  ],
  tables,
);
