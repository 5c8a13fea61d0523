import { type Bound, combine } from '../binder/bound.ts';
import { settle } from '../binder/casts.ts';
import { sharedCollation } from '../binder/collation.ts';
import { compare } from '../binder/comparison.ts';
import { literal } from '../binder/constants.ts';
import { unify } from '../binder/unify.ts';
import { type FunctionCall, type FunctionEntry, noSuchFunction, requireCount, special } from './define.ts';

function coalesce(call: FunctionCall): Bound {
  requireCount(call, 1, 1000);
  const { type, values } = unify(call.arguments, 'COALESCE');
  const sql = values.map((value) => (type.kind === 'super' ? `nullif(${value.sql}, 'null')` : value.sql)).join(', ');
  return combine(`coalesce(${sql})`, type, values, { name: 'coalesce' });
}

/** GREATEST and LEAST pass over NULLs. */
const extreme = (name: string): FunctionEntry =>
  special((call) => {
    requireCount(call, 1, 1000);
    const { type, values } = unify(call.arguments, name.toUpperCase());
    const sqls = values.map((value) => value.sql);
    if (!sharedCollation(values)) return combine(`${name}(${sqls.join(', ')})`, type, values);
    const sign = name === 'greatest' ? '>=' : '<=';
    const sql = sqls.reduce(
      (a, b) => `CASE WHEN ${b} IS NULL OR lower(${a}) ${sign} lower(${b}) THEN ${a} ELSE ${b} END`,
    );
    return combine(sql, type, values);
  });

/** DECODE finds NULL equal to NULL. */
function decode(call: FunctionCall): Bound {
  if (call.arguments.length < 3) throw noSuchFunction(call);
  const [operand, ...rest] = call.arguments as [Bound, ...Bound[]];
  const searches = rest.filter((_value, i) => i % 2 === 0 && i + 1 < rest.length);
  const results = rest.filter((_value, i) => i % 2 === 1);
  const otherwise = rest.length % 2 === 1 ? (rest.at(-1) as Bound) : literal(null);
  const { type, values } = unify([...results, otherwise], 'DECODE');
  const value = settle(operand);
  const branches = searches.map((search, i) => {
    const isNull =
      search.literal === null
        ? `(${value.sql} IS NULL)`
        : `(${compare('=', operand, search).sql} OR (${value.sql} IS NULL AND ${settle(search).sql} IS NULL))`;
    return `WHEN ${isNull} THEN ${(values[i] as Bound).sql}`;
  });
  return combine(
    `CASE ${branches.join(' ')} ELSE ${(values.at(-1) as Bound).sql} END`,
    type,
    [operand, ...searches, ...values],
    { name: 'case' },
  );
}

function nullif(call: FunctionCall): Bound {
  requireCount(call, 2);
  const [a, b] = call.arguments as [Bound, Bound];
  const value = settle(a);
  const sql = `CASE WHEN ${compare('=', a, b).sql} THEN NULL ELSE ${value.sql} END`;
  // Redshift calls the result after the first value.
  return combine(sql, value.type, [value, b], { name: a.name === '?column?' ? undefined : a.name });
}

function nvl2(call: FunctionCall): Bound {
  requireCount(call, 3);
  const [test, present, absent] = call.arguments as [Bound, Bound, Bound];
  const { type, values } = unify([present, absent], 'NVL2');
  const sql = `CASE WHEN ${settle(test).sql} IS NOT NULL THEN ${(values[0] as Bound).sql} ELSE ${(values[1] as Bound).sql} END`;
  return combine(sql, type, [test, ...values]);
}

export const CONDITIONALS: Readonly<Record<string, FunctionEntry>> = {
  coalesce: special(coalesce),
  nvl: special(coalesce),
  isnull: special(coalesce),
  nvl2: special(nvl2),
  nullif: special(nullif),
  decode: special(decode),
  greatest: extreme('greatest'),
  least: extreme('least'),
};
