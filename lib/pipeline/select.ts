import * as z from 'zod';
import type { CompiledModel } from './models/model.ts';
import { type ModelState, modelState } from './state-items.ts';
import type { Outcome } from './work.ts';

/** A model that the run has built or tried to. */
export const builtModel = modelState.extend({
  /** Fenced: a later run has written it, so this run has nothing to say of it. */
  outcome: z.enum([...modelState.shape.outcome.options, 'fenced']),
  /** Why it was not published, shortened. */
  reason: z.string().optional(),
});
export type BuiltModel = z.infer<typeof builtModel>;

/** What decides which models run. */
export interface Selection {
  /** In dependency order. */
  readonly models: readonly CompiledModel[];
  /** How they stood before the run. */
  readonly states: readonly ModelState[];
  /** Datasets that loaded in the run. */
  readonly loaded: ReadonlySet<string>;
  /** What the run has built so far. */
  readonly built: readonly BuiltModel[];
}

/**
 * The models that can be built now: those behind what loaded, those that are new, changed or failed last time, and all
 * behind these, once what they read is built. Behind a model that failed nothing is built: it would only repeat the old.
 */
export function nextWave({ models, states, loaded, built }: Selection): string[] {
  const stateOf = new Map(states.map((state) => [state.model, state]));
  const builtNow = new Map(built.map((one) => [one.model, one.outcome]));
  const wanted = new Set<string>();
  const blocked = new Set<string>();
  for (const { name, definition, dependsOn, datasets } of models) {
    const state = stateOf.get(name);
    const isStale = state?.definition !== definition || state.outcome !== 'published';
    if (isStale || datasets.some((one) => loaded.has(one)) || dependsOn.some((one) => wanted.has(one)))
      wanted.add(name);
    const isStopped = (one: string) => blocked.has(one) || (builtNow.get(one) ?? 'published') !== 'published';
    if (dependsOn.some(isStopped)) blocked.add(name);
  }
  const isReady = ({ name, dependsOn }: CompiledModel) =>
    wanted.has(name) && !blocked.has(name) && dependsOn.every((one) => !wanted.has(one) || builtNow.has(one));
  return models.filter((model) => isReady(model) && !builtNow.has(model.name)).map(({ name }) => name);
}

/** The outcomes of a wave as the run remembers them: short, because they travel. */
export function builtOf(outcomes: readonly Outcome[], definitions: ReadonlyMap<string, string>): BuiltModel[] {
  return outcomes.flatMap((outcome): BuiltModel[] => {
    if (outcome.work.kind !== 'model') return [];
    const { model } = outcome.work;
    return [{ model, definition: definitions.get(model) ?? '', ...verdict(outcome) }];
  });
}

function verdict(outcome: Outcome): Pick<BuiltModel, 'outcome' | 'reason'> {
  if (outcome.kind === 'published') return { outcome: 'published' };
  if (outcome.kind === 'checkFailed') return { outcome: 'checkFailed', reason: short(outcome.failures.join('; ')) };
  if (outcome.kind === 'fenced') return { outcome: 'fenced' };
  return { outcome: 'failed', reason: short(outcome.kind === 'failed' ? outcome.reason : outcome.kind) };
}

const short = (reason: string): string => reason.slice(0, 200);

/** Datasets that loaded. Even without a new row: the run that loaded the rows may have died before the models. */
export function loadedDatasets(outcomes: readonly Outcome[]): Set<string> {
  return new Set(
    outcomes.flatMap(({ kind, work }) => (kind === 'loaded' && work.kind === 'load' ? [work.dataset] : [])),
  );
}
