import { type Bound, combine } from '../binder/bound.ts';
import { elementsOf } from '../binder/catalog-arrays.ts';
import { BOOL, INT4, INT8, TEXT } from '../binder/types.ts';
import { catalogTable } from '../catalog/views/define.ts';
import { functionsSql } from '../catalog/views/functions-and-constraints.ts';
import {
  convertArgument,
  type FunctionCall,
  type FunctionEntry,
  requireCount,
  scalar,
  signature,
  special,
} from './define.ts';

const argument = (call: FunctionCall, index = 0): string => convertArgument(call.arguments[index] as Bound, 'int8').sql;

/** What one user function is, by the id that pg_proc gives it. */
const ofFunction = (read: string): FunctionEntry =>
  special((call) => {
    requireCount(call, 1, 2);
    const rows = functionsSql(call.environment.database);
    return combine(`(SELECT max(${read}) FROM (${rows}) f WHERE f.id = ${argument(call)})`, TEXT, call.arguments, {
      name: call.name,
    });
  });

const always = (value: 'TRUE' | 'FALSE'): FunctionEntry => scalar(signature(['int8'], BOOL, () => value));

/** `FOREIGN KEY (a) REFERENCES t(b)`, by the id that pg_constraint gives the key. */
const constraintDefinition = special((call) => {
  requireCount(call, 1, 2);
  const constraints = catalogTable(call.environment.database, 'constraints');
  const columns = `array_to_string(k.columns, ', ')`;
  const target = `(k.document ->> '$.referencedTable') || '(' || array_to_string(CAST(json_extract(k.document, '$.referencedColumns') AS VARCHAR[]), ', ') || ')'`;
  const text = `CASE k.kind WHEN 'primary' THEN 'PRIMARY KEY (' || ${columns} || ')' WHEN 'unique' THEN 'UNIQUE (' || ${columns} || ')' ELSE 'FOREIGN KEY (' || ${columns} || ') REFERENCES ' || ${target} END`;
  const rows = `SELECT 3000000 + row_number() OVER (ORDER BY k.relation_id, k.constraint_name) AS id, ${text} AS definition FROM ${constraints} k`;
  return combine(`(SELECT max(k.definition) FROM (${rows}) k WHERE k.id = ${argument(call)})`, TEXT, call.arguments, {
    name: call.name,
  });
});

/** What a table takes on disk is not known here. */
const unknownSize = scalar(signature(['int8', 'text'], INT8, () => 'CAST(NULL AS BIGINT)', { optional: 1 }));

const noDefinition = scalar(signature(['int8', 'any', 'any'], TEXT, () => 'CAST(NULL AS VARCHAR)', { optional: 2 }));

const pretty = (bytes: string): string => {
  const units = [
    [10 * 1024, 1, 'bytes'],
    [10 * 1024 ** 2, 1024, 'kB'],
    [10 * 1024 ** 3, 1024 ** 2, 'MB'],
    [10 * 1024 ** 4, 1024 ** 3, 'GB'],
  ] as const;
  const branches = units.map(
    ([below, unit, name]) => `WHEN ${bytes} < ${below} THEN CAST(round(${bytes} / ${unit}.0) AS BIGINT) || ' ${name}'`,
  );
  return `(CASE ${branches.join(' ')} ELSE CAST(round(${bytes} / ${1024 ** 4}.0) AS BIGINT) || ' TB' END)`;
};

/** More of what psql and drivers ask about functions, keys, sizes and PostgreSQL's arrays. */
export const CATALOG_DETAILS: Readonly<Record<string, FunctionEntry>> = {
  array_to_string: scalar(
    signature(
      ['text', 'text'],
      TEXT,
      (array, separator) => `array_to_string(${elementsOf(array as string)}, ${separator})`,
    ),
  ),
  array_upper: scalar(
    signature(['text', 'int8'], INT4, (array) => `CAST(nullif(len(${elementsOf(array as string)}), 0) AS INTEGER)`),
  ),
  array_lower: scalar(
    signature(['text', 'int8'], INT4, (array) => `CASE WHEN len(${elementsOf(array as string)}) > 0 THEN 1 END`),
  ),
  pg_get_function_result: ofFunction('f.return_type'),
  pg_get_function_arguments: ofFunction(`array_to_string(f.argument_types, ', ')`),
  pg_get_function_identity_arguments: ofFunction(`array_to_string(f.argument_types, ', ')`),
  pg_get_constraintdef: constraintDefinition,
  pg_function_is_visible: always('TRUE'),
  pg_type_is_visible: always('TRUE'),
  // Rules, triggers and indexes: Redshift has none.
  pg_get_ruledef: noDefinition,
  pg_get_indexdef: noDefinition,
  pg_get_triggerdef: noDefinition,
  pg_table_size: unknownSize,
  pg_relation_size: unknownSize,
  pg_total_relation_size: unknownSize,
  pg_size_pretty: scalar(signature(['int8'], TEXT, (bytes) => pretty(bytes as string))),
  shobj_description: scalar(signature(['int8', 'text'], TEXT, () => 'CAST(NULL AS VARCHAR)')),
};
