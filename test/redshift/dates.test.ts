import { topic } from './cases.ts';

topic('adding and counting', [
  [
    "select dateadd(quarter, 2, '2021-08-31'), dateadd(decade, -1, date '2021-03-01'), dateadd(week, 1, timestamp '2021-12-28 06:00')",
    [['2022-02-28 00:00:00', '2011-03-01 00:00:00', '2022-01-04 06:00:00']],
  ],
  [
    "select dateadd(hour, 5, time '22:30'), dateadd(minute, -45, time '00:15'), dateadd(hour, 1, timetz '23:30:00+02')",
    [['03:30:00', '23:30:00', '22:30:00+00']],
  ],
  ["select dateadd(month, 1, time '22:30')", '22023'],
  ["select dateadd(epoch, 1, date '2021-01-01')", '22023'],
  ["select dateadd(fortnight, 1, date '2021-01-01')", '22023'],
  [
    "select datediff(year, '2019-12-31', '2020-01-01'), datediff(century, '2000-06-01', '2001-06-01'), datediff(decade, '2019-12-31', '2020-01-01'), datediff(ms, '2020-01-01', '2020-01-01 00:00:01')",
    [['1', '1', '1', '1000']],
  ],
  [
    "select datediff(minute, time '10:00', '11:30'), datediff(hour, timetz '10:00+02', timetz '10:00-01')",
    [['90', '3']],
  ],
  ["select datediff(day, date '2020-01-01', time '10:00')", '42883'],
  ["select datediff(day, time '09:00', time '10:00')", '22023'],
  [
    "select add_months(date '2021-02-28', 1), add_months('2021-05-31 08:00', 1), add_months('2021-05-30', -3), add_months(null, 2)",
    [['2021-03-31 00:00:00', '2021-06-30 08:00:00', '2021-02-28 00:00:00', null]],
  ],
  [
    "select months_between('2021-05-31', '2021-02-28'), months_between('2021-03-16', '2021-01-01'), months_between('2021-01-01', null)",
    [['3', '2.48387096774194', null]],
  ],
  [
    "select last_day('2100-02-03'), next_day('2021-06-04', 'f'), next_day('2021-06-04', 'Thurs'), next_day('2021-06-04', 'SA')",
    [['2100-02-28', '2021-06-11', '2021-06-10', '2021-06-05']],
  ],
  ["select next_day('2021-06-04', 't')", '22023'],
]);

topic('parts of dates and times', [
  [
    "select date_trunc('decade', timestamp '2027-05-06 07:08:09.123456'), date_trunc('century', date '2000-05-06'), date_trunc('week', date '2021-01-03'), date_trunc('ms', timestamp '2027-05-06 07:08:09.123456')",
    [['2020-01-01 00:00:00', '1901-01-01 00:00:00', '2020-12-28 00:00:00', '2027-05-06 07:08:09.123']],
  ],
  ["select date_trunc('dow', date '2021-01-03')", '22023'],
  ["select date_trunc('hour', time '10:20')", '42883'],
  [
    "select extract(millennium from date '2000-12-31'), extract(century from date '2001-01-01'), extract(decade from date '1999-01-01'), extract(doy from date '2020-12-31'), extract(qtr from date '2020-12-31')",
    [['2', '21', '200', '366', '4']],
  ],
  [
    "select extract(second from timestamp '2020-01-01 00:00:09.75'), date_part(s, timestamp '2020-01-01 00:00:09.75'), extract(us from time '01:02:03.000004'), date_part('hour', '2020-01-01 17:00')",
    [['9', '9.75', '4', '17']],
  ],
  ["select date_part(epoch, timestamp '2001-09-09 01:46:40.5')", [['1000000000']]],
  ["select extract(day from time '10:20')", '22023'],
  [
    "select extract(hour from timetz '01:30:00+05'), extract(timezone_hour from timetz '01:30:00+05'), extract(timezone_minute from timetz '01:30:00-03:30')",
    [['1', '5', '-30']],
  ],
  ["select extract(timezone_hour from timestamp '2020-01-01')", '22023'],
  [
    "select date_part_year(date '1987-06-05'), date_cmp('2020-01-02', '2020-01-01'), timestamp_cmp_date('2020-01-01 00:00', '2020-01-01')",
    [['1987', '1', '0']],
  ],
]);

