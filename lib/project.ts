import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boxAnalyst } from './analyst.ts';
import type { Config } from './config/config.ts';
import type { DatasetPlan } from './pipeline/environment.ts';
import type { Analyst, QueryLineage } from './pipeline/models/analysis.ts';
import { compileModels, type ModelFile, ModelsError, modelCompilerReady } from './pipeline/models/compile.ts';
import type { ModelProblem } from './pipeline/models/header.ts';
import type { CompiledModel } from './pipeline/models/model.ts';
import { pipelineTables } from './pipeline/tables.ts';
import { datasetPlans } from './stages/context.ts';

/** What lies under `sql/`, understood. */
export interface CompiledProject {
  /** In dependency order. */
  readonly models: readonly CompiledModel[];
  /** Where each model's columns and rows come from, by the model's name. */
  readonly lineage: ReadonlyMap<string, QueryLineage>;
}

/** This checkout. */
const repository = join(import.meta.dirname, '..');

/**
 * Reads and compiles the project of a folder; nothing runs, and no database is opened.
 * @throws {ModelsError} which has a line for each problem, with its place.
 */
export async function loadProject(config: Config, directory = repository): Promise<CompiledProject> {
  const datasets = datasetPlans(config);
  const files = filesOf(directory, 'sql/models/*/*.sql');
  await modelCompilerReady();
  return analysed(compileModels(files, datasets), { files, datasets, analyst: boxAnalyst() });
}

function filesOf(directory: string, pattern: string): ModelFile[] {
  const paths = globSync(pattern, { cwd: directory }).map((path) => path.replaceAll('\\', '/'));
  return paths.toSorted().map((path) => ({ path, text: readFileSync(join(directory, path), 'utf8') }));
}

interface Surroundings {
  readonly files: readonly ModelFile[];
  readonly datasets: readonly DatasetPlan[];
  readonly analyst: Analyst;
}

/** A model that is wrong is told with those that do not read it: what its readers would say is no news. */
function analysed(models: readonly CompiledModel[], { files, datasets, analyst }: Surroundings): CompiledProject {
  for (const table of pipelineTables(datasets)) analyst.know(table);
  const problems: ModelProblem[] = [];
  const lineage = new Map<string, QueryLineage>();
  const known = models.flatMap((model) => {
    if (!model.dependsOn.every((name) => lineage.has(name))) return [];
    const analysis = analyst.analyse(model.sql);
    if (analysis.kind === 'invalid') {
      problems.push(problemOf(model, analysis, files));
      return [];
    }
    const output = analysis.columns;
    analyst.know({ schema: model.schema, name: model.table, columns: output });
    lineage.set(model.name, analysis.lineage);
    return [{ ...model, output }];
  });
  if (problems.length > 0) throw new ModelsError(problems);
  return { models: known, lineage };
}

/** The query is a part of its file. */
function problemOf(
  { path, sql }: CompiledModel,
  { message, offset }: { readonly message: string; readonly offset: number },
  files: readonly ModelFile[],
): ModelProblem {
  const text = files.find((file) => file.path === path)?.text ?? sql;
  const before = text.slice(0, text.lastIndexOf(sql) + offset).split('\n');
  return { path, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message };
}
