import { topic } from './cases.ts';

const PARTS =
  "create table parts (id int, part varchar(9), inside int); insert into parts values (1, 'car', null), (2, 'engine', 1), (3, 'piston', 2), (4, 'door', 1), (5, 'handle', 4); create table weights (part_id int, grams int); insert into weights values (1, 900), (2, 300), (3, 20), (9, 1)";

topic(
  'CONNECT BY',
  [
    [
      "select level, part from parts start with part = 'car' connect by prior id = inside order by 1, 2",
      [
        ['1', 'car'],
        ['2', 'door'],
        ['2', 'engine'],
        ['3', 'handle'],
        ['3', 'piston'],
      ],
    ],
    [
      'select part from parts where level = 2 connect by inside = prior id start with inside is null order by 1',
      [['door'], ['engine']],
    ],
    [
      'select p.part, grams, level from parts p join weights on id = part_id start with inside is null connect by prior p.id = p.inside order by level',
      [
        ['car', '900', '1'],
        ['engine', '300', '2'],
        ['piston', '20', '3'],
      ],
    ],
    [
      'select count(*) from parts start with id = 6 connect by prior id = inside',
      '54001',
      "insert into parts values (6, 'a', 7), (7, 'b', 6)",
    ],
    ['select count(*) from parts as start connect by prior id = inside start with id = 2', [['2']]],
  ],
  PARTS,
);

topic(
  'WITH RECURSIVE',
  [
    [
      'with recursive holds(id, part, depth) as (select id, part, 0 from parts where id = 1 union all select p.id, p.part, depth + 1 from parts p join holds w on p.inside = w.id where depth < 1) select part, depth from holds order by depth, part',
      [
        ['car', '0'],
        ['door', '1'],
        ['engine', '1'],
      ],
    ],
    ['with recursive n as (select 1 as x union all select x + 1 from n where x < 3) select * from n', '42601'],
    ['with recursive n(x) as (select 1 union select x + 1 from n where x < 3) select * from n', '42P19'],
    ['with recursive n(x) as (select 1 union all select x + 1 from n limit 3) select * from n', '0A000'],
    ['with n(x) as (select 1 union all select x + 1 from n where x < 3) select * from n', '42P01'],
  ],
  PARTS,
);

topic(
  'the outer join operator (+)',
  [
    [
      'select part, grams from parts, weights where id = part_id(+) order by id',
      [
        ['car', '900'],
        ['engine', '300'],
        ['piston', '20'],
        ['door', null],
        ['handle', null],
      ],
    ],
    [
      'select part, grams from parts, weights where parts.id = weights.part_id(+) and grams(+) > 500 order by id limit 2',
      [
        ['car', '900'],
        ['engine', null],
      ],
    ],
    [
      'select p.part, i.part, w.grams from parts p, parts i, weights w where p.id = i.inside(+) and i.id = w.part_id(+) and p.id in (1, 5) order by 1, 2',
      [
        ['car', 'door', null],
        ['car', 'engine', '300'],
        ['handle', null, null],
      ],
    ],
    ['select count(*) from parts, weights where id = part_id(+) or grams = 1', '0A000'],
    ['select count(*) from parts, weights where part_id(+) in (1, 2)', '0A000'],
    ['select count(*) from parts a, parts b, weights where a.id = part_id(+) and b.id = part_id(+)', '42601'],
    ['select count(*) from parts join weights on true where id = part_id(+)', '42601'],
    ['select count(*) from parts, weights where id = part_id * 2(+)', '42601'],
  ],
  PARTS,
);
