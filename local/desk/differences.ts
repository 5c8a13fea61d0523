import { type ColumnNode, columnReaders } from '../../lib/pipeline/lineage/graph.ts';
import type { CompiledModel, OutputColumn } from '../../lib/pipeline/models/model.ts';
import {
  type ColumnDifference,
  type Compared,
  changedSample,
  columnDifferences,
  columnsQuery,
  comparedColumns,
  countRows,
  keyedDifference,
  keylessDifference,
} from '../../lib/pipeline/statements/difference.ts';
import type { LastPublished } from '../../lib/pipeline/statements/environment-books.ts';
import { grantees } from '../../lib/pipeline/statements/model/describe.ts';
import { targetOf } from '../../lib/pipeline/statements/model/place.ts';
import type { ResultRows } from '../../lib/pipeline/work.ts';
import type { Operator } from '../commands/operator.ts';
import { columnsOfQuery } from './columns.ts';
import type { DeskProject } from './project.ts';

/** A column that differs, and who may miss what it was. */
export type ChangedColumn = ColumnDifference & {
  /** Columns of models, as `schema.table.column`, and models whose rows it decides on, as `schema.table`. */
  readonly readBy: readonly string[];
  /** Roles that may read the model. */
  readonly roles: readonly string[];
};

export interface ChangedRow {
  readonly key: Readonly<Record<string, string | null>>;
  readonly changes: readonly { readonly column: string; readonly from: string | null; readonly to: string | null }[];
}

/** Rows of both. What `onlyHere` and `onlyThere` count are keys, or, without a key, distinct rows. */
export interface RowDifference {
  readonly here: number;
  readonly there: number;
  /** Absent where the two have no column in common. */
  readonly onlyHere?: number;
  readonly onlyThere?: number;
  /** With a key only. */
  readonly changed?: number;
  /** In how many rows each column differs; those that do, the most frequent first. */
  readonly changedBy?: readonly { readonly column: string; readonly rows: number }[];
  readonly sample?: readonly ChangedRow[];
}

export type ModelDifference = { readonly model: CompiledModel } & (
  | { readonly kind: 'new'; readonly rows: number; readonly columns: readonly OutputColumn[] }
  | {
      readonly kind: 'compared';
      readonly columns: readonly ChangedColumn[];
      /** What identifies a row in both; none: whole rows are compared. */
      readonly key: readonly string[];
      readonly rows: RowDifference;
      /** Production has published it after the environment has: what differs may be newer data. */
      readonly isNewerThere: boolean;
    }
  | { readonly kind: 'unanswered'; readonly reason: string }
);

export interface Comparison {
  readonly project: DeskProject;
  /** Connected to the environment. */
  readonly operator: Operator;
  readonly production: string;
  /** What each published last. */
  readonly here: ReadonlyMap<string, LastPublished>;
  readonly there: ReadonlyMap<string, LastPublished>;
  /** Rows that are shown of a model. */
  readonly rows: number;
}

/** Compares a model of an environment with production's. */
export async function differenceOf(model: CompiledModel, comparison: Comparison): Promise<ModelDifference> {
  try {
    return comparison.there.has(model.name) ? await compared(model, comparison) : await fresh(model, comparison);
  } catch (error) {
    return { model, kind: 'unanswered', reason: (error as Error).message };
  }
}

async function fresh(model: CompiledModel, { operator }: Comparison): Promise<ModelDifference> {
  const columns = await columnsOfQuery(operator, columnsQuery(targetOf(model)));
  const [[rows] = []] = await operator.query(countRows(targetOf(model)));
  return { model, kind: 'new', rows: Number(rows), columns };
}

