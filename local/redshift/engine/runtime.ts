import { type DuckDBConnection, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import { RUNTIME_FUNCTIONS } from '../functions/runtime/all.ts';
import type { RuntimeFunction } from '../functions/runtime/runtime.ts';
import { eachRowWithinTime } from './time-limit.ts';

/** Makes the functions that run in JavaScript known to a DuckDB instance. */
export function registerRuntime(connection: DuckDBConnection): void {
  for (const runtime of RUNTIME_FUNCTIONS) connection.registerScalarFunction(toDuckDB(runtime));
}

function toDuckDB(runtime: RuntimeFunction): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name: runtime.name,
    returnType: VARCHAR,
    specialHandling: true,
    volatile: runtime.volatile,
    ...(runtime.parameters === 'any'
      ? { varArgsType: VARCHAR }
      : { parameterTypes: Array.from({ length: runtime.parameters }, () => VARCHAR) }),
    mainFunction: (_info, chunk, output) => {
      const vectors = Array.from({ length: chunk.columnCount }, (_unused, i) => chunk.getColumnVector(i));
      const fill = (row: number): void =>
        output.setItem(row, runtime.body(...vectors.map((vector) => vector.getItem(row) as string | null)));
      if (runtime.mayTakeForever) eachRowWithinTime(chunk.rowCount, fill);
      else for (let row = 0; row < chunk.rowCount; row += 1) fill(row);
      output.flush();
    },
  });
}
