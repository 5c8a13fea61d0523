import type { Command } from 'commander';
import { collect, withPlace } from './options.ts';

/** `millrace trace …`: where a record is and was. */
export function addTraceCommands(program: Command): void {
  withPlace(program.command('trace'))
    .description('follow a record: its events, object, manifest, load, latest, quarantine, and the models that have it')
    .argument('<dataset>', 'its name in millrace.config.ts')
    .argument('[key...]', 'its key: the value, or name=value for each field, or JSON')
    .option('--id <id>', 'an event by its _id, where records have no key; as often as you like', collect)
    .option('--json', 'for programs')
    .action(async (dataset, key, options) =>
      (await import('../../local/commands/trace.ts')).trace(dataset, key, options),
    );
}
