import fc from 'fast-check';
import { functionNames } from '../../local/redshift/functions/registry.ts';

/** Queries made by a grammar: each parses, most bind, and whatever they come to is a result or an error of Redshift's. */

const names = ['constructor', '__proto__', 'toString', 'a', 'b', 'value', '"select"', '"É"', 'valueOf'];
const texts = [
  '',
  ' ',
  'a',
  'constructor',
  '__proto__',
  'é😀',
  '2026-01-31',
  '2026-02-30 25:61:61',
  '2026-01-31 10:11:12.345678+05:30',
  '12.50',
  '-9223372036854775809',
  '1e999',
  'NaN',
  'infinity',
  'true',
  '{"a":[1,{"b":null}]}',
  '[1,"x",[]]',
  '{"__proto__":{"constructor":1}}',
  '[[[[[[[[]]]]]]]]',
  '(a+)+$',
  '[',
  '%',
  '\\\\',
  'YYYY-MM-DD HH24:MI:SS',
  '999,999.99MI',
  'Europe/Paris',
  'UTC',
  'month',
  '$.a[0]',
  'ff00',
  "''",
];
const numbers = [
  '0',
  '1',
  '-1',
  '2147483647',
  '-2147483648',
  '9223372036854775807',
  '12345678901234567890123456789012345678',
];
const fractions = ['0.0', '1.50', '-0.001', '99999999999999999999.9999999999', '1e10', '1e-300', '1e308', '.5', '5.'];
const types = [
  'smallint',
  'int',
  'bigint',
  'decimal(10,2)',
  'decimal(38,0)',
  'decimal(38,37)',
  'real',
  'float8',
  'boolean',
  'char(3)',
  'varchar(5)',
  'varchar(max)',
  'date',
  'time',
  'timetz',
  'timestamp',
  'timestamptz',
  'super',
  'varbyte(8)',
  'interval year to month',
  'interval day to second',
];
const dateParts = ['year', 'mon', 'week', 'day', 'hour', 'ms', 'us', 'epoch', 'dow', 'doy', 'century', 'constructor'];

const quoted = fc
  .oneof({ weight: 4, arbitrary: fc.constantFrom(...texts) }, fc.string({ maxLength: 6, unit: 'grapheme' }))
  .map((text) => `'${text.replaceAll('\0', '').replaceAll('\\', '\\\\').replaceAll("'", "''")}'`);
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => {
  const text = JSON.stringify(value) ?? 'null';
  return `json_parse('${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}')`;
});
const literal = fc.oneof(
  fc.constantFrom(...numbers),
  fc.constantFrom(...fractions),
  quoted,
  fc.constantFrom(
    'null',
    'true',
    'false',
    "date '2026-01-31'",
    "timestamp '2026-01-31 10:11:12'",
    'current_date',
    'array(1, 2)',
    "object('a', 1)",
  ),
  fc.constantFrom(...dateParts).map((part) => `interval '1 ${part}'`),
  json,
);
const column = fc.constantFrom(
  't.id',
  't.name',
  't.s',
  't.amount',
  't.at',
  't.s.a',
  't.s.list[0].n',
  't.s.constructor',
  't.s."__proto__"',
  't.s[0]',
);

const functions = functionNames().filter(
  (name) => !['pg_sleep', 'pg_cancel_backend', 'pg_terminate_backend'].includes(name),
);
const call = (inner: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...functions), fc.array(inner, { maxLength: 4 }))
    .map(([name, args]) => `${name}(${args.join(', ')})`);
const partCall = (inner: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(
        'dateadd',
        'datediff',
        'date_part',
        'date_trunc',
        'last_day',
        'extract',
        'next_day',
        'months_between',
      ),
      fc.constantFrom(...dateParts),
      inner,
      inner,
    )
    .map(([name, part, one, other]) => {
      if (name === 'extract') return `extract(${part} from ${one})`;
      if (name === 'date_trunc') return `date_trunc('${part}', ${one})`;
      return name === 'date_part' ? `date_part(${part}, ${one})` : `${name}(${part}, ${one}, ${other})`;
    });
