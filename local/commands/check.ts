import { inBranch } from '../../lib/pipeline/branch.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { select } from '../../lib/pipeline/models/selection.ts';
import { type Checked, checkPublished, type FoundByCheck, isSound } from '../desk/check-published.ts';
import { openEnvironment, publishedIn, requireEnvironment } from '../desk/environments.ts';
import { readProject } from '../desk/project.ts';
import { type DeskWarehouse, openDeskWarehouse } from '../desk/warehouse.ts';
import { loadConfig } from '../load-config.ts';
import { connectOperator, type Operator, type OperatorOptions } from './operator.ts';
import { eachAtOnce } from './operator-lake.ts';

export interface CheckOptions extends OperatorOptions {
  readonly exclude?: readonly string[];
  /** An environment instead of the stack's own database. */
  readonly env?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** `millrace check`: asks the checks of what is published; offline only whether the project compiles. */
export async function check(
  selectors: readonly string[],
  options: CheckOptions,
  directory = process.cwd(),
): Promise<void> {
  const project = await readProject(await loadConfig(directory), directory);
  const chosen = select(project.models, selectors, options.exclude);
  if (options.offline) {
    const said = `${project.models.length} models compile, and read only columns that are there`;
    process.stdout.write(`${options.json ? JSON.stringify({ models: chosen.map(({ name }) => name) }) : said}\n`);
    return;
  }
  const operator = await connectOperator(options);
  const { models, warehouse } = await placeOf(chosen, operator, options.env);
  try {
    const all = await eachAtOnce(models, (model) => checkPublished(model, warehouse.batches));
    const text = options.json ? JSON.stringify(all.map(checkedJson), null, 2) : all.map(checkedText).join('\n');
    process.stdout.write(`${text}\n`);
    if (!options.json) process.stdout.write(`\n${totalLine(all)}\n`);
    if (!all.every(isSound)) process.exitCode = 1;
  } finally {
    warehouse.close();
  }
}

/** Which models are checked, and where: of an environment what was built in it, as it reads the rest. */
async function placeOf(
  chosen: readonly CompiledModel[],
  operator: Operator,
  env: string | undefined,
): Promise<{ models: readonly CompiledModel[]; warehouse: Pick<DeskWarehouse, 'batches' | 'close'> }> {
  if (env === undefined) return { models: chosen, warehouse: openDeskWarehouse(operator) };
  const { name, production } = await requireEnvironment(operator, env);
  const built = new Set((await publishedIn(operator, name)).keys());
  const models = chosen.filter((model) => built.has(model.name)).map((model) => inBranch(model, built, production));
  return { models, warehouse: openEnvironment(operator, name) };
}

function checkedText(checked: Checked): string {
  const { model } = checked;
  if (checked.kind === 'unanswered') return `${model.name}: it cannot be checked: ${checked.reason}`;
  const heading = `${model.name}: ${checked.rows} rows${checked.checks.length === 0 ? ', and no check' : ''}`;
  return [heading, ...checked.checks.map(foundText)].join('\n');
}

function foundText({ name, severity, failures, found, sample }: FoundByCheck): string {
  if (failures === 0) return `  ✓ ${name}`;
  const what = found === undefined ? `${failures} rows` : `found ${found}`;
  return [
    `  ${severity === 'error' ? '✗' : '!'} ${name} (${severity}): ${what}`,
    ...sample.map((row) => `      ${row}`),
  ].join('\n');
}

function totalLine(all: readonly Checked[]): string {
  const checks = all.flatMap((one) => (one.kind === 'checked' ? one.checks : []));
  const failing = (severity: string) => checks.filter((one) => one.severity === severity && one.failures > 0).length;
  const unanswered = all.filter(({ kind }) => kind === 'unanswered').length;
  const more = unanswered > 0 ? `, ${unanswered} models could not be checked` : '';
  return `${checks.length} checks of ${all.length} models: ${failing('error')} errors, ${failing('warn')} warnings${more}`;
}

function checkedJson(checked: Checked) {
  const { model, ...found } = checked;
  return { model: model.name, owner: model.owner, ...found };
}
