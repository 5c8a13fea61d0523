import type { CompiledModel } from '../models/model.ts';
import { latestTable, rawTable, type Table } from '../tables.ts';
import { type Around, changedKeys } from './changed-keys.ts';
import { NotFollowed, type Path, pathsOf } from './paths.ts';
import { readQuery } from './read-query.ts';
import { columnsOfQuery, type Query, type QueryShape, type Source, UnknownShape } from './shape.ts';

/** Whether a change of an input is followed to the keys that it reaches; where it is not, it means that the model is built whole. */
export interface InputExplanation {
  /** `schema.table`. */
  readonly input: string;
  readonly followed: boolean;
  readonly reason: string;
}

/** A table of a dataset that a model follows. */
export interface FollowedInput {
  readonly table: Table;
  readonly dataset: string;
  /** There where it is `latest`: what it held before is in the table aside. */
  readonly isLatest: boolean;
  readonly paths: readonly Path[];
}

/** What can be followed of a model. */
export interface Following {
  readonly shape: QueryShape;
  readonly inputs: readonly FollowedInput[];
  /** Datasets that change the model in a way that is not followed. */
  readonly unfollowed: ReadonlySet<string>;
}

type Model = Pick<CompiledModel, 'sql' | 'key' | 'reads' | 'datasets' | 'dependsOn' | 'materialization' | 'output'>;

const nameOf = ({ schema, name }: Table): string => `${schema}.${name}`;

/** The tables that loads write to, which are those that can be followed. */
function followable(datasets: readonly string[]) {
  return datasets.flatMap((dataset) => [
    { dataset, table: rawTable(dataset), isLatest: false },
    { dataset, table: latestTable(dataset), isLatest: true },
  ]);
}

/** The columns of the tables of datasets; of others nothing is known. */
export function columnsOfTables(datasets: readonly string[]): Around['columnsOfTable'] {
  const columns = new Map(
    followable(datasets).map(({ table }) => [nameOf(table), table.columns.map(({ name }) => name)]),
  );
  return (name) => columns.get(name);
}

type Followed = Following | { readonly reason: string };

/** Every decision about a model asks several times, and the text has to be read for it. */
const known = new WeakMap<Model, Followed>();

/** What is followed of a model, or why nothing is. */
export function follow(model: Model): Followed {
  const followed = known.get(model) ?? followOf(model);
  known.set(model, followed);
  return followed;
}

function followOf(model: Model): Followed {
  const shape = shapeOf(model);
  if ('reason' in shape) return shape;
  const paths = pathsOf(shape);
  const explained = new Map(explanations(model, shape).map((one) => [one.input, one]));
  const inputs = followable(model.datasets).flatMap((one): FollowedInput[] => {
    const name = nameOf(one.table);
    return explained.get(name)?.followed ? [{ ...one, paths: paths.filter(({ table }) => table === name) }] : [];
  });
  const followed = new Set(inputs.map(({ table }) => nameOf(table)));
  const others = [...explained.keys()].filter((name) => !followed.has(name));
  const unfollowed = model.datasets.filter((dataset) => others.some((name) => belongsTo(name, dataset)));
  return { shape, inputs, unfollowed: new Set(unfollowed) };
}

const belongsTo = (table: string, dataset: string): boolean =>
  [`raw.${dataset}`, `latest.${dataset}`, `latest.${dataset}__tombstones`].includes(table);

/** Says of each table that an incremental model reads whether its changes are followed, or what stands in the way. */
export function explainIncremental(model: Model): InputExplanation[] {
  return explanations(model, shapeOf(model));
}

function explanations(model: Model, shape: QueryShape | { readonly reason: string }): InputExplanation[] {
  const names = [...new Set(model.reads.map(({ name }) => name))];
  return names.map((input) => {
    const reason = 'reason' in shape ? shape.reason : reasonAgainst(input, model, shape);
    return { input, followed: reason === undefined, reason: reason ?? 'only what a change reaches is computed again' };
  });
}

function shapeOf({ sql, key, datasets, output }: Model): QueryShape | { readonly reason: string } {
  if (key.length === 0) return { reason: 'the model has no key' };
  const uncertain = output.find(({ name, type }) => key.includes(name) && /^(super|real|double|float)/.test(type));
  if (uncertain) return { reason: `${uncertain.name} is ${uncertain.type}: a key must be equal or not; cast it` };
  try {
    const shape = readQuery(sql, columnsOfTables(datasets));
    const missing = key.find((column) => !columnsOfQuery(shape).includes(column));
    return missing ? { reason: `${missing} is not named in the SELECT; write AS ${missing}` } : shape;
  } catch (error) {
    if (!(error instanceof UnknownShape)) throw error;
    return { reason: `${placeOf(sql, error.offset)}: ${error.message}` };
  }
}

/** In the query, as it is without its header. */
function placeOf(sql: string, offset: number): string {
  const lines = sql.slice(0, offset).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1} of the query`;
}

const noSlices = { changed: () => 'changed', ever: () => undefined };

function reasonAgainst(input: string, model: Model, shape: QueryShape): string | undefined {
  const found = followable(model.datasets).find(({ table }) => nameOf(table) === input);
  if (!found) return model.dependsOn.includes(input) ? 'it is a model: only datasets are followed' : 'it is no dataset';
  const places = new Set(placesOf(shape).map(({ start }) => start));
  const hidden = model.reads.some(({ name, start }) => name === input && !places.has(start));
  if (hidden) return 'it is read by a subquery outside of FROM';
  try {
    const around = { columnsOfTable: columnsOfTables(model.datasets), slices: noSlices };
    const paths = pathsOf(shape).filter(({ table }) => table === input);
    if (paths.length > pathsAtMost) return `it is read in ${paths.length} ways, more than ${pathsAtMost}`;
    for (const path of paths) changedKeys(shape, path, model.key, around);
    return undefined;
  } catch (error) {
    if (!(error instanceof NotFollowed)) throw error;
    return error.message;
  }
}

/** Each way is a query of its own. */
const pathsAtMost = 20;

/** Every place of a FROM where a table is read. */
function placesOf(shape: QueryShape): Source[] {
  const within = ({ branches }: Query): Source[] =>
    branches
      .flatMap(({ sources }) => sources)
      .flatMap((source) => (source.of.kind === 'subquery' ? within(source.of.query) : [source]));
  return [shape, ...shape.expressions.map(({ query }) => query)].flatMap(within);
}
