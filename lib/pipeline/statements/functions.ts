import { normalisedType } from '../models/column-types.ts';
import type { CompiledFunction } from '../models/compiled-function.ts';
import { quoteIdentifier, quoteText } from '../names.ts';
import { functionSchema, qualifiedName } from '../tables.ts';
import type { ResultRows } from '../work.ts';

/** Asks which functions of the schema are there: name, types of the arguments, type of the answer. */
export const functionsThereQuery = `SELECT function_name, argument_type, result_type
FROM svv_redshift_functions
WHERE database_name = current_database() AND schema_name = ${quoteText(functionSchema)}`;

/**
 * Creates the functions, those first that others call. CREATE OR REPLACE changes the body alone: with other arguments it makes a
 * second function beside the first, which calls may still find, and with another answer it is refused. So what is there under
 * the name of one of ours with other types is dropped before, in the same transaction. A function that the project has no more
 * stays: somebody may use it.
 */
export function functionStatements(functions: readonly CompiledFunction[], there: ResultRows): string[] {
  return functions.flatMap((one) => [
    ...there.filter(([name]) => name === one.name).flatMap((row) => dropOther(one, row)),
    one.statement,
  ]);
}

function dropOther(one: CompiledFunction, [, argumentTypes, resultType]: ResultRows[number]): string[] {
  const types = (argumentTypes ?? '')
    .split(',')
    .map(bareType)
    .filter((type) => type !== '');
  const isSame = types.join() === one.argumentTypes.join() && bareType(resultType ?? '') === one.returnType;
  if (isSame || !types.every((type) => /^[a-z][a-z0-9 ]*$/.test(type))) return [];
  return [`DROP FUNCTION ${qualifiedName({ schema: functionSchema, name: one.name })}(${types.join(', ')})`];
}

/** As compiled functions spell it: without a length. */
const bareType = (type: string): string => (normalisedType(type) ?? type.trim()).replace(/\(.*\)/, '');

/** Whoever reads a view that calls a function must be let into its schema; to call it is free to everybody. */
export const functionGrant = (role: string): string =>
  `GRANT USAGE ON SCHEMA ${quoteIdentifier(functionSchema)} TO ROLE ${quoteIdentifier(role)}`;
