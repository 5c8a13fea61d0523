import readline from 'node:readline/promises';
import { MillraceError } from '../../lib/pipeline/error.ts';
import {
  dropEnvironment,
  type Environment,
  listEnvironments,
  publishedIn,
  requireEnvironment,
} from '../desk/environments.ts';
import { connectOperator, type Operator, type OperatorOptions } from './operator.ts';
import { renderTable } from './rows.ts';

export interface EnvOptions extends OperatorOptions {
  readonly json?: boolean;
}

/** `millrace env ls`: the environments of a stack's database. */
export async function list(options: EnvOptions): Promise<void> {
  const operator = await connectOperator(options);
  const all = await Promise.all((await listEnvironments(operator)).map((one) => described(operator, one)));
  if (options.json) return print(JSON.stringify(all, null, 2));
  if (all.length === 0) {
    return print(`${operator.target.database} has no environment; millrace build --env <name> makes one`);
  }
  const rows = all.map(({ name, production, since, built, models }) => {
    return [name, production, instant(since), instant(built ?? ''), String(models.length)];
  });
  print(renderTable({ columns: ['environment', 'of', 'since', 'last built', 'models'], rows }));
}

/** As Redshift writes it, to the second. */
const instant = (text: string): string => text.replace(/\.\d+/, '');

async function described(operator: Operator, { name, production, since }: Environment) {
  const published = await publishedIn(operator, name);
  const built = [...published.values()].map(({ at }) => at).toSorted();
  return { name, production, since, built: built.at(-1) ?? null, models: [...published.keys()].toSorted() };
}

export interface DropOptions extends OperatorOptions {
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** `millrace env drop`: takes an environment away, with everything in it, when somebody has said yes. */
export async function drop(typed: string, options: DropOptions): Promise<void> {
  const operator = await connectOperator(options);
  const environment = await requireEnvironment(operator, typed);
  if (!options.yes && !(await confirmed(operator, environment))) return print('Nothing was dropped.');
  await dropEnvironment(operator, environment, options.force ?? false);
  print(`${environment.name} is gone.`);
}

async function confirmed(operator: Operator, environment: Environment): Promise<boolean> {
  const { name, since } = environment;
  const { models } = await described(operator, environment);
  const what = `the database ${name} (${models.length} models, since ${instant(since)})`;
  if (!process.stdin.isTTY) throw new MillraceError('NOT_CONFIRMED', `this would drop ${what}: add --yes`);
  const prompt = readline.createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = `Drop ${what}? What was built there is gone; ${environment.production} keeps all it has. [y/N] `;
    return /^y(es)?$/i.test((await prompt.question(question)).trim());
  } finally {
    prompt.close();
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
