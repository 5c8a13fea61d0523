import * as z from 'zod';
import { MillraceError } from './error.ts';
import { codecs, datasetNamePattern } from './names.ts';

/** A JSON value that travels in an environment variable as text. */
const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);

/** What a REST extractor needs to know; the address and the token are in the secret. */
export const restSource = z.strictObject({
  key: z.array(z.string().min(1)).min(1),
  watermark: z.strictObject({
    field: z.string().min(1),
    parameter: z.string().min(1),
    /** How far back each pull begins, because sources commit late and clocks differ; only for instants. 60 where absent. */
    overlapSeconds: z.number().int().nonnegative().optional(),
  }),
  records: z.string().min(1),
  pagination: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('cursor'), field: z.string().min(1), parameter: z.string().min(1) }),
  ]),
});
export type RestSource = z.infer<typeof restSource>;

/** What the refresh needs to know of a dataset: enough to render its statements and to order the work. */
export const datasetPlan = z.strictObject({
  name: z.string().regex(datasetNamePattern),
  owner: z.string(),
  freshnessSeconds: z.number().int().positive(),
  /** False for events without identity: they have no `latest`. */
  keyed: z.boolean(),
  /** Whether loads keep what they replace in `latest`: only where a model follows it. */
  keepsReplaced: z.boolean().optional(),
});
export type DatasetPlan = z.infer<typeof datasetPlan>;
export const datasetPlanList = z.array(datasetPlan);
export const laneList = z.array(z.string()).min(1);

/** How the Data API reaches the warehouse. Exactly one of workgroupName and clusterIdentifier. */
export const warehouseTarget = z
  .strictObject({
    workgroupName: z.string().optional(),
    clusterIdentifier: z.string().optional(),
    database: z.string(),
    secretArn: z.string(),
    copyRoleArn: z.string(),
  })
  .refine((target) => Boolean(target.workgroupName) !== Boolean(target.clusterIdentifier), {
    message: 'name either workgroupName or clusterIdentifier',
  });
export type WarehouseTarget = z.infer<typeof warehouseTarget>;

/**
 * Files that travel beside the code of functions, because they grow with the configuration and Lambda's environment variables
 * have 4 KB in all.
 */
export const bundledFiles = {
  datasets: 'datasets.json',
  lanes: 'lanes.json',
  models: 'models.json',
  functions: 'functions.json',
  lineage: 'lineage.json',
  sources: 'sources.json',
  catalogClient: 'catalog-client.json',
} as const;

/** Database roles and the schemas they may read. */
const readerSchemas = z.record(z.string(), z.strictObject({ schemas: z.array(z.string()) }));

/** Of whoever lands objects to be loaded. */
const lakeWriter = {
  MILLRACE_LAKE_BUCKET: z.string().min(1),
  MILLRACE_CODEC: z.enum(codecs),
  /** Register's, where what landed is confirmed. */
  MILLRACE_REGISTER_QUEUE_URL: z.string().min(1),
};
const landing = { MILLRACE_DATASET: z.string().regex(datasetNamePattern), ...lakeWriter };

/** The environment of each kind of function: the stack writes it, the handler reads it, and nobody else names a variable. */
export const environments = {
  ingest: z.object(landing),
  extract: z.object({
    ...landing,
    MILLRACE_STATE_TABLE: z.string().min(1),
    MILLRACE_SECRET_ARN: z.string().min(1),
    MILLRACE_REST: json(restSource),
  }),
  register: z.object({
    MILLRACE_STATE_TABLE: z.string().min(1),
    MILLRACE_STATE_MACHINE_ARN: z.string().min(1),
  }),
  catalog: z.object({
    MILLRACE_SITE_BUCKET: z.string().min(1),
    MILLRACE_WAREHOUSE: json(warehouseTarget),
    MILLRACE_READERS: json(readerSchemas),
    POWERTOOLS_SERVICE_NAME: z.string(),
  }),
  fill: z.object({
    ...lakeWriter,
    MILLRACE_STATE_TABLE: z.string().min(1),
    MILLRACE_WAREHOUSE: json(warehouseTarget),
  }),
  mend: z.object({
    MILLRACE_STATE_TABLE: z.string().min(1),
    MILLRACE_LAKE_BUCKET: z.string().min(1),
  }),
  refresh: z.object({
    MILLRACE_STATE_TABLE: z.string().min(1),
    MILLRACE_LAKE_BUCKET: z.string().min(1),
    MILLRACE_WAREHOUSE: json(warehouseTarget),
    MILLRACE_READERS: json(readerSchemas),
  }),
  reload: z.object({
    MILLRACE_STATE_TABLE: z.string().min(1),
    MILLRACE_LAKE_BUCKET: z.string().min(1),
  }),
  replay: z.object(lakeWriter),
  reconcile: z.object({ MILLRACE_WAREHOUSE: json(warehouseTarget) }),
  repair: z.object({
    ...lakeWriter,
    MILLRACE_WAREHOUSE: json(warehouseTarget),
    MILLRACE_STATE_TABLE: z.string().min(1),
  }),
} as const;
export type FunctionKind = keyof typeof environments;
export type EnvironmentOf<K extends FunctionKind> = z.infer<(typeof environments)[K]>;

/** Reads a function's environment once, at cold start. */
export function readEnvironment<K extends FunctionKind>(
  kind: K,
  variables: Record<string, string | undefined>,
): EnvironmentOf<K> {
  const result = environments[kind].safeParse(variables);
  if (result.success) return result.data as EnvironmentOf<K>;
  throw new MillraceError(
    'BAD_ENVIRONMENT',
    `the environment of a ${kind} function is not as its stack writes it:\n${z.prettifyError(result.error)}`,
  );
}

/** Renders a function's environment: objects become JSON text. The stack's tokens pass through as they are. */
export function writeEnvironment<K extends FunctionKind>(
  _kind: K,
  values: { [V in keyof z.input<(typeof environments)[K]>]: unknown },
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
