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
    [['0 days 0 hours 0 mins 1.98 secs', '1 days 6 hours 0 mins 0.0 secs']],
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
