import { bodyExpression } from '../binder/function-body.ts';
import { fold } from '../binder/scope.ts';
import { relationKey, type SqlFunction } from '../catalog/model.ts';
import { findFunction } from '../functions/registry.ts';
import type { Call, Expression, OrderItem } from '../statements/syntax.ts';
import { lower } from '../statements/tokens.ts';
import { valueOf } from './expression.ts';
import { aggregated, computed, either, type Flow, influence, navigated, type Value, withInfluence } from './flow.ts';
import { EMPTY_SCOPE, type Place } from './scope.ts';

/** Functions whose result does not give its input away. */
const MASKING = new Set(
  'md5 sha sha1 sha2 func_sha1 fnv_hash farmfingerprint64 farmhash64 murmur3_32_hash checksum crc32'.split(' '),
);
/** Functions whose result is the same document, or the same text: steps into it are steps into the input. */
const SAME_DOCUMENT = new Set('json_parse json_serialize trim btrim ltrim rtrim'.split(' '));
/** Functions whose result is an array of the inputs' elements. */
const SAME_ELEMENTS = new Set(
  'subarray array_concat array_distinct array_except array_intersection array_sort array_union array_flatten'.split(
    ' ',
  ),
);
/** Functions that hand one of their arguments on as it is. */
const CHOOSING = new Set(['coalesce', 'nvl', 'greatest', 'least']);
/** The argument that is only looked at, with what is handed on behind it. */
const SHIFTING = new Set(['lag', 'lead', 'first_value', 'last_value', 'nth_value']);

/** What a call's value comes from. */
export function callValue(call: Expression & Call, place: Place): Value {
  const value = withoutWindow(call, place);
  return withInfluence(value, windowFlows(call, place));
}

function windowFlows(call: Call, place: Place): Flow[] {
  const orders = (items: readonly OrderItem[] = []): Expression[] => items.map((item) => item.expression);
  const one = (part: Expression): Value => valueOf(part, place);
  const window = call.over ? [...call.over.partitionBy, ...orders(call.over.orderBy)] : [];
  return [...influence(window.map(one), 'WINDOW'), ...influence(orders(call.withinGroup).map(one), 'SORT')];
}

function withoutWindow(call: Expression & Call, place: Place): Value {
  const names = call.name.map((part) => fold(part, place.environment.settings));
  const user = userFunction(names, call.arguments.length, place);
  const name = lower(names.at(-1) as string);
  const entry = findFunction(name);
  const values = argumentsOf(call, entry?.takesDatePart ?? false).map((argument) => valueOf(argument, place));
  if (user) return bodyValue(user, values, place);
  if (entry?.kind === 'aggregate') return aggregated([...values, ...withinValues(name, call, place)], name === 'count');
  return scalarValue(name, call, values, place);
}

/** PERCENTILE's value stands behind WITHIN GROUP. */
const withinValues = (name: string, call: Call, place: Place): Value[] =>
  name.includes('percentile') ? (call.withinGroup ?? []).map((item) => valueOf(item.expression, place)) : [];

/** `DATEADD(month, …)`: the word is no column. */
const argumentsOf = (call: Call, takesDatePart: boolean): readonly Expression[] =>
  takesDatePart && call.arguments[0]?.kind === 'reference' && call.arguments[0].steps.length === 0
    ? call.arguments.slice(1)
    : call.arguments;

function scalarValue(name: string, call: Call, values: readonly Value[], place: Place): Value {
  const [first, ...rest] = values as readonly [Value, ...Value[]];
  if (CHOOSING.has(name)) return withInfluence(either(values), influence(values, 'CONDITIONAL'));
  if (name === 'nullif') return withInfluence(first, influence(values, 'CONDITIONAL'));
  if (name === 'nvl2') return withInfluence(either(rest), influence([first], 'CONDITIONAL'));
  if (name === 'decode') return decoded(values);
  if (SHIFTING.has(name)) return computed(name === 'nth_value' ? [first] : values);
  if (name === 'object') return objectValue(call, values);
  if (name === 'object_transform') return computed([...values, ...parts(call).map((part) => valueOf(part, place))]);
  if (name === 'json_extract_path_text' || name === 'json_extract_array_element_text') return extracted(call, values);
  if (SAME_DOCUMENT.has(name)) return withInfluence(computed([first], { open: 'kept' }), computed(rest).flows);
  if (SAME_ELEMENTS.has(name)) return computed(values, { open: 'elements' });
  return computed(values, { masking: MASKING.has(name) });
}

const parts = (call: Call): Expression[] => (call.set ?? []).filter((_part, i) => i % 2 === 1);

/** DECODE(value, search, result, …, otherwise). */
function decoded([operand, ...rest]: readonly Value[]): Value {
  const isResult = (i: number): boolean => i % 2 === 1 || i === rest.length - 1;
  const conditions = [...(operand ? [operand] : []), ...rest.filter((_value, i) => !isResult(i))];
  return withInfluence(either(rest.filter((_value, i) => isResult(i))), influence(conditions, 'CONDITIONAL'));
}

/** OBJECT('name', value, …): a step by a known name goes on in that value. */
function objectValue(call: Call, values: readonly Value[]): Value {
  const keys = call.arguments.filter((_argument, i) => i % 2 === 0);
  const whole = computed(values);
  if (!keys.every((key) => key.kind === 'string')) return whole;
  const members = new Map(keys.map((key, i) => [(key as { value: string }).value, values[i * 2 + 1] as Value]));
  return { ...whole, members };
}

/** Steps that are written as arguments: constants lead on, others lead to any attribute or element. */
function extracted(call: Call, [document, ...steps]: readonly Value[]): Value {
  let at = computed(document ? [document] : [], { open: 'kept' });
  for (const argument of call.arguments.slice(1)) {
    if (argument.kind === 'boolean') continue;
    const text = argument.kind === 'string' ? argument.value : argument.kind === 'number' ? argument.text : undefined;
    if (text === undefined) at = navigated(at, { kind: 'values' });
    else if (/^\d+$/.test(text)) at = navigated(at, { kind: 'index', index: Number(text) });
    else at = navigated(at, { kind: 'attribute', name: text });
  }
  return withInfluence(at, influence(steps, 'CONDITIONAL'));
}

function userFunction(names: readonly string[], count: number, place: Place): SqlFunction | undefined {
  const { environment } = place;
  const functions = environment.catalog(environment.database)?.functions;
  const schemas = names.length > 1 ? [names.at(-2) as string] : environment.searchPath;
  for (const schema of schemas) {
    const found = functions?.get(relationKey(schema, names.at(-1) as string));
    const fitting = found?.find((candidate) => candidate.argumentTypes.length === count);
    if (fitting) return fitting;
  }
  return undefined;
}

/** A SQL function is its body, with the arguments in their places. */
function bodyValue(fn: SqlFunction, values: readonly Value[], place: Place): Value {
  const body = valueOf(bodyExpression(fn.body), {
    ...place,
    scope: EMPTY_SCOPE,
    aliases: undefined,
    argumentValues: values,
  });
  return computed([body], { open: 'kept' });
}
