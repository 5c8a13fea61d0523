import { changedKeys } from '../incremental/changed-keys.ts';
import { columnsOfTables, type Following, follow } from '../incremental/follow.ts';
import { restricted } from '../incremental/restricted.ts';
import { isRowByRow, overRows } from '../incremental/row-by-row.ts';
import type { TimeSpan } from '../incremental/time-span.ts';
import type { CompiledModel } from '../models/model.ts';
import { quoteIdentifier } from '../names.ts';
import type { InputChange, Inputs } from '../statements/incremental/changes.ts';
import { type KeySpan, type KeysFound, rangeName } from '../statements/incremental/keys.ts';
import { type ChangedInput, changedRows, everyRow, newRows, oldRows } from '../statements/incremental/slice.ts';
import { changedOf } from '../statements/model/place.ts';
import { qualifiedName } from '../tables.ts';

/**
 * What a model's rows come from: views are looked through, because they hold no rows that could be said to be new, and models that
 * only its checks read are no matter. In a branch nobody knows what the text reads: then it is all that the model depends on.
 */
export function inputsOf(model: CompiledModel, models: readonly CompiledModel[]): Inputs {
  const datasets = new Set(model.datasets);
  const holding = new Set<string>();
  const read = new Set(model.reads.map(({ name }) => name));
  for (const name of model.dependsOn.filter((one) => read.size === 0 || read.has(one))) {
    const upstream = models.find((one) => one.name === name);
    if (upstream?.materialization !== 'view') {
      holding.add(name);
      continue;
    }
    const behind = inputsOf(upstream, models);
    for (const dataset of behind.datasets) datasets.add(dataset);
    for (const one of behind.models) holding.add(one);
  }
  return { datasets: [...datasets].toSorted(), models: [...holding].toSorted() };
}

/** How a model is brought up to date. */
export type SlicePlan =
  | { readonly kind: 'whole'; readonly reason: string }
  | { readonly kind: 'slice'; readonly following: Following; readonly changed: readonly ChangedInput[] };

const whole = (reason: string): SlicePlan => ({ kind: 'whole', reason });

/** By what has changed since it was published: following that, or anew. */
export function planSlice(model: CompiledModel, changes: readonly InputChange[]): SlicePlan {
  const following = follow(model);
  if ('reason' in following) return whole(following.reason);
  const changed: ChangedInput[] = [];
  for (const { input, mark, upper, obstacle, keepsReplaced, since } of changes) {
    if (mark === undefined || upper < mark) return whole(`it has not been built of ${input} yet`);
    if (upper === mark) continue;
    if (obstacle) return whole(`${input} was ${obstacle === 'rewritten' ? 'rebuilt' : 'loaded too long ago'}`);
    const inputs = following.inputs.filter(({ dataset }) => dataset === input);
    if (inputs.length === 0 || following.unfollowed.has(input))
      return whole(`${input} has changed and is not followed`);
    if (!keepsReplaced && inputs.some(({ isLatest }) => isLatest))
      return whole(`what changed in ${input} was not kept`);
    if (!since) return whole(`it is not known when ${input} changed`);
    changed.push(...inputs.map((one) => ({ ...one, mark, upper, since })));
  }
  return { kind: 'slice', following, changed };
}

type Slice = Extract<SlicePlan, { kind: 'slice' }>;

const nameOf = ({ table }: ChangedInput): string => `${table.schema}.${table.name}`;

/** Queries of the keys that the change reaches: one for each way on which it gets into the model. */
export function keySelects(model: CompiledModel, { following, changed }: Slice): string[] {
  const byName = new Map(changed.map((input) => [nameOf(input), input]));
  const slices = {
    changed: (table: string) => changedRows(byName.get(table) as ChangedInput),
    ever: (table: string) => {
      const input = byName.get(table);
      return input && everyRow(input);
    },
  };
  const around = { columnsOfTable: columnsOfTables(model.datasets), slices };
  return changed.flatMap(({ paths }) => paths.map((path) => changedKeys(following.shape, path, model.key, around)));
}

/** What the rows query asks about the times among the changed keys. */
export function keySpans(model: CompiledModel, slice: Slice): KeySpan[] {
  const spans = new Map<string, KeySpan>();
  restrictedSelect(model, slice, (column, span) => {
    spans.set(rangeName({ column, span }), { column, span });
    return undefined;
  });
  return [...spans.values()];
}

type Range = (column: string, span: TimeSpan) => { readonly from: string; readonly until: string } | undefined;

/** The model's query, restricted to what makes rows of the changed keys; it may make others too. */
export function restrictedSelect(model: CompiledModel, { following }: Slice, range: Range): string {
  const values = (column: string) => `SELECT ${quoteIdentifier(column)} FROM ${qualifiedName(changedOf(model))}`;
  const columnsOfTable = columnsOfTables(model.datasets);
  return restricted(following.shape, model.key, { columnsOfTable, keys: { values, range } });
}

export const rangeIn =
  ({ ranges }: KeysFound): Range =>
  (column, span) =>
    ranges.get(rangeName({ column, span }));

/** The rows that the changed rows make by themselves, as they are and as they were; undefined where others take part. */
export function rowByRow({
  following: { shape },
  changed,
}: Slice): { now: string; before: string | undefined } | undefined {
  const [input, another] = changed;
  const [path, other] = input?.paths ?? [];
  if (!input || another || !path || other || !isRowByRow(path)) return undefined;
  const old = oldRows(input);
  return { now: overRows(shape, path, newRows(input)), before: old && overRows(shape, path, old) };
}
