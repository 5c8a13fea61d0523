import { createHash } from 'node:crypto';
import type { QueryLineage } from '../models/analysis.ts';
import type { CompiledModel } from '../models/model.ts';
import { readsOf } from '../models/selection.ts';
import { openLineageKey } from '../names.ts';
import type { CheckResult } from '../statements/model/run.ts';
import {
  assertionsFacet,
  datasetOf,
  type Facet,
  facet,
  type LineageNames,
  type OpenLineageDataset,
  producer,
  tableFacets,
} from './facets.ts';

export type { LineageNames } from './facets.ts';

/** A model, and what was found out about it. */
export interface ModelLineage {
  readonly model: CompiledModel;
  /** Absent where nobody has analysed it: then its tables are told, and no columns. */
  readonly lineage?: QueryLineage | undefined;
}

/** A run of a model that has ended. */
export interface EndedRun {
  /** The execution of the refresh. */
  readonly execution: string;
  /** `checkFailed`: built, and not published. */
  readonly outcome: 'published' | 'checkFailed' | 'failed';
  readonly rows?: number | undefined;
  readonly reason?: string | undefined;
  readonly checks: readonly CheckResult[];
  /** ISO-8601. Without it there is no event that says START. */
  readonly startedAt?: string | undefined;
  /** ISO-8601. */
  readonly endedAt: string;
}

type Facets = Readonly<Record<string, Facet>>;

interface Dataset extends OpenLineageDataset {
  readonly facets?: Facets;
}
interface BaseEvent {
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets };
  readonly inputs: readonly (Dataset & { readonly inputFacets?: Facets })[];
  readonly outputs: readonly (Dataset & { readonly outputFacets?: Facets })[];
}

/** OpenLineage 2-0-2: what a job is, whether it ever runs or not. */
export type JobEvent = BaseEvent;
/** OpenLineage 2-0-2: what came of a run. */
export interface RunEvent extends BaseEvent {
  readonly eventType: 'START' | 'COMPLETE' | 'FAIL';
  readonly run: { readonly runId: string; readonly facets: Facets };
}

const schemaUrl = (event: 'RunEvent' | 'JobEvent'): string =>
  `https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/${event}`;

/** What a model is made of, without a run. */
export function jobEvent(known: ModelLineage, names: LineageNames, at: string): JobEvent {
  return { eventTime: at, producer, schemaURL: schemaUrl('JobEvent'), ...jobAndTables(known, names) };
}

/**
 * The events of a run: START where it is known when, COMPLETE or FAIL, and the run of its checks, which read the table and write
 * none: OpenLineage has results of checks with the inputs of a job.
 */
export function runEvents(known: ModelLineage, run: EndedRun, names: LineageNames): RunEvent[] {
  const { startedAt, endedAt, outcome } = run;
  const shared = {
    producer,
    schemaURL: schemaUrl('RunEvent'),
    run: { runId: runId(run.execution, known.model.name), facets: { parent: parentOf(known.model, run, names) } },
    ...jobAndTables(known, names),
  };
  const started = startedAt === undefined ? [] : [{ eventType: 'START' as const, eventTime: startedAt, ...shared }];
  const ended =
    outcome === 'published'
      ? { eventType: 'COMPLETE' as const, eventTime: endedAt, ...shared, outputs: withRows(shared.outputs, run.rows) }
      : { eventType: 'FAIL' as const, eventTime: endedAt, ...shared, run: withReason(shared.run, run) };
  return [...started, ended, ...checkEvents(known.model, run, names)];
}

function jobAndTables({ model, lineage }: ModelLineage, names: LineageNames) {
  return {
    job: { ...jobOf(model.name, names), facets: jobFacets(model, 'MODEL') },
    inputs: readsOf(model).map((table) => datasetOf(table, names)),
    outputs: [{ ...datasetOf(model.name, names), facets: tableFacets(model, lineage, names) }],
  };
}

const jobOf = (name: string, names: LineageNames) => ({ namespace: names.jobs, name });

function jobFacets({ owner, description, sql }: CompiledModel, jobType: 'MODEL' | 'TEST'): Facets {
  return {
    jobType: facet('JobTypeJobFacet', '2-0-4', { processingType: 'BATCH', integration: 'MILLRACE', jobType }),
    ownership: facet('OwnershipJobFacet', '1-0-0', { owners: [{ name: owner }] }),
    documentation: facet('DocumentationJobFacet', '1-0-0', { description }),
    ...(jobType === 'MODEL' && { sql: facet('SQLJobFacet', '1-0-0', { query: sql }) }),
  };
}

function withRows(outputs: BaseEvent['outputs'], rowCount: number | undefined): BaseEvent['outputs'] {
  if (rowCount === undefined) return outputs;
  const outputStatistics = facet('OutputStatisticsOutputDatasetFacet', '1-0-0', { rowCount });
  return outputs.map((output) => ({ ...output, outputFacets: { outputStatistics } }));
}

function withReason(run: RunEvent['run'], { reason, checks }: EndedRun): RunEvent['run'] {
  const failed = checks.filter(({ severity, failures }) => severity === 'error' && failures > 0);
  const found = failed.map(({ name, failures }) => `${name} (${failures})`).join(', ');
  const message = reason ?? (found || 'no reason was given');
  const errorMessage = facet('ErrorMessageRunFacet', '1-0-0', { message, programmingLanguage: 'SQL' });
  return { ...run, facets: { ...run.facets, errorMessage } };
}

/** The checks have run, whatever they found. */
function checkEvents(model: CompiledModel, run: EndedRun, names: LineageNames): RunEvent[] {
  if (run.checks.length === 0) return [];
  const name = `${model.name}.checks`;
  const dataQualityAssertions = assertionsFacet(model, run.checks);
  return [
    {
      eventType: 'COMPLETE',
      eventTime: run.endedAt,
      producer,
      schemaURL: schemaUrl('RunEvent'),
      run: { runId: runId(run.execution, name), facets: { parent: parentOf(model, run, names) } },
      job: { ...jobOf(name, names), facets: jobFacets(model, 'TEST') },
      inputs: [{ ...datasetOf(model.name, names), inputFacets: { dataQualityAssertions } }],
      outputs: [],
    },
  ];
}

function parentOf({ lane }: CompiledModel, { execution }: EndedRun, names: LineageNames): Facet {
  const name = `refresh.${lane}`;
  return facet('ParentRunFacet', '1-0-0', { run: { runId: runId(execution, name) }, job: jobOf(name, names) });
}

/** RFC 9562: the namespace of names that are URIs. */
const uriNamespace = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');

/** A UUID (version 5) that a retry of the same run makes again. */
export function runId(execution: string, job: string): string {
  const hash = createHash('sha1').update(uriNamespace).update(`${producer}:run:${execution}/${job}`).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** OpenLineage's name of a Redshift: `redshift://<workgroup or cluster>.<region>:<port>`. */
export function warehouseNamespace(
  { workgroupName, clusterIdentifier }: { readonly workgroupName?: string; readonly clusterIdentifier?: string },
  region: string | undefined,
): string {
  return `redshift://${[workgroupName ?? clusterIdentifier, region].filter(Boolean).join('.')}:5439`;
}

/** The object of the lake with the events of a refresh, a line each: a retry writes it again as it was. */
export function openLineageObject(execution: string, at: string, events: readonly RunEvent[]) {
  return {
    key: openLineageKey(execution, at),
    body: events.map((event) => `${JSON.stringify(event)}\n`).join(''),
  };
}
