import * as z from 'zod';

export const severities = ['error', 'warn'] as const;
const severity = z.enum(severities);

/** A table that a query reads, and where its name stands: UTF-16 offsets in the query's text, end exclusive. */
export const tableRead = z.strictObject({
  /** `schema.table`. */
  name: z.string(),
  start: z.number().int(),
  end: z.number().int(),
  /** Whether the query gives it an alias; without one its own name is the alias. */
  aliased: z.boolean(),
});
export type TableRead = z.infer<typeof tableRead>;

/** What an anomaly check measures of a model's rows. */
export const measures = ['row_count', 'mean', 'null_share', 'distinct_count', 'sum', 'minimum', 'maximum'] as const;

/** A column that a query yields. */
export const outputColumn = z.strictObject({
  name: z.string(),
  /** As Redshift spells it, in lower case: `character varying(64)`, `super`. */
  type: z.string(),
});
export type OutputColumn = z.infer<typeof outputColumn>;

/** A question about a model's rows whose answer should be: none. */
export const check = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('not_null'), column: z.string(), severity }),
  z.strictObject({ kind: z.literal('unique'), columns: z.array(z.string()).min(1), severity }),
  /** Holds where it is true or null, as an SQL CHECK constraint does. */
  z.strictObject({ kind: z.literal('expression'), sql: z.string(), severity }),
  /** NULL is accepted: not_null says otherwise. */
  z.strictObject({
    kind: z.literal('accepted_values'),
    column: z.string(),
    values: z.array(z.string()).min(1),
    severity,
  }),
  /** Every value of the column that is not NULL is in the other table. */
  z.strictObject({
    kind: z.literal('relationship'),
    column: z.string(),
    /** `schema.table`. */
    table: z.string(),
    field: z.string(),
    /** The database that the other table is in, where it is not the model's own. */
    database: z.string().optional(),
    severity,
  }),
  z.strictObject({
    kind: z.literal('row_count'),
    minimum: z.number().int().optional(),
    maximum: z.number().int().optional(),
    severity,
  }),
  /** The newest value of the column is not older than so many seconds. */
  z.strictObject({
    kind: z.literal('freshness'),
    column: z.string(),
    maxAgeSeconds: z.number().int().positive(),
    severity,
  }),
  /** The measure is where its own history lets expect it (robust z-score). */
  z.strictObject({
    kind: z.literal('anomaly'),
    measure: z.enum(measures),
    /** Absent for row_count. */
    column: z.string().optional(),
    severity,
  }),
  /** A SELECT of `sql/checks` that must answer with no row. */
  z.strictObject({
    kind: z.literal('query'),
    name: z.string(),
    sql: z.string(),
    reads: z.array(tableRead),
    /** What the SELECT yields, where it has been analysed: then rows it finds can be shown. */
    output: z.array(outputColumn).optional(),
    severity,
  }),
]);
export type Check = z.infer<typeof check>;

export const materializations = ['table', 'view', 'incremental', 'materialized view', 'history'] as const;
export type Materialization = (typeof materializations)[number];

/** How much a column says about a person; each class takes in the ones before it. */
export const personalDataClasses = ['none', 'pseudonymous', 'personal', 'sensitive'] as const;
export type PersonalDataClass = (typeof personalDataClasses)[number];

/** What a header says of a column. */
export const columnNote = z.strictObject({
  name: z.string(),
  description: z.string(),
  /** As Redshift spells it, in lower case; what a contract freezes. */
  type: z.string().optional(),
  /** What people call it, in their own language. */
  label: z.string().optional(),
  personalData: z.enum(personalDataClasses).optional(),
});
export type ColumnNote = z.infer<typeof columnNote>;

export const distribution = z.discriminatedUnion('style', [
  z.strictObject({ style: z.enum(['auto', 'even', 'all']) }),
  z.strictObject({ style: z.literal('key'), column: z.string() }),
]);
export type Distribution = z.infer<typeof distribution>;

/** A model as the refresh functions read it from `models.json`: its file, parsed, and what it reads, resolved. */
export const compiledModel = z.strictObject({
  /** `schema.table`. */
  name: z.string(),
  schema: z.string(),
  table: z.string(),
  path: z.string(),
  /** The SELECT, as it stands in the file, without header and closing semicolon. */
  sql: z.string(),
  materialization: z.enum(materializations),
  key: z.array(z.string()),
  /** Of a history: the column that says since when a version of a key holds. */
  validFrom: z.string().optional(),
  /** Of a history: the boolean column that is true in a version that says that the key was deleted. */
  deleted: z.string().optional(),
  owner: z.string(),
  freshnessSeconds: z.number().int().positive().optional(),
  /** The lane whose runs build it. */
  lane: z.string(),
  description: z.string(),
  /** What people call the model, in their own language. */
  label: z.string().optional(),
  columns: z.array(columnNote),
  /** What the SELECT yields, in order; empty where nobody has analysed it. */
  output: z.array(outputColumn),
  /** The header's columns are all there are, with these types: a change breaks the build. */
  contract: z.boolean(),
  checks: z.array(check),
  /** Readers beyond those who may read the whole schema. */
  grants: z.array(z.string()),
  distribution: distribution.optional(),
  sortColumns: z.array(z.string()),
  /** Tables that the SELECT reads, as often as it does, in the order of the text; offsets are those of `sql`. */
  reads: z.array(tableRead),
  /** Models this one reads. */
  dependsOn: z.array(z.string()),
  /** Datasets this one reads itself. */
  datasets: z.array(z.string()),
  /** Hash of all that decides the shape of the result: the same definition means the same columns. */
  definition: z.string(),
});
export type CompiledModel = z.infer<typeof compiledModel>;

export const compiledModels = z.array(compiledModel);
