import * as z from 'zod';

const severity = z.enum(['error', 'warn']);

/** A question about a model's rows whose answer should be: none. */
export const check = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('not_null'), column: z.string(), severity }),
  z.strictObject({ kind: z.literal('unique'), columns: z.array(z.string()).min(1), severity }),
  /** Holds where it is true or null, as an SQL CHECK constraint does. */
  z.strictObject({ kind: z.literal('expression'), sql: z.string(), severity }),
]);
export type Check = z.infer<typeof check>;

/** A model as the refresh functions read it from `models.json`: its file, parsed, and what it reads, resolved. */
export const compiledModel = z.strictObject({
  /** `schema.table`. */
  name: z.string(),
  schema: z.string(),
  table: z.string(),
  path: z.string(),
  /** The SELECT, as it stands in the file, without header and closing semicolon. */
  sql: z.string(),
  materialization: z.enum(['table', 'view']),
  key: z.array(z.string()),
  owner: z.string(),
  freshnessSeconds: z.number().int().positive().optional(),
  description: z.string(),
  columns: z.array(z.strictObject({ name: z.string(), description: z.string() })),
  checks: z.array(check),
  /** Readers beyond those who may read the whole schema. */
  grants: z.array(z.string()),
  /** Models this one reads. */
  dependsOn: z.array(z.string()),
  /** Datasets this one reads itself. */
  datasets: z.array(z.string()),
  /** Hash of all that decides the shape of the result: the same definition means the same columns. */
  definition: z.string(),
});
export type CompiledModel = z.infer<typeof compiledModel>;

export const compiledModels = z.array(compiledModel);
