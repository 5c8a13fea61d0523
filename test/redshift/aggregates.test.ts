import { topic } from './cases.ts';

topic(
  'aggregates',
  [
    [
      'select avg(n), sum(n), min(n), max(n), count(n), count(*), count(distinct n) from visits',
      [['3', '14', '1', '8', '4', '5', '4']],
    ],
    [
      'select stddev(n), stddev_pop(n), var_samp(n), variance(n), var_pop(n) from visits where n is not null',
      [['3.10912635102961', '2.69258240356725', '9.66666666666667', '9.66666666666667', '7.25']],
    ],
    ['select stddev(1), var_samp(1), stddev_pop(1)', [[null, null, '0']]],
    [
      'select median(n), percentile_cont(0.25) within group (order by n), approximate percentile_disc(0.5) within group (order by n) from visits',
      [['2.5', '1.75', '2']],
    ],
    ['select percentile_cont(0.75) within group (order by n desc) from visits', [['1.75']]],
    [
      'select median(seen), percentile_cont(0.5) within group (order by seen) from visits',
      [['2021-01-03', '2021-01-03']],
    ],
    [
      "select listagg(who, '+') within group (order by seen), listagg(n, '-') within group (order by seen) from visits",
      [['ada+bob+ada+cy', '1-2-8-3']],
    ],
    ["select listagg(distinct who, ',') within group (order by who desc) from visits", [['cy,bob,ada']]],
    [
      "select listagg(x, ',') within group (order by x desc) from (select '' as x union all select 'a' union all select 'b') t",
      [['b,a']],
    ],
    ["select listagg(x) from (select repeat('y', 40000) as x union all select repeat('y', 30000)) t", '54000'],
    ['select listagg(n) within group (order by n), listagg(n) within group (order by seen) from visits', '0A000'],
    ['select median(n), listagg(n) within group (order by seen) from visits', '0A000'],
    [
      'select who, any_value(who), bool_and(n > 1), bool_or(n > 7), bit_and(n), bit_or(n) from visits where n > 0 group by who order by who',
      [
        ['ada', 'ada', 'f', 't', '0', '9'],
        ['bob', 'bob', 't', 'f', '2', '2'],
        ['cy', 'cy', 't', 'f', '3', '3'],
      ],
    ],
    ['select percentile_cont(1.1) within group (order by n) from visits', '22003'],
    ['select sum(n), avg(n), count(n), max(n) from visits where false', [[null, null, '0', null]]],
    ['select who from visits where sum(n) > 1', '42803'],
    ['select who, n from visits group by who', '42803'],
    ['select sum(n) from visits having sum(n) > 100', []],
    ['select approximate count(distinct who), count(all who) from visits', [['3', '4']]],
  ],
  "create table visits (who varchar(5), n int, seen date); insert into visits values ('ada', 1, '2021-01-01'), ('bob', 2, '2021-01-02'), ('ada', 8, '2021-01-03'), ('cy', 3, '2021-01-04'), (null, null, '2021-01-05')",
);
