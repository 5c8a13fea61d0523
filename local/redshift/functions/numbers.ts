import { arithmetic } from '../binder/arithmetic.ts';
import { type Bound, combine, type StaticType } from '../binder/bound.ts';
import { cast } from '../binder/casts.ts';
import { castFromSuper } from '../binder/super.ts';
import {
  decimal,
  duckdbType,
  FLOAT8,
  INT4,
  isFloat,
  isInteger,
  isNumeric,
  numericShape,
  SUPER,
} from '../binder/types.ts';
import { bindOnce, quoteText, raise } from '../rewriter/sql.ts';
import {
  convertArgument,
  type FunctionCall,
  type FunctionEntry,
  noSuchFunction,
  requireCount,
  scalar,
  signature,
  special,
} from './define.ts';

/** A function of doubles that raises outside of its domain. */
const double = (name: string): FunctionEntry => scalar(signature(['float8'], FLOAT8, (x) => `${name}(${x})`));

const guarded = (name: string, isOutside: (x: string) => string, message: string): FunctionEntry =>
  scalar(
    signature(['float8'], FLOAT8, (x) =>
      bindOnce(
        x,
        (v) => `CASE WHEN ${isOutside(v)} THEN ${raise('2201F', quoteText(message), 'DOUBLE')} ELSE ${name}(${v}) END`,
      ),
    ),
  );

/** SUPER arguments give NULL when they are no number, and a SUPER result. */
function dynamic(call: FunctionCall, body: (call: FunctionCall) => Bound): Bound {
  const [first, ...rest] = call.arguments;
  if (first?.type.kind !== 'super') return body(call);
  const number = castFromSuper(first, decimal(38, 10));
  const result = body({ ...call, arguments: [number, ...rest] });
  return combine(`CAST(${result.sql} AS VARCHAR)`, SUPER, [result], {
    sql: trimZeros(`CAST(${result.sql} AS VARCHAR)`),
  });
}

const trimZeros = (sql: string): string => `regexp_replace(regexp_replace(${sql}, '(\\.\\d*?)0+$', '\\1'), '\\.$', '')`;

function same(name: string): FunctionEntry {
  return special((call) =>
    dynamic(call, (inner) => {
      requireCount(inner, 1);
      const value = convertArgument(inner.arguments[0] as Bound, 'number');
      if (!isNumeric(value.type)) throw noSuchFunction(call);
      return combine(`CAST(${name}(${value.sql}) AS ${duckdbType(value.type)})`, value.type, [value]);
    }),
  );
}

/** CEIL and FLOOR of a DECIMAL keep its type without the scale's digits showing. */
const whole = (name: string): FunctionEntry =>
  special((call) =>
    dynamic(call, (inner) => {
      requireCount(inner, 1);
      const value = convertArgument(inner.arguments[0] as Bound, 'number');
      if (isInteger(value.type)) return combine(value.sql, value.type, [value]);
      const type: StaticType = value.type.kind === 'decimal' ? decimal(numericShape(value.type).precision, 0) : FLOAT8;
      return combine(`CAST(${name}(${value.sql}) AS ${duckdbType(type)})`, type, [value]);
    }),
  );

/** ROUND and TRUNC with an optional number of places. */
function places(name: 'round' | 'trunc', call: FunctionCall): Bound {
  requireCount(call, 1, 2);
  const value = convertArgument(call.arguments[0] as Bound, 'number');
  const count = call.arguments[1] ? cast(call.arguments[1], INT4, 'implicit') : undefined;
  if (isFloat(value.type)) return combine(floatPlaces(name, value.sql, count?.sql), FLOAT8, [value, count]);
  if (!count) {
    if (isInteger(value.type)) return combine(value.sql, value.type, [value]);
    const type = decimal(numericShape(value.type).precision, 0);
    return combine(`CAST(${name}(${value.sql}) AS ${duckdbType(type)})`, type, [value]);
  }
  return decimalPlaces(name, value, count);
}

const floatPlaces = (name: string, sql: string, count: string | undefined): string => {
  if (count === undefined) return name === 'round' ? `round_even(${sql}, 0)` : `trunc(${sql})`;
  return name === 'round' ? `round(${sql}, ${count})` : `(trunc(${sql} * pow(10, ${count})) / pow(10, ${count}))`;
};

/** The scale stays; the digits behind the place become zeros. */
function decimalPlaces(name: 'round' | 'trunc', value: Bound, count: Bound): Bound {
  const shape = numericShape(value.type);
  const type = isInteger(value.type) ? value.type : decimal(Math.min(38, shape.precision), shape.scale);
  const known = /^(?:CAST\((-?\d+) AS \w+\)|\(- CAST\((\d+) AS \w+\)\))$/.exec(count.sql);
  const digits = known ? Number(known[1] ?? `-${known[2]}`) : undefined;
  const result = digits !== undefined && digits >= 0 && digits < shape.scale ? decimal(shape.precision, digits) : type;
  const sql = `CAST(mr_places('${name}', CAST(${value.sql} AS VARCHAR), CAST(${count.sql} AS VARCHAR)) AS ${duckdbType(result)})`;
  return combine(sql, result, [value, count]);
}

/** DECIMAL gives DECIMAL(1, 0), all else DOUBLE PRECISION. */
function sign(call: FunctionCall): Bound {
  requireCount(call, 1);
  const value = convertArgument(call.arguments[0] as Bound, 'number');
  if (!isNumeric(value.type)) throw noSuchFunction(call);
  const type = value.type.kind === 'decimal' ? decimal(1, 0) : FLOAT8;
  return combine(`CAST(sign(${value.sql}) AS ${duckdbType(type)})`, type, [value]);
}

