import { createHash } from 'node:crypto';
import type { DatasetPlan } from './environment.ts';
import { quoteIdentifier } from './names.ts';

/** Bytes that the warehouse's columns hold; ingest quarantines what would not fit, so that no load fails by it. */
export const columnBytes = { _id: 256, _key: 8192, _position: 256 } as const;

/** The schemas Millrace owns; a user's models live in others. */
export const pipelineSchemas = ['raw', 'latest', 'ops'] as const;

/** The schema of a project's functions. */
export const functionSchema = 'functions';

export interface Column {
  readonly name: string;
  /** As Redshift spells it. */
  readonly type: string;
  readonly required?: boolean;
}

export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
  /** The column whose equal values share a slice; without one Redshift chooses. */
  readonly distributionColumn?: string;
  readonly sortColumns?: readonly string[];
  /** What readers find with the table. */
  readonly comment: string;
}

const column = (name: string, type: string): Column => ({ name, type });
export const required = (name: string, type: string): Column => ({ name, type, required: true });

const identity = required('_id', `VARCHAR(${columnBytes._id})`);
const operation = required('_op', 'VARCHAR(16)');
const position = required('_position', `VARCHAR(${columnBytes._position})`);
const instant = required('_at', 'TIMESTAMPTZ');
const payload = column('payload', 'SUPER');
const key = column('_key', `VARCHAR(${columnBytes._key})`);
const requiredKey = { ...key, required: true };
const loadMarks = [required('_load_id', 'VARCHAR(128)'), required('_loaded_at', 'TIMESTAMPTZ')];

/** What a line of the lake holds; COPY fills these by name. */
export const envelopeColumns: readonly Column[] = [identity, operation, key, position, instant, payload];

/** The event log of a dataset: one row per `_id`. */
export function rawTable(dataset: string): Table {
  return {
    schema: 'raw',
    name: dataset,
    columns: [...envelopeColumns, ...loadMarks],
    distributionColumn: '_id',
    sortColumns: ['_at'],
    comment: `Every event of ${dataset} as it came, one row per _id`,
  };
}

/** The current state of a dataset: one row per key that exists. */
export function latestTable(dataset: string): Table {
  return {
    schema: 'latest',
    name: dataset,
    columns: [requiredKey, identity, operation, position, instant, payload, ...loadMarks],
    distributionColumn: '_key',
    sortColumns: ['_key'],
    comment: `The last write of every key of ${dataset} that exists`,
  };
}

/** The keys of a dataset that were deleted, so that an older write that arrives late does not bring them back. */
export function tombstonesTable(dataset: string): Table {
  return {
    schema: 'latest',
    name: `${dataset}__tombstones`,
    columns: [requiredKey, identity, operation, position, instant, ...loadMarks],
    distributionColumn: '_key',
    sortColumns: ['_key'],
    comment: `The keys of ${dataset} whose last write was a delete: by somebody (delete) or by their time to live (expire)`,
  };
}

/**
 * What `latest` held before it was written over, for models that follow changes: a row that moves from one group to another
 * changes the group that it leaves. Only kept where such a model reads it, and not for ever.
 */
export function replacedTable(dataset: string): Table {
  const { columns } = latestTable(dataset);
  return {
    schema: 'latest',
    name: `${dataset}__replaced`,
    columns: [...columns, required('_replaced_by', 'BIGINT'), required('_replaced_at', 'TIMESTAMPTZ')],
    distributionColumn: '_key',
    sortColumns: ['_replaced_at'],
    comment: `What was written over in ${dataset} in the last ${replacedDays} days, and by which of its changes`,
  };
}

/** How long what was replaced is kept; a model that has not been built for longer is built anew. */
export const replacedDays = 7;

/** Where the rebuild that began with a generation gathers a dataset's events; no other rebuild ever touches it. */
export function asideTable(dataset: string, began: number): Table {
  const comment = `Events of ${dataset} as a rebuild reads them from the lake; gone when it has ended`;
  return { ...rawTable(dataset), name: `${dataset}__rebuild_${began}`, comment };
}

