import { select } from '../../lib/pipeline/models/selection.ts';
import { buildModels, executionOf } from '../desk/build-models.ts';
import { builtJson, isBuilt, summaryTable } from '../desk/build-text.ts';
import { Progress } from '../desk/progress.ts';
import { readProject } from '../desk/project.ts';
import { openDeskWarehouse, prepareDatabase, surroundingsOf } from '../desk/warehouse.ts';
import { loadConfig } from '../load-config.ts';
import { tellDryRun } from './build-dry-run.ts';
import { buildEnvironment } from './build-environment.ts';
import { connectOperator, type OperatorOptions } from './operator.ts';

export interface BuildOptions extends OperatorOptions {
  readonly exclude?: readonly string[];
  /** An environment instead of the stack's own database. */
  readonly env?: string;
  readonly dryRun?: boolean;
  readonly full?: boolean;
  readonly json?: boolean;
}

/** `millrace build`: builds models in the warehouse as the refresh would, now. */
export async function build(
  selectors: readonly string[],
  options: BuildOptions,
  directory = process.cwd(),
): Promise<void> {
  const project = await readProject(await loadConfig(directory), directory);
  if (options.env !== undefined) return buildEnvironment(project, options.env, selectors, options);
  const models = select(project.models, selectors, options.exclude);
  const surroundings = surroundingsOf(project);
  const generation = Date.now();
  const plan = { models, surroundings, generation, full: options.full ?? false };
  if (options.dryRun) return tellDryRun(plan, options.json ?? false);
  const operator = await connectOperator(options);
  const warehouse = openDeskWarehouse(operator);
  const progress = new Progress(options.json ?? false);
  try {
    await prepareDatabase(surroundings, warehouse, executionOf(plan), await warehouse.preparedHash());
    const all = await buildModels(plan, warehouse.batches, progress);
    progress.clear();
    process.stdout.write(
      options.json ? `${JSON.stringify(all.map(builtJson), null, 2)}\n` : `\n${summaryTable(all)}\n`,
    );
    if (!all.every(isBuilt)) process.exitCode = 1;
  } finally {
    warehouse.close();
  }
}
