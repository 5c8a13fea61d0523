import { relationKey, type SqlFunction } from '../catalog/model.ts';
import type { BoundOrder, FunctionCall, FunctionEntry, WindowSql } from '../functions/define.ts';
import { findFunction } from '../functions/registry.ts';
import type { Call, Expression, OrderItem, Window } from '../statements/syntax.ts';
import { lower } from '../statements/tokens.ts';
import { RedshiftError, type RedshiftType, unlessRefused } from '../types.ts';
import { type Bound, combine } from './bound.ts';
import { cast, implicitDistance, settle } from './casts.ts';
import { literal } from './constants.ts';
import type { BindEnvironment } from './context.ts';
import { bindExpression, type ExpressionContext } from './expression.ts';
import { bindBody } from './function-body.ts';
import { groupKey } from './grouping.ts';
import { bindObjectTransform } from './object-transform.ts';
import { noteSorting, sortKeys } from './ordering.ts';
import { fold } from './scope.ts';
import { typeName } from './types.ts';
import { frameSql } from './window-frame.ts';

/** Finds a function and binds its arguments. */
export function bindCall(call: Call & { position: number }, position: number, context: ExpressionContext): Bound {
  const names = call.name.map((part) => fold(part, context.environment.settings));
  const name = lower(names.at(-1) as string);
  const user = findUserFunction(names, context.environment);
  if (user) return bindUserFunction(user, call, context);
  const isBuiltInSchema = names.length === 1 || (names.length === 2 && names[0] === 'pg_catalog');
  if (name === 'object_transform' && isBuiltInSchema) return bindObjectTransform(call, context);
  const entry = isBuiltInSchema ? findFunction(name) : undefined;
  if (!entry) throw unknownFunction(names, call, context, position);
  return entry.kind === 'scalar' ? bindScalar(entry, name, call, context) : bindAggregate(entry, name, call, context);
}

function unknownFunction(
  names: readonly string[],
  call: Call,
  context: ExpressionContext,
  position: number,
): RedshiftError {
  const types = call.arguments.map(
    (argument) => unlessRefused(() => typeName(bindExpression(argument, context).type)) ?? 'unknown',
  );
  return new RedshiftError('42883', `function ${names.join('.')}(${types.join(', ')}) does not exist`, {
    position: position + 1,
    hint: 'No function matches the given name and argument types. You may need to add explicit type casts.',
  });
}

const EMPTY = { distinct: false, star: false, approximate: false, withinGroup: [] as BoundOrder[] };

/** Functions that compute nodes do not know: they cannot stand in a query of anybody's tables. */
const LEADER_NODE_ONLY: ReadonlySet<string> = new Set([
  'current_schema',
  'current_schemas',
  'has_database_privilege',
  'has_schema_privilege',
  'has_table_privilege',
]);

function bindScalar(entry: FunctionEntry, name: string, call: Call, context: ExpressionContext): Bound {
  if (call.over)
    throw new RedshiftError('42809', `OVER specified, but ${name} is not a window function nor an aggregate function`);
  if (call.distinct || call.star || call.withinGroup)
    throw new RedshiftError('42809', `${name} is not an aggregate function`);
  const args = call.arguments.map((argument, i) =>
    i === 0 && entry.takesDatePart ? bindDatePart(argument, context) : bindExpression(argument, context),
  );
  const { sources, parent } = context.scope;
  if (LEADER_NODE_ONLY.has(name) && sources.some((source) => source.stored))
    throw new RedshiftError(
      '0A000',
      'Specified types or functions (one per INFO message) not supported on Amazon Redshift tables.',
      { detail: `Function "${name}" not supported.` },
    );
  const place = { overTables: sources.some((source) => !source.system), standsAlone: sources.length === 0 && !parent };
  const bound = entry.bind({ ...EMPTY, ...place, name, arguments: args, environment: context.environment });
  return { ...bound, name: bound.name ?? name };
}

/** `DATEADD(month, …)`: the word is no column. */
function bindDatePart(argument: Expression, context: ExpressionContext): Bound {
  if (argument.kind === 'reference' && argument.steps.length === 0) return literal(argument.root.name);
  return bindExpression(argument, context);
}

function bindAggregate(entry: FunctionEntry, name: string, call: Call, context: ExpressionContext): Bound {
  const isWindow = call.over !== undefined;
  if (entry.kind === 'window' && !isWindow)
    throw new RedshiftError('42P20', `window function ${name} requires an OVER clause`);
  if (isWindow && !context.allowWindows)
    throw new RedshiftError('42P20', `window functions are not allowed in ${context.clause}`);
  if (!isWindow && !context.allowAggregates)
    throw new RedshiftError('42803', `aggregates not allowed in ${context.clause} clause`);
  if (!isWindow) noteSorting(name, context.sorting);
  const inner: ExpressionContext = isWindow
    ? { ...context, allowWindows: false, clause: 'window function' }
    : { ...context, allowAggregates: false, allowWindows: false, groupKeys: undefined, clause: 'aggregate function' };
  const args = call.arguments.map((argument) => bindExpression(argument, inner));
  const withinGroup = (call.withinGroup ?? []).map((item) => bindOrder(item, inner));
  const window = call.over && bindWindow(call.over, inner);
  const bound = entry.bind({
    name,
    arguments: args,
    distinct: call.distinct,
    star: call.star,
    approximate: call.approximate,
    withinGroup,
    nulls: call.nulls,
    over: window?.sql,
    environment: context.environment,
  });
  const named = { ...bound, name: bound.name ?? name, path: undefined };
  if (!isWindow) return { ...named, free: undefined, aggregate: true };
  const parts = [...args, ...withinGroup.map((item) => item.value), ...(window?.parts ?? [])];
  return { ...combine(bound.sql, bound.type, parts), name: named.name, trimmed: bound.trimmed, window: true };
}

