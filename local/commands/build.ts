import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { select } from '../../lib/pipeline/models/selection.ts';
import { type Built, buildModels, executionOf } from '../desk/build-models.ts';
import { builtJson, builtText, isBuilt, phaseOf, summaryTable } from '../desk/build-text.ts';
import { dryRun } from '../desk/dry-run.ts';
import { readProject } from '../desk/project.ts';
import { openDeskWarehouse, prepareDatabase, surroundingsOf } from '../desk/warehouse.ts';
import { loadConfig } from '../load-config.ts';
import { connectOperator, type OperatorOptions } from './operator.ts';

export interface BuildOptions extends OperatorOptions {
  readonly exclude?: readonly string[];
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
  const models = select(project.models, selectors, options.exclude);
  const surroundings = surroundingsOf(project);
  const generation = Date.now();
  const plan = { models, surroundings, generation, full: options.full ?? false };
  if (options.dryRun) return tellDryRun(plan, options);
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

/** Says of each model how it ended; on a terminal also what is under way. */
class Progress {
  readonly #quiet: boolean;
  readonly #underWay = new Map<string, string>();

  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  step(model: CompiledModel, step: string): void {
    this.#underWay.set(model.name, phaseOf(step));
    this.#show();
  }

  ended(built: Built): void {
    this.#underWay.delete(built.model.name);
    this.clear();
    if (!this.#quiet) process.stdout.write(`${builtText(built)}\n`);
    this.#show();
  }

  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }

  #show(): void {
    if (!process.stderr.isTTY) return;
    const text = [...this.#underWay].map(([name, phase]) => `${phase} ${name}`).join(', ');
    process.stderr.write(`\r\u001b[K${text.slice(0, process.stderr.columns - 1)}`);
  }
}

function tellDryRun(plan: Parameters<typeof buildModels>[0], options: BuildOptions): void {
  const piece = { kind: 'model' as const, execution: executionOf(plan), model: '' };
  const all = plan.models.map((model) => ({ model: model.name, steps: dryRun(model, plan.surroundings, piece) }));
  if (options.json) {
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    return;
  }
  for (const { model, steps } of all) {
    for (const { step, statements } of steps) {
      process.stdout.write(`-- ${model}: ${step}\nBEGIN;\n${statements.join(';\n')};\nCOMMIT;\n\n`);
    }
  }
  process.stdout.write(
    `-- ${all.length} models, each as if it were new and its checks found nothing; nothing was sent\n`,
  );
}
