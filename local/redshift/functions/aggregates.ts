import { type Bound, combine, type StaticType } from '../binder/bound.ts';
import { cast, settle } from '../binder/casts.ts';
import { groupKey } from '../binder/grouping.ts';
import { sortKeys } from '../binder/ordering.ts';
import { castFromSuper } from '../binder/super.ts';
import {
  BOOL,
  decimal,
  duckdbType,
  FLOAT8,
  INT8,
  isFloat,
  isInteger,
  isMoment,
  isNumeric,
  isText,
  numericShape,
  TEXT,
} from '../binder/types.ts';
import { quoteText, raise } from '../rewriter/sql.ts';
import { maximumBytes } from '../type-facts.ts';
import { RedshiftError } from '../types.ts';
import { type FunctionCall, type FunctionEntry, noSuchFunction, requireCount } from './define.ts';

const aggregate = (bind: (call: FunctionCall) => Bound): FunctionEntry => ({ kind: 'aggregate', bind });

/** The OVER clause behind a call. */
export function over(call: FunctionCall, frame = true): string {
  if (!call.over) return '';
  const parts = [
    call.over.partitionBy === '' ? '' : `PARTITION BY ${call.over.partitionBy}`,
    call.over.orderBy === '' ? '' : `ORDER BY ${call.over.orderBy}`,
    frame ? call.over.frame : '',
  ];
  return ` OVER (${parts.filter((part) => part !== '').join(' ')})`;
}

/** An aggregate's frame must be said when the window is ordered. */
function requireFrame(call: FunctionCall): void {
  if (call.over?.hasOrder && !call.over.hasFrame) {
    throw new RedshiftError('42P20', 'Aggregate window functions with an ORDER BY clause require a frame clause');
  }
}

/** What takes no order of its own in OVER (and so no frame): it has one behind WITHIN GROUP, or none. */
export function refuseOrder(call: FunctionCall): void {
  if (!call.over?.hasOrder && !call.over?.hasFrame) return;
  throw new RedshiftError('42P20', `the OVER clause of ${call.name} takes neither ORDER BY nor a frame`);
}

/** DISTINCT goes with groups, not with windows. */
function requirePlainWindow(call: FunctionCall): void {
  requireFrame(call);
  if (call.distinct && call.over) throw new RedshiftError('0A000', 'DISTINCT is not supported for window functions');
}

function count(call: FunctionCall): Bound {
  requirePlainWindow(call);
  if (call.star) return combine(`count(*)${over(call)}`, INT8, []);
  requireCount(call, 1);
  const value = settle(call.arguments[0] as Bound);
  const present = (sql: string): string => (value.type.kind === 'super' ? `nullif(${sql}, 'null')` : sql);
  if (call.distinct || call.approximate) return combine(`count(DISTINCT ${present(groupKey(value))})`, INT8, [value]);
  return combine(`count(${present(value.sql)})${over(call)}`, INT8, [value]);
}

/** A SUPER argument counts as the number that it holds. */
function numberArgument(call: FunctionCall): Bound {
  requireCount(call, 1);
  const value = call.arguments[0] as Bound;
  if (value.type.kind === 'super') return castFromSuper(value, FLOAT8);
  if (value.type.kind === 'unknown') return cast(value, FLOAT8, 'implicit');
  if (isText(value.type)) return cast(value, FLOAT8, 'implicit');
  if (!isNumeric(value.type)) throw noSuchFunction(call);
  return value;
}

const distinct = (call: FunctionCall): string => (call.distinct ? 'DISTINCT ' : '');

function sum(call: FunctionCall): Bound {
  requirePlainWindow(call);
  if ((call.arguments[0]?.type.kind ?? '').startsWith('interval')) return sumOfIntervals(call);
  const value = numberArgument(call);
  const type = sumType(value.type);
  return combine(`CAST(sum(${distinct(call)}${value.sql})${over(call)} AS ${duckdbType(type)})`, type, [value]);
}

function sumOfIntervals(call: FunctionCall): Bound {
  const [value] = call.arguments as [Bound];
  if (call.distinct) throw noSuchFunction(call);
  const part = (name: string): string => `datepart('${name}', ${value.sql})`;
  const total = (sql: string, type: string): string => `CAST(sum(${sql})${over(call)} AS ${type})`;
  const micros = `${part('hour')} * 3600000000 + ${part('minute')} * 60000000 + ${part('microsecond')}`;
  const sql =
    value.type.kind === 'interval_year_to_month'
      ? `to_months(${total(`${part('year')} * 12 + ${part('month')}`, 'INTEGER')})`
      : `(to_days(${total(part('day'), 'INTEGER')}) + to_microseconds(${total(micros, 'BIGINT')}))`;
  return combine(sql, value.type, [value]);
}

