import { topic } from './cases.ts';

topic('explicit conversions', [
  [
    "select '12'::int, ' 12.5 '::decimal(4,1), '1e2'::float, 'no'::bool, 3::bool, true::smallint, false::varchar",
    [['12', '12.5', '100', 'f', 't', '1', 'false']],
  ],
  ["select 'abc'::int", '22P02'],
  ["select '1.5'::int", '22P02'],
  ['select 1.5::bool', '42846'],
  ["select date '2021-01-01'::int", '42846'],
  ['select 1::date', '42846'],
  [
    "select timestamp '2021-01-02 03:04:05'::time, timestamptz '2021-01-02 03:04:05+02'::timetz, timestamptz '2021-01-02 03:04:05+02'::time, time '10:00'::timetz",
    [['03:04:05', '01:04:05+00', '01:04:05', '10:00:00+00']],
  ],
  ["select convert(varchar(4), 'abcdef'), cast('abcdef' as char(3)), 12345::char(2)", [['abcd', 'abc', '12']]],
  ['select 12345::varchar(2)', '22001'],
  [
    "select try_cast('2.5' as int), try_cast(' -4 ' as bigint), try_cast('1e3' as smallint), try_cast('99999' as smallint), try_cast('' as int)",
    [[null, '-4', null, null, null]],
  ],
  ["select try_cast('t' as bool)", '42846'],
  ['select try_cast(true as varchar)', '42846'],
  ['select try_cast(null as bool), try_cast(0 as bool), try_cast(true as int)', [[null, 'f', '1']]],
  [
    "select try_cast('x' as int), try_cast('2021-02-30' as date), try_cast('7' as int), try_cast(70000 as smallint)",
    [[null, null, '7', null]],
  ],
]);

topic(
  'comparing types with each other',
  [
    // A whole number beside text is text; a decimal beside text makes it a number.
    ['select code from codes where code = 7 order by code', [['7']]],
    ['select code from codes where code in (7, 8) order by code', [['7']]],
    ["select code from codes where code = 'x' and code = 7.0 order by code", '22P02'],
    [
      "select '07'::varchar = 7, '07'::varchar = 7.0, 7 = '07', '2021-01-02'::varchar > date '2021-01-01'",
      [['f', 't', 't', 't']],
    ],
    ['select code from codes where good = 1 order by code', [['07']]],
    ['select code from codes where good is not true order by code', [['7'], ['x']]],
    ['select code from codes where good is unknown', [['x']]],
    ['select code, good is true from codes', '0A000'],
    [
      'select code, good = true from codes order by code',
      [
        ['07', 't'],
        ['7', 'f'],
        ['x', null],
      ],
    ],
    ['select max(good) from codes', '42883'],
  ],
  "create table codes (code varchar(5), good boolean); insert into codes values ('07', true), ('7', false), ('x', null)",
);

topic('where literals meet other types', [
  ["select 1 as a union all select '2' order by 1", [['1'], ['2']]],
  ["select null as d union all select date '2021-01-01' order by 1", [['2021-01-01'], [null]]],
  ["select 1 union select 'one'", '22P02'],
  ["select 1 union all select '2'::varchar", '42804'],
  ['select 1 union select 2.25 order by 1', [['1.00'], ['2.25']]],
  [
    "select 'a'::varchar + 'b', coalesce(null, 2.5), nvl('x', 'yz'), case when false then 1 else 2.5 end",
    [['ab', '2.5', 'x', '2.5']],
  ],
  ["select 'x', count(*) from (select 1) t group by 1 order by 1", [['x', '1']]],
  ['select 3 = any (select 3), 3 <> all (select 4)', [['t', 't']]],
  ['select 3 > any (select 2)', '0A000'],
  ['select 3 = all (select 3)', '0A000'],
]);
