import { topic } from './cases.ts';

const tables = `
  create table doc (id int, s super);
  insert into doc values
    (1, json_parse('{"name":"Ann","Tags":["x","y"],"n":7,"price":12.50,"deep":{"big":98765432109876543210.0123456789},"ok":true,"nothing":null}')),
    (2, json_parse('{"name":"Bo","Tags":[],"n":"7","price":3}')),
    (3, json_parse('[[1,2],[3]]'));`;

topic(
  'paths into SUPER',
  [
    ['select s.name from doc order by id', [['"Ann"'], ['"Bo"'], [null]]],
    ['select s[0][1], s[1][0], s[2], s[0][5] from doc where id = 3', [['2', '3', null, null]]],
    ['select s.deep.big from doc where id = 1', [['98765432109876543210.0123456789']]],
    ['select s.deep.big::decimal(38,10) from doc where id = 1', [['98765432109876543210.0123456789']]],
    ['select s.price from doc where id = 1', [['12.50']]],
    ['select s.deep from doc where id = 1', [['{"big":98765432109876543210.0123456789}']]],
    ['select s.Tags from doc where id = 1', [[null]]],
    ['select s.Tags from doc where id = 1', [['["x","y"]']], 'set enable_case_sensitive_super_attribute to true'],
    ['select s."Tags" from doc where id = 1', [['["x","y"]']], 'set enable_case_sensitive_identifier to true'],
    ['select id.name from doc', '42809'],
    [
      'select s.nothing is null, s.gone is null, json_typeof(s.nothing), json_typeof(s.gone) from doc where id = 1',
      [['t', 't', 'null', null]],
    ],
  ],
  tables,
);

topic(
  'unnesting',
  [
    [
      'select x, i from doc d, d.s as x at i where d.id = 3 order by i',
      [
        ['[1,2]', '0'],
        ['[3]', '1'],
      ],
    ],
    ['select y from doc d, d.s x, x y where d.id = 3 order by y', [['1'], ['2'], ['3']]],
    [
      'select d.id, x from doc d left join d.s x on true order by d.id, x',
      [
        ['1', null],
        ['2', null],
        ['3', '[1,2]'],
        ['3', '[3]'],
      ],
    ],
    ['with c as (select id, s as list from doc where id = 3) select count(*) from c, c.list as x', [['2']]],
    [
      'select k, json_typeof(v) from doc d, unpivot d.s as v at k where d.id = 2 order by k',
      [
        ['Tags', 'array'],
        ['n', 'string'],
        ['name', 'string'],
        ['price', 'number'],
      ],
    ],
    ['select x from doc d, d.id x', '42804'],
    ['select count(*) from doc d, d.s.name x', [['0']]],
  ],
  tables,
);

topic(
  'dynamic types and casts',
  [
    ['select id from doc where s.n = 7', [['1']]],
    ["select id from doc where s.n = '7'", [['2']]],
    ['select s.n = 7 from doc order by id', [['t'], ['f'], [null]]],
    ["select s.n > 'a' from doc where id = 1", [[null]]],
    ['select s.n + 1, s.name + 1, s.price * 2 from doc where id = 1', [['8', null, '25.00']]],
    [
      'select s.name::int, s.n::int, s.deep::varchar, s.ok::varchar, s.ok::bool from doc where id = 1',
      [[null, '7', null, 'true', 't']],
    ],
    ['select s.name::varchar(2) from doc where id = 1', [[null]]],
    ["select '2024-01-01'::date::super", '42846'],
    [
      'select s.price, count(*) from doc where id < 3 group by s.price order by 1',
      [
        ['3', '1'],
        ['12.50', '1'],
      ],
    ],
    ["select count(distinct x) from (select json_parse('1') x union all select json_parse('1.0')) as t", [['1']]],
    ['select 1.50::super, 1.5::float::super, 5::super, true::super', [['1.50', '1.5e+0', '5', 'true']]],
  ],
  tables,
);

topic('SUPER functions', [
  ['select json_parse(\'{"a":1,}\')', '22P02'],
  ["select can_json_parse('{\"a\":1,}'), can_json_parse('[1]')", [['f', 't']]],
  ['select json_parse(t) from (select \'[1.10, 2e3, "e9999"]\'::varchar as t) as v', [['[1.10,2e+3,"e9999"]']]],
  ["select json_serialize(object('a', array(1, 2.50, null)))", [['{"a":[1,2.50,null]}']]],
  [
    "select array_concat(array(1), array('a')), array_flatten(array(array(1), array(2))), get_array_length(array(1,2,3))",
    [['[1,"a"]', '[1,2]', '3']],
  ],
  ["select split_to_array('a|b|c', '|'), subarray(array(1,2,3), 1, 1)", [['["a","b","c"]', '[2]']]],
  ["select is_array(json_parse('{}')), is_object(json_parse('{}')), is_scalar(json_parse('1'))", [['f', 't', 't']]],
  [
    "select json_extract_path_text('{\"a\":{\"b\":[10,20]}}', 'a', 'b', '1'), json_extract_array_element_text('[1,\"x\"]', 1)",
    [['20', 'x']],
  ],
  ["select json_extract_path_text('{bad', 'a')", '22P02'],
  ["select json_extract_path_text('{bad', 'a', true)", [[null]]],
  ["select object('a', 1, 'a', 2)", '22030'],
]);
