import { topic } from './cases.ts';

topic('numbers', [
  ['select 7 / 2, -7 / 2, 7 % -2, 7.0 / 2', [['3', '-3', '1', '3.500000000000']]],
  ['select 1 / 0', '22012'],
  ['select 2147483647 + 1', '22003'],
  ['select 1.10 + 2.2, 1.10 * 2.20, 10.00 / 4', [['3.30', '2.4200', '2.5000000000000']]],
  ['select avg(x), sum(x) from (select 1 x union all select 2) t', [['1', '3']]],
  ['select round(2.5), round(-1.45, 1), trunc(1.99), ceil(1.01), floor(-1.01)', [['3', '-1.5', '1', '2', '-2']]],
  ['select 0.1::float8 + 0.2::float8, 1e20, 1.5::real', [['0.3', '1e+20', '1.5']]],
  ["select '12'::int + 1, 'x'::int", '22P02'],
  ['select 5.0::bool', '42846'],
  ['select cast(1.5 as smallint), 40000::smallint', '22003'],
]);

topic('text', [
  ["select 'abcdef'::varchar(3), 'é'::varchar(1) = ''", [['abc', 't']]],
  ["select 'a ' = 'a', length('a  '), length('a  '::char(5)), 'a' || null", [['t', '3', '1', null]]],
  ["insert into v values ('éé')", '22001', 'create table v (a varchar(3))'],
  ["insert into v values ('abc   ')", [], 'create table v (a varchar(3))'],
  ["select a || '|' from v", [['ab|']], "create table v (a char(4)); insert into v values ('ab')"],
  [
    "select nvl(null, 'x'), nullif(1, 1), decode(2, 1, 'a', 2, 'b', 'c'), coalesce(null, 2.5), greatest(1, null, 3)",
    [['x', null, 'b', '2.5', '3']],
  ],
  [
    "select split_part('a-b', '-', 3), strpos('abc', 'c'), lpad('7', 3, '0'), initcap('o''neil smith'), translate('abc', 'ab', 'x')",
    [['', '3', '007', "O'Neil Smith", 'xc']],
  ],
  [
    "select regexp_substr('a1b22', '[0-9]+', 1, 2), regexp_count('aXbX', 'X'), regexp_replace('2024-01', '(\\\\d+)-(\\\\d+)', '$2/$1')",
    [['22', '2', '01/2024']],
  ],
  ["select 'abc' like 'a%', 'a_c' like 'a\\\\_c', 'abc' similar to '(a|b)%', 'abc' ~ '^b'", [['t', 't', 't', 'f']]],
]);

topic('dates and times', [
  ["select '2024-02-29'::date + 1, date '2024-03-01' - date '2024-02-28'", [['2024-03-01', '2']]],
  [
    "select dateadd(month, 1, '2024-01-31'), dateadd(year, 1, '2024-02-29'), add_months('2024-02-29', 1)",
    [['2024-02-29 00:00:00', '2025-03-01 00:00:00', '2024-03-31 00:00:00']],
  ],
  [
    "select datediff(day, '2024-01-01 23:59', '2024-01-02 00:01'), datediff(week, '2024-01-06', '2024-01-07'), datediff(month, '2024-01-31', '2024-02-01')",
    [['1', '1', '1']],
  ],
  [
    "select date_trunc('week', '2024-05-05'::date), extract(dow from date '2024-05-05'), date_part(epoch, timestamp '1970-01-02')",
    [['2024-04-29 00:00:00', '0', '86400']],
  ],
  [
    "select to_char(timestamp '2024-05-05 14:03:09', 'YYYY-MM-DD HH12:MI AM'), to_char(1234.5, '9,999.99')",
    [['2024-05-05 02:03 PM', ' 1,234.50']],
  ],
  [
    "select timestamp '2024-07-01 12:00' at time zone 'Europe/Berlin', convert_timezone('UTC', 'Asia/Tokyo', '2024-01-01 00:00')",
    [['2024-07-01 10:00:00+00', '2024-01-01 09:00:00']],
  ],
  [
    "select date '2024-01-01' + timetz '20:00:00 PST', date '2024-01-01' + timetz '01:00:00+03'",
    [['2024-01-02 04:00:00+00', '2023-12-31 22:00:00+00']],
  ],
  ["select '2024-13-01'::date", '22007'],
  ["select 'Mar 5, 2024'::date, '20240305'::date, '3/5/2024'::date", [['2024-03-05', '2024-03-05', '2024-03-05']]],
  ["select d::date from (select '3/5/2024'::varchar d) t", [['2024-03-05']]],
]);

topic(
  'a literal beside a shorter text keeps all of its text',
  [
    [
      "select coalesce(code, 'nothing'), nvl(upper(code), 'nothing') from short order by id",
      [
        ['ab', 'AB'],
        ['nothing', 'nothing'],
      ],
    ],
    [
      "select case when code is null then 'nothing' else code end, greatest(code, 'zzzzzz') from short order by id",
      [
        ['ab', 'zzzzzz'],
        ['nothing', 'zzzzzz'],
      ],
    ],
    [
      "select decode(code, 'ab', code, 'another'), nvl2(code, 'present', code) from short order by id",
      [
        ['ab', 'present'],
        ['another', null],
      ],
    ],
    ["select lag(code, 1, 'nothing') over (order by id) from short order by id", [['nothing'], ['ab']]],
    ["select coalesce(mark, 'nothing') from short order by id", [['x'], ['nothing']]],
  ],
  "create table short (id int, code varchar(2), mark char(1)); insert into short values (1, 'ab', 'x'), (2, null, null);",
);