/** SUM of SMALLINT and INTEGER is BIGINT, of BIGINT NUMERIC(38,0), of NUMERIC keeps the scale. */
function sumType(type: StaticType): StaticType {
  if (isFloat(type)) return FLOAT8;
  if (type.kind === 'int8') return decimal(38, 0);
  return isInteger(type) ? INT8 : decimal(38, numericShape(type).scale);
}

/** AVG of integers is an integer; of NUMERIC it keeps the scale. Both are cut, not rounded. */
function avg(call: FunctionCall): Bound {
  requirePlainWindow(call);
  const value = numberArgument(call);
  if (isFloat(value.type))
    return combine(`avg(${distinct(call)}CAST(${value.sql} AS DOUBLE))${over(call)}`, FLOAT8, [value]);
  const total = `sum(${distinct(call)}${value.sql})${over(call)}`;
  const rows = `count(${distinct(call)}${value.sql})${over(call)}`;
  if (isInteger(value.type))
    return combine(`CAST(CAST(${total} AS HUGEINT) // ${rows} AS BIGINT)`, INT8, [value], {
      sql: `CASE WHEN ${rows} > 0 THEN CAST(CAST(${total} AS HUGEINT) // ${rows} AS BIGINT) END`,
    });
  const type = decimal(38, numericShape(value.type).scale);
  const sql = `CASE WHEN ${rows} > 0 THEN CAST(mr_decimal('/', CAST(${total} AS VARCHAR), CAST(${rows} AS VARCHAR), '${type.scale}') AS ${duckdbType(type)}) END`;
  return combine(sql, type, [value]);
}

/** MIN and MAX take anything that has an order. */
const extreme = (name: 'min' | 'max'): FunctionEntry =>
  aggregate((call) => {
    requirePlainWindow(call);
    requireCount(call, 1);
    const value = settle(call.arguments[0] as Bound);
    if (value.type.kind === 'bool') throw noSuchFunction(call);
    if (value.type.kind === 'super') return superExtreme(name, call, value);
    const sql = value.caseInsensitive ? `arg_${name}(${value.sql}, ${groupKey(value)})` : `${name}(${value.sql})`;
    return combine(`${sql}${over(call)}`, value.type, [value], { trimmed: value.trimmed });
  });

function superExtreme(name: 'min' | 'max', call: FunctionCall, value: Bound): Bound {
  const keys = sortKeys({ value, descending: name === 'max', nullsFirst: false }).join(', ');
  if (call.over) throw new RedshiftError('0A000', `${name} of super is not supported as a window function`);
  return combine(
    `first(${value.sql} ORDER BY ${keys}) FILTER (WHERE nullif(${value.sql}, 'null') IS NOT NULL)`,
    value.type,
    [value],
  );
}

const statistic = (name: string): FunctionEntry =>
  aggregate((call) => {
    requirePlainWindow(call);
    const value = numberArgument(call);
    return combine(`${name}(${distinct(call)}CAST(${value.sql} AS DOUBLE))${over(call)}`, FLOAT8, [value]);
  });

function refuseWindow(call: FunctionCall): void {
  if (call.over) throw new RedshiftError('0A000', `${call.name} is not supported as a window function`);
}

const logical = (name: 'bool_and' | 'bool_or'): FunctionEntry =>
  aggregate((call) => {
    requireCount(call, 1);
    refuseWindow(call);
    const given = call.arguments[0] as Bound;
    const value = cast(given, BOOL, isInteger(given.type) ? 'explicit' : 'implicit');
    return combine(`${name}(${value.sql})`, BOOL, [value]);
  });

const bits = (name: 'bit_and' | 'bit_or'): FunctionEntry =>
  aggregate((call) => {
    requireCount(call, 1);
    refuseWindow(call);
    const value = call.arguments[0] as Bound;
    if (value.type.kind === 'bool')
      return combine(`${name === 'bit_and' ? 'bool_and' : 'bool_or'}(${value.sql})`, BOOL, [value]);
    if (!isInteger(value.type)) throw noSuchFunction(call);
    return combine(`${name}(${value.sql})`, value.type, [value]);
  });

/** LISTAGG([DISTINCT] value, delimiter) WITHIN GROUP (ORDER BY …). */
function listagg(call: FunctionCall): Bound {
  requireCount(call, 1, 2);
  const value = cast(call.arguments[0] as Bound, TEXT, 'implicit');
  const delimiter = call.arguments[1] ? cast(call.arguments[1], TEXT, 'implicit').sql : "''";
  const type: StaticType = { kind: 'varchar', length: maximumBytes.varchar };
  const keys = call.withinGroup.flatMap((order) => sortKeys(order)).join(', ');
  const order = keys === '' ? '' : ` ORDER BY ${keys}`;
  const filled = { ...value, sql: `nullif(${value.sql}, '')` };
  const sql = call.distinct
    ? listaggDistinct(call, filled, delimiter, keys)
    : `string_agg(${filled.sql}, ${delimiter}${order})${over(call, false)}`;
  refuseOrder(call);
  const tooLarge = raise('54000', quoteText('Result size exceeds LISTAGG limit'), 'VARCHAR');
  return combine(`CASE WHEN strlen(${sql}) > ${type.length} THEN ${tooLarge} ELSE ${sql} END`, type, [value]);
}

