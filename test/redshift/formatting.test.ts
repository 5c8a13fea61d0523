import { topic } from './cases.ts';

topic('TO_CHAR of numbers', [
  [`select to_char(73, '9999'), to_char(-73, '9999'), to_char(0, '9')`, [['   73', '  -73', ' 0']]],
  [`select to_char(73.456, '99.99'), to_char(0.5, '9.9'), to_char(-0.5, '90.9')`, [[' 73.46', '  .5', ' -0.5']]],
  [`select to_char(73, '00000'), to_char(5.1, 'FM990.00'), to_char(5.10, 'FM990.99')`, [[' 00073', '5.10', '5.1']]],
  [`select to_char(7654321, '9,999,999'), to_char(21, '9,999,999')`, [[' 7,654,321', '        21']]],
  [
    `select to_char(-6, '9S'), to_char(6, '9S'), to_char(-6, 'S9'), to_char(6, 'S99999')`,
    [['6-', '6+', '-6', '    +6']],
  ],
  [
    `select to_char(-6, '99MI'), to_char(6, '99MI'), to_char(6, 'PL99'), to_char(-6, 'SG9')`,
    [[' 6-', ' 6 ', '+ 6', '-6']],
  ],
  [`select to_char(-6, '99PR'), to_char(6, '99PR')`, [[' <6>', '  6 ']]],
  [`select to_char(12.5, 'L999D99'), to_char(-12.5, '$S99D9')`, [['$  12.50', '$-12.5']]],
  [
    `select to_char(1999, 'FMRN'), to_char(14, 'rn'), to_char(4000, 'RN')`,
    [['MCMXCIX', '            xiv', '###############']],
  ],
  [`select to_char(22, '99th'), to_char(11, 'FM99TH'), to_char(-22, '99th')`, [[' 22nd', '11TH', '-22']]],
  [`select to_char(1.25, '9V99'), to_char(42, '"no. "99')`, [[' 125', 'no.  42']]],
  [`select to_char(100, '99'), to_char(100.5, '99.9')`, [[' ##', ' ##.#']]],
  [`select to_char(1234.5::float8, 'FM9G999D00')`, [['1,234.50']]],
  [`select to_char(null::int, '99'), to_char(1, null)`, [[null, null]]],
  [`select to_char(1, '9.9.9')`, '42601'],
  [`select to_char(1, 'S9PR')`, '42601'],
  [`select to_char(1, '9EEEE')`, '0A000'],
]);

topic('TO_CHAR of moments', [
  [
    `select to_char(timestamp '2031-03-09 17:04:05.000678', 'YYYY-MM-DD HH24:MI:SS.US')`,
    [['2031-03-09 17:04:05.000678']],
  ],
  [`select to_char(date '2031-03-09', 'FMDDth "of" FMMonth, Y,YYY')`, [['9th of March, 2,031']]],
  [`select to_char(date '2031-03-09', 'Day|DY|dy|D|ID|DDD|IDDD')`, [['Sunday   |SUN|sun|1|7|068|070']]],
  [`select to_char(date '2031-03-09', 'IYYY IW WW W Q CC J RM')`, [['2031 10 10 2 1 21 2462935 III ']]],
  [`select to_char(timestamp '2031-03-09 00:30:00', 'HH12 AM a.m. SSSS')`, [['12 AM a.m. 1800']]],
]);

topic('TO_NUMBER', [
  [`select to_number('8,765.43-', '9G999D99S'), to_number('<12>', '99PR')`, [['-8765.43', '-12']]],
  [`select to_number('$ 3.50', 'L 9.99'), to_number('  7', '999'), to_number('345', '9V99')`, [['3.50', '7', '3.45']]],
  [`select to_number('12345', '999')`, '22P02'],
  [`select to_number('twelve', '99')`, '22P02'],
  [`select to_number('12', f) from (select '99'::varchar as f)`, '0A000'],
  [`select to_number(null, '99')`, [[null]]],
]);

topic('TO_DATE and TO_TIMESTAMP', [
  [`select to_date('19 VII 2033', 'DD RM YYYY'), to_date('2453005', 'J')`, [['2033-07-19', '2003-12-31']]],
  [`select to_date('2nd of May 2033', 'DDth" of "Mon YYYY')`, [['2033-05-02']]],
  [`select to_date('2033-02-30', 'YYYY-MM-DD'), to_date('2,033 100', 'Y,YYY DDD')`, [['2033-03-02', '2033-04-10']]],
  [`select to_date('2033-02-30', 'YYYY-MM-DD', true)`, '22008'],
  [`select to_timestamp('2033-02-03 26:00:01', 'YYYY-MM-DD HH24:MI:SS')`, [['2033-02-04 02:00:01+00']]],
  [`select to_timestamp('2033-02-03 26:00:01', 'YYYY-MM-DD HH24:MI:SS', true)`, '22008'],
  [
    `select to_timestamp('', 'YYYY-MM-DD'), to_timestamp('2033', 'YYYY')`,
    [['0001-01-01 00:00:00+00', '2033-01-01 00:00:00+00']],
  ],
  [`select to_timestamp('2033-01-01 CET', 'YYYY-MM-DD TZ')`, '0A000'],
]);

topic('TEXT_TO_INT_ALT and TEXT_TO_NUMERIC_ALT', [
  [
    `select text_to_int_alt('77-'), text_to_int_alt(' +77 '), text_to_int_alt('77.99'), text_to_int_alt('7.7e1')`,
    [['-77', '77', '77', '77']],
  ],
  [`select text_to_int_alt(''), text_to_int_alt('   '), text_to_int_alt(null)`, [['0', '0', null]]],
  [
    `select text_to_int_alt('4E', '9S'), text_to_int_alt('4N', '9S'), text_to_int_alt('$ 45', 'L99')`,
    [['45', '-45', '45']],
  ],
  [`select text_to_int_alt('1,000/2')`, [['10002']]],
  [`select text_to_int_alt('4567', '999')`, '22P02'],
  [`select text_to_int_alt('45', '9G9')`, '22023'],
  [`select text_to_int_alt('4294967296')`, '22003'],
  [`select text_to_int_alt('four')`, '22P02'],
  [`select text_to_numeric_alt('0.5'), text_to_numeric_alt('3.5'), text_to_numeric_alt('-2.51')`, [['0', '4', '-3']]],
  [`select text_to_numeric_alt('6.0255', 8, 3), text_to_numeric_alt('60255', '99V999', 8, 3)`, [['6.026', '60.255']]],
]);

topic(
  'formats in a session with a time zone of its own',
  [
    [
      `select to_char(timestamptz '2031-07-09 10:00:00+00', 'HH24 TZ OF'), to_char(timestamptz '2031-01-09 10:00:00+00', 'HH24 tz OF')`,
      [['12 CEST +02', '11 cet +01']],
    ],
    [`select to_timestamp('2031-07-09 08', 'YYYY-MM-DD HH24')`, [['2031-07-09 08:00:00+02']]],
    [`select to_char(timestamp '2031-07-09 10:00:00', 'HH24 TZ')`, [['10 UTC']]],
  ],
  `set timezone to 'Europe/Paris'`,
);

topic('the first century', [
  ["select to_char(timestamp '0087-03-05 06:00', 'Dy DDD D IW J HH24')", [['Wed 064 4 10 1752900 06']]],
  [
    "select timestamp '0087-03-05 06:00' at time zone 'PST', timestamptz '0087-03-05 06:00:00' at time zone 'MST', next_day('0087-03-05', 'fri')",
    [['0087-03-05 14:00:00+00', '0087-03-04 23:00:00', '0087-03-07']],
  ],
]);
