import { topic } from './cases.ts';

const tables = `
  create table mixed (id int, s super, v varchar(20));
  insert into mixed values
    (1, json_parse('"oak"'), 'oak '), (2, json_parse('"oak   "'), 'oak'), (3, json_parse('"oak!"'), 'oak!'), (4, json_parse('"oak tree"'), 'x'),
    (5, json_parse('2.0'), '2'), (6, json_parse('2'), '2'), (7, json_parse('true'), 'true'), (8, json_parse('null'), null), (9, null, null),
    (10, json_parse('["oak "]'), ''), (11, json_parse('["oak"]'), ''), (12, json_parse('{"a":1}'), '');`;

topic(
  'blanks at the end of a string inside SUPER do not count',
  [
    ["select id from mixed where s = 'oak' order by id", [['1'], ['2']]],
    ["select id from mixed where s = 'oak  ' order by id", [['1'], ['2']]],
    ["select id from mixed where s <> 'oak' and id < 5 order by id", [['3'], ['4']]],
    ["select id from mixed where s in ('oak', 'oak!') order by id", [['1'], ['2'], ['3']]],
    ['select id from mixed where s = v and id < 5 order by id', [['1'], ['2'], ['3']]],
    ["select s <= 'oak', s >= 'oak' from mixed where id = 2", [['t', 't']]],
    [
      'select a.id, b.id from mixed a join mixed b on a.s = b.s where a.id < b.id order by 1',
      [
        ['1', '2'],
        ['5', '6'],
        ['10', '11'],
      ],
    ],
    ['select count(distinct s) from mixed', [['7']]],
    ['select count(*) from mixed group by s having count(*) > 1 order by 1', [['2'], ['2'], ['2']]],
  ],
  tables,
);

topic(
  'the order of SUPER values',
  [
    [
      'select id from mixed order by s, id',
      [['7'], ['5'], ['6'], ['1'], ['2'], ['4'], ['3'], ['10'], ['11'], ['12'], ['8'], ['9']],
    ],
    ['select id from mixed order by s desc, id limit 4', [['8'], ['9'], ['12'], ['10']]],
    [
      'select id, rank() over (order by s) from mixed where id in (1, 2, 5, 6, 3) order by 2, 1',
      [
        ['5', '1'],
        ['6', '1'],
        ['1', '3'],
        ['2', '3'],
        ['3', '5'],
      ],
    ],
    ["select array_sort(array('b', 'a b', 'a', 10, 9, true, null))", [['[true,9,10,"a","a b","b",null]']]],
  ],
  tables,
);

topic('control characters are spelled in one way', [
  [
    "select json_parse('\"a\\\\u001fb\"') = 'a' || chr(31) || 'b', json_parse(t) = v from (select '\"\\\\u0001\"'::varchar as t, chr(1) as v) as x",
    [['t', 't']],
  ],
  [
    'select count(distinct s) from (select json_parse(\'"\\\\u001f"\') as s union all select chr(31)::varchar::super) as t',
    [['1']],
  ],
]);

topic('casts of booleans and to booleans', [
  [
    "select 3::super::bool, 3.0::super::bool, 3e0::super::bool, 0::super::bool, 'yes'::super::bool, 'N'::super::bool, 'maybe'::super::bool",
    [['t', null, null, 'f', 't', 'f', null]],
  ],
  [
    "select true::super::int, false::super::bigint, 'true'::super::int, true::super::decimal(5,1)",
    [['1', '0', null, null]],
  ],
]);

topic('what a SUPER is', [
  [
    "select is_array(null), is_object(null::super), is_scalar(json_parse('null')), is_varchar(s), is_bigint(s) from (select null::super as s) as t",
    [['f', 'f', 'f', 'f', 'f']],
  ],
  [
    'select extract(month from s.at), date_part(hour, s.at::timestamp) from (select json_parse(\'{"at":"2024-07-09 05:06:07"}\') as s) as t',
    [['7', '5']],
  ],
]);

topic('arithmetic on SUPER', [
  [
    "select s ^ 2, s % 2, s * s, s / 3 from (select json_parse('2.5') as s) as t",
    [['6.25e+0', '0.5', '6.25', '0.8333']],
  ],
  ["select s % 0 from (select json_parse('2') as s) as t", '22012'],
  ["select s + 1 from (select json_parse('99999999999999999999999999999999999999') as s) as t", '22003'],
  ["select s * s from (select json_parse('1.5e300') as s) as t", '22003'],
  [
    "select s * 0.12345678901234567890123456789012345 from (select json_parse('10.0000000000') as s) as t",
    [['1.2345678901234567890123456789012345000']],
  ],
]);

topic('the limits of JSON_PARSE', [
  ["select json_typeof(json_parse(repeat('[', 1000) || repeat(']', 1000)))", [['array']]],
  ["select json_typeof(json_parse(repeat('[', 1001) || repeat(']', 1001)))", '22P02'],
  ["select json_typeof(json_parse('\"' || repeat('x', 65535) || '\"'))", [['string']]],
  ["select json_typeof(json_parse('\"' || repeat('x', 65536) || '\"'))", '22P02'],
  [
    "select json_typeof(json_parse('[\"' || repeat('é', 30000) || '\",\"' || repeat('y', 60000) || '\"]'))",
    [['array']],
  ],
]);

topic(
  'the case of attributes',
  [
    ['select s.Name, s."Name" from cased', [['"lower"', '"lower"']]],
    [
      'select s.Name, s."Name" from cased',
      [['"Upper"', '"Upper"']],
      'set enable_case_sensitive_super_attribute to true',
    ],
    ['select * from frozen', [['"lower"']], 'set enable_case_sensitive_super_attribute to true'],
    ['select * from late', [['"Upper"']], 'set enable_case_sensitive_super_attribute to true'],
    [
      'select * from kept',
      [['"lower"']],
      'set enable_case_sensitive_super_attribute to true; refresh materialized view kept',
    ],
    [
      'select q.name from (select s.Name from cased) as q',
      [['"Upper"']],
      'set enable_case_sensitive_super_attribute to true',
    ],
    [
      'select q."Name" from (select s."Name" from cased) as q',
      [['"Upper"']],
      'set enable_case_sensitive_identifier to true',
    ],
  ],
  `create table cased (s super); insert into cased values (json_parse('{"name":"lower","Name":"Upper"}'));
   create view frozen as select s.Name from cased; create view late as select s.Name from public.cased with no schema binding;
   create materialized view kept as select s.Name from cased;`,
);

topic(
  "PREPARE's parameters beside SUPER",
  [
    ['execute untyped(3)', [['1'], ['3']]],
    ["execute untyped('3')", [['2']]],
    ['execute whole(3)', [['1'], ['3']]],
    ['execute step(json_parse(\'{"a":[7]}\'))', [['7']]],
    ['execute step(null)', [[null]]],
  ],
  `create table told (id int, s super);
   insert into told values (1, json_parse('{"n":3}')), (2, json_parse('{"n":"3"}')), (3, json_parse('{"n":3.0}'));
   prepare untyped as select id from told where s.n = $1 order by id; prepare whole(int) as select id from told where s.n = $1 order by id;
   prepare step(super) as select $1.a[0];`,
);
