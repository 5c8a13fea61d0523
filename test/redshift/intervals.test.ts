import { topic } from './cases.ts';

topic('interval literals', [
  [
    "select interval '26' month, interval '-3' day, interval '2-3' year to month, interval '2-3' year",
    [['2 years 2 mons', '-3 days 0 hours 0 mins 0.0 secs', '2 years 3 mons', '2 years 0 mons']],
  ],
  [
    "select interval '2 3:04:05.678' day to second, interval '4:05' minute to second, interval '2 7' day to hour, interval '1 day 2 hours 3 minutes' hour",
    [
      [
        '2 days 3 hours 4 mins 5.678 secs',
        '0 days 0 hours 4 mins 5.0 secs',
        '2 days 7 hours 0 mins 0.0 secs',
        '1 days 2 hours 0 mins 0.0 secs',
      ],
    ],
  ],
  [
    "select interval '1.98765' second(2), interval '30 hours'",
    [['0 days 0 hours 0 mins 1.99 secs', '1 days 6 hours 0 mins 0.0 secs']],
  ],
  ["select interval '1 month 1 day' day to second", '22007'],
  ["select interval '1 month 1 day' month", '22007'],
  ["select interval '2' second(7)", '22023'],
  ["select interval 'soon'", '22007'],
]);

topic('computing with intervals', [
  [
    "select timestamp '2021-01-31' + interval '1 month', date '2021-01-31' - interval '1w, 2h', time '23:00' + interval '2 hours'",
    [['2021-02-28 00:00:00', '2021-01-23 22:00:00', '01:00:00']],
  ],
  [
    "select interval '90 minutes' * 2, 1.5 * interval '1 hour', interval '1' day / 4, interval '1' year * 0.3",
    [
      [
        '0 days 3 hours 0 mins 0.0 secs',
        '0 days 1 hours 30 mins 0.0 secs',
        '0 days 6 hours 0 mins 0.0 secs',
        '0 years 3 mons',
      ],
    ],
  ],
  ["select time '10:00' - time '08:30'", [['0 days 1 hours 30 mins 0.0 secs']]],
  ["select interval '1 day' / 0", '22012'],
  ["select interval '1 day' * interval '1 day'", '42883'],
  [
    "select timestamp with time zone 'epoch' + x * interval '1 second' from (select 86400.5::float8 as x) t",
    [['1970-01-02 00:00:00.5+00']],
  ],
  [
    "select extract(day from interval '3 days 4 hours'), extract(hour from interval '3 days 4 hours'), extract(month from interval '2-3' year to month)",
    [['3', '4', '3']],
  ],
  ["select interval_cmp('1 hour', '59 minutes'), interval '1 hour' = interval '60 minutes'", [['1', 't']]],
]);

topic(
  'a session that lets composite intervals pass keeps the part that the qualifier counts',
  [
    [
      "select interval '2 years 5 days' day to second, interval '3 months 4 hours' month",
      [['5 days 0 hours 0 mins 0.0 secs', '0 years 3 mons']],
    ],
  ],
  'set interval_forbid_composite_literals to "false";',
);

topic('intervals as text', [
  [
    "select (interval '3-1' year to month)::text, (interval '-1 0:00:07.25' day to second)::varchar(20), cast(interval '2' day as text), (interval '0' day)::text",
    [['3 years 1 mon', '-1 days -00:00:07.25', '2 days', '00:00:00']],
  ],
  [
    "set intervalstyle to postgres_verbose; select (interval '3-1' year to month)::text, (interval '-1 0:00:07.259' day to second)::text, (interval '0' day)::text",
    [['@ 3 years 1 mon', '@ 1 day 7.25 secs ago', '@ 0']],
  ],
  [
    "set intervalstyle to sql_standard; select (interval '-3-1' year to month)::text, (interval '2 0:00:07.5' day to second)::text, (interval '9' hour)::text",
    [['-3-1', '2 0:00:07.5', '9:00:00']],
  ],
  ['set intervalstyle to roman', '22023'],
  ["select interval '2.9999999' second", [['0 days 0 hours 0 mins 2.999999 secs']]],
]);

topic(
  'columns of intervals',
  [
    [
      'select age, rest from nap order by 1',
      [
        ['1 year 6 mons', '09:30:00'],
        ['4 years', '2 days 00:01:00'],
      ],
    ],
    ["select age::text from nap where rest = interval '2 0:01' day to minute", [['4 years']]],
    ["select count(*) from nap where rest = interval '2 0:01:30' day to second", [['0']]],
    [
      "update nap set rest = rest * 2, age = '5-1' where age > interval '2' year; select * from nap where age = interval '61' month",
      [['5 years 1 mon', '4 days 00:02:00']],
    ],
    ["insert into nap values (interval '1' day, interval '1' day)", '42846'],
    [
      "create table x as select rest + interval '0.25' second as longer from nap; select longer from x order by 1",
      [['09:30:00.25'], ['2 days 00:01:00.25']],
    ],
    ["create table x (f interval second(1)); insert into x values ('1.26'); select f from x", [['00:00:01.3']]],
    [
      'select "column", type from pg_table_def where tablename = \'nap\'',
      [
        ['age', 'interval year to month'],
        ['rest', 'interval day to minute'],
      ],
    ],
    ['create table x (plain interval)', '0A000'],
    [
      "select date '2024-02-29' + interval '1' year, date '2024-03-31' - interval '1 month'",
      [['2025-02-28', '2024-02-29']],
    ],
  ],
  `create table nap (age interval year to month, rest interval hour to minute);
  insert into nap values (interval '18' month, interval '9:30:59' hour to second), ('4-0', interval '2 days 70 seconds');`,
);

topic('what is no interval', [
  ["select '2022-05-06'::interval day to second", '22007'],
  ["select '3,600'::interval day to second", '22007'],
  ["select ''::interval day to second", '22007'],
]);

topic('months, then days, then hours', [
  [
    "select timestamptz '2022-10-31' - interval '1 month 2 days 3 hours', timestamp '2022-10-31' - interval '1 month 2 days 3 hours', time '01:00' - interval '2 hours'",
    [['2022-09-27 21:00:00+00', '2022-09-27 21:00:00', '23:00:00']],
  ],
]);
