import { type Bound, combine, type StaticType } from '../binder/bound.ts';
import { cast, implicitDistance, settle } from '../binder/casts.ts';
import type { BindEnvironment } from '../binder/context.ts';
import {
  FLOAT8,
  INT4,
  INT8,
  isNumeric,
  isText,
  SUPER,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
  typeName,
  VARBYTE,
} from '../binder/types.ts';
import { RedshiftError } from '../types.ts';

/** A call whose arguments are bound. */
export interface FunctionCall {
  readonly name: string;
  readonly arguments: readonly Bound[];
  readonly distinct: boolean;
  readonly star: boolean;
  readonly approximate: boolean;
  readonly withinGroup: readonly BoundOrder[];
  readonly nulls?: 'ignore' | 'respect';
  /** The OVER clause in DuckDB SQL. */
  readonly over?: WindowSql;
  readonly environment: BindEnvironment;
  /** The call stands in a query whose FROM has more than the system's own tables. */
  readonly overTables?: boolean;
  /** The call stands in a query without FROM that is in no other query. */
  readonly standsAlone?: boolean;
}

export interface BoundOrder {
  readonly value: Bound;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface WindowSql {
  readonly partitionBy: string;
  readonly orderBy: string;
  readonly frame: string;
  readonly hasOrder: boolean;
  readonly hasFrame: boolean;
}

export interface FunctionEntry {
  readonly kind: 'scalar' | 'aggregate' | 'window';
  /** The first argument may be a bare word: `DATEADD(month, …)`. */
  readonly takesDatePart?: boolean;
  bind(call: FunctionCall): Bound;
}

/** What a parameter takes. `number` is any numeric type as it is, `any` whatever comes. */
export type ParameterKind =
  | 'text'
  | 'int4'
  | 'int8'
  | 'float8'
  | 'number'
  | 'bool'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'time'
  | 'timetz'
  | 'super'
  | 'varbyte'
  | 'interval'
  | 'any';

export interface Signature {
  readonly parameters: readonly ParameterKind[];
  /** How many of the parameters at the end may be left out. */
  readonly optional?: number;
  /** The last parameter may come again and again. */
  readonly variadic?: boolean;
  readonly result: StaticType | ((args: readonly Bound[]) => StaticType);
  readonly emit: (...sql: string[]) => string;
}

const TYPES: Readonly<Record<string, StaticType>> = {
  text: TEXT,
  int4: INT4,
  int8: INT8,
  float8: FLOAT8,
  bool: { kind: 'bool' },
  date: { kind: 'date' },
  timestamp: TIMESTAMP,
  timestamptz: TIMESTAMPTZ,
  time: { kind: 'time' },
  timetz: { kind: 'timetz' },
  super: SUPER,
  varbyte: VARBYTE,
  interval: { kind: 'interval_day_to_second' },
};

function distance(value: Bound, kind: ParameterKind): number | undefined {
  if (kind === 'any') return 1;
  if (kind === 'number') {
    if (isNumeric(value.type)) return 0;
    return value.type.kind === 'unknown' ? 2 : implicitDistance(value.type, FLOAT8);
  }
  return implicitDistance(value.type, TYPES[kind] as StaticType);
}

export function convertArgument(value: Bound, kind: ParameterKind): Bound {
  if (kind === 'any') return settle(value);
  if (kind === 'number') return isNumeric(value.type) ? value : cast(value, FLOAT8, 'implicit');
  const type = TYPES[kind] as StaticType;
  if (kind === 'text' && isText(value.type)) return value;
  if (kind === 'varbyte' && value.type.kind === 'varbyte') return value;
  if (kind === 'interval' && value.type.kind.startsWith('interval')) return value;
  return cast(value, type, kind === 'varbyte' ? 'explicit' : 'implicit');
}

/** A scalar function by its signatures: the nearest to the arguments is taken. */
export function scalar(...signatures: Signature[]): FunctionEntry {
  return {
    kind: 'scalar',
    bind(call) {
      const chosen = choose(call, signatures);
      const args = call.arguments.map((value, i) => convertArgument(value, parameterAt(chosen, i)));
      const type = typeof chosen.result === 'function' ? chosen.result(args) : chosen.result;
      return combine(chosen.emit(...args.map((arg) => arg.sql)), type, args, { name: call.name });
    },
  };
}

function parameterAt(signature: Signature, index: number): ParameterKind {
  const last = signature.parameters.length - 1;
  return signature.parameters[Math.min(index, last)] as ParameterKind;
}

function choose(call: FunctionCall, signatures: readonly Signature[]): Signature {
  let best: { signature: Signature; total: number } | undefined;
  for (const signature of signatures) {
    const count = call.arguments.length;
    const least =
      signature.parameters.length -
      (signature.optional ?? 0) -
      (signature.variadic && signature.parameters.length > 1 ? 0 : 0);
    if (count < least || (!signature.variadic && count > signature.parameters.length)) continue;
    const distances = call.arguments.map((value, i) => distance(value, parameterAt(signature, i)));
    if (distances.some((value) => value === undefined)) continue;
    const total = (distances as number[]).reduce((sum, value) => sum + value, 0);
    if (!best || total < best.total) best = { signature, total };
  }
  if (!best) throw noSuchFunction(call);
  return best.signature;
}

export function noSuchFunction(call: Pick<FunctionCall, 'name' | 'arguments'>): RedshiftError {
  const types = call.arguments.map((value) => typeName(value.type)).join(', ');
  return new RedshiftError('42883', `function ${call.name}(${types}) does not exist`, {
    hint: 'No function matches the given name and argument types. You may need to add explicit type casts.',
  });
}

export const signature = (
  parameters: ParameterKind[],
  result: Signature['result'],
  emit: Signature['emit'],
  more: Partial<Signature> = {},
): Signature => ({ parameters, result, emit, ...more });

/** An entry with all the freedom: the function binds itself. */
export const special = (bind: (call: FunctionCall) => Bound, more: Partial<FunctionEntry> = {}): FunctionEntry => ({
  kind: 'scalar',
  ...more,
  bind,
});

/** Says that a call has the wrong number of arguments, as a missing function. */
export function requireCount(call: FunctionCall, least: number, most = least): void {
  if (call.arguments.length < least || call.arguments.length > most) throw noSuchFunction(call);
}

export const literalText = (value: Bound | undefined): string | undefined =>
  typeof value?.literal === 'string' ? value.literal : undefined;