/** Holds no row: its lock makes the loads of a dataset wait for one another without making its readers wait. */
export function writerTable(dataset: string): Table {
  return {
    schema: 'ops',
    name: `writer_of_${dataset}`,
    columns: [column('nothing', 'SMALLINT')],
    comment: `Empty: whoever loads ${dataset} holds its lock`,
  };
}

/**
 * The books of a model's writers: its lock makes them take turns, its row says the last generation of a lane that has
 * written, and how that one's run ended.
 * A name holds 127 bytes and a model's may be longer: a hash tells apart what is cut off.
 */
export function modelWriterTable(model: { readonly name: string; readonly table: string }): Table {
  const hash = createHash('sha256').update(model.name).digest('hex').slice(0, 8);
  return {
    schema: 'ops',
    name: `writer_of_model_${model.table.slice(0, 90)}_${hash}`,
    columns: [required('lane', 'VARCHAR(63)'), required('generation', 'BIGINT'), column('outcome', 'VARCHAR(32)')],
    comment: `Whoever writes ${model.name} holds its lock; the last generation of a lane that did, and how it ended`,
  };
}

const opsTable = (name: string, comment: string, columns: readonly Column[]): Table => ({
  schema: 'ops',
  name,
  columns,
  comment,
});

export const loadsTable = opsTable('loads', 'One row a finished load', [
  required('load_id', 'VARCHAR(128)'),
  required('dataset', 'VARCHAR(63)'),
  required('lane', 'VARCHAR(63)'),
  required('generation', 'BIGINT'),
  required('execution', 'VARCHAR(128)'),
  required('manifest_key', 'VARCHAR(1024)'),
  required('object_count', 'INTEGER'),
  required('rows_staged', 'BIGINT'),
  required('rows_inserted', 'BIGINT'),
  required('rows_duplicate', 'BIGINT'),
  column('first_event_at', 'TIMESTAMPTZ'),
  column('last_event_at', 'TIMESTAMPTZ'),
  required('loaded_at', 'TIMESTAMPTZ'),
]);

/**
 * `_loaded_at` says when a transaction began, not in which order they ended; this number does, because it is given under the
 * lock of the dataset's writer.
 */
export const datasetChangesTable = opsTable('dataset_changes', 'What changed a dataset, numbered as it was committed', [
  required('dataset', 'VARCHAR(63)'),
  required('sequence', 'BIGINT'),
  required('load_id', 'VARCHAR(128)'),
  /** New events. */
  required('row_count', 'BIGINT'),
  /** What was written over in `latest` has been kept. */
  required('keeps_replaced', 'BOOLEAN'),
  /** A rebuild: what was derived from the dataset is to be derived anew. */
  required('rewrites', 'BOOLEAN'),
  required('changed_at', 'TIMESTAMPTZ'),
]);

export const modelRunsTable = opsTable('model_runs', 'One row a run of a model, published or not', [
  required('run_id', 'VARCHAR(256)'),
  required('model', 'VARCHAR(256)'),
  required('execution', 'VARCHAR(128)'),
  required('definition', 'VARCHAR(64)'),
  required('outcome', 'VARCHAR(32)'),
  column('row_count', 'BIGINT'),
  column('reason', 'VARCHAR(4096)'),
  required('finished_at', 'TIMESTAMPTZ'),
]);

export const checkResultsTable = opsTable('check_results', 'One row a check of a run of a model', [
  required('run_id', 'VARCHAR(256)'),
  required('model', 'VARCHAR(256)'),
  required('check_name', 'VARCHAR(1024)'),
  required('severity', 'VARCHAR(16)'),
  required('failures', 'BIGINT'),
  required('checked_at', 'TIMESTAMPTZ'),
]);

export const checkFailuresTable = opsTable('check_failures', 'Some rows that a check found, personal data blackened', [
  required('run_id', 'VARCHAR(256)'),
  required('model', 'VARCHAR(256)'),
  required('check_name', 'VARCHAR(1024)'),
  required('severity', 'VARCHAR(16)'),
  /** No text: SUPER holds the row however long it is. */
  column('failing_row', 'SUPER'),
  required('checked_at', 'TIMESTAMPTZ'),
]);