function mod(call: FunctionCall): Bound {
  requireCount(call, 2);
  return { ...arithmetic('%', call.arguments[0] as Bound, call.arguments[1] as Bound), name: 'mod' };
}

const exponential = scalar(signature(['float8'], FLOAT8, (x) => finite(`exp(${x})`, x)));
const constantPi = scalar(signature([], FLOAT8, () => 'pi()'));

export const NUMBERS: Readonly<Record<string, FunctionEntry>> = {
  abs: same('abs'),
  ceil: whole('ceil'),
  ceiling: whole('ceil'),
  floor: whole('floor'),
  round: special((call) => dynamic(call, (inner) => places('round', inner))),
  trunc: special((call) =>
    call.arguments[0] && ['timestamp', 'timestamptz', 'date'].includes(call.arguments[0].type.kind)
      ? truncDate(call)
      : dynamic(call, (inner) => places('trunc', inner)),
  ),
  mod: special(mod),
  sign: special((call) => dynamic(call, sign)),
  sqrt: guarded('sqrt', (x) => `${x} < 0`, 'cannot take square root of a negative number'),
  cbrt: double('cbrt'),
  exp: exponential,
  dexp: exponential,
  ln: guarded('ln', (x) => `${x} <= 0`, 'cannot take logarithm of a non-positive number'),
  dlog1: guarded('ln', (x) => `${x} <= 0`, 'cannot take logarithm of a non-positive number'),
  log: special(logarithm),
  dlog10: guarded('log10', (x) => `${x} <= 0`, 'cannot take logarithm of a non-positive number'),
  power: special(power),
  pow: special(power),
  dpow: special(power),
  sin: double('sin'),
  cos: double('cos'),
  tan: double('tan'),
  cot: double('cot'),
  asin: guarded('asin', (x) => `abs(${x}) > 1`, 'input is out of range'),
  acos: guarded('acos', (x) => `abs(${x}) > 1`, 'input is out of range'),
  atan: double('atan'),
  atan2: scalar(signature(['float8', 'float8'], FLOAT8, (a, b) => `atan2(${a}, ${b})`)),
  degrees: double('degrees'),
  radians: double('radians'),
  pi: constantPi,
  random: scalar(signature([], FLOAT8, () => 'random()')),
  to_hex: special(toHex),
};

/** LOG(number) is another name of DLOG10; LOG(base, number) takes any base. */
function logarithm(call: FunctionCall): Bound {
  requireCount(call, 1, 2);
  const values = call.arguments.map((value) => cast(value, FLOAT8, 'implicit'));
  const message = quoteText('cannot take logarithm of a non-positive number');
  const logOf = (name: string, { sql }: Bound): string =>
    bindOnce(sql, (v) => `CASE WHEN ${v} <= 0 THEN ${raise('2201E', message, 'DOUBLE')} ELSE ${name}(${v}) END`);
  const [first, second] = values as [Bound, Bound?];
  if (second === undefined) return combine(logOf('log10', first), FLOAT8, values, { name: 'dlog10' });
  return combine(`(${logOf('ln', second)} / ${logOf('ln', first)})`, FLOAT8, values);
}

/** A double that must not be infinite unless an argument was. */
const finite = (sql: string, ...args: string[]): string =>
  bindOnce(
    sql,
    (v) =>
      `CASE WHEN isinf(${v})${args.map((arg) => ` AND NOT isinf(${arg})`).join('')} THEN ${raise('22003', quoteText('value out of range: overflow'), 'DOUBLE')} ELSE ${v} END`,
  );

/** Powers of decimals are decimal in PostgreSQL; Redshift answers DOUBLE PRECISION. */
function power(call: FunctionCall): Bound {
  requireCount(call, 2);
  const values = call.arguments.map((value) => cast(value, FLOAT8, 'implicit')) as [Bound, Bound];
  const [a, b] = values.map((value) => value.sql) as [string, string];
  const invalid = raise('2201F', quoteText('invalid argument for power function'), 'DOUBLE');
  const result = finite(`pow(${a}, ${b})`, a, b);
  const sql = `CASE WHEN (${a} < 0 AND ${b} <> floor(${b})) OR (${a} = 0 AND ${b} < 0) THEN ${invalid} ELSE ${result} END`;
  return combine(sql, FLOAT8, values);
}

function truncDate(call: FunctionCall): Bound {
  requireCount(call, 1);
  const value = call.arguments[0] as Bound;
  return combine(`CAST(${value.sql} AS DATE)`, { kind: 'date' }, [value]);
}

function toHex(call: FunctionCall): Bound {
  requireCount(call, 1);
  const value = call.arguments[0] as Bound;
  const text = { kind: 'varchar' } as const;
  if (value.type.kind === 'varbyte') return combine(`lower(hex(${value.sql}))`, text, [value]);
  if (value.literal !== undefined)
    return combine(`lower(hex(${cast(value, { kind: 'varbyte' }, 'explicit').sql}))`, text, [value]);
  if (!isInteger(value.type)) throw noSuchFunction(call);
  const width = value.type.kind === 'int8' ? 8 : 4;
  return combine(
    `coalesce(nullif(ltrim(mr_int_hex(CAST(${value.sql} AS VARCHAR), '${width}'), '0'), ''), '0')`,
    text,
    [value],
    {
      sql: `CASE WHEN ${value.sql} IS NOT NULL THEN coalesce(nullif(ltrim(mr_int_hex(CAST(${value.sql} AS VARCHAR), '${width}'), '0'), ''), '0') END`,
    },
  );
}
