import { type Bound, combine } from '../binder/bound.ts';
import { cast, settle } from '../binder/casts.ts';
import { castToSuper } from '../binder/super.ts';
import { BOOL, INT4, SUPER } from '../binder/types.ts';
import { quoteText } from '../rewriter/sql.ts';
import {
  type FunctionCall,
  type FunctionEntry,
  noSuchFunction,
  requireCount,
  scalar,
  signature,
  special,
} from './define.ts';

const runtime =
  (name: string): ((...sql: string[]) => string) =>
  (...sql) =>
    `${name}(${sql.join(', ')})`;
const asText = (sql: string): string => `CAST(${sql} AS VARCHAR)`;

function requireArray(call: FunctionCall, value: Bound): string {
  if (value.type.kind !== 'super' && value.literal !== null) throw noSuchFunction(call);
  return value.literal === null ? 'CAST(NULL AS VARCHAR)' : value.sql;
}

/** What an array is asked for: SQL's NULL is the array's null. */
const asElement = (value: Bound): string => `coalesce(${castToSuper(settle(value)).sql}, 'null')`;

/** How ARRAY_CONTAINS and its kin take NULL when they are not told. */
const NULL_MATCH = 'default_array_search_null_handling';

/** ARRAY_CONTAINS, ARRAY_POSITION and ARRAY_POSITIONS (array, value [, null_match]). */
const search = (name: string, result: (sql: string) => string, type: Bound['type']): FunctionEntry =>
  special((call) => {
    requireCount(call, 2, 3);
    const [list, value, flag] = call.arguments as [Bound, Bound, Bound?];
    const setting = call.environment.settingValues.get(NULL_MATCH) === 'off' ? 'false' : 'true';
    const match = flag ? asText(cast(flag, BOOL, 'implicit').sql) : quoteText(setting);
    const sql = `${name}(${requireArray(call, list)}, ${asElement(value)}, ${match})`;
    return combine(result(sql), type, call.arguments);
  });

/** ARRAY_EXCEPT and ARRAY_INTERSECTION (array1, array2 [, distinct]). */
const setOperation = (name: string): FunctionEntry =>
  special((call) => {
    requireCount(call, 2, 3);
    const [first, second, flag] = call.arguments as [Bound, Bound, Bound?];
    const distinct = flag ? asText(cast(flag, BOOL, 'implicit').sql) : "'false'";
    const sql = `${name}(${requireArray(call, first)}, ${requireArray(call, second)}, ${distinct})`;
    return combine(sql, SUPER, call.arguments);
  });

export const ARRAYS: Readonly<Record<string, FunctionEntry>> = {
  get_array_length: scalar(
    signature(['super'], INT4, (s) => `CAST(CASE WHEN ${s}[1] = '[' THEN json_array_length(${s}) END AS INTEGER)`),
  ),
  array_concat: scalar(signature(['super', 'super'], SUPER, runtime('mr_array_concat'))),
  array_flatten: scalar(signature(['super'], SUPER, runtime('mr_array_flatten'), { variadic: true })),
  subarray: scalar(
    signature(
      ['super', 'int4', 'int4'],
      SUPER,
      (s, from, count = "'2147483647'") => `mr_subarray(${s}, ${asText(from as string)}, ${asText(count)})`,
      { optional: 1 },
    ),
  ),
  split_to_array: scalar(
    signature(['text', 'text'], SUPER, (x, delimiter = "','") => `mr_split_to_array(${x}, ${delimiter})`, {
      optional: 1,
    }),
  ),
  array_sort: scalar(
    signature(
      ['super', 'bool', 'bool'],
      SUPER,
      (s, ascending = 'TRUE', nullsFirst = '') =>
        `mr_array_sort(${s}, ${asText(ascending)}, ${nullsFirst === '' ? "''" : asText(nullsFirst)})`,
      { optional: 2 },
    ),
  ),
  array_distinct: scalar(signature(['super'], SUPER, runtime('mr_array_distinct'))),
  array_union: scalar(signature(['super', 'super'], SUPER, runtime('mr_array_union'))),
  array_intersection: setOperation('mr_array_intersection'),
  array_except: setOperation('mr_array_except'),
  arrays_overlap: scalar(
    signature(['super', 'super'], BOOL, (a, b) => `CAST(mr_arrays_overlap(${a}, ${b}) AS BOOLEAN)`),
  ),
  array_contains: search('mr_array_contains', (sql) => `CAST(${sql} AS BOOLEAN)`, BOOL),
  array_position: search('mr_array_position', (sql) => `CAST(${sql} AS INTEGER)`, INT4),
  array_positions: search('mr_array_positions', (sql) => sql, SUPER),
};
