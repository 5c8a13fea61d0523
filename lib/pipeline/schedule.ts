import { mainLane } from './lane.ts';
import type { CompiledModel } from './models/model.ts';
import { withGrants } from './next-model.ts';
import type { ModelState } from './state-items.ts';
import type { Readers } from './statements/prepare.ts';

/**
 * Models that a run builds at the same time. Redshift runs a few statements of one user at once and queues the rest: more would
 * wait there instead of here, and in the way of people's queries.
 */
export const modelsAtOnce = 8;

/** A model, as far as the order of the work goes. */
export interface ScheduledModel {
  readonly name: string;
  readonly lane: string;
  readonly dependsOn: readonly string[];
  readonly datasets: readonly string[];
  /** As it is published: with who may read it. */
  readonly definition: string;
  /** As it was compiled: the same means the same columns, whoever may read them. */
  readonly compiled: string;
}

export function scheduledModel(model: CompiledModel, readers: Readers): ScheduledModel {
  const { name, lane, dependsOn, datasets, definition: compiled } = model;
  return { name, lane, dependsOn, datasets, definition: withGrants(model, readers).definition, compiled };
}

/** What decides which models a run builds. */
export interface Selection {
  /** Of all lanes, in dependency order. */
  readonly models: readonly ScheduledModel[];
  /** How they stood before the run. */
  readonly states: readonly ModelState[];
  /** Datasets that loaded or were changed otherwise, models of other lanes that were published, models asked for by name. */
  readonly changed: ReadonlySet<string>;
  readonly lane: string;
  /** Whether what failed last time is tried again, although nothing has changed. */
  readonly retries?: boolean;
}

export interface Selected {
  /** In dependency order. */
  readonly wanted: readonly string[];
  /** They read what another lane has yet to publish, or what is behind such a model: that lane's run asks for them. */
  readonly held: readonly string[];
}

/** The models of a lane behind what has changed, those that are new, changed or failed last time, and all behind these. */
export function selectModels({ models, states, changed, lane, retries = true }: Selection): Selected {
  const isThere = publishedModels(models, states);
  const stateOf = new Map(states.map((state) => [state.model, state]));
  const ours = new Set(models.filter((model) => model.lane === lane).map(({ name }) => name));
  const wanted = new Set<string>();
  const held = new Set<string>();
  for (const { name, definition, dependsOn, datasets } of models) {
    if (!ours.has(name)) continue;
    const state = stateOf.get(name);
    const isNew = state?.definition !== definition;
    const hasFailed = !isNew && state?.outcome !== 'published';
    const isAffected = [name, ...datasets, ...dependsOn].some((one) => changed.has(one));
    if (!isNew && !hasFailed && !isAffected && !dependsOn.some((one) => wanted.has(one))) continue;
    wanted.add(name);
    const mustWait = dependsOn.some((one) => held.has(one) || (!ours.has(one) && !isThere(one)));
    if (mustWait || (hasFailed && !retries)) held.add(name);
  }
  return { wanted: [...wanted].filter((one) => !held.has(one)), held: [...held] };
}

/** Whether readers of a model find the columns that its file promises now. */
function publishedModels(models: readonly ScheduledModel[], states: readonly ModelState[]) {
  const compiledOf = new Map(models.map(({ name, compiled }) => [name, compiled]));
  const there = new Set(
    states
      .filter(({ model, published, outcome }) =>
        published === undefined ? outcome === 'published' : published === compiledOf.get(model),
      )
      .map(({ model }) => model),
  );
  return (name: string) => there.has(name);
}

/** How far a run is with its models; each is in one of these. */
export interface Standing {
  /** Wanted and not begun, in dependency order. */
  readonly waiting: readonly string[];
  readonly building: readonly string[];
  readonly published: readonly string[];
  /** Ended in another way, or not to be built behind one that did. */
  readonly stopped: readonly string[];
}

/** The waiting models that nobody will build, because something they read was not published; each with what stops it. */
export function skippedModels(
  models: readonly ScheduledModel[],
  { waiting, stopped }: Standing,
): { readonly model: string; readonly behind: string }[] {
  const isStopped = new Set(stopped);
  const isWaiting = new Set(waiting);
  return models.flatMap(({ name, dependsOn }) => {
    const behind = isWaiting.has(name) ? dependsOn.find((one) => isStopped.has(one)) : undefined;
    if (behind === undefined) return [];
    isStopped.add(name);
    return [{ model: name, behind }];
  });
}

/** The waiting models that can begin: all that they read, and that this run builds, is published. No other model is waited for. */
export function readyModels(models: readonly ScheduledModel[], { waiting, building, stopped }: Standing): string[] {
  const open = new Set([...waiting, ...building, ...stopped]);
  const dependsOn = new Map(models.map((model) => [model.name, model.dependsOn]));
  return waiting.filter((name) => !dependsOn.get(name)?.some((one) => open.has(one)));
}

/** What a run has changed, as other lanes are told of it when it ends. */
export interface Changes {
  readonly models: readonly ScheduledModel[];
  /** How they stand after the run. */
  readonly states: readonly ModelState[];
  readonly lane: string;
  /** Datasets that the run has loaded, or was told of. */
  readonly datasets: ReadonlySet<string>;
  /** Models that it has published. */
  readonly published: ReadonlySet<string>;
}

/**
 * What each of the other lanes must be told: the changed sources that its models read. Datasets load in main, so its runs tell of
 * them; so they do of models of other lanes that are new or changed, because those have no other run that would notice.
 */
export function changesForOthers({ models, states, lane, datasets, published }: Changes): Map<string, string[]> {
  const told = new Map<string, Set<string>>();
  const tell = (to: string, source: string) => told.set(to, (told.get(to) ?? new Set()).add(source));
  const others = models.filter((model) => model.lane !== lane);
  const changed = new Set([...published, ...(lane === mainLane ? datasets : [])]);
  for (const { lane: to, datasets: read, dependsOn } of others) {
    for (const source of [...read, ...dependsOn]) if (changed.has(source)) tell(to, source);
  }
  for (const to of lane === mainLane ? new Set(others.map((model) => model.lane)) : []) {
    const selection = { models, states, changed: new Set<string>(), lane: to, retries: false };
    for (const model of selectModels(selection).wanted) tell(to, model);
  }
  return new Map([...told].map(([to, sources]) => [to, [...sources]]));
}
