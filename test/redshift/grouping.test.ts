import { topic } from './cases.ts';

const STOCK =
  "create table stock (shop char(4), kind varchar(6), fresh boolean, n int); insert into stock values ('n', 'pen', true, 1), ('n', 'ink', false, 2), ('s', 'pen', true, 4), (null, 'pen', false, 8)";

topic(
  'several groupings at once',
  [
    [
      'select kind, fresh, sum(n) from stock group by grouping sets (kind, fresh) order by 1, 2',
      [
        ['ink', null, '2'],
        ['pen', null, '13'],
        [null, 'f', '10'],
        [null, 't', '5'],
      ],
    ],
    [
      'select trim(shop), grouping(shop), sum(n) from stock group by rollup (shop) order by 2, 1',
      [
        ['n', '0', '3'],
        ['s', '0', '4'],
        [null, '0', '8'],
        [null, '1', '15'],
      ],
    ],
    [
      'select kind, fresh, grouping_id(kind, fresh) g, sum(n) from stock group by cube (kind, fresh) order by g, 1, 2',
      [
        ['ink', 'f', '0', '2'],
        ['pen', 'f', '0', '8'],
        ['pen', 't', '0', '5'],
        ['ink', null, '1', '2'],
        ['pen', null, '1', '13'],
        [null, 'f', '2', '10'],
        [null, 't', '2', '5'],
        [null, null, '3', '15'],
      ],
    ],
    [
      'select fresh, kind, sum(n) from stock group by fresh, rollup (kind) order by 1, 2',
      [
        ['f', 'ink', '2'],
        ['f', 'pen', '8'],
        ['f', null, '10'],
        ['t', 'pen', '5'],
        ['t', null, '5'],
      ],
    ],
    ['select sum(n) from stock group by grouping sets (rollup (kind), ()) order by 1', [['2'], ['13'], ['15'], ['15']]],
    [
      'select n % 2 = 1 as odd, sum(n) from stock group by rollup (odd) order by 1',
      [
        ['f', '14'],
        ['t', '1'],
        [null, '15'],
      ],
    ],
    ['select 1, sum(n) from stock group by rollup (1)', '0A000'],
    ['select sum(n) from stock group by cube (kind, kind)', '0A000'],
    ['select sum(n) from stock group by grouping sets ((kind, kind))', '0A000'],
    ['select sum(n) from stock group by cube (shop, kind, fresh, n), cube (n + 1, n + 2, n + 3)', '54000'],
    ['select grouping(n) from stock group by kind', '42803'],
    ['select kind, sum(n) from stock group by 1 having count(*) > 1', [['pen', '13']]],
  ],
  STOCK,
);

topic(
  'turning rows and columns',
  [
    [
      "select * from (select kind, fresh, n from stock) pivot (sum(n) for kind in ('pen', 'ink' as black)) order by 1",
      [
        ['f', '8', '2'],
        ['t', '5', null],
      ],
    ],
    [
      "select * from (select kind, n from stock) pivot (count(*) as c, max(n) as m for kind in ('pen' as p))",
      [['3', '8']],
    ],
    [
      'select * from (select 1 as a, null::int as b, 3 as c) unpivot (v for k in (a, b, c as third)) order by 1',
      [
        ['a', '1'],
        ['third', '3'],
      ],
    ],
    [
      'select * from (select 1 as a, null::int as b) unpivot include nulls (v for k in (a, b)) order by 1',
      [
        ['a', '1'],
        ['b', null],
      ],
    ],
    ["select * from (select 1 as a, 'x'::varchar as b) unpivot (v for k in (a, b))", '42804'],
    ["select * from (select kind, n from stock) pivot (sum(n) for color in ('pen'))", '42703'],
    ["select * from (select kind, n from stock) pivot (n for kind in ('pen'))", '42601'],
  ],
  STOCK,
);

topic('sets of rows', [
  ['select 1 union select 2 intersect select 3 order by 1', [['1']]],
  ['(select 1 union select 2) intersect select 2', [['2']]],
  ['select 1 union all select 1 except select 2', [['1']]],
  ['select null::int intersect select null::int', [[null]]],
  ['select 1 minus select 1', []],
  ['select 1 except all select 1', '0A000'],
  ['(select 1 limit 1) union select 2', '0A000'],
  ['select 1, 2 union select 1', '42601'],
  ['select x from (select 1 x union all select 2 union all select 3) t order by x desc limit 1 offset 1', [['2']]],
  ['select top 2 x from (select 1 x union all select 2 union all select 3) t order by x', [['1'], ['2']]],
  ['select 1 limit -1', '2201W'],
]);

topic(
  'what PIVOT takes',
  [
    [
      "select * from stock pivot (sum(n * 10) for kind in ('pen')) order by 1, 2",
      [
        ['n   ', 'f', null],
        ['n   ', 't', '10'],
        ['s   ', 't', '40'],
        [null, 'f', '80'],
      ],
    ],
    ["select * from (select kind, n from stock) pivot (stddev(n) for kind in ('pen'))", '0A000'],
    ['select * from (select kind, n from stock) pivot (sum(n) for kind in (kind))', '0A000'],
    ["select * from (select kind, n from stock) pivot (sum(n) for kind in ((select 'pen')))", '0A000'],
    ["select * from (stock join stock as other on true) pivot (sum(n) for kind in ('pen'))", '0A000'],
    [
      "select * from (select kind, n from stock) pivot (sum(n) for kind in ('pen')) unpivot (v for k in (pen))",
      '0A000',
    ],
  ],
  STOCK,
);
