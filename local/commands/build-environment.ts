import { type Branch, branchOf, prepareEnvironment } from '../desk/branch.ts';
import { planText, reasonText } from '../desk/branch-text.ts';
import { type Built, buildModels, executionOf } from '../desk/build-models.ts';
import { builtJson, isBuilt, summaryTable } from '../desk/build-text.ts';
import { findEnvironment, makeEnvironment, openEnvironment } from '../desk/environments.ts';
import { Progress } from '../desk/progress.ts';
import type { DeskProject } from '../desk/project.ts';
import type { BuildOptions } from './build.ts';
import { tellDryRun } from './build-dry-run.ts';
import { connectOperator, type Operator } from './operator.ts';

/** `millrace build --env`: builds what differs from production in a database of its own; production is only read. */
export async function buildEnvironment(
  project: DeskProject,
  typed: string,
  selectors: readonly string[],
  options: BuildOptions,
): Promise<void> {
  const operator = await connectOperator(options);
  const found = await findEnvironment(operator, typed);
  const name = found.kind === 'environment' ? typed : undefined;
  const branch = await branchOf(project, operator, name, { selectors, exclude: options.exclude });
  const json = options.json ?? false;
  if (options.dryRun) return tellDryRun(planOf(branch), json);
  if (branch.models.length === 0) return tellNothing(typed, branch, json);
  if (!json) process.stdout.write(`${planText(typed, branch, project.models)}\n\n`);
  const built = await buildBranch(operator, typed, branch, json);
  process.stdout.write(json ? `${JSON.stringify(answerOf(typed, branch, built), null, 2)}\n` : summary(typed, built));
  if (!built.every(isBuilt)) process.exitCode = 1;
}

const planOf = ({ models, surroundings }: Branch) => ({ models, surroundings, generation: Date.now() });

async function buildBranch(operator: Operator, name: string, branch: Branch, quiet: boolean): Promise<Built[]> {
  const environment = await makeEnvironment(operator, name);
  const warehouse = openEnvironment(operator, name);
  const progress = new Progress(quiet);
  const plan = planOf(branch);
  try {
    await prepareEnvironment(environment, branch, warehouse, executionOf(plan));
    return await buildModels(plan, warehouse.batches, progress);
  } finally {
    progress.clear();
    warehouse.close();
  }
}

function tellNothing(name: string, branch: Branch, json: boolean): void {
  const text = `nothing differs from ${branch.production}: there is nothing for ${name} to build; name models to build them all the same`;
  process.stdout.write(`${json ? JSON.stringify(answerOf(name, branch, []), null, 2) : text}\n`);
}

function answerOf(name: string, { production, reasons }: Branch, all: readonly Built[]) {
  const models = all.map((built) => {
    const reason = reasons.get(built.model.name);
    return { ...builtJson(built), reason: reason?.kind, because: reasonText(reason, reasons, production) };
  });
  return { environment: name, production, models };
}

function summary(name: string, built: readonly Built[]): string {
  const after = built.some(({ kind }) => kind === 'published')
    ? `\nmillrace diff --env ${name} compares it; millrace env drop ${name} takes it away\n`
    : '';
  return `\n${summaryTable(built)}\n${after}`;
}
