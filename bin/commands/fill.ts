import type { Command } from 'commander';
import { withPlace } from './options.ts';

/** `millrace fill`. */
export function addFillCommands(program: Command): void {
  withPlace(
    program
      .command('fill')
      .description(
        'fill a dataset from its DynamoDB table, while its stream runs: all items, or those written in a window',
      )
      .argument('<dataset>', 'its name in millrace.config.ts')
      .option('--incremental', 'only what was written from --from up to --to, to mend a gap in the stream')
      .option('--from <instant>', 'the day or instant the window begins with (UTC)')
      .option(
        '--to <instant>',
        'the day or instant before which it ends (UTC); at least 15 minutes and at most 24 hours later',
      )
      .option('--id <id>', 'take the fill of this id up again; absent: a new one'),
  ).action(async (dataset, options) => (await import('../../local/commands/fill.ts')).fill(dataset, options));
}
