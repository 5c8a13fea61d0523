import { topic } from './cases.ts';

const tables = `
  create table box (id int, s super);
  insert into box values
    (1, json_parse('{"in":[{"n":1,"of":["p","q"]},{"n":2}]}')), (2, json_parse('{"in":[]}')), (3, json_parse('{"in":5}')), (4, null),
    (5, json_parse('{"in":[{"n":7},{"n":8}]}'));
  create table label (n int, text varchar);
  insert into label values (1, 'one'), (8, 'eight');`;

topic(
  'LEFT JOIN with an array, ON a condition',
  [
    [
      'select id, x.n, i from box left join box.s."in" as x at i on x.n > 1 order by id, i',
      [
        ['1', '2', '1'],
        ['2', null, null],
        ['3', null, null],
        ['4', null, null],
        ['5', '7', '0'],
        ['5', '8', '1'],
      ],
    ],
    ['select count(*), count(x.n), count(i) from box left join box.s."in" x at i on false', [['5', '0', '0']]],
    ['select count(*), count(x.n) from box left join box.s."in" x on x is null', [['5', '0']]],
    [
      'select id, x.n, text from box left join box.s."in" x on x.n in (1, 8) left join label on label.n = x.n where id in (1, 2, 5) order by id',
      [
        ['1', '1', 'one'],
        ['2', null, null],
        ['5', '8', 'eight'],
      ],
    ],
    [
      'select id, y from box left join box.s."in" x on x.n = 1 left join x.of as y on y <> \'p\' where id < 3 order by id',
      [
        ['1', '"q"'],
        ['2', null],
      ],
    ],
    [
      'select id, e.n from box left join unnest(box.s."in") as u(e) on e.n = 2 where id < 3 order by 1',
      [
        ['1', '2'],
        ['2', null],
      ],
    ],
    ['select sum(x.n::int) from box inner join box.s."in" x on x.n > box.id', [['17']]],
    ['select * from box left join box.s."in" x on x.n = 1 where id = 2', [['2', '{"in":[]}', null]]],
    ['select id from box right join box.s."in" x on true', '0A000'],
  ],
  tables,
);

topic(
  'a query inside that unnests an array of the query around it',
  [
    ['select id from box where exists (select 1 from box.s."in" as x where x.n = 2)', [['1']]],
    ['select (select count(*) from box.s."in" as x, x.of as y) from box where id = 1', [['2']]],
    ['select id from box where exists (select 1 from box.s."in" as x, label where label.n = x.n)', '0A000'],
    ['select id from box where exists (select 1 from box.s."in" as x join label on label.n = x.n)', '0A000'],
  ],
  tables,
);