function bindOrder(item: OrderItem, context: ExpressionContext): BoundOrder {
  const value = bindExpression(item.expression, context);
  return {
    value,
    descending: item.descending,
    nullsFirst: item.nulls === undefined ? item.descending : item.nulls === 'first',
  };
}

/** Told by what is written: a group key or a column of an outer query is no constant, though nothing in it is free. */
function isConstant(expression: Expression): boolean {
  if (expression.kind === 'cast' || expression.kind === 'unary') return isConstant(expression.operand);
  if (expression.kind === 'binary') return isConstant(expression.left) && isConstant(expression.right);
  return ['string', 'number', 'boolean', 'null', 'interval'].includes(expression.kind);
}

function bindWindow(window: Window, context: ExpressionContext): { sql: WindowSql; parts: Bound[] } {
  const partitions = window.partitionBy.map((expression) => bindExpression(expression, context));
  const orders = window.orderBy.map((item) => bindOrder(item, context));
  if (window.orderBy.some((item) => isConstant(item.expression)))
    throw new RedshiftError('0A000', 'constant expressions are not allowed in ORDER BY of a window');
  const orderBy = orders.flatMap((order) => sortKeys(order)).join(', ');
  const frame = window.frame ? frameSql(window.frame.unit, window.frame.start, window.frame.end, context) : '';
  const sql: WindowSql = {
    partitionBy: partitions.map((part) => groupKey(settle(part))).join(', '),
    orderBy,
    frame,
    hasOrder: orders.length > 0,
    hasFrame: frame !== '',
  };
  return { sql, parts: [...partitions, ...orders.map((order) => order.value)] };
}

function findUserFunction(names: readonly string[], environment: BindEnvironment): readonly SqlFunction[] | undefined {
  const catalog = environment.catalog(environment.database);
  if (!catalog || catalog.functions.size === 0) return undefined;
  const name = names.at(-1) as string;
  const schemas = names.length > 1 ? [names.at(-2) as string] : environment.searchPath;
  for (const schema of schemas) {
    const found = catalog.functions.get(relationKey(schema, name))?.filter((fn) => !fn.procedure) ?? [];
    if (found.length > 0) return found;
  }
  return undefined;
}

const MAXIMUM_FUNCTION_DEPTH = 20;

/** A SQL function is written out where it is called, its arguments converted to what it declares. */
function bindUserFunction(overloads: readonly SqlFunction[], call: Call, context: ExpressionContext): Bound {
  const args = call.arguments.map((argument) => bindExpression(argument, context));
  const chosen = chooseOverload(overloads, args);
  if (!chosen)
    throw new RedshiftError(
      '42883',
      `function ${overloads[0]?.name}(${args.map((arg) => typeName(arg.type)).join(', ')}) does not exist`,
    );
  context.environment.rights?.requireExecute(chosen);
  if (context.environment.depth > MAXIMUM_FUNCTION_DEPTH)
    throw new RedshiftError('54001', 'SQL functions are nested too deeply');
  const values = args.map((arg, i) => cast(arg, chosen.argumentTypes[i] as RedshiftType, 'implicit'));
  const environment = { ...context.environment, depth: context.environment.depth + 1 };
  const body = placedHere(() => bindBody(chosen.body, values, environment));
  const result = cast(body, chosen.returnType, 'explicit');
  return combine(result.sql, chosen.returnType, values, { name: chosen.name });
}

/** A place in the function's text says nothing to whoever calls it: the error takes that of the call. */
function placedHere(bind: () => Bound): Bound {
  try {
    return bind();
  } catch (error) {
    if (!(error instanceof RedshiftError)) throw error;
    const { sqlState, message, detail, hint } = error;
    throw new RedshiftError(sqlState, message, { detail, hint, cause: error });
  }
}

function chooseOverload(overloads: readonly SqlFunction[], args: readonly Bound[]): SqlFunction | undefined {
  let best: { candidate: SqlFunction; total: number } | undefined;
  for (const candidate of overloads) {
    if (candidate.argumentTypes.length !== args.length) continue;
    const distances = args.map((arg, i) => implicitDistance(arg.type, candidate.argumentTypes[i] as RedshiftType));
    if (distances.some((distance) => distance === undefined)) continue;
    const total = (distances as number[]).reduce((sum, distance) => sum + distance, 0);
    if (!best || total < best.total) best = { candidate, total };
  }
  return best?.candidate;
}

export type { FunctionCall };
