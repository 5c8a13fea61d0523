import { MillraceError } from '../../lib/pipeline/error.ts';
import { select } from '../../lib/pipeline/models/selection.ts';
import { withGrants } from '../../lib/pipeline/next-model.ts';
import { branchOf } from '../desk/branch.ts';
import { differenceJson, differencesTable, differenceText } from '../desk/difference-text.ts';
import { type Comparison, differenceOf, isDifferent, type ModelDifference } from '../desk/differences.ts';
import { publishedIn, requireEnvironment } from '../desk/environments.ts';
import { type DeskProject, readProject } from '../desk/project.ts';
import { loadConfig } from '../load-config.ts';
import { connectOperator, type Operator, type OperatorOptions, operatorIn } from './operator.ts';
import { eachAtOnce } from './operator-lake.ts';

export interface DiffOptions extends OperatorOptions {
  readonly env: string;
  readonly exclude?: readonly string[];
  readonly rows: number;
  readonly fail?: boolean;
  readonly json?: boolean;
}

/** `millrace diff --env`: what of an environment's models is not as production's. */
export async function diff(
  selectors: readonly string[],
  options: DiffOptions,
  directory = process.cwd(),
): Promise<void> {
  const project = await readProject(await loadConfig(directory), directory);
  const operator = await connectOperator(options);
  const { name: environment, production } = await requireEnvironment(operator, options.env);
  const [here, there] = await Promise.all([publishedIn(operator, environment), publishedIn(operator, production)]);
  const models = select(project.models, selectors, options.exclude).filter(({ name }) => here.has(name));
  if (models.length === 0) {
    const what = here.size === 0 ? 'no model has been built in it' : `it has ${[...here.keys()].toSorted().join(', ')}`;
    throw new MillraceError('NOTHING_TO_COMPARE', `there is nothing in ${environment} to compare: ${what}`);
  }
  const comparison: Comparison = {
    ...{ project, production, here, there, rows: options.rows },
    operator: operatorIn(operator, environment),
  };
  const all = await eachAtOnce(models, (model) => differenceOf(model, comparison));
  const beside = {
    notAsWritten: await notAsWritten(project, operator, environment, here),
    withoutFile: selectors.length > 0 ? [] : withoutFile(project, there),
  };
  if (options.json) {
    const answer = { environment, production, models: all.map(differenceJson), ...beside };
    process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  } else process.stdout.write(textOf(all, beside, { environment, production }));
  if (options.fail && all.some(isDifferent)) process.exitCode = 1;
}

/** Models whose files say otherwise than what the environment has of them, or that it should have and has not. */
async function notAsWritten(
  project: DeskProject,
  operator: Operator,
  environment: string,
  here: Comparison['here'],
): Promise<string[]> {
  const { own, surroundings } = await branchOf(project, operator, environment, { selectors: [] });
  const isOther = (model: (typeof own)[number]) =>
    here.get(model.name)?.definition !== withGrants(model, surroundings.readers).definition;
  return own.filter(isOther).map(({ name }) => name);
}

/** Models that production has published and that no file makes: deleted on this branch, or before it. */
function withoutFile({ models }: DeskProject, there: Comparison['there']): string[] {
  const written = new Set(models.map(({ name }) => name));
  return [...there.keys()].filter((name) => !written.has(name)).toSorted();
}

/** What is said beside the comparison, of models by their names. */
interface Beside {
  readonly notAsWritten: readonly string[];
  readonly withoutFile: readonly string[];
}

function textOf(
  all: readonly ModelDifference[],
  { notAsWritten, withoutFile }: Beside,
  names: { readonly environment: string; readonly production: string },
): string {
  const old = `${notAsWritten.join(', ')}: sql/ says otherwise than what was built; millrace build --env ${names.environment} builds it`;
  const gone = `${withoutFile.join(', ')}: published in ${names.production}, and no file makes it here; what is there stays, and is refreshed no more once this is deployed`;
  return [
    ...all.map((one) => differenceText(one, names)),
    ...['', differencesTable(all, names)],
    ...(notAsWritten.length > 0 ? ['', old] : []),
    ...(withoutFile.length > 0 ? ['', gone] : []),
    '',
  ].join('\n');
}