const windowed = (inner: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(
        'sum',
        'count',
        'min',
        'max',
        'avg',
        'row_number',
        'rank',
        'ntile',
        'lag',
        'lead',
        'first_value',
        'nth_value',
        'listagg',
        'ratio_to_report',
        'percent_rank',
        'stddev_samp',
      ),
      inner,
      fc.constantFrom(
        '',
        'partition by t.id',
        'order by t.id',
        'partition by t.name order by t.at rows unbounded preceding',
        'order by t.amount rows between 1 preceding and 1 following',
      ),
    )
    .map(([name, argument, over]) => {
      const args = ['row_number', 'rank', 'percent_rank'].includes(name)
        ? ''
        : name === 'nth_value'
          ? `${argument}, 2`
          : argument;
      return `${name}(${args}) over (${over})`;
    });

/** An expression of any type, up to `depth` deep. */
export function expression(depth: number): fc.Arbitrary<string> {
  if (depth === 0) return fc.oneof(literal, column);
  const inner = expression(depth - 1);
  const pair = fc.tuple(inner, inner);
  const operators = [
    '+',
    '-',
    '*',
    '/',
    '%',
    '||',
    '=',
    '<>',
    '<',
    '>=',
    'and',
    'or',
    'like',
    'similar to',
    '~',
    'is distinct from',
    '&',
    '<<',
    '^',
  ];
  return fc.oneof(
    { weight: 2, arbitrary: fc.oneof(literal, column) },
    { weight: 5, arbitrary: call(inner) },
    { weight: 1, arbitrary: partCall(inner) },
    {
      weight: 2,
      arbitrary: fc.tuple(inner, fc.constantFrom(...types)).map(([value, type]) => `cast(${value} as ${type})`),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(pair, fc.constantFrom(...operators)).map(([[one, other], by]) => `(${one} ${by} ${other})`),
    },
    fc
      .tuple(inner, fc.constantFrom('is null', 'is not true', 'in (1, 2)', "between '1' and 'x'", 'is unknown'))
      .map(([value, test]) => `(${value} ${test})`),
    fc.tuple(inner, inner, inner).map(([test, one, other]) => `case when ${test} then ${one} else ${other} end`),
    fc.tuple(fc.constantFrom('not', '-', '@', '|/'), inner).map(([sign, value]) => `(${sign} ${value})`),
    fc
      .tuple(inner, fc.constantFrom('.a', '[0]', '[-1]', '.constructor', '."__proto__"[1]'))
      .map(([value, path]) => `(${value})${path}`),
    inner.map((value) => `(select ${value} from t where t.id = 1 limit 1)`),
  );
}

const source = fc.constantFrom(
  't',
  't, t.s.list as x at i',
  't, unpivot t.s as v at k',
  't left join t as u on t.id = u.id',
  't cross join (select 1 as one) as o',
  't full join u on t.id = u.id',
  "t, (select json_parse('[1,[2]]') as d) as e, e.d as y, y as z",
);

/** A whole query, of every clause now and then. */
export const query: fc.Arbitrary<string> = fc
  .record({
    items: fc.array(
      fc.tuple(fc.oneof({ weight: 5, arbitrary: expression(2) }, windowed(expression(1))), fc.constantFrom(...names)),
      { minLength: 1, maxLength: 3 },
    ),
    from: source,
    where: fc.option(expression(1)),
    grouped: fc.boolean(),
    having: fc.option(fc.constantFrom('count(*) > 0', "max(t.name) <> 'x'")),
    order: fc.option(fc.constantFrom('1', '1 desc nulls last', '2', 't.id')),
    limit: fc.option(fc.constantFrom('0', '3', '9223372036854775807')),
    shape: fc.constantFrom('plain', 'cte', 'union', 'subquery', 'distinct', 'insert', 'create'),
  })
  .map(({ items, from, where, grouped, having, order, limit, shape }) => {
    const list = items.map(([value, name]) => `${value} as ${name}`).join(', ');
    const select = [
      `select ${shape === 'distinct' ? 'distinct ' : ''}${list} from ${from}`,
      where && `where ${where}`,
      grouped && `group by ${items.map((_, index) => index + 1).join(', ')}`,
      grouped && having && `having ${having}`,
    ];
    const text = select.filter(Boolean).join(' ');
    const tail = `${order ? ` order by ${order}` : ''}${limit ? ` limit ${limit}` : ''}`;
    const wrapped: Readonly<Record<string, string>> = {
      cte: `with c as (${text}) select * from c${tail.replace('t.id', '1')}`,
      union: `${text} union all ${text}`,
      subquery: `select count(*) from (${text}${tail}) as q`,
      insert: `insert into u (name) ${text}`,
      create: `create temp table made as ${text}`,
    };
    return wrapped[shape] ?? text + tail;
  });