async function compared(model: CompiledModel, comparison: Comparison): Promise<ModelDifference> {
  const { operator, production, here, there } = comparison;
  const [now, before] = await Promise.all([
    columnsOfQuery(operator, columnsQuery(targetOf(model))),
    columnsOfQuery(operator, columnsQuery({ ...targetOf(model), database: production })),
  ]);
  const columns = comparedColumns(before, now);
  const names = new Set(columns.map(({ name }) => name));
  const key = rowKey(model).every((name) => names.has(name)) ? rowKey(model) : [];
  const relations: Compared = { schema: model.schema, table: model.table, key, columns, production };
  const rows = await rowDifference(model, relations, comparison);
  const isNewerThere = (there.get(model.name)?.at ?? '') > (here.get(model.name)?.at ?? '');
  const changed = columnDifferences(before, now).map((one) => ({ ...one, ...whoReads(one, model, comparison) }));
  return { model, kind: 'compared', columns: changed, key, rows, isNewerThere };
}

/** What is there once: a history has a row for each version of a key. */
const rowKey = ({ key, materialization, validFrom }: CompiledModel): string[] =>
  materialization === 'history' && validFrom !== undefined ? [...new Set([...key, validFrom])] : key;

/** A column that is new is read by nobody whom the change could break. */
function whoReads(
  { kind, name: column }: ColumnDifference,
  model: CompiledModel,
  { project }: Comparison,
): Pick<ChangedColumn, 'readBy' | 'roles'> {
  if (kind === 'added') return { readBy: [], roles: [] };
  const found = new Set<string>();
  const walk = (nodes: readonly ColumnNode[]): void => {
    for (const { table, column: reading, ofRows, next } of nodes) {
      found.add(ofRows ? table : `${table}.${reading}`);
      walk(next);
    }
  };
  walk(columnReaders(project, { table: model.name, column, path: column }));
  return { readBy: [...found].toSorted(), roles: grantees(model, project.config.readers) };
}

async function rowDifference(model: CompiledModel, compared: Compared, comparison: Comparison): Promise<RowDifference> {
  const { operator, production, rows } = comparison;
  const { key, columns } = compared;
  if (columns.length === 0) {
    const count = async (database?: string) => operator.query(countRows({ ...targetOf(model), database }));
    const [[[here] = []], [[there] = []]] = await Promise.all([count(), count(production)]);
    return { here: Number(here), there: Number(there) };
  }
  const [counts = []] = await operator.query(key.length > 0 ? keyedDifference(compared) : keylessDifference(compared));
  const [here = 0, there = 0, onlyHere = 0, onlyThere = 0, changed = 0, ...each] = counts.map(Number);
  if (key.length === 0) return { here, there, onlyHere, onlyThere };
  const others = columns.filter(({ name }) => !key.includes(name)).map(({ name }) => name);
  const changedBy = others
    .map((column, index) => ({ column, rows: each[index] ?? 0 }))
    .filter((one) => one.rows > 0)
    .toSorted((one, other) => other.rows - one.rows);
  const sample = changed > 0 && rows > 0 ? await operator.query(changedSample(compared, rows)) : [];
  return { here, there, onlyHere, onlyThere, changed, changedBy, sample: changedRows(sample, model, key, others) };
}

/** What is about a person is not shown: only that it differs. */
function changedRows(
  sample: ResultRows,
  model: CompiledModel,
  key: readonly string[],
  others: readonly string[],
): ChangedRow[] {
  const isPersonal = new Set(
    model.columns
      .filter(({ personalData }) => personalData === 'personal' || personalData === 'sensitive')
      .map(({ name }) => name),
  );
  const shown = (column: string, value: string | null = null) =>
    value !== null && isPersonal.has(column) ? '***' : value;
  return sample.map((row) => ({
    key: Object.fromEntries(key.map((column, index) => [column, shown(column, row[index])])),
    changes: others.flatMap((column, index) => {
      const [from = null, to = null] = row.slice(key.length + 2 * index);
      return from === to ? [] : [{ column, from: shown(column, from), to: shown(column, to) }];
    }),
  }));
}

/** Whether anything was found that is not as in production. */
export function isDifferent(difference: ModelDifference): boolean {
  if (difference.kind !== 'compared') return true;
  const { columns, rows } = difference;
  const { here, there, onlyHere = 0, onlyThere = 0, changed = 0 } = rows;
  return columns.length > 0 || here !== there || onlyHere > 0 || onlyThere > 0 || changed > 0;
}
