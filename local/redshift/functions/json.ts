import { type Bound, combine } from '../binder/bound.ts';
import { cast } from '../binder/casts.ts';
import { INT4, TEXT } from '../binder/types.ts';
import {
  type FunctionCall,
  type FunctionEntry,
  noSuchFunction,
  requireCount,
  scalar,
  signature,
  special,
} from './define.ts';

const isBoolean = (value: Bound | undefined): boolean => value?.type.kind === 'bool';

/** A last argument TRUE makes broken JSON give NULL instead of an error. */
function splitNullIfInvalid(call: FunctionCall, fixed: number): { args: Bound[]; lax: string } {
  const last = call.arguments.at(-1);
  const hasFlag = call.arguments.length > fixed && isBoolean(last);
  const args = (hasFlag ? call.arguments.slice(0, -1) : call.arguments).map((value) => cast(value, TEXT, 'implicit'));
  return { args: args as Bound[], lax: hasFlag ? `CAST(${last?.sql} AS VARCHAR)` : "'false'" };
}

/** A path is nested five levels deep at most. */
const MAXIMUM_PATH_ELEMENTS = 5;

function extractPath(call: FunctionCall): Bound {
  if (call.arguments.length < 2) throw noSuchFunction(call);
  const { args, lax } = splitNullIfInvalid(call, 2);
  if (args.length > 1 + MAXIMUM_PATH_ELEMENTS) throw noSuchFunction(call);
  return combine(`mr_json_extract_path_text(${[lax, ...args.map((arg) => arg.sql)].join(', ')})`, TEXT, args);
}

function extractElement(call: FunctionCall): Bound {
  requireCount(call, 2, 3);
  const { args, lax } = splitNullIfInvalid({ ...call, arguments: call.arguments.filter((_value, i) => i !== 1) }, 1);
  const index = cast(call.arguments[1] as Bound, INT4, 'implicit');
  return combine(
    `mr_json_extract_array_element_text(${lax}, ${(args[0] as Bound).sql}, CAST(${index.sql} AS VARCHAR))`,
    TEXT,
    [...args, index],
  );
}

function arrayLength(call: FunctionCall): Bound {
  requireCount(call, 1, 2);
  const { args, lax } = splitNullIfInvalid(call, 1);
  return combine(`CAST(mr_json_array_length(${lax}, ${(args[0] as Bound).sql}) AS INTEGER)`, INT4, args);
}

export const JSON_FUNCTIONS: Readonly<Record<string, FunctionEntry>> = {
  json_extract_path_text: special(extractPath),
  json_extract_array_element_text: special(extractElement),
  json_array_length: special(arrayLength),
  is_valid_json: scalar(
    signature(['text'], { kind: 'bool' }, (x) => `CAST(mr_is_valid_json(${x}, 'object') AS BOOLEAN)`),
  ),
  is_valid_json_array: scalar(
    signature(['text'], { kind: 'bool' }, (x) => `CAST(mr_is_valid_json(${x}, 'array') AS BOOLEAN)`),
  ),
};
