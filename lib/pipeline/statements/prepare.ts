import { createHash } from 'node:crypto';
import type { DatasetPlan } from '../environment.ts';
import { modelTables } from '../model-tables.ts';
import type { CompiledFunction } from '../models/compiled-function.ts';
import type { CompiledModel } from '../models/model.ts';
import { quoteIdentifier, quoteText } from '../names.ts';
import { createTable, functionSchema, pipelineSchemas, pipelineTables, qualifiedName } from '../tables.ts';
import type { ResultRows } from '../work.ts';
import { createFence } from './fence.ts';
import { functionGrant, functionStatements } from './functions.ts';
import { inBatches } from './session.ts';

/** Database roles and the schemas they may read. */
export type Readers = Readonly<Record<string, { readonly schemas: readonly string[] }>>;

/** What a database must hold before anything is loaded into it. */
export interface Preparation {
  readonly datasets: readonly DatasetPlan[];
  readonly readers: Readers;
  /** The user's models. */
  readonly models: readonly Pick<CompiledModel, 'name' | 'schema' | 'table' | 'materialization'>[];
  /** The user's functions, in the order in which they can be created. */
  readonly functions: readonly CompiledFunction[];
}

const isPipelineSchema = (schema: string): boolean => (pipelineSchemas as readonly string[]).includes(schema);

/**
 * The statement that makes a role, one a batch of its own: Redshift has no CREATE ROLE IF NOT EXISTS, so that it is
 * there already is told by the failure.
 */
export function roleStatements(readers: Readers): string[] {
  return Object.keys(readers).map((role) => `CREATE ROLE ${quoteIdentifier(role)}`);
}

/**
 * Idempotent DDL and grants, in batches the Data API takes.
 * @param functionsThere what `functionsThereQuery` answers; nothing where the database is new.
 */
export function prepareBatches(preparation: Preparation, functionsThere: ResultRows = []): string[][] {
  return inBatches(prepareStatements(preparation, functionsThere));
}

function prepareStatements(
  { datasets, readers, models, functions }: Preparation,
  functionsThere: ResultRows,
): string[] {
  const tables = [...pipelineTables(datasets), ...models.flatMap(modelTables)];
  const modelSchemas = models.map(({ schema }) => schema).toSorted();
  const readable = Object.values(readers).flatMap(({ schemas }) => schemas);
  const functionSchemas = functions.length > 0 ? [functionSchema] : [];
  const schemas = [...new Set([...pipelineSchemas, ...functionSchemas, ...modelSchemas, ...readable])];
  return [
    ...schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`),
    ...tables.map(createTable),
    createFence,
    ...tables.map((table) => `COMMENT ON TABLE ${qualifiedName(table)} IS ${quoteText(table.comment)}`),
    ...Object.entries(readers).flatMap(([role, reader]) => reader.schemas.flatMap((schema) => grants(role, schema))),
    ...functionSchemas.flatMap(() => Object.keys(readers).map(functionGrant)),
    ...functionStatements(functions, functionsThere),
  ];
}

/** A model's own grants come with each publish; the pipeline's tables are all here already. */
function grants(role: string, schema: string): string[] {
  const use = `GRANT USAGE ON SCHEMA ${quoteIdentifier(schema)} TO ROLE ${quoteIdentifier(role)}`;
  const read = `GRANT SELECT ON ALL TABLES IN SCHEMA ${quoteIdentifier(schema)} TO ROLE ${quoteIdentifier(role)}`;
  return isPipelineSchema(schema) ? [use, read] : [use];
}

/** Changes exactly when the statements do; the database remembers the hash it was prepared with. */
export function preparationHash(preparation: Preparation): string {
  const statements = [...roleStatements(preparation.readers), ...prepareBatches(preparation).flat()];
  return createHash('sha256').update(statements.join(';\n')).digest('hex').slice(0, 32);
}