export const measuresTable = opsTable('measures', 'What anomaly checks measured of each published run of a model', [
  required('run_id', 'VARCHAR(256)'),
  required('model', 'VARCHAR(256)'),
  required('measure', 'VARCHAR(32)'),
  /** Empty where it is one of the whole: NULL is equal to nothing. */
  required('column_name', 'VARCHAR(127)'),
  required('value', 'DOUBLE PRECISION'),
  required('measured_at', 'TIMESTAMPTZ'),
]);

export const modelPlacesTable = opsTable('model_places', 'Which of its two materialized views a model was made in', [
  required('run_id', 'VARCHAR(256)'),
  required('model', 'VARCHAR(256)'),
  required('place', 'VARCHAR(1)'),
  required('definition', 'VARCHAR(64)'),
  /** `built`, or `published`: then readers see it. */
  required('event', 'VARCHAR(16)'),
  required('noted_at', 'TIMESTAMPTZ'),
]);

/** Bytes of the examples' column. */
export const exampleBytes = 4096;

export const reconciliationsTable = opsTable('reconciliations', 'One row a comparison of a source with latest', [
  required('execution', 'VARCHAR(128)'),
  required('dataset', 'VARCHAR(63)'),
  required('source_count', 'BIGINT'),
  required('latest_count', 'BIGINT'),
  required('drift_rows', 'BIGINT'),
  required('sampled', 'BIGINT'),
  required('incomparable', 'BIGINT'),
  required('differing', 'BIGINT'),
  required('missing', 'BIGINT'),
  required('extra', 'BIGINT'),
  required('examples', `VARCHAR(${exampleBytes})`),
  required('reconciled_at', 'TIMESTAMPTZ'),
]);

/** Every table of a dataset, in the order in which they are created. */
export function datasetTables(dataset: DatasetPlan): Table[] {
  const { name, keyed, keepsReplaced } = dataset;
  const current = keyed ? [latestTable(name), tombstonesTable(name)] : [];
  const before = keyed && keepsReplaced ? [replacedTable(name)] : [];
  return [rawTable(name), ...current, ...before, writerTable(name)];
}

/** Every table Millrace owns in a database. */
export function pipelineTables(datasets: readonly DatasetPlan[]): Table[] {
  const checks = [checkResultsTable, checkFailuresTable, measuresTable];
  const books = [loadsTable, datasetChangesTable, modelRunsTable, ...checks, modelPlacesTable, reconciliationsTable];
  return [...books, ...datasets.flatMap(datasetTables)];
}

/** What stands under a name in a schema. */
export interface PlacedRelation {
  readonly schema: string;
  readonly name: string;
  /** Absent: the one that the session is connected to. */
  readonly database?: string | undefined;
}

/** `"schema"."name"`, in another database `"database"."schema"."name"`. */
export function qualifiedName({ database, schema, name }: PlacedRelation): string {
  const parts = database === undefined ? [schema, name] : [database, schema, name];
  return parts.map(quoteIdentifier).join('.');
}

/** `"a", "b"`, each after the qualifier where there is one. */
export function columnList(columns: readonly Column[], qualifier?: string): string {
  const prefix = qualifier ? `${quoteIdentifier(qualifier)}.` : '';
  return columns.map(({ name }) => `${prefix}${quoteIdentifier(name)}`).join(', ');
}

/** The lines of a table's columns, for CREATE TABLE. */
export function columnDefinitions(columns: readonly Column[]): string {
  return columns
    .map(({ name, type, required }) => `  ${quoteIdentifier(name)} ${type}${required ? ' NOT NULL' : ''}`)
    .join(',\n');
}

/** The statement that makes a table where there is none. */
export function createTable(table: Table): string {
  const { distributionColumn, sortColumns } = table;
  const distribution = distributionColumn ? `\nDISTSTYLE KEY DISTKEY (${quoteIdentifier(distributionColumn)})` : '';
  const sort = sortColumns ? `\nSORTKEY (${sortColumns.map(quoteIdentifier).join(', ')})` : '';
  return `CREATE TABLE IF NOT EXISTS ${qualifiedName(table)} (\n${columnDefinitions(table.columns)}\n)${distribution}${sort}`;
}
