import { topic } from './cases.ts';

topic('~ and its kin', [
  [`select 'grape' ~ 'a.e$', 'grape' !~ '^r', 'grape' ~* 'RAP', 'grape' !~* 'RAP'`, [['t', 't', 't', 'f']]],
  [`select '4711' ~ '^[[:digit:]]+$', 'a b' ~ '\\\\s', 'a.b' ~ 'a\\\\.b', 'axb' ~ 'a\\\\.b'`, [['t', 't', 't', 'f']]],
  [`select null ~ 'a', 'a' ~ null`, [[null, null]]],
  [`select 'grape' ~ '[[:fruit:]]'`, '2201B'],
  [`select 'grape' ~ '(g'`, '2201B'],
  [`select 'grape' ~ '(?=g)'`, '2201B'],
  [`select 'grape' ~ p from (select '^g'::varchar as p)`, [['t']]],
]);

topic('SIMILAR TO', [
  [`select 'plum' similar to '(plum|pear)', 'plum jam' similar to 'plum', 'plum' similar to '%u_'`, [['t', 'f', 't']]],
  [
    `select 'a%' similar to 'a!%' escape '!', 'ab' similar to 'a!%' escape '!', 'a.b' similar to 'a.b'`,
    [['t', 'f', 't']],
  ],
  [`select 'axb' similar to 'a.b', 'aab' similar to 'a{2}b', 'b' not similar to '[a-c]'`, [['f', 't', 'f']]],
  [`select 'plum' similar to p from (select '%(l|r)um'::varchar as p)`, [['t']]],
]);

topic('REGEXP_COUNT', [
  [
    `select regexp_count('banana', 'an'), regexp_count('banana', 'AN'), regexp_count('banana', 'AN', 1, 'i')`,
    [['2', '0', '2']],
  ],
  [
    `select regexp_count('banana', 'a', 3), regexp_count('banana', 'a', -5), regexp_count('banana', 'a', 99)`,
    [['2', '3', '0']],
  ],
  [`select regexp_count('🍌🍌b', '.'), regexp_count('🍌🍌b', '.', 3), regexp_count(null, 'a')`, [['3', '1', null]]],
  [`select regexp_count('banana', 'a', 1, 'z')`, '22023'],
]);

topic('REGEXP_INSTR', [
  [
    `select regexp_instr('banana', 'n'), regexp_instr('banana', 'n', 4), regexp_instr('banana', 'x')`,
    [['3', '5', '0']],
  ],
  [
    `select regexp_instr('banana', 'an', 1, 2), regexp_instr('banana', 'an', 1, 2, 1), regexp_instr('banana', 'an', 1, 2, 7)`,
    [['4', '6', '6']],
  ],
  [
    `select regexp_instr('banana', 'n', 1, 0), regexp_instr('banana', 'n', 1, 7), regexp_instr('🍌ban', 'n')`,
    [['0', '0', '4']],
  ],
  [`select regexp_instr('key=val', '=(v)', 1, 1, 0, 'e'), regexp_instr('key=val', '=v', 1, 1, 0, 'e')`, [['5', '4']]],
]);

topic('REGEXP_SUBSTR', [
  [`select regexp_substr('key=val; k2=v2', '[a-z0-9]+=', 1, 2), regexp_substr('key', '[0-9]+')`, [['k2=', '']]],
  [
    `select regexp_substr('key=val', '=(\\\\w+)', 1, 1, 'e'), regexp_substr('key=val', '=\\\\w+', 1, 1, 'e')`,
    [['val', '=val']],
  ],
  [
    `select regexp_substr('key', 'k', 1, 0), regexp_substr('key', 'k', 1, 4), regexp_substr('key', 'k', 1, 3)`,
    [[null, null, '']],
  ],
  [`select regexp_substr('KEY', 'e', 1, 1, 'i'), regexp_substr('key', 'k', 9)`, [['E', '']]],
  [
    `select regexp_substr('a-b', '[\\\\w-]+'), regexp_substr('x]y', '[]]'), regexp_substr('a{b', 'a{')`,
    [['a-b', ']', 'a{']],
  ],
  [`select regexp_substr('«a»«b»', '«.*?»')`, '0A000'],
]);

topic('REGEXP_REPLACE', [
  [
    `select regexp_replace('2033-04-05', '-'), regexp_replace('2033-04-05', '-', '/'), regexp_replace('2033-04-05', '-', '/', 6)`,
    [['20330405', '2033/04/05', '2033-04/05']],
  ],
  [`select regexp_replace('ABBA', 'b', 'x', 1, 'i'), regexp_replace('ABBA', 'B', 'x', 50)`, [['AxxA', 'ABBA']]],
  [
    `select regexp_replace('Ada Lovelace', '(\\\\w+) (\\\\w+)', '\\\\2 \\\\1'), regexp_replace('Ada L', '(\\\\w+) (\\\\w+)', '$2 $1', 1, 'p')`,
    [['Lovelace Ada', 'L Ada']],
  ],
  [
    `select regexp_replace('a', null, 'b'), regexp_replace('a', 'a', null), regexp_replace(null, 'a', 'b')`,
    [[null, null, null]],
  ],
  [`select regexp_replace('a1b22', '[[:digit:]]+', '#')`, [['a#b#']]],
]);

topic("the parameter 'p'", [
  [`select regexp_substr('«a»«b»', '«.*?»', 1, 1, 'p')`, [['«a»']]],
  [
    `select regexp_substr('price 30 EUR', '\\\\d+(?= EUR)', 1, 1, 'p'), regexp_substr('ab', '(?<=a)b', 1, 1, 'p')`,
    [['30', 'b']],
  ],
  [`select regexp_count('aAbBc', '(?i)a|b', 1, 'p'), regexp_count('aAbB', '(?i:a)b', 1, 'p')`, [['4', '1']]],
  [`select regexp_replace('k=v', '(?P<key>\\\\w)=(?P<value>\\\\w)', '$2=$1', 1, 'p')`, [['v=k']]],
  [`select regexp_substr('a.b.c', '\\\\Q.b\\\\E', 1, 1, 'p'), regexp_count('x\n', 'x$', 1, 'p')`, [['.b', '1']]],
  [`select regexp_substr('aaa', '(?>a+)', 1, 1, 'p')`, '0A000'],
  [`select regexp_substr('aaa', 'a++', 1, 1, 'p')`, '0A000'],
]);
