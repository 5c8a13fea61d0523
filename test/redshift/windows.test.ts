import { topic } from './cases.ts';

topic(
  'windows',
  [
    [
      'select id, rank() over (order by points desc), dense_rank() over (order by points desc), row_number() over (order by points desc, id) from runs order by id',
      // NULL is the largest value: it comes first where the order goes down.
      [
        ['1', '3', '3', '3'],
        ['2', '2', '2', '2'],
        ['3', '3', '3', '4'],
        ['4', '5', '4', '5'],
        ['5', '1', '1', '1'],
      ],
    ],
    [
      'select id, ntile(2) over (order by id), cume_dist() over (order by id), percent_rank() over (order by id) from runs where id <= 4 order by id',
      [
        ['1', '1', '0.25', '0'],
        ['2', '1', '0.5', '0.333333333333333'],
        ['3', '2', '0.75', '0.666666666666667'],
        ['4', '2', '1', '1'],
      ],
    ],
    [
      'select id, lag(points) over (order by id), lead(points, 2) over (order by id), lag(points, 1) ignore nulls over (order by id desc) from runs order by id',
      [
        ['1', null, '7', '9'],
        ['2', '7', '3', '7'],
        ['3', '9', null, '3'],
        ['4', '7', null, null],
        ['5', '3', null, null],
      ],
    ],
    [
      'select id, first_value(points) over (order by id rows between 1 preceding and current row), last_value(points ignore nulls) over (order by id rows between unbounded preceding and unbounded following), nth_value(points, 2) over (order by id rows between unbounded preceding and unbounded following) from runs where id < 4 order by id',
      [
        ['1', '7', '7', '9'],
        ['2', '7', '7', '9'],
        ['3', '9', '7', '9'],
      ],
    ],
    [
      'select id, sum(points) over (order by id rows unbounded preceding), avg(points) over (order by id rows between 1 preceding and 1 following), count(points) over (partition by team) from runs order by id',
      [
        ['1', '7', '8', '3'],
        ['2', '16', '7', '3'],
        ['3', '23', '6', '3'],
        ['4', '26', '5', '1'],
        ['5', '26', '3', '1'],
      ],
    ],
    [
      "select id, ratio_to_report(points) over (partition by team), median(points) over (partition by team), listagg(id, '/') within group (order by id desc) over (partition by team) from runs where id < 4 order by id",
      [
        ['1', '0.304347826086957', '7', '3/2/1'],
        ['2', '0.391304347826087', '7', '3/2/1'],
        ['3', '0.304347826086957', '7', '3/2/1'],
      ],
    ],
    [
      'select id from runs qualify row_number() over (partition by team order by points desc, id) = 1 order by id',
      [['2'], ['5']],
    ],
    ['select team, sum(points) s from runs group by team qualify rank() over (order by s desc) = 1', [['red', '23']]],
    [
      'select id, sum(points) over (order by id rows unbounded following), sum(points) over (order by id rows 1 following) from runs where id < 4 order by id',
      [
        ['1', '23', '16'],
        ['2', '16', '16'],
        ['3', '7', '7'],
      ],
    ],
    ['select sum(points) over (order by id rows between current row and 2 preceding) from runs', '42P20'],
    ['select sum(points) over (order by id rows between 1 preceding and 3 preceding) from runs', '42P20'],
    ['select sum(points) over (order by id rows between 5 following and 2 following) from runs', '42P20'],
    ['select sum(points) over (order by id rows id preceding) from runs', '42P20'],
    ['select sum(points) over (order by id range unbounded preceding) from runs', '0A000'],
    ['select row_number() over (order by 1) from runs', '0A000'],
    ["select row_number() over (order by 'x'::varchar(3)) from runs", '0A000'],
    [
      'select team, row_number() over (order by team desc), sum(sum(points)) over (order by upper(team) rows unbounded preceding) from runs group by team order by team',
      [
        ['blue', '2', '3'],
        ['red', '1', '26'],
      ],
    ],
    ['select sum(points) over (order by id) from runs', '42P20'],
    ['select lag(points) over () from runs', '42P20'],
    ['select rank() over (order by id rows unbounded preceding) from runs', '42P20'],
    ['select ntile(2) over (order by id rows unbounded preceding) from runs', '42P20'],
    ['select median(points) over (order by id) from runs', '42P20'],
    ['select ratio_to_report(points) over (order by id) from runs', '42P20'],
    ['select sum(distinct points) over (partition by team) from runs', '0A000'],
    ['select bool_or(points > 1) over () from runs', '0A000'],
    ['select nth_value(points, 0) over () from runs', '22016'],
    ['select ntile(0) over (order by id) from runs', '22016'],
    ['select id from runs where rank() over (order by id) = 1', '42P20'],
  ],
  "create table runs (id int, team varchar(5), points int); insert into runs values (1, 'red', 7), (2, 'red', 9), (3, 'red', 7), (4, 'blue', 3), (5, 'blue', null)",
);
