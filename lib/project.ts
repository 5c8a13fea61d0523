import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boxAnalyst } from './analyst.ts';
import type { Config } from './config/config.ts';
import type { DatasetPlan } from './pipeline/environment.ts';
import { keepingReplaced } from './pipeline/incremental/kept.ts';
import { type CompiledProject, compileProject, type SourceFile } from './pipeline/models/compile.ts';
import { datasetPlans } from './stages/context.ts';

/** A project, compiled, and the datasets as its models need them. */
export interface Project extends CompiledProject {
  readonly datasets: readonly DatasetPlan[];
}

/** This checkout. */
const repository = join(import.meta.dirname, '..');

/**
 * Reads and compiles the project of a folder; nothing runs, and no database is opened.
 * @throws {ModelsError} which has a line for each problem, with its place.
 */
export async function loadProject(config: Config, directory = repository): Promise<Project> {
  const files = {
    models: filesOf(directory, 'sql/models/*/*.sql'),
    checks: filesOf(directory, 'sql/checks/*.sql'),
    functions: filesOf(directory, 'sql/functions/*.sql'),
  };
  const plans = datasetPlans(config);
  const project = compileProject(files, plans, { analyst: boxAnalyst() });
  return { ...project, datasets: keepingReplaced(plans, project.models) };
}

function filesOf(directory: string, pattern: string): SourceFile[] {
  const paths = globSync(pattern, { cwd: directory }).map((path) => path.replaceAll('\\', '/'));
  return paths.toSorted().map((path) => ({ path, text: readFileSync(join(directory, path), 'utf8') }));
}
