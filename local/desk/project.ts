import type { Config } from '../../lib/config/config.ts';
import type { DatasetPlan } from '../../lib/pipeline/environment.ts';
import { type CompiledProject, loadProject } from '../../lib/project.ts';
import { datasetPlans } from '../../lib/stages/context.ts';

/** A project as it is worked on at the desk: what synthesis makes of its files, and nothing that has run. */
export interface DeskProject extends CompiledProject {
  /** The folder with `millrace.config.ts` and `sql/`. */
  readonly directory: string;
  readonly config: Config;
  readonly datasets: readonly DatasetPlan[];
}

/**
 * Reads and compiles what lies under `sql/`.
 * @throws {ModelsError} which has a line for each problem, with its place.
 */
export async function readProject(config: Config, directory: string): Promise<DeskProject> {
  return { directory, config, datasets: datasetPlans(config), ...(await loadProject(config, directory)) };
}
