import type { Command } from 'commander';
import { collect, withPlace } from './options.ts';

/** What narrows a command to some records. */
function withFilter(command: Command): Command {
  return command
    .option('--code <code>', 'only records set aside for this reason; as often as you like', collect)
    .option('--from <instant>', 'only records from this day or instant on (UTC)')
    .option('--to <instant>', 'only records before this day or instant (UTC)')
    .option('--json', 'for programs');
}

const withChoice = (command: Command): Command =>
  withFilter(
    command
      .option('--id <id>', 'this record; as often as you like', collect)
      .option('--all', 'every record of the dataset'),
  );

/** `millrace quarantine …`: records that could not land. */
export function addQuarantineCommands(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .description('look at records that were set aside, and deal with them');
  withPlace(withFilter(quarantine.command('list')))
    .description('how many records are held, by dataset and reason')
    .argument('[dataset]', 'its name in millrace.config.ts; absent: all of them')
    .action(async (dataset, options) => (await import('../../local/commands/quarantine.ts')).list(dataset, options));
  withPlace(withFilter(quarantine.command('show')))
    .description('why a record is held, where it came from, and what was received')
    .argument('<dataset>', 'its name in millrace.config.ts')
    .argument('[id]', 'one record in full; absent: a line of each')
    .action(async (dataset, id, options) =>
      (await import('../../local/commands/quarantine.ts')).show(dataset, id, options),
    );
  withPlace(withChoice(quarantine.command('replay')))
    .description('try records again; what is still bad stays, and the exit code is 1')
    .argument('<dataset>', 'its name in millrace.config.ts')
    .option('--record <file>', 'the mended record, as its source would send it, in the place of the one --id')
    .action(async (dataset, options) =>
      (await import('../../local/commands/quarantine-act.ts')).replay(dataset, options),
    );
  withPlace(withChoice(quarantine.command('drop')))
    .description('take records out for good; they stay counted as dropped')
    .argument('<dataset>', 'its name in millrace.config.ts')
    .option('--yes', 'do not ask')
    .action(async (dataset, options) =>
      (await import('../../local/commands/quarantine-act.ts')).drop(dataset, options),
    );
}
