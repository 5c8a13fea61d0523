import { topic } from './cases.ts';

topic('arrays as sets and bags', [
  [
    "select array_except(array(7, 7, 7, 8), array(7, 7)), array_except(array(7, 7, 7, 8), array(7), true), array_except(array('x', null), array(null))",
    [['[7,8]', '[8]', '["x"]']],
  ],
  [
    'select array_intersection(array(1, 2, 2, 2), array(2, 2, 3)), array_intersection(array(1, 2, 2), array(2, 2), true), array_intersection(array(null, 1), array(null))',
    [['[2,2]', '[2]', '[null]']],
  ],
  [
    'select array_union(array(1, 1.0, 2), array(2, null, null)), array_distinct(array(1, 1.0, 1))',
    [['[1,2,null]', '[1]']],
  ],
  [
    "select arrays_overlap(array(1, null), array(null)), arrays_overlap(array(1), array('1')), arrays_overlap(array(), array())",
    [['t', 'f', 'f']],
  ],
  ['select array_union(array(1), array(2), array(3))', '42883'],
  [
    "select array_except(json_parse('{}'), array(1)), array_concat(array(1), json_parse('2')), array_concat(array(1), null)",
    [[null, null, null]],
  ],
]);

topic('looking for what is in an array', [
  [
    "select array_contains(array(1, 2), 2.0), array_contains(array(1, 2), '2'), array_contains(array(array(1)), array(1))",
    [['t', 'f', 't']],
  ],
  [
    'select array_contains(array(1, null), null), array_contains(array(1, null), 2), array_contains(array(1, null), 2, false), array_contains(array(1, null), null, false), array_contains(array(1, null), 1, false)',
    [['t', 'f', null, null, 't']],
  ],
  [
    'select array_position(array(5, 6, 5), 5), array_position(array(5), 6), array_positions(array(5, 6, 5), 5), array_positions(array(5), 6), array_position(array(5, null), 6, false)',
    [['0', '-1', '[0,2]', '[]', null]],
  ],
  ['select array_contains(array(1, null), 2)', [[null]], 'set default_array_search_null_handling to false'],
  ["select array_contains('a', 'a')", '42883'],
]);

topic('the sizes and parts of arrays and objects', [
  [
    'select get_number_attributes(json_parse(\'{"p":1,"q":{"r":2,"s":3}}\')), get_number_attributes(array(1)), get_array_length(json_parse(\'{}\'))',
    [['2', null, null]],
  ],
  [
    'select subarray(array(1, 2, 3, 4), -3, 2), subarray(array(1, 2), 2, 5), subarray(array(1, 2), 3, 1)',
    [['[2,3]', '[]', null]],
  ],
]);