/** Each value once, at the place of its first row in the order. */
function listaggDistinct(call: FunctionCall, value: Bound, delimiter: string, keys: string): string {
  const order = keys === '' ? '' : ` ORDER BY ${keys}`;
  const list = (sql: string): string =>
    `list(${sql}${order}) FILTER (WHERE ${value.sql} IS NOT NULL)${over(call, false)}`;
  const distinctKeys = list(groupKey(value));
  const sql = `list_filter(${list(value.sql)}, lambda x, i: list_position(${distinctKeys}, ${distinctKeys}[i]) = i)`;
  return `array_to_string(${sql}, ${delimiter})`;
}

function median(call: FunctionCall): Bound {
  requireCount(call, 1);
  return { ...continuous(call, call.arguments[0] as Bound, '0.5'), name: 'median' };
}

/** Between two values, a share of the way: of numbers, dates and timestamps. */
function continuous(call: FunctionCall, given: Bound, share: string): Bound {
  refuseOrder(call);
  const value = isMoment(given.type) ? given : numberArgument({ ...call, arguments: [given] });
  const { type } = value;
  if (!isMoment(type))
    return combine(`quantile_cont(CAST(${value.sql} AS DOUBLE), ${share})${over(call, false)}`, FLOAT8, [value]);
  const sql = `quantile_cont(${value.sql}, ${share})${over(call, false)}`;
  return combine(`CAST(${sql} AS ${duckdbType(type)})`, type, [value]);
}

/** A percentile is a constant between 0 and 1. */
function fractionOf(argument: Bound): string {
  const written = /^CAST\('?(-?[\d.]+)'? AS/.exec(argument.sql)?.[1] ?? argument.literal;
  const isBeyond = typeof written === 'string' && !(Number(written) >= 0 && Number(written) <= 1);
  if (isBeyond || argument.free !== undefined || /^\(- /.test(argument.sql))
    throw new RedshiftError('22003', 'the percentile value must be a constant between 0 and 1');
  return cast(argument, FLOAT8, 'implicit').sql;
}

/** PERCENTILE_CONT and PERCENTILE_DISC WITHIN GROUP (ORDER BY …). */
const percentile = (name: 'cont' | 'disc'): FunctionEntry =>
  aggregate((call) => {
    requireCount(call, 1);
    const order = call.withinGroup[0];
    if (!order) throw new RedshiftError('42809', `percentile_${name} requires WITHIN GROUP (ORDER BY …)`);
    const fraction = fractionOf(call.arguments[0] as Bound);
    const share = order.descending ? `1 - ${fraction}` : fraction;
    const value = order.value.type.kind === 'unknown' ? cast(order.value, FLOAT8, 'implicit') : order.value;
    refuseOrder(call);
    if (name === 'disc')
      return combine(`quantile_disc(${value.sql}, ${share})${over(call, false)}`, value.type, [value]);
    return continuous(call, value, share);
  });

function anyValue(call: FunctionCall): Bound {
  requireCount(call, 1);
  refuseWindow(call);
  const value = settle(call.arguments[0] as Bound);
  return combine(`any_value(${value.sql})`, value.type, [value]);
}

/** The key that is grouped by, behind the way it is shown. */
const groupKeyOf = (value: Bound): string => value.groupKey ?? value.sql;

/** GROUPING(a, b): the bits of the columns that a row sums over. */
function grouping(call: FunctionCall): Bound {
  if (call.arguments.length === 0) throw noSuchFunction(call);
  return combine(
    `CAST(grouping(${call.arguments.map(groupKeyOf).join(', ')}) AS INTEGER)`,
    { kind: 'int4' },
    call.arguments,
    { free: undefined, aggregate: true },
  );
}

export const AGGREGATES: Readonly<Record<string, FunctionEntry>> = {
  count: aggregate(count),
  sum: aggregate(sum),
  avg: aggregate(avg),
  min: extreme('min'),
  max: extreme('max'),
  stddev: statistic('stddev_samp'),
  stddev_samp: statistic('stddev_samp'),
  stddev_pop: statistic('stddev_pop'),
  variance: statistic('var_samp'),
  var_samp: statistic('var_samp'),
  var_pop: statistic('var_pop'),
  bool_and: logical('bool_and'),
  bool_or: logical('bool_or'),
  every: logical('bool_and'),
  bit_and: bits('bit_and'),
  bit_or: bits('bit_or'),
  listagg: aggregate(listagg),
  median: aggregate(median),
  percentile_cont: percentile('cont'),
  percentile_disc: percentile('disc'),
  approximate_percentile_disc: percentile('disc'),
  any_value: aggregate(anyValue),
  grouping: { kind: 'scalar', bind: grouping },
  grouping_id: { kind: 'scalar', bind: grouping },
};