topic('spellings of dates and times', [
  [
    "select date '070609', date '2007.160', date 'J2454261', date '9.6.2007', date 'June 9, 2007', date '2007-Jun-09', date '9-Jun-2007'",
    [['2007-06-09', '2007-06-09', '2007-06-09', '2007-09-06', '2007-06-09', '2007-06-09', '2007-06-09']],
  ],
  ["select date '29.6.2007', date '2007.366'", '22007'],
  ["select date '29.6.2007', date '2008.366'", [['2007-06-29', '2008-12-31']]],
  [
    "select timestamp 'Jun 9 07:08:09 2007', timestamptz '9 Jun 07:08:09 2007 EST', timestamptz '6/9/2007 07:08 Europe/Paris', timestamp 'epoch'",
    [['2007-06-09 07:08:09', '2007-06-09 12:08:09+00', '2007-06-09 05:08:00+00', '1970-01-01 00:00:00']],
  ],
  ["select time '070809.5', time '7:08 PM', timetz '07:08 PDT'", [['07:08:09.5', '19:08:00', '14:08:00+00']]],
  [
    "select timestamp '2022-05-06 12:34 America/Lima', timestamptz '2022-05-06 12:34:56 America/Lima', time '12:34 am'",
    [['2022-05-06 12:34:00', '2022-05-06 17:34:56+00', '00:34:00']],
  ],
  ["select timestamp 'infinity'", '22007'],
  [
    "select 'tomorrow'::date - 'yesterday'::date, dateadd(day, 1, 'today') > getdate(), to_char('now'::timestamp, 'YYYY') = to_char(sysdate, 'YYYY')",
    [['2', 't', 't']],
  ],
]);

topic('zones', [
  [
    "select convert_timezone('CET', '2021-07-01 12:00'), convert_timezone('Europe/Berlin', '2021-07-01 12:00'), convert_timezone('Europe/Berlin', 'Asia/Kolkata', '2021-07-01 12:00')",
    [['2021-07-01 13:00:00', '2021-07-01 14:00:00', '2021-07-01 15:30:00']],
  ],
  [
    "select convert_timezone('CST6', '2021-07-01 12:00'), convert_timezone('CST6CDT', '2021-07-01 12:00'), convert_timezone('AAA6BBB', '2021-07-01 12:00'), convert_timezone('AAA6BBB', '2021-01-01 12:00'), convert_timezone('+6', '2021-07-01 12:00')",
    [
      [
        '2021-07-01 06:00:00',
        '2021-07-01 07:00:00',
        '2021-07-01 07:00:00',
        '2021-01-01 06:00:00',
        '2021-07-01 18:00:00',
      ],
    ],
  ],
  // Clocks leave out 02:30 in March and have 02:30 twice in October: standard time counts.
  [
    "select convert_timezone('Europe/Berlin', 'UTC', '2021-03-28 02:30'), convert_timezone('Europe/Berlin', 'UTC', '2021-10-31 02:30')",
    [['2021-03-28 01:30:00', '2021-10-31 01:30:00']],
  ],
  ["select convert_timezone('Atlantis', '2021-07-01')", '22023'],
  [
    "select timestamp '2021-07-01 12:00' at time zone 'JST', timezone('JST', timestamptz '2021-07-01 12:00+00')",
    [['2021-07-01 03:00:00+00', '2021-07-01 21:00:00']],
  ],
  [
    "select count(*) > 100 from (select pg_timezone_abbrevs() as z) t where z like '(%:00,f)' or z like '(%:00,t)' or z like '%:30:00,_)'",
    [['t']],
  ],
]);

const NEW_YORK = "set timezone = 'America/New_York'";
topic('the zone of a session', [
  [
    "select timestamptz '2021-07-01 12:00', timestamptz '2021-07-01 12:00+00', timestamp '2021-01-01 12:00'::timestamptz",
    [['2021-07-01 12:00:00-04', '2021-07-01 08:00:00-04', '2021-01-01 12:00:00-05']],
    NEW_YORK,
  ],
  [
    "select timestamptz '2021-07-01 02:00+00'::date, date_trunc('day', timestamptz '2021-07-01 02:00+00'), extract(hour from timestamptz '2021-07-01 02:00+00'), timestamptz '2021-07-01 02:00+00'::time",
    [['2021-06-30', '2021-06-30 00:00:00-04', '22', '22:00:00']],
    NEW_YORK,
  ],
  ["select timestamptz '2021-07-01 12:00+00'", [['2021-07-01 05:00:00-07']], 'set timezone to -7'],
  ["select timestamptz '2021-07-01 12:00+00'", [['2021-07-01 14:00:00+02']], "set time zone interval '2 hours'"],
  ["select timestamptz '2021-07-01 12:00+00'", [['2021-07-01 12:00:00+00']], `${NEW_YORK}; reset timezone`],
  [
    "select to_char(timestamptz '2021-07-01 12:00+00', 'HH24:MI OF'), to_timestamp('2021-07-01', 'YYYY-MM-DD')",
    [['08:00 -04', '2021-07-01 00:00:00-04']],
    NEW_YORK,
  ],
  ["select to_char(timestamptz '2021-07-01 12:00+00', 'TZ')", [['EDT']], NEW_YORK],
  ["set timezone to 'PST'", '22023'],
  ["set timezone to '5:45'", '0A000'],
]);
