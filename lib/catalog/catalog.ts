import type { DatasetPlan } from '../pipeline/environment.ts';
import type { ColumnSource, QueryLineage } from '../pipeline/models/analysis.ts';
import type { CompiledModel, Materialization, PersonalDataClass } from '../pipeline/models/model.ts';
import { checkName } from '../pipeline/statements/model/check-name.ts';
import { grantees } from '../pipeline/statements/model/describe.ts';
import type { Readers } from '../pipeline/statements/prepare.ts';
import { latestTable, rawTable, type Table, tombstonesTable } from '../pipeline/tables.ts';
import type { DatasetObservation, ModelObservation, Observations } from './observations.ts';
import { type SampleQuery, sampleQueries } from './sample-queries.ts';

/** What a catalog is made of: what the repository says. */
export interface CatalogProject {
  /** `tournaments-prod`. */
  readonly service: string;
  readonly database: string;
  readonly models: readonly CompiledModel[];
  /** By the model's name; a model that nobody has analysed is not in it. */
  readonly lineage: ReadonlyMap<string, QueryLineage>;
  readonly datasets: readonly DatasetPlan[];
  readonly readers: Readers;
}

export interface CatalogColumn {
  readonly name: string;
  readonly type?: string | undefined;
  readonly label?: string | undefined;
  readonly description?: string | undefined;
  readonly personalData?: PersonalDataClass | undefined;
}

/** `mart.daily_kpi`, `day`. */
export type ColumnPlace = readonly [table: string, column: string];

/** A model, or a table of a dataset. */
export interface Relation {
  /** `schema.table`. */
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly kind: 'model' | 'dataset';
  readonly label?: string | undefined;
  readonly description: string;
  readonly owner: string;
  readonly freshnessSeconds?: number | undefined;
  readonly columns: readonly CatalogColumn[];
  /** Names of the relations that it reads and that read it. */
  readonly reads: readonly string[];
  readonly readBy: readonly string[];
  /** Roles. */
  readonly readers: readonly string[];
  readonly queries: readonly SampleQuery[];
  /** Of a dataset's table: the dataset, and the paths into its payload that models read. */
  readonly dataset?: string | undefined;
  readonly paths: readonly string[];
  readonly model?: ModelFacts | undefined;
}

/** What only a model has. */
export interface ModelFacts {
  readonly materialization: Materialization;
  readonly lane: string;
  readonly path: string;
  readonly key: readonly string[];
  readonly sort: readonly string[];
  readonly distribution?: string | undefined;
  readonly contract: boolean;
  readonly checks: readonly { readonly name: string; readonly severity: string }[];
  readonly sql: string;
  /** Where the SQL names a relation of the catalog: UTF-16 offsets. */
  readonly mentions: readonly (readonly [start: number, end: number, name: string])[];
}

/** That a column has something of another's. */
export interface ColumnEdge {
  readonly from: ColumnPlace;
  readonly to: ColumnPlace;
  /** The value itself, or only a part in deciding it. */
  readonly direct: boolean;
  /** `payload.matches[*].endedAt` where it is more than the column. */
  readonly path?: string | undefined;
}

export interface CatalogData {
  readonly service: string;
  readonly database: string;
  /** In dependency order within each kind: datasets first. */
  readonly relations: readonly Relation[];
  readonly columnEdges: readonly ColumnEdge[];
  readonly observed: {
    readonly atSeconds: number | undefined;
    readonly models: ReadonlyMap<string, ModelObservation>;
    readonly datasets: ReadonlyMap<string, DatasetObservation>;
  };
}

/** All that the catalog shows, put together of what the repository says and what the warehouse's books tell. */
export function catalogOf(project: CatalogProject, observations: Observations): CatalogData {
  const names = new Set([...tablesOf(project).map(({ name }) => name), ...project.models.map(({ name }) => name)]);
  const reads = new Map(project.models.map((model) => [model.name, readsOf(model, names)]));
  const users = Map.groupBy(
    [...reads].flatMap(([reader, all]) => all.map((read) => [read, reader] as const)),
    ([read]) => read,
  );
  const readBy = (name: string) => (users.get(name) ?? []).map(([, reader]) => reader);
  const sources = [...project.lineage.values()].flatMap(({ columns, rows }) => [
    ...columns.flatMap((column) => column.sources),
    ...rows,
  ]);
  const paths = pathsInto(sources);
  return {
    service: project.service,
    database: project.database,
    relations: [
      ...tablesOf(project).map((one) => datasetRelation(one, { project, readBy, paths })),
      ...project.models.map((model) =>
        modelRelation(model, { project, readBy, paths, reads: reads.get(model.name) ?? [] }),
      ),
    ],
    columnEdges: [...project.lineage].flatMap(([name, lineage]) => edgesOf(name, lineage, names)),
    observed: {
      atSeconds: observations.untilSeconds,
      models: new Map(observations.models.map((one) => [one.name, one])),
      datasets: new Map(observations.datasets.map((one) => [one.name, one])),
    },
  };
}

