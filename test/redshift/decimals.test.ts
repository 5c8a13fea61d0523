import { topic } from './cases.ts';

topic(
  'precision and scale of what is computed',
  [
    // (8,2) / (8,2): scale max(4, 2 + 8 - 2 + 1) = 9, and what is beyond is cut.
    ['select price / fee, fee / price from bills', [['6.666666666', '0.150000000']]],
    [
      'select price * fee, price + fee, price - fee, price % fee from bills',
      [['150000.0000', '1150.00', '850.00', '100.00']],
    ],
    [
      'select price * pieces, price / pieces, pieces / 2, 2 / pieces from bills',
      [['7000.00', '142.85714285', '3', '0']],
    ],
    ["select 0.5, .25 * 2, 0.1 || 'x', -0.75", [['0.5', '0.50', '0.1x', '-0.75']]],
    ['select avg(price), sum(price), max(price / pieces) from bills', [['1000.00', '1000.00', '142.85714285']]],
  ],
  'create table bills (price decimal(8,2), fee decimal(8,2), pieces smallint); insert into bills values (1000, 150, 7)',
);

topic('what does not fit', [
  ['select 99.995::decimal(4,2)', '22003'],
  ['select 99.994::decimal(4,2)', [['99.99']]],
  ['insert into d values (1000)', '22003', 'create table d (x decimal(5,2))'],
  // Nineteen digits are kept in eight bytes, which end at 9223372036854775807.
  ['insert into d values (9223372036854775808)', '22003', 'create table d (x decimal(19,0))'],
  ["insert into d values ('92233720368547758.08')", '22003', 'create table d (x decimal(19,2))'],
  [
    'select x from d',
    [['9223372036854775807']],
    'create table d (x decimal(19,0)); insert into d values (9223372036854775807)',
  ],
  ['select 30000::smallint + 5000::smallint', '22003'],
  ['select 9223372036854775807 + 1', '22003'],
  ['select 12345678901234567890123456789012345678 * 10', '22003'],
  ['select 7.5 % 0', '22012'],
]);

topic('whole numbers and roundings', [
  [
    'select 9 / 4, -9 / 4, 9 % -4, 2 ^ 10, 5 # 1, 6 & 3, 6 | 1, 1 << 4, ~7',
    [['2', '-2', '1', '1024', '4', '2', '7', '16', '-8']],
  ],
  ['select 2.5::int, 3.5::int, -2.5::int, 2.5::float::int, 3.5::float::int', [['3', '4', '-3', '2', '4']]],
  ['select 1e3, 12e-1, 1.5e300 * 10, 7::real / 2', [['1000', '1.2', '1.5e+301', '3.5']]],
]);

topic(
  'a session that does not round cuts decimals off',
  [
    [
      'select 2.79::int, -2.79::int, 2.79::decimal(5,1), cast(-0.019 as decimal(4,2)), 2.79::decimal(9,4)',
      [['2', '-2', '2.7', '-0.01', '2.7900']],
    ],
    ['select 7.99::decimal(38,30)::bigint, (null::decimal(4,2))::int', [['7', null]]],
    [
      'select n, i from cut order by 1',
      [
        ['1.9', '2'],
        ['2.9', '2'],
      ],
    ],
  ],
  `set enable_numeric_rounding to off;
  create table cut (n decimal(6,1), i int);
  insert into cut values (1.99, 1.99);
  insert into cut select 2.99::decimal(9,4), 2.99::decimal(9,4);
  update cut set i = n * 1.5 where i = 1;`,
);

topic(
  'decimals of which 38 digits cannot hold both keep their scale',
  [
    ['select price from goods union all select sum(-0.5) from goods order by 1', [['-1.00'], ['3.14'], ['20.05']]],
    ['select count(*) from goods where price = (select sum(20.1) from goods where id = 2)', [['0']]],
    ['select id from goods where price in (select sum(20.1) from goods where id = 2)', []],
    ['select greatest(price, 1.5::decimal(38,1)) from goods order by id', [['3.14'], ['20.05']]],
    ["select 1.25 union all select repeat('9', 38)::decimal(38,0)", '22003'],
  ],
  'create table goods (id int, price decimal(8,2)); insert into goods values (1, 3.14), (2, 20.05);',
);
