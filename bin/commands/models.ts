import type { Command } from 'commander';

/** What people type who write models. */
export function addModelCommands(program: Command): void {
  program
    .command('test')
    .description(
      'run the cases beside the models (<name>.test.yaml): from these rows must come those; needs nothing that runs',
    )
    .argument('[selector...]', 'which models; absent: all')
    .option('--json', 'for programs')
    .addHelpText('after', testExamples)
    .action(async (selectors, options) => (await import('../../local/commands/test.ts')).test(selectors, options));
}

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
