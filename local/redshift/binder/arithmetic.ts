import { bindOnce, quoteText, raise } from '../rewriter/sql.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';
import { type Bound, combine, type StaticType } from './bound.ts';
import { cast, settle } from './casts.ts';
import { sharedCollation } from './collation.ts';
import { shift } from './moment-shift.ts';
import { castToSuper } from './super.ts';
import {
  commonType,
  DATE,
  decimal,
  duckdbType,
  FLOAT8,
  INT8,
  isFloat,
  isInteger,
  isInterval,
  isMoment,
  isNumeric,
  isText,
  isTime,
  numericShape,
  SUPER,
  TEXT,
  TIMESTAMP,
  typeName,
  varchar,
} from './types.ts';

export const noSuchOperator = (operator: string, left: StaticType | undefined, right: StaticType): RedshiftError =>
  new RedshiftError(
    '42883',
    `operator does not exist: ${left ? `${typeName(left)} ` : ''}${operator} ${typeName(right)}`,
    {
      hint: 'No operator matches the given name and argument type(s). You may need to add explicit type casts.',
    },
  );

/** `+ - * / % ^` on whatever stands at its sides. */
export function arithmetic(operator: string, left: Bound, right: Bound): Bound {
  if (left.type.kind === 'super' || right.type.kind === 'super') return superArithmetic(operator, left, right);
  if (operator === '+' && joins(left, right)) return concatenate(left, right);
  const moment = dateArithmetic(operator, left, right);
  if (moment) return moment;
  const [a, b] = settleNumbers(left, right);
  if (!isNumeric(a.type) || !isNumeric(b.type)) throw noSuchOperator(operator, a.type, b.type);
  if (operator === '^') return float('pow', a, b);
  if (isFloat(a.type) || isFloat(b.type)) return floatArithmetic(operator, a, b);
  if (a.type.kind === 'decimal' || b.type.kind === 'decimal') return decimalArithmetic(operator, a, b);
  return integerArithmetic(operator, a, b);
}

/** `+` joins texts and bytes, where at least one side is known to be one. */
function joins(left: Bound, right: Bound): boolean {
  if (left.type.kind === 'varbyte' && right.type.kind === 'varbyte') return true;
  const isOpenText = (value: Bound): boolean => isText(value.type) || typeof value.literal === 'string';
  return (isText(left.type) || isText(right.type)) && isOpenText(left) && isOpenText(right);
}

/** An open literal takes the other side's type; text becomes a number. */
function settleNumbers(left: Bound, right: Bound): [Bound, Bound] {
  const settleOne = (value: Bound, other: Bound): Bound => {
    if (value.type.kind === 'unknown') {
      if (value.note && value.literal && other.type.kind === 'decimal')
        return cast(value, digitsOf(value.literal), 'implicit');
      if (value.literal === null || value.literal === undefined)
        return cast(value, isNumeric(other.type) ? other.type : value.note ? FLOAT8 : { kind: 'int4' }, 'implicit');
      return cast(value, isInteger(other.type) || isFloat(other.type) ? other.type : FLOAT8, 'implicit');
    }
    return isText(value.type) && isNumeric(other.type) ? cast(value, FLOAT8, 'implicit') : value;
  };
  return [settleOne(left, right), settleOne(right, left)];
}

/** A parameter beside a decimal is described as one: it stays one when its value is known, with all of its digits. */
function digitsOf(text: string): RedshiftType {
  const [, whole, fraction = ''] = /^\s*[+-]?(\d*)\.?(\d*)\s*$/.exec(text) ?? [];
  return whole === undefined ? decimal(38, 18) : decimal(Math.max(1, whole.length + fraction.length), fraction.length);
}

/** SUPER computes by the values' own types: numbers as numbers, `+` joins texts, anything else gives NULL. */
function superArithmetic(operator: string, left: Bound, right: Bound): Bound {
  const sql = `mr_super_arithmetic(${quoteText(operator)}, ${castToSuper(left).sql}, ${castToSuper(right).sql})`;
  return combine(sql, SUPER, [left, right]);
}

function float(name: string, a: Bound, b: Bound): Bound {
  return combine(`${name}(CAST(${a.sql} AS DOUBLE), CAST(${b.sql} AS DOUBLE))`, FLOAT8, [a, b]);
}

