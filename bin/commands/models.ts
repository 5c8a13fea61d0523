import { type Command, Option } from 'commander';
import { selectionHelp } from '../../lib/pipeline/models/selection.ts';
import { withPlace } from './options.ts';

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

const environmentOption = new Option('--env <name>', 'an environment: a database beside the own one of the stack');

export const withSelection = (command: Command): Command =>
  command
    .argument('[selector...]', 'which models; absent: all')
    .option('--exclude <selector>', 'but not these; as often as you like', collect)
    .option('--json', 'for programs')
    .addHelpText('after', `\nSelectors:\n${selectionHelp.replaceAll(/^/gm, '  ')}`);

/** What people type who write models. */
export function addModelCommands(program: Command): void {
  withSelection(withPlace(program.command('build')))
    .description('build models now: aside, checked, published; what is behind one that fails is left as it is')
    .addOption(environmentOption)
    .option('--full', 'build incremental models and histories whole, as if nothing were known of what has changed')
    .option('--dry-run', 'only print the statements; needs nothing that runs')
    .addHelpText('after', buildExamples)
    .action(async (selectors, options) => (await import('../../local/commands/build.ts')).build(selectors, options));
  withSelection(withPlace(program.command('check')))
    .description(
      'ask the checks of what is published now; the exit code is 1 where one of severity error finds something',
    )
    .option(
      '--offline',
      'only compile: whether every model reads tables and columns that are there; needs nothing that runs',
    )
    .addOption(environmentOption)
    .addHelpText('after', checkExamples)
    .action(async (selectors, options) => (await import('../../local/commands/check.ts')).check(selectors, options));
  withSelection(program.command('test'))
    .description(
      'run the cases beside the models (<name>.test.yaml): from these rows must come those; needs nothing that runs',
    )
    .addHelpText('after', testExamples)
    .action(async (selectors, options) => (await import('../../local/commands/test.ts')).test(selectors, options));
  const made = program.command('new').description('begin something new');
  withPlace(made.command('model'))
    .description('write a model that runs as it is, and a case beside it; what is there is never overwritten')
    .argument('<name>', 'schema.name')
    .option(
      '--from <table>',
      'what it reads: a dataset (latest.brackets) or a model; its attributes are looked up in what runs',
    )
    .addHelpText('after', newExamples)
    .action(async (name, options) => (await import('../../local/commands/new-model.ts')).newModel(name, options));
}

const newExamples = `
Examples:
  millrace new model mart.brackets_by_size --from latest.brackets
  millrace new model mart.summary --from mart.daily_kpi`;

const buildExamples = `
Examples:
  millrace build                        all models, in the warehouse that npm start runs
  millrace build mart.daily_kpi+        this one and what is built from it
  millrace build --full mart.x          what it holds made again from all that is loaded
  millrace build --dry-run mart.x       its statements
  millrace build --stack Millrace-tournaments-dev
  millrace build --env sign_ups         what differs from production, in a database of its own
  millrace build --env sign_ups mart.x  of that mart.x, what it is built from and what is built from it`;

const checkExamples = `
Examples:
  millrace check owner:tournament-team
  millrace check --offline              before every commit`;

const testExamples = `
Examples:
  millrace test
  millrace test mart.daily_kpi

A case, in sql/models/mart/daily_kpi.test.yaml:
  a tournament counts on the day it starts:
    given:
      latest.brackets:
        - payload: {tournamentId: t-1, startsAt: 2026-01-31T12:00:00Z}
    expect:
      - {day: 2026-01-31, tournaments_started: 1}`;
