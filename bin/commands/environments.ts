import { type Command, InvalidArgumentError } from 'commander';
import { withSelection } from './models.ts';
import { withPlace } from './options.ts';

function rowCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 1000) throw new InvalidArgumentError('a number of rows from 0 to 1000');
  return value;
}

/** What people type who try a change beside production. */
export function addEnvironmentCommands(program: Command): void {
  withSelection(withPlace(program.command('diff')))
    .description("compare what an environment has built with production's: columns, rows, and who reads what is gone")
    .requiredOption('--env <name>', 'the environment')
    .option('--rows <count>', 'changed rows that are shown of each model, before and after', rowCount, 5)
    .option('--fail', 'end with exit code 1 where anything differs')
    .addHelpText('after', diffExamples)
    .action(async (selectors, options) => (await import('../../local/commands/diff.ts')).diff(selectors, options));
  const env = program.command('env').description('environments: databases that hold models of a branch');
  withPlace(env.command('ls'))
    .description('which there are, since when, and what was built in them')
    .option('--json', 'for programs')
    .action(async (options) => (await import('../../local/commands/env.ts')).list(options));
  withPlace(env.command('drop'))
    .description('take one away, with everything that was built in it; never production')
    .argument('<name>', 'its name')
    .option('--yes', 'do not ask')
    .option('--force', 'also where somebody is connected to it')
    .action(async (name, options) => (await import('../../local/commands/env.ts')).drop(name, options));
}

const diffExamples = `
Examples:
  millrace diff --env sign_ups
  millrace diff --env sign_ups mart.daily_kpi --rows 20
  millrace diff --env sign_ups --fail --stack Millrace-tournaments-prod`;