const divisor = (sql: string, type: string): string =>
  bindOnce(sql, (d) => `CASE WHEN ${d} = 0 THEN ${raise('22012', quoteText('division by zero'), type)} ELSE ${d} END`);

const isNonZeroLiteral = (sql: string): boolean => /^CAST\('?-?[0-9.]*[1-9][0-9.]*'? AS [A-Z0-9(), ]+\)$/.test(sql);
const safeDivisor = (sql: string, type: string): string => (isNonZeroLiteral(sql) ? sql : divisor(sql, type));

function floatArithmetic(operator: string, a: Bound, b: Bound): Bound {
  const type: StaticType = a.type.kind === 'float4' && b.type.kind === 'float4' ? a.type : FLOAT8;
  const target = duckdbType(type);
  const [x, y] = [`CAST(${a.sql} AS ${target})`, `CAST(${b.sql} AS ${target})`];
  const second = operator === '/' || operator === '%' ? safeDivisor(y, target) : y;
  return combine(`(${x} ${operator} ${second})`, type, [a, b]);
}

function integerArithmetic(operator: string, a: Bound, b: Bound): Bound {
  const type = commonType(a.type, b.type) as StaticType;
  const target = duckdbType(type);
  const [x, y] = [`CAST(${a.sql} AS ${target})`, `CAST(${b.sql} AS ${target})`];
  if (operator === '/') return combine(`CAST((${x} // ${safeDivisor(y, target)}) AS ${target})`, type, [a, b]);
  if (operator === '%') return combine(`CAST((${x} % ${safeDivisor(y, target)}) AS ${target})`, type, [a, b]);
  return combine(`CAST((${x} ${operator} ${y}) AS ${target})`, type, [a, b]);
}

/** Precision and scale of DECIMAL results, by the manual's table "Computations with numeric values". */
function decimalArithmetic(operator: string, a: Bound, b: Bound): Bound {
  const [x, y] = [numericShape(a.type), numericShape(b.type)];
  const [left, right] = [
    cast(a, { kind: 'decimal', ...x }, 'implicit'),
    cast(b, { kind: 'decimal', ...y }, 'implicit'),
  ];
  if (operator === '/') return decimalDivision(left, right);
  if (operator === '%') {
    const type = decimal(
      Math.max(x.precision - x.scale, y.precision - y.scale) + Math.max(x.scale, y.scale),
      Math.max(x.scale, y.scale),
    );
    return combine(
      `CAST((${left.sql} % ${safeDivisor(right.sql, duckdbType(right.type))}) AS ${duckdbType(type)})`,
      type,
      [a, b],
    );
  }
  const type = operator === '*' ? productType(x, y) : sumType(x, y);
  if (operator === '*' && x.precision + y.precision > 38) {
    return combine(
      `CAST(mr_decimal(${quoteText('*')}, CAST(${left.sql} AS VARCHAR), CAST(${right.sql} AS VARCHAR), '${type.scale}') AS ${duckdbType(type)})`,
      type,
      [a, b],
    );
  }
  return combine(`CAST((${left.sql} ${operator} ${right.sql}) AS ${duckdbType(type)})`, type, [a, b]);
}

interface Shape {
  readonly precision: number;
  readonly scale: number;
}

/** A quotient of more than 38 digits gives way behind the point, down to `least` digits there. */
function fit(precision: number, scale: number, least: number): StaticType {
  const kept = precision > 38 ? Math.max(Math.min(scale, least), scale - (precision - 38)) : scale;
  return decimal(precision, kept);
}

const sumType = (x: Shape, y: Shape): StaticType => {
  const scale = Math.max(x.scale, y.scale);
  return decimal(Math.max(x.precision - x.scale, y.precision - y.scale) + scale + 1, scale);
};

const productType = (x: Shape, y: Shape): StaticType => decimal(x.precision + y.precision + 1, x.scale + y.scale);

