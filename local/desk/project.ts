import type { Config } from '../../lib/config/config.ts';
import { loadProject, type Project } from '../../lib/project.ts';

/** A project as it is worked on at the desk: what synthesis makes of its files, and nothing that has run. */
export interface DeskProject extends Project {
  /** The folder with `millrace.config.ts` and `sql/`. */
  readonly directory: string;
  readonly config: Config;
}

/**
 * Reads and compiles what lies under `sql/`.
 * @throws {ModelsError} which has a line for each problem, with its place.
 */
export async function readProject(config: Config, directory: string): Promise<DeskProject> {
  return { directory, config, ...(await loadProject(config, directory)) };
}
