import { type Bound, combine, constant } from '../binder/bound.ts';
import { cast, settle } from '../binder/casts.ts';
import { castToSuper, isNumberSql, superFromJson, superToJson } from '../binder/super.ts';
import { BOOL, INT4, SUPER, TEXT, typeName, VARBYTE, varchar } from '../binder/types.ts';
import { quoteText } from '../rewriter/sql.ts';
import { RedshiftError } from '../types.ts';
import { ARRAYS } from './arrays.ts';
import {
  type FunctionCall,
  type FunctionEntry,
  literalText,
  noSuchFunction,
  requireCount,
  scalar,
  signature,
  special,
} from './define.ts';
import { JsonSyntaxError, readJson, writeSuper } from './runtime/json-text.ts';

/** A constant is parsed when the statement is bound, strictly; a column's values natively where they can be. */
function jsonParse(call: FunctionCall): Bound {
  requireCount(call, 1);
  const known = literalText(call.arguments[0]);
  if (known === undefined) {
    const value = cast(call.arguments[0] as Bound, TEXT, 'implicit');
    return combine(superFromJson(value.sql), SUPER, [value]);
  }
  try {
    return constant(quoteText(writeSuper(readJson(known))), SUPER);
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      throw new RedshiftError('22P02', `error: The input has invalid JSON string. Error: ${error.message}`);
    throw error;
  }
}

/** NULL is no value: the predicates on a SUPER's type answer false for it, be it SQL's or JSON's. */
const is = (test: (s: string) => string): FunctionEntry =>
  scalar(signature(['super'], BOOL, (s) => `coalesce(${test(s)}, FALSE)`));

const first = (s: string, ...characters: string[]): string => `${s}[1] IN (${characters.map(quoteText).join(', ')})`;
const isNumber = isNumberSql;
const isWhole = (s: string): string => `regexp_full_match(${s}, '-?[0-9]+')`;
const fits = (s: string, type: string): string => `(${isWhole(s)} AND TRY_CAST(${s} AS ${type}) IS NOT NULL)`;

function toSuper(value: Bound, what: string): string {
  if (
    [
      'date',
      'timestamp',
      'timestamptz',
      'time',
      'timetz',
      'interval_day_to_second',
      'interval_year_to_month',
      'varbyte',
    ].includes(value.type.kind)
  ) {
    const name = value.type.kind === 'date' ? 'date' : typeName(value.type);
    throw new RedshiftError('42846', `${what} could not convert type ${name} to super`);
  }
  return `coalesce(${castToSuper(value).sql}, 'null')`;
}

function array(call: FunctionCall): Bound {
  const items = call.arguments.map((value) => toSuper(value, 'ARRAY'));
  const joined = items.length === 0 ? "'[]'" : `('[' || ${items.join(" || ',' || ")} || ']')`;
  return combine(joined, SUPER, call.arguments);
}

/** OBJECT(key, value, …): keys are texts; one that comes twice is an error at run time. */
function object(call: FunctionCall): Bound {
  if (call.arguments.length % 2 !== 0) throw noSuchFunction(call);
  const pairs: string[] = [];
  for (let i = 0; i < call.arguments.length; i += 2) {
    const key = call.arguments[i] as Bound;
    if (
      key.type.kind !== 'unknown' &&
      key.type.kind !== 'varchar' &&
      key.type.kind !== 'char' &&
      key.type.kind !== 'super'
    )
      throw new RedshiftError('42883', 'OBJECT keys must be of type character varying');
    pairs.push(settle(key).sql, toSuper(call.arguments[i + 1] as Bound, 'OBJECT'));
  }
  return combine(pairs.length === 0 ? "'{}'" : `mr_object(${pairs.join(', ')})`, SUPER, call.arguments);
}

const serialize = (s: string): string => superToJson(s);

export const SUPERS: Readonly<Record<string, FunctionEntry>> = {
  ...ARRAYS,
  json_parse: special(jsonParse),
  can_json_parse: scalar(signature(['text'], BOOL, (x) => `CAST(mr_can_json_parse(${x}) AS BOOLEAN)`)),
  json_serialize: scalar(signature(['super'], TEXT, serialize)),
  json_serialize_to_varbyte: scalar(signature(['super'], VARBYTE, (s) => `encode(${serialize(s)})`)),
  json_typeof: scalar(
    signature(
      ['super'],
      varchar(20),
      (s) =>
        `CASE ${s}[1] WHEN '{' THEN 'object' WHEN '[' THEN 'array' WHEN '"' THEN 'string' WHEN 't' THEN 'boolean' WHEN 'f' THEN 'boolean' WHEN 'n' THEN 'null' ELSE CASE WHEN ${s} IS NOT NULL THEN 'number' END END`,
    ),
  ),
  json_size: scalar(signature(['super'], INT4, (s) => `CAST(strlen(${serialize(s)}) AS INTEGER)`)),
  is_array: is((s) => first(s, '[')),
  is_object: is((s) => first(s, '{')),
  is_scalar: is((s) => `NOT ${first(s, '{', '[', 'n')}`),
  is_varchar: is((s) => first(s, '"')),
  is_char: is((s) => first(s, '"')),
  is_boolean: is((s) => first(s, 't', 'f')),
  is_smallint: is((s) => fits(s, 'SMALLINT')),
  is_integer: is((s) => fits(s, 'INTEGER')),
  is_bigint: is((s) => fits(s, 'BIGINT')),
  is_decimal: is((s) => `(${isNumber(s)} AND NOT contains(replace(${s}, 'e9999', ''), 'e'))`),
  is_float: is((s) => `(${isNumber(s)} AND contains(replace(${s}, 'e9999', ''), 'e'))`),
  get_number_attributes: scalar(
    signature(['super'], INT4, (s) => `CAST(CASE WHEN ${s}[1] = '{' THEN len(json_keys(${s})) END AS INTEGER)`),
  ),
  array: special(array),
  object: special(object),
  decimal_precision: scalar(signature(['super'], INT4, (s) => `CAST(mr_decimal_shape(${s}, 'precision') AS INTEGER)`)),
  decimal_scale: scalar(signature(['super'], INT4, (s) => `CAST(mr_decimal_shape(${s}, 'scale') AS INTEGER)`)),
  lower_attribute_names: scalar(signature(['super'], SUPER, (s) => `mr_attribute_names(${s}, 'lower')`)),
  upper_attribute_names: scalar(signature(['super'], SUPER, (s) => `mr_attribute_names(${s}, 'upper')`)),
};