/** Decimal division cuts, it does not round. */
function decimalDivision(a: Bound, b: Bound): Bound {
  const [x, y] = [numericShape(a.type), numericShape(b.type)];
  const scale = Math.max(4, x.scale + y.precision - y.scale + 1);
  const type = fit(x.precision - x.scale + y.scale + scale, scale, 4);
  const target = duckdbType(type);
  const second = safeDivisor(b.sql, duckdbType(b.type));
  const sql = `CAST(mr_decimal('/', CAST(${a.sql} AS VARCHAR), CAST(${second} AS VARCHAR), '${type.scale ?? 0}') AS ${target})`;
  return combine(sql, type, [a, b]);
}

/** Dates, times and intervals; undefined when neither side is one. */
function dateArithmetic(operator: string, left: Bound, right: Bound): Bound | undefined {
  if (isInterval(left.type) || isInterval(right.type)) return intervalArithmetic(operator, left, right);
  if (isMoment(left.type) && isInteger(right.type) && (operator === '+' || operator === '-'))
    return addDays(operator, left, right);
  if (isInteger(left.type) && isMoment(right.type) && operator === '+') return addDays(operator, right, left);
  if (operator === '-' && isMoment(left.type) && (isMoment(right.type) || right.literal !== undefined))
    return difference(left, right);
  if (operator === '-' && isTime(left.type) && isTime(right.type)) return timeBetween(left, right);
  if (operator !== '+') return undefined;
  if (left.type.kind === 'date' && isTime(right.type)) return joinDateAndTime(left, right);
  if (isTime(left.type) && right.type.kind === 'date') return joinDateAndTime(right, left);
  return undefined;
}

/** One time of day less another: both on the same day. */
function timeBetween(left: Bound, right: Bound): Bound {
  const onDay = (value: Bound): string => `(DATE '2000-01-01' + CAST(${value.sql} AS TIME))`;
  return combine(`(${onDay(left)} - ${onDay(right)})`, { kind: 'interval_day_to_second' }, [left, right]);
}

/** A date and a time are a timestamp; with a zone, one with a zone. */
function joinDateAndTime(date: Bound, time: Bound): Bound {
  const day = time.daysOff ? `(${date.sql} + ${time.daysOff})` : date.sql;
  const stamp = `(${day} + CAST(${time.sql} AS TIME))`;
  if (time.type.kind === 'time') return combine(stamp, TIMESTAMP, [date, time]);
  return combine(`timezone('UTC', ${stamp})`, { kind: 'timestamptz' }, [date, time]);
}

function addDays(operator: string, moment: Bound, days: Bound): Bound {
  if (moment.type.kind === 'date')
    return combine(`CAST((${moment.sql} ${operator} CAST(${days.sql} AS INTEGER)) AS DATE)`, DATE, [moment, days]);
  return combine(`(${moment.sql} ${operator} to_days(CAST(${days.sql} AS INTEGER)))`, moment.type, [moment, days]);
}

function difference(left: Bound, right: Bound): Bound {
  const other = right.literal !== undefined ? cast(right, left.type, 'implicit') : right;
  if (left.type.kind === 'date' && other.type.kind === 'date')
    return combine(`CAST((${left.sql} - ${other.sql}) AS BIGINT)`, INT8, [left, right]);
  return combine(
    `(CAST(${left.sql} AS TIMESTAMP) - CAST(${other.sql} AS TIMESTAMP))`,
    { kind: 'interval_day_to_second' },
    [left, right],
  );
}

function intervalArithmetic(operator: string, left: Bound, right: Bound): Bound {
  if (!isInterval(right.type)) {
    if (operator === '+' && (isMoment(right.type) || isTime(right.type))) return shift('+', right, left);
    if ((operator === '*' || operator === '/') && isNumeric(right.type)) return scaleInterval(operator, left, right);
    if ((operator === '+' || operator === '-') && right.literal !== undefined)
      return intervalArithmetic(operator, left, cast(right, left.type, 'implicit'));
    throw noSuchOperator(operator, left.type, right.type);
  }
  if (isInterval(left.type)) {
    if (operator !== '+' && operator !== '-') throw noSuchOperator(operator, left.type, right.type);
    return combine(`(${left.sql} ${operator} ${right.sql})`, left.type, [left, right]);
  }
  if (operator === '*' && isNumeric(left.type)) return scaleInterval(operator, right, left);
  const base = left.literal !== undefined ? cast(left, TIMESTAMP, 'implicit') : left;
  if ((operator !== '+' && operator !== '-') || !(isMoment(base.type) || isTime(base.type)))
    throw noSuchOperator(operator, left.type, right.type);
  return shift(operator, base, right);
}

