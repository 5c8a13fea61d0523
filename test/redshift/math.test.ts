import { openRedshift } from '../../local/redshift/engine/open.ts';
import { topic } from './cases.ts';

topic('rounding', [
  [
    `select round(2.5), round(-2.5), round(2.5::float8), round(17.846, 1), round(1784.6, -2), round(15, -1)`,
    [['3', '-3', '2', '17.8', '1800.0', '20']],
  ],
  [
    `select trunc(2.9), trunc(-2.9), trunc(17.846, 2), trunc(1784.6, -2), trunc(2.9::float8)`,
    [['2', '-2', '17.84', '1700.0', '2']],
  ],
  [`select ceil(1.1), ceiling(-1.1), floor(-1.1), floor(7), ceil(1.5::float8)`, [['2', '-1', '-2', '7', '2']]],
  [`select trunc(timestamp '2031-07-09 23:59:59'), round(null), floor(null)`, [['2031-07-09', null, null]]],
  [`select abs(-2.50), abs(-3::smallint), abs('-4'), abs(null)`, [['2.50', '3', '4', null]]],
]);

topic('remainders and powers', [
  [`select mod(17, 5), mod(-17, 5), mod(17, -5), mod(7.5, 2), 17 % 5`, [['2', '-2', '2', '1.5', '2']]],
  [`select mod(1, 0)`, '22012'],
  [
    `select power(3, 4), pow(9, 0.5), power(2, -2), power(-3, 3), 2 ^ 5, dpow(2, 2)`,
    [['81', '3', '0.25', '-27', '32', '4']],
  ],
  [`select power(-1, 0.5)`, '2201F'],
  [`select power(10, 400)`, '22003'],
  [`select exp(1000)`, '22003'],
  [
    `select sqrt(2.25), sqrt('81'), cbrt(-27), |/ 36, ||/ 8, exp(0), dexp(1)`,
    [['1.5', '9', '-3', '6', '2', '1', '2.71828182845905']],
  ],
  [`select sqrt(-4)`, '2201F'],
  [`select ln(1), dlog1(1), log(1000), dlog10(0.01)`, [['0', '0', '3', '-2']]],
  [`select ln(0)`, '2201F'],
]);

topic('angles', [
  [
    `select sin(0), cos(0), tan(0), cot(pi() / 4), asin(1), acos(1), atan(0), atan2(0, 1)`,
    [['0', '1', '0', '1', '1.5707963267949', '0', '0', '0']],
  ],
  [`select degrees(pi()), radians(90), pi()`, [['180', '1.5707963267949', '3.14159265358979']]],
  [`select acos(1.5)`, '2201F'],
  [`select cot(0)`, '22003'],
]);

topic('bits', [
  [
    `select (-5) << 2, 1 << 31, 1::bigint << 40, 300::smallint << 8, (-8) >> 1, null::int << 1`,
    [['-20', '-2147483648', '1099511627776', '11264', '-4', null]],
  ],
  [`select 12 & 10, 12 | 10, 12 # 10, ~12, 1 << 5, 96 >> 2`, [['8', '14', '6', '-13', '32', '24']]],
  [`select to_hex(48879), to_hex(-1), to_hex(-1::bigint), to_hex(0)`, [['beef', 'ffffffff', 'ffffffffffffffff', '0']]],
  [
    `select bit_and(n), bit_or(n), bool_and(n > 5), bool_or(n > 13) from (select 12 as n union all select 10 union all select 14) as t`,
    [['8', '14', 't', 't']],
  ],
]);

describe('SIGN', () => {
  test.each([
    ['sign(-4.25)', { kind: 'decimal', precision: 1, scale: 0 }, '-1'],
    ['sign(0::float8)', { kind: 'float8' }, '0'],
    ['sign(12)', { kind: 'float8' }, '1'],
    ["sign(json_parse('-2'))", { kind: 'super' }, '-1'],
  ])('%s', async (expression, type, value) => {
    const redshift = await openRedshift({ databases: ['dev'], admin: { user: 'admin', password: 'secret' } });
    const session = await redshift.session({ database: 'dev', user: 'admin' });
    const [result] = await session.execute(`select ${expression} as s`);
    expect(result?.columns).toEqual([{ name: 's', type }]);
    expect(result?.rows).toEqual([[value]]);
    await redshift.close();
  });
});
