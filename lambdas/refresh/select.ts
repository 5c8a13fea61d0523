import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { type BuiltModel, builtOf, loadedDatasets, nextWave } from '../../lib/pipeline/select.ts';
import { type DatabaseTable, executionName } from '../../lib/pipeline/state-items.ts';
import type { Work } from '../../lib/pipeline/work.ts';
import type { RunState } from './state.ts';

export interface Wave {
  readonly wave: readonly { readonly work: Work; readonly history: [] }[];
  readonly built: readonly BuiltModel[];
}

export interface SelectPorts {
  readonly table: DatabaseTable;
  readonly database: string;
  /** In dependency order, with the definitions that publishing compares. */
  readonly models: readonly CompiledModel[];
}

/** Adds the wave that has ended to what is built, and says which models can be built next; none where all is done. */
export async function select(state: RunState, { table, database, models }: SelectPorts): Promise<Wave> {
  const definitions = new Map(models.map(({ name, definition }) => [name, definition]));
  const built = [...state.models.built, ...builtOf(state.models.outcomes, definitions)];
  const states = await table.models(database);
  const wave = nextWave({ models, states, loaded: changedDatasets(state), built });
  const execution = executionName(state.lane, state.generation);
  return { wave: wave.map((model) => ({ work: { kind: 'model', execution, model }, history: [] })), built };
}

/** What the run has loaded, and what was changed outside it. */
function changedDatasets({ loaded, plan }: RunState): Set<string> {
  return new Set([...loadedDatasets(loaded), ...plan.touched.map(({ dataset }) => dataset)]);
}