interface DatasetTable {
  readonly name: string;
  readonly table: Table;
  readonly dataset: DatasetPlan;
}

function tablesOf({ datasets }: CatalogProject): DatasetTable[] {
  return datasets.flatMap((dataset) => {
    const tables = [
      rawTable(dataset.name),
      ...(dataset.keyed ? [latestTable(dataset.name), tombstonesTable(dataset.name)] : []),
    ];
    return tables.map((table) => ({ name: `${table.schema}.${table.name}`, table, dataset }));
  });
}

const readsOf = (model: CompiledModel, names: ReadonlySet<string>): string[] => [
  ...new Set(model.reads.map(({ name }) => name).filter((name) => names.has(name) && name !== model.name)),
];

interface Around {
  readonly project: CatalogProject;
  readonly readBy: (name: string) => string[];
  readonly paths: (table: string) => string[];
}

/** What the columns mean that every dataset's table has. */
const envelopeMeanings: Readonly<Record<string, string>> = {
  _id: "Identity of this delivery's event: redelivery repeats it",
  _op: 'What happened: insert, update, delete, snapshot, event',
  _key: 'The primary key, as canonical JSON',
  _position: 'Sorts as text in the order of the writes of a key',
  _at: 'When it happened, UTC',
  payload: 'The record as it came',
  _load_id: 'The load that brought it',
  _loaded_at: 'When it could be queried, UTC',
};

function datasetRelation({ name, table, dataset }: DatasetTable, { project, readBy, paths }: Around): Relation {
  const columns = table.columns.map((one) => ({
    name: one.name,
    type: one.type.toLowerCase(),
    description: envelopeMeanings[one.name],
  }));
  const found = paths(name);
  const key = table.schema === 'latest' ? ['_key'] : ['_id'];
  return {
    name,
    schema: table.schema,
    table: table.name,
    kind: 'dataset',
    description: table.comment,
    owner: dataset.owner,
    freshnessSeconds: dataset.freshnessSeconds,
    columns,
    reads: [],
    readBy: readBy(name),
    readers: Object.keys(project.readers).filter((role) => project.readers[role]?.schemas.includes(table.schema)),
    // The instant of the event says more than the key, which is JSON.
    queries: sampleQueries({ schema: table.schema, table: table.name, key, columns, paths: found }),
    dataset: dataset.name,
    paths: found,
  };
}

function modelRelation(model: CompiledModel, around: Around & { readonly reads: readonly string[] }): Relation {
  const columns = columnsOf(model);
  const { name, schema, table, key } = model;
  const paths = around.paths(name);
  return {
    name,
    schema,
    table,
    kind: 'model',
    label: model.label,
    description: model.description,
    owner: model.owner,
    freshnessSeconds: model.freshnessSeconds,
    columns,
    reads: around.reads,
    readBy: around.readBy(name),
    readers: grantees(model, around.project.readers),
    queries: sampleQueries({ schema, table, key, columns, paths }),
    paths,
    model: factsOf(model, new Set(around.reads)),
  };
}

function factsOf(model: CompiledModel, known: ReadonlySet<string>): ModelFacts {
  const { distribution } = model;
  return {
    materialization: model.materialization,
    lane: model.lane,
    path: model.path,
    key: model.key,
    sort: model.sortColumns,
    distribution: distribution && (distribution.style === 'key' ? `key(${distribution.column})` : distribution.style),
    contract: model.contract,
    checks: model.checks.map((check) => ({ name: checkName(check), severity: check.severity })),
    sql: model.sql,
    mentions: model.reads
      .filter(({ name }) => known.has(name))
      .map(({ start, end, name }) => [start, end, name] as const)
      .toSorted(([a], [b]) => a - b),
  };
}

/** What the query yields, in its order, with what the header says of it; the header alone where nobody has analysed the query. */
function columnsOf({ output, columns }: CompiledModel): CatalogColumn[] {
  const notes = new Map(columns.map((note) => [note.name, note]));
  if (output.length === 0) return columns.map((note) => ({ ...note }));
  return output.map(({ name, type }) => ({ ...notes.get(name), name, type }));
}

/** A column without a source of its own, a count of rows say, comes from what decides which rows there are. */
function edgesOf(name: string, { columns, rows }: QueryLineage, names: ReadonlySet<string>): ColumnEdge[] {
  return columns.flatMap((column) => {
    const sources = column.sources.length > 0 ? column.sources : rows;
    return sources
      .filter(({ table }) => names.has(table))
      .map(({ table, column: source, path, influences }) => ({
        from: [table, source] as const,
        to: [name, column.name] as const,
        direct: sources !== rows && influences.some(({ type }) => type === 'DIRECT'),
        ...(path !== source && { path }),
      }));
  });
}

/** The paths into the columns of each table that are more than the column. */
function pathsInto(sources: readonly ColumnSource[]): (table: string) => string[] {
  const deep = Map.groupBy(
    sources.filter(({ path, column }) => path !== column),
    ({ table }) => table,
  );
  return (table) => [...new Set((deep.get(table) ?? []).map(({ path }) => path))].toSorted();
}
