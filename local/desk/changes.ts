import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { graphOf, reach } from '../../lib/pipeline/models/selection.ts';

/** What an edit of `sql/` means for the warehouse. */
export interface Changes {
  /** Models that are other ones by themselves, new ones among them; in dependency order. */
  readonly edited: readonly CompiledModel[];
  /** Models that are built from them. */
  readonly descendants: readonly CompiledModel[];
  /** Names of models whose files are gone. */
  readonly removed: readonly string[];
}

/** Compares a project with how it was. A function or a check that was edited shows in the models that use it. */
export function changesBetween(before: readonly CompiledModel[], after: readonly CompiledModel[]): Changes {
  const old = new Map(before.map((model) => [model.name, model]));
  const { down } = graphOf(after, ({ dependsOn }) => [...dependsOn]);
  const isOther = (model: CompiledModel) => JSON.stringify(old.get(model.name)) !== JSON.stringify(model);
  const other = new Set(after.filter(isOther).map(({ name }) => name));
  // New checks of a model change nothing for those that read it.
  const redefined = after.filter(({ name, definition }) => old.get(name)?.definition !== definition);
  const behind = reach(
    redefined.map(({ name }) => name),
    down,
  );
  const isEdited = (model: CompiledModel) =>
    other.has(model.name) && (!behind.has(model.name) || ownText(old.get(model.name)) !== ownText(model));
  const edited = after.filter(isEdited);
  const isDescendant = (model: CompiledModel) =>
    !edited.includes(model) && (behind.has(model.name) || other.has(model.name));
  const names = new Set(after.map(({ name }) => name));
  const removed = before.map(({ name }) => name).filter((name) => !names.has(name));
  return { edited, descendants: after.filter(isDescendant), removed };
}

/** What a model's own file says: not what follows from those it reads. */
function ownText(model: CompiledModel | undefined): string {
  return JSON.stringify({ ...model, definition: undefined, output: undefined });
}