/** An interval times a number or by one. Months stay whole. */
function scaleInterval(operator: string, interval: Bound, factor: Bound): Bound {
  const number = `CAST(${factor.sql} AS DOUBLE)`;
  const by = operator === '/' ? safeDivisor(number, 'DOUBLE') : number;
  const sql =
    interval.type.kind === 'interval_year_to_month'
      ? `to_months(CAST(trunc((year(${interval.sql}) * 12 + month(${interval.sql})) ${operator} ${by}) AS INTEGER))`
      : `(${interval.sql} ${operator} ${by})`;
  return combine(sql, interval.type, [interval, factor]);
}

export function negate(value: Bound): Bound {
  if (value.type.kind === 'super') return arithmetic('-', combine("'0'", SUPER, []), value);
  const number = value.type.kind === 'unknown' ? cast(value, FLOAT8, 'implicit') : value;
  if (!isNumeric(number.type) && !isInterval(number.type)) throw noSuchOperator('-', undefined, value.type);
  return combine(`(- ${number.sql})`, number.type, [value]);
}

/** `||`: anything becomes text, SUPER too. */
export function concatenate(left: Bound, right: Bound): Bound {
  const [a, b] = [settle(left), settle(right)];
  if (a.type.kind === 'varbyte' || b.type.kind === 'varbyte') {
    const varbyte = { kind: 'varbyte' } as const;
    return combine(`(${cast(a, varbyte, 'explicit').sql} || ${cast(b, varbyte, 'explicit').sql})`, varbyte, [a, b]);
  }
  const [x, y] = [cast(a, TEXT, 'implicit'), cast(b, TEXT, 'implicit')];
  const [before, behind] = [a, b].map(({ type }) => (isText(type) ? type.length : undefined));
  const length = before === undefined || behind === undefined ? undefined : before + behind;
  return combine(`(${x.sql} || ${y.sql})`, varchar(length), [a, b], {
    trimmed: y.trimmed,
    caseInsensitive: sharedCollation([a, b]),
  });
}

/** `& | # << >>`: integers, and VARBYTE for the first three. */
export function bitwise(operator: string, left: Bound, right: Bound): Bound {
  const [a, b] = settleNumbers(left, right);
  if (a.type.kind === 'varbyte' && b.type.kind === 'varbyte' && ['&', '|', '#'].includes(operator)) {
    return combine(`mr_bytes(${quoteText(operator)}, hex(${a.sql}), hex(${b.sql}))`, { kind: 'varbyte' }, [a, b], {
      sql: `unhex(mr_bytes(${quoteText(operator)}, hex(${a.sql}), hex(${b.sql})))`,
    });
  }
  if (!isInteger(a.type) || !isInteger(b.type)) throw noSuchOperator(operator, a.type, b.type);
  if (operator === '<<') return shiftLeft(a, b);
  const type = operator === '>>' ? a.type : (commonType(a.type, b.type) as StaticType);
  const target = duckdbType(type);
  const [x, y] = [`CAST(${a.sql} AS ${target})`, `CAST(${b.sql} AS ${target})`];
  return combine(operator === '#' ? `xor(${x}, ${y})` : `(${x} ${operator} ${y})`, type, [a, b]);
}

/** Bits that are pushed out are lost, and the sign may change: DuckDB would call that an error. */
function shiftLeft(value: Bound, count: Bound): Bound {
  const target = duckdbType(value.type);
  const bits = { int2: '16', int4: '32', int8: '64' }[value.type.kind as 'int2'];
  const sql = bindOnce(value.sql, (v) =>
    bindOnce(
      count.sql,
      (n) =>
        `CASE WHEN ${v} BETWEEN 0 AND 255 AND ${n} BETWEEN 0 AND 6 THEN CAST(${v} AS ${target}) << CAST(${n} AS ${target}) ELSE CAST(mr_shift_left(CAST(${v} AS VARCHAR), CAST(${n} AS VARCHAR), '${bits}') AS ${target}) END`,
    ),
  );
  return combine(sql, value.type, [value, count]);
}
