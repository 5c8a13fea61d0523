import { RedshiftError } from '../types.ts';

type Rule = readonly [pattern: RegExp, sqlState: string, message: (match: RegExpExecArray) => string];

const INTEGERS: Readonly<Record<string, string>> = {
  INT16: 'smallint',
  INT32: 'integer',
  INT64: 'bigint',
  INT128: 'numeric',
  DECIMAL: 'numeric',
  SMALLINT: 'smallint',
  INTEGER: 'integer',
  BIGINT: 'bigint',
};

/** DuckDB's errors in Redshift's words. What is not here is the box's own fault and says so. */
const RULES: readonly Rule[] = [
  [/INTERRUPT Error|Interrupted!/, '57014', () => "Query cancelled on user's request"],
  [
    /TransactionContext Error: (?:Conflict|Failed to commit)[\s\S]*?(?:primary key|unique constraint)/i,
    '23505',
    () => 'duplicate key value violates unique constraint',
  ],
  [
    /TransactionContext Error.*(?:Conflict|conflict)|Conflict on (?:tuple|update|table)|Catalog write-write conflict|TransactionContext Error: (?:Failed to commit|Could not commit)|has been altered/i,
    '40001',
    () => '1023\nDETAIL: Serializable isolation violation on table',
  ],
  [/NOT NULL constraint failed: \w+\.(c\d+)/, '23502', (m) => `Cannot insert a NULL value into column ${m[1]}`],
  [
    /More than one row returned by a subquery/,
    '21000',
    () => 'more than one row returned by a subquery used as an expression',
  ],
  [
    /(?:Type|value) (\w+)?.*out of range for the destination type (\w+)/,
    '22003',
    (m) => `${INTEGERS[m[2] as string] ?? 'value'} out of range`,
  ],
  [
    /Overflow in (?:addition|subtraction|multiplication|negation) of (\w+)/i,
    '22003',
    (m) => `${INTEGERS[m[1] as string] ?? 'numeric'} out of range`,
  ],
  [/Casting value "([^"]+)" to type DECIMAL/, '22003', () => 'Numeric data overflow (result precision)'],
  [/Could not cast value \S+ to DECIMAL/, '22003', () => 'Numeric data overflow (result precision)'],
  [
    /Failed to cast (?:decimal )?value \S+ to type (\w+)/,
    '22003',
    (m) => `${INTEGERS[m[1] as string] ?? 'value'} out of range`,
  ],
  [/LIMIT\/OFFSET cannot be negative/, '2201W', () => 'LIMIT and OFFSET must not be negative'],
  [/Failure in decode/, '22021', () => 'invalid byte sequence for encoding "UTF8"'],
  [
    /GROUPING (?:statement|child|function)/,
    '42803',
    () => 'arguments to GROUPING must be grouping expressions of the associated query level',
  ],
  [/Separator argument to StringAgg must be a constant/, '0A000', () => 'the delimiter of LISTAGG must be a constant'],
  [
    /Could not convert string ['"][+-]?[\d.]+['"] to DECIMAL/,
    '22003',
    () => 'Numeric data overflow (result precision)',
  ],
  [/Argument for ntile must be greater than zero/, '22014', () => 'argument of ntile must be greater than zero'],
  [/Invalid UTF8 Codepoint (-?\d+)/, '54000', (m) => `requested character not valid for encoding: ${m[1]}`],
  [/Date out of range|not in timestamp range/, '22008', () => 'timestamp out of range'],
  [/UNNEST(?:\(\))? (?:not supported here|for correlated)/, '0A000', () => 'a set of rows is not supported here'],
  [
    /Could not convert string ['"]([\s\S]*)['"] to (DECIMAL|DOUBLE|FLOAT)/,
    '22P02',
    (m) =>
      `invalid input syntax for type ${m[2] === 'DECIMAL' ? 'numeric' : m[2] === 'DOUBLE' ? 'double precision' : 'real'}: "${m[1]}"`,
  ],
  [
    /Could not convert string ['"]([^'"]*)['"] to (INT\d+)/,
    '22003',
    (m) => `value "${m[1]}" is out of range for type ${INTEGERS[m[2] as string] ?? 'bigint'}`,
  ],
  [/nesting is deeper than (\d+) levels/, '54001', (m) => `JSON nests deeper than ${m[1]} levels`],
  [/Malformed JSON(.*)/, '22P02', (m) => `error: The input has invalid JSON string. Error:${m[1]}`],
  [
    /(?:date|time|timestamp) field value out of range: "([^"]*)"/,
    '22008',
    (m) => `date/time field value out of range: "${m[1]}"`,
  ],
  [
    /invalid (?:date|timestamp) field format: "([^"]*)"|invalid timestamp field format: "([^"]*)"/,
    '22007',
    (m) => `invalid input syntax for type timestamp: "${m[1] ?? m[2]}"`,
  ],
  [
    /Conversion Error:.*\b(?:date|timestamp|time)\b.*"([^"]*)"/i,
    '22007',
    (m) => `invalid input syntax for a date or time: "${m[1]}"`,
  ],
  [/Out of Range Error: (.*)/, '22003', () => 'value out of range'],
  [/Invalid Input Error: Invalid (?:regular|regex)/i, '2201B', () => 'invalid regular expression'],
  [
    /column ["']?[\w.]+["']? must appear in the GROUP BY/,
    '42803',
    () => 'every column must appear in the GROUP BY clause or be used in an aggregate function',
  ],
  [
    /Unsupported join type for flattening correlated subquery/,
    '0A000',
    () => 'This type of correlated subquery pattern is not supported yet',
  ],
  [
    /Cannot perform non-inner join on subquery/,
    '0A000',
    () => 'the box does not support a subquery in the condition of an outer join',
  ],
  [
    /window functions are not allowed in window definitions/,
    '0A000',
    () => 'the box does not support window functions in a subquery of a window definition',
  ],
  [
    /aggregate function calls cannot be nested/,
    '42803',
    () => 'aggregate function calls may not have nested aggregate or window function',
  ],
  [/Out of Memory Error/, '53200', () => 'out of memory'],
  [/Max expression depth limit|Maximum call stack size exceeded/, '54001', () => 'stack depth limit exceeded'],
];

/** Any failure as the error that a client sees. */
export function toRedshiftError(error: unknown): RedshiftError {
  if (error instanceof RedshiftError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const raised = /\[([0-9A-Z]{5})\] ([^\n]*)/.exec(text);
  if (raised) return new RedshiftError(raised[1] as string, raised[2] as string, { cause: error });
  for (const [pattern, sqlState, message] of RULES) {
    const match = pattern.exec(text);
    if (match) return withDetail(sqlState, message(match), error);
  }
  return new RedshiftError('XX000', `the box could not run this statement: ${text}`, { cause: error });
}

function withDetail(sqlState: string, message: string, cause: unknown): RedshiftError {
  const [first = '', detail] = message.split('\nDETAIL: ');
  return new RedshiftError(sqlState, first, { detail, cause });
}
