import { type Bound, combine } from '../binder/bound.ts';
import { cast, settle } from '../binder/casts.ts';
import { FLOAT8, INT4, INT8 } from '../binder/types.ts';
import { unify } from '../binder/unify.ts';
import { RedshiftError } from '../types.ts';
import { over, refuseOrder } from './aggregates.ts';
import { type FunctionCall, type FunctionEntry, requireCount } from './define.ts';

const window = (bind: (call: FunctionCall) => Bound): FunctionEntry => ({ kind: 'window', bind });

/** ROW_NUMBER, RANK and the like take no arguments and no frame. */
const ranking = (name: string, type: typeof INT8 | typeof FLOAT8): FunctionEntry =>
  window((call) => {
    requireCount(call, 0);
    refuseFrame(call);
    return combine(`${name}()${over(call, false)}`, type, []);
  });

function refuseFrame(call: FunctionCall): void {
  if (call.over?.hasFrame)
    throw new RedshiftError('42P20', `window function ${call.name} does not accept a frame clause`);
}

function requirePositive(value: Bound, name: string): void {
  if (/^\(- |^CAST\(0 AS/.test(value.sql))
    throw new RedshiftError('22016', `argument of ${name} must be greater than zero`);
}

/** Without ORDER BY every row is the first of its partition. */
function ntile(call: FunctionCall): Bound {
  requireCount(call, 1);
  refuseFrame(call);
  requirePositive(call.arguments[0] as Bound, 'ntile');
  return combine(`ntile(${cast(call.arguments[0] as Bound, INT8, 'implicit').sql})${over(call, false)}`, INT8, []);
}

const nulls = (call: FunctionCall): string => (call.nulls === 'ignore' ? ' IGNORE NULLS' : '');

const shifted = (name: 'lag' | 'lead'): FunctionEntry =>
  window((call) => {
    requireCount(call, 1, 3);
    refuseFrame(call);
    if (!call.over?.hasOrder) throw new RedshiftError('42P20', `window function ${name} requires an ORDER BY clause`);
    const value = settle(call.arguments[0] as Bound);
    const offset = call.arguments[1] ? `, ${cast(call.arguments[1], INT4, 'implicit').sql}` : '';
    const given = call.arguments[2] ? [value, call.arguments[2]] : [value];
    const { type, values } = unify(given, name.toUpperCase());
    const [shown, otherwise] = values.map(({ sql }) => sql);
    return combine(
      `${name}(${shown}${offset}${otherwise === undefined ? '' : `, ${otherwise}`}${nulls(call)})${over(call, false)}`,
      type,
      [value],
    );
  });

/** FIRST_VALUE, LAST_VALUE, NTH_VALUE want a frame when the window is ordered. */
const valueAt = (name: 'first_value' | 'last_value' | 'nth_value'): FunctionEntry =>
  window((call) => {
    requireCount(call, name === 'nth_value' ? 2 : 1);
    if (call.over?.hasOrder && !call.over.hasFrame)
      throw new RedshiftError('42P20', `Aggregate window functions with an ORDER BY clause require a frame clause`);
    const value = settle(call.arguments[0] as Bound);
    if (name === 'nth_value') requirePositive(call.arguments[1] as Bound, name);
    const index = name === 'nth_value' ? `, ${cast(call.arguments[1] as Bound, INT4, 'implicit').sql}` : '';
    return combine(`${name}(${value.sql}${index}${nulls(call)})${over(call)}`, value.type, [value]);
  });

function ratioToReport(call: FunctionCall): Bound {
  requireCount(call, 1);
  refuseOrder(call);
  const value = cast(call.arguments[0] as Bound, FLOAT8, 'implicit');
  return combine(`(${value.sql} / sum(${value.sql})${over(call, false)})`, FLOAT8, [value]);
}

export const WINDOWS: Readonly<Record<string, FunctionEntry>> = {
  row_number: ranking('row_number', INT8),
  rank: ranking('rank', INT8),
  dense_rank: ranking('dense_rank', INT8),
  percent_rank: ranking('percent_rank', FLOAT8),
  cume_dist: ranking('cume_dist', FLOAT8),
  ntile: window(ntile),
  lag: shifted('lag'),
  lead: shifted('lead'),
  first_value: valueAt('first_value'),
  last_value: valueAt('last_value'),
  nth_value: valueAt('nth_value'),
  ratio_to_report: window(ratioToReport),
};
