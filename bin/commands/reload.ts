import type { Command } from 'commander';
import { withPlace } from './options.ts';

const withFollowing = (command: Command): Command =>
  withPlace(
    command
      .argument('<dataset>', 'its name in millrace.config.ts')
      .option('--no-wait', 'start it and end; it runs in the stack all the same')
      .option('--json', 'for programs'),
  );

/** `millrace backfill`, `millrace rebuild`: what the lake holds goes into the warehouse again. */
export function addReloadCommands(program: Command): void {
  withFollowing(program.command('backfill'))
    .description('load what the lake has of a range of time again; what is there already stays, nothing doubles')
    .requiredOption('--from <instant>', 'the day or instant it begins with (UTC)')
    .requiredOption('--to <instant>', 'the day or instant before which it ends (UTC)')
    .action(async (dataset, options) => (await import('../../local/commands/reload.ts')).backfill(dataset, options));
  withFollowing(program.command('rebuild'))
    .description('make raw and latest of all that the lake has, aside, and swap them in; readers notice nothing')
    .action(async (dataset, options) => (await import('../../local/commands/reload.ts')).rebuild(dataset, options));
}
