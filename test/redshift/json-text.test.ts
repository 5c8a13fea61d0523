import { topic } from './cases.ts';

const BROKEN = '22P02';

topic('JSON_EXTRACT_PATH_TEXT', [
  [
    `select json_extract_path_text('{"crew":{"cook":"Ann","size":3}}', 'crew', 'cook'), json_extract_path_text('{"crew":{"size":3}}', 'crew')`,
    [['Ann', '{"size":3}']],
  ],
  [
    `select json_extract_path_text('{"a":1}', 'A'), json_extract_path_text('{"a":null}', 'a'), json_extract_path_text('{"a":true}', 'a')`,
    [[null, null, 'true']],
  ],
  [
    `select json_extract_path_text('{"n":12345678901234567890.50}', 'n'), json_extract_path_text(null, 'n')`,
    [['12345678901234567890.50', null]],
  ],
  [`select json_extract_path_text('{"a":"two\\nlines"}', 'a')`, [['two\nlines']]],
  [`select json_extract_path_text('{"a":1', 'a')`, BROKEN],
  [`select json_extract_path_text('{"a":1', 'a', true), json_extract_path_text('{"a":1}', 'a', false)`, [[null, '1']]],
  [`select json_extract_path_text('{}', 'a', 'b', 'c', 'd', 'e')`, [[null]]],
  [`select json_extract_path_text('{}', 'a', 'b', 'c', 'd', 'e', 'f')`, '42883'],
]);

topic('JSON arrays in texts', [
  [
    `select json_extract_array_element_text('["x",[1, 2],null]', 0), json_extract_array_element_text('["x",[1, 2],null]', 1)`,
    [['x', '[1,2]']],
  ],
  [
    `select json_extract_array_element_text('[1,null]', 1), json_extract_array_element_text('[1]', 4), json_extract_array_element_text('[1]', -1)`,
    [[null, null, null]],
  ],
  [
    `select json_extract_array_element_text('[1', 0, true), json_array_length('[1', true), json_array_length('{"a":1}', true)`,
    [[null, null, null]],
  ],
  [`select json_extract_array_element_text('{"a":1}', 0)`, BROKEN],
  [
    `select json_array_length('[]'), json_array_length('[1,[2,3],{"a":4}]'), json_array_length(null)`,
    [['0', '3', null]],
  ],
  [`select json_array_length('{"a":1}')`, BROKEN],
]);

topic('valid JSON', [
  [
    `select is_valid_json('{"a":[1]}'), is_valid_json('[1]'), is_valid_json('{a:1}'), is_valid_json(null)`,
    [['t', 'f', 'f', null]],
  ],
  [`select is_valid_json_array('[1,"a"]'), is_valid_json_array('{}'), is_valid_json_array('[1,]')`, [['t', 'f', 'f']]],
  [`select can_json_parse('[1,{"a":2}]'), can_json_parse('[1'), can_json_parse('7')`, [['t', 'f', 't']]],
  [`select json_parse('{"a":')`, BROKEN],
  [
    `select json_serialize(json_parse('{"b" : [ 1.50 ]}')), json_serialize_to_varbyte(json_parse('[7]')), json_parse('[7]'::varbyte)`,
    [['{"b":[1.50]}', '5b375d', '[7]']],
  ],
]);
