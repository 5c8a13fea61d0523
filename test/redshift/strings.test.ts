import { topic } from './cases.ts';

topic('parts of texts', [
  [
    `select substring('marmot', 4), substring('marmot', 2, 3), substring('marmot', 5, 9), substring('marmot', 9)`,
    [['mot', 'arm', 'ot', '']],
  ],
  [`select substring('marmot', -1, 4), substring('marmot', 0, 1), substring('marmot', -9, 3)`, [['ma', '', '']]],
  [`select substring('marmot' from 2 for 2), substr(98765, 2, 3), substring('žluť', 2, 2)`, [['ar', '876', 'lu']]],
  [`select substring('marmot', 1, -1)`, '22011'],
  [
    `select left('žluť', 2), right('žluť', 2), left('ab', 9), left('ab', 0), right('ab', -1)`,
    [['žl', 'uť', 'ab', '', '']],
  ],
  [
    `select split_part('a;b;;d', ';', 2), split_part('a;b;;d', ';', 3), split_part('a;b', ';', 3), split_part('ab', ';', 1)`,
    [['b', '', '', 'ab']],
  ],
  [`select split_part('a;b', ';', 0)`, '22023'],
  [`select split_part(date '2031-07-09', '-', 2)`, [['07']]],
]);

topic('NULL among the arguments', [
  [
    `select substring('marmot', null), substring('marmot', 2, null), substring('marmot', null, 2), substring(null, 1), left('ab', null), right('ab', null)`,
    [[null, null, null, null, null, null]],
  ],
  [
    `select lpad('a', null), rpad('a', null, 'b'), lpad('a', 3, null), repeat('a', null), split_part('a;b', ';', null), split_part('a', null, 1)`,
    [[null, null, null, null, null, null]],
  ],
  [
    `select charindex('a', 'banana', null), btrim('a', null), substring(from_hex('0a0b'), null), strtol('7', null), round(2.5, null), trunc(2.5, null)`,
    [[null, null, null, null, null, null]],
  ],
]);

topic('finding', [
  [
    `select strpos('žlutý', 'u'), charindex('u', 'žlutý'), position('u' in 'žlutý'), strpos('abc', 'x')`,
    [['3', '3', '3', '0']],
  ],
  [`select charindex('a', 'banana', 3), octetindex('u', 'žlutý'), strpos(12.5, '.')`, [['4', '4', '3']]],
  [`select strpos(null, 'a'), position('a' in null)`, [[null, null]]],
]);

topic('trimming and padding', [
  [
    `select trim('  a '), btrim('xyaxy', 'yx'), ltrim('aab', 'a'), rtrim('baa', 'a'), trim('"' from '"a"')`,
    [['a', 'a', 'b', 'b', 'a']],
  ],
  [`select trim(leading '0' from '007'), trim(both from ' a '), trim(trailing 'x' from 'axx')`, [['7', 'a', 'a']]],
  [
    `select lpad('ž', 3, '.'), rpad('abc', 2), lpad('abc', -4), rpad('a', 4, 'xy'), lpad(7, 3, '0')`,
    [['..ž', 'ab', '', 'axyx', '007']],
  ],
]);

topic('changing', [
  [
    `select upper('žlutý'), lower('ŽLUTÝ'), initcap('o''neill-smith el 3rd')`,
    [['ŽLUTÝ', 'žlutý', "O'Neill-Smith El 3rd"]],
  ],
  [
    `select reverse('žlu'), reverse(1203), repeat('ab', 3), replicate(4, 2), repeat('a', 0), repeat('a', -1)`,
    [['ulž', '3021', 'ababab', '44', '', '']],
  ],
  [
    `select replace('banana', 'an', 'x'), replace('banana', 'z', 'x'), replace('banana', null, 'x')`,
    [['bxxa', 'banana', null]],
  ],
  [
    `select translate('banana', 'an', 'o'), translate('banana', 'bn', 'dm'), translate('a', 'a', null)`,
    [['booo', 'damama', null]],
  ],
  [
    `select concat('a', 7), concat('a', null), 'a'::varchar || 1.5, 'a'::varchar + 'b' + 'c'`,
    [['a7', null, 'a1.5', 'abc']],
  ],
  [
    `select quote_ident('Total'), quote_ident('total'), quote_ident('a"b'), quote_literal('it''s'), quote_literal(4)`,
    [['"Total"', 'total', '"a""b"', "'it''s'", "'4'"]],
  ],
]);

topic('measuring', [
  [
    `select len('žlu'), octet_length('žlu'), len('a  '), length(null), char_length('😀'), textlen('')`,
    [['3', '4', '3', null, '1', '0']],
  ],
  [`select len('a'::char(5)), len('a'::char(5)::varchar), len(1234), len('ab'::varbyte)`, [['1', '1', '4', '2']]],
  [`select ascii('Žena'), ascii(''), chr(90), chr(300), ascii(null)`, [['381', '0', 'Z', null, null]]],
  [
    `select soundex('Lloyd'), soundex('Ladd'), soundex('12'), difference('Lloyd', 'Ladd'), difference('1', 'Ladd'), difference('1', '2')`,
    [['L300', 'L300', '', '4', '0', '1']],
  ],
  [`select bpcharcmp('ant', 'bee'), bpcharcmp('ant', 'ant  '), bttext_pattern_cmp('cat', 'bee')`, [['-1', '0', '1']]],
  [
    `select strtol('7f', 16), strtol(' -0x10', 16), strtol('', 8), strtol('zz', 36), strtol(null, 10)`,
    [['127', '-16', '0', '1295', null]],
  ],
  [`select strtol('9', 8)`, '22P02'],
  [`select strtol('9', 37)`, '22023'],
]);

topic('LIKE', [
  [
    `select 'plum' like 'p%', 'plum' like '_lu_', 'plum' like 'lu', 'plum' not like '%x%', 'PLUM' ilike '%lu%'`,
    [['t', 't', 'f', 't', 't']],
  ],
  [
    `select '50%' like '50\\\\%', '500' like '50\\\\%', '50%' like '50!%' escape '!', null like '%'`,
    [['t', 'f', 't', null]],
  ],
  [`select 'Žena' ilike 'žena', 'ŽENA' ilike 'Žena'`, [['f', 't']]],
  [
    `select 'ab'::char(4) like 'ab', 'ab'::char(4) like 'ab%', 'ab'::char(4)::varchar like 'ab', 'ab ' like 'ab'`,
    [['f', 't', 't', 'f']],
  ],
  [`select 'a' like 'a' escape '!!'`, '22025'],
]);

topic('choosing', [
  [
    `select decode(3, 1, 'one', 3, 'three', 'many'), decode(null, null, 'none', 'some'), decode(4, 1, 'one')`,
    [['three', 'none', null]],
  ],
  [`select nvl(null, null, 7), coalesce(null, 'a', 'b'), nvl2(null, 1, 2), nvl2(0, 1, 2)`, [['7', 'a', '2', '1']]],
  [
    `select nullif(4, 4), nullif('a', 'b'), nullif('a'::char(1), 'a  '::char(3)), nullif(null, 1)`,
    [[null, 'a', null, null]],
  ],
  [
    `select greatest(2, null, 5), least('pear', 'fig', null), greatest(1, 2.5), least(null, null)`,
    [['5', 'fig', '2.5', null]],
  ],
  [`select case 2 when 1 then 'a' when 2 then 'b' end, case when 1 > 2 then 'a' end`, [['b', null]]],
  [`select coalesce(null, 'plum', 12)`, '22P02'],
]);
