import { topic } from './cases.ts';

topic('VARBYTE in and out', [
  [
    `select to_varbyte('c0ffee', 'hex'), to_varbyte('fff', 'HEX'), to_varbyte('101', 'binary'), to_varbyte('ž', 'utf-8')`,
    [['c0ffee', '0fff', '05', 'c5be']],
  ],
  [
    `select from_varbyte('ž'::varbyte, 'hex'), from_varbyte(from_hex('05'), 'binary'), from_varbyte('ž'::varbyte, 'utf8')`,
    [['c5be', '00000101', 'ž']],
  ],
  [
    `select from_hex('C0fe'), to_hex('ž'::varbyte), 'ž'::varbyte::varchar, to_varbyte(null, 'hex')`,
    [['c0fe', 'c5be', 'ž', null]],
  ],
  [`select to_varbyte('xy', 'hex')`, '22023'],
  [`select to_varbyte('12', 'binary')`, '22023'],
  [`select to_varbyte('a', 'octal')`, '22023'],
  [`select from_varbyte(from_hex('ff'), 'utf8')`, '22021'],
]);

topic('VARBYTE and whole numbers', [
  [
    `select 258::smallint::varbyte, 258::varbyte, 258::bigint::varbyte, (-1)::varbyte`,
    [['0102', '00000102', '0000000000000102', 'ffffffff']],
  ],
  [
    `select from_hex('0102')::smallint, from_hex('fffffffe')::int, from_hex('0000000000000102')::bigint`,
    [['258', '-2', '258']],
  ],
  [`select from_hex('0102')::int`, '22023'],
]);

topic('VARBYTE operators', [
  [
    `select 'a'::varbyte || 'b'::varbyte, 'a'::varbyte + 'b'::varbyte, concat('a'::varbyte, 'b'::varbyte)`,
    [['6162', '6162', '6162']],
  ],
  [
    `select from_hex('0f') & from_hex('3c'), from_hex('0f') | from_hex('3c'), from_hex('0f') # from_hex('3c'), ~from_hex('0f')`,
    [['0c', '3f', '33', 'f0']],
  ],
  [
    `select from_hex('0f') < from_hex('3c'), from_hex('0f') = from_hex('0F'), from_hex('0f') <> from_hex('0f00')`,
    [['t', 't', 't']],
  ],
  [`select from_hex('0f') & from_hex('0f0f')`, '22023'],
  [`select ~null::varbyte, 'a'::varbyte || null::varbyte`, [[null, null]]],
]);

topic('VARBYTE functions', [
  [
    `select substring(from_hex('0a0b0c0d'), 2, 2), substring(from_hex('0a0b0c0d'), 3), substring(from_hex('0a0b'), 0, 2), substring(from_hex('0a0b'), -2)`,
    [['0b0c', '0c0d', '0a', '0a0b']],
  ],
  [`select substring(from_hex('0a0b'), 1, -1)`, '22011'],
  [
    `select len(from_hex('0a0b')), octet_length(from_hex('0a0b')), getbit(from_hex('05'), 0), getbit(from_hex('05'), 1), getbit(from_hex('8000'), 15)`,
    [['2', '2', '1', '0', '1']],
  ],
  [`select getbit(from_hex('05'), 8)`, '22023'],
  [`select 'ab'::char(4)::varbyte`, [['61622020']]],
]);
