import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../lib/config/config.ts';
import type { DatasetPlan } from '../../lib/pipeline/environment.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { loadProject } from '../../lib/project.ts';
import { datasetPlans } from '../../lib/stages/context.ts';

/** A project as it is worked on at the desk: what synthesis makes of its files, and nothing that has run. */
export interface DeskProject {
  /** The folder with `millrace.config.ts` and `sql/`. */
  readonly directory: string;
  readonly config: Config;
  readonly datasets: readonly DatasetPlan[];
  /** In dependency order. */
  readonly models: readonly CompiledModel[];
  /** CREATE FUNCTION statements. */
  readonly functions: readonly string[];
}

/**
 * Reads and compiles what lies under `sql/`.
 * @throws {ModelsError} which has a line for each problem, with its place.
 */
export async function readProject(config: Config, directory: string): Promise<DeskProject> {
  const { models } = await loadProject(config, directory);
  const functions = globSync('sql/functions/*.sql', { cwd: directory })
    .toSorted()
    .map((path) => readFileSync(join(directory, path), 'utf8'));
  return { directory, config, datasets: datasetPlans(config), models, functions };
}
