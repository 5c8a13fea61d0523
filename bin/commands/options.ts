import { type Command, Option } from 'commander';
import { defaultStateDirectory } from '../../local/running.ts';

/** Where a command works: over the state directory of what runs here, or on a deployed stack. */
export const placeOptions: readonly Option[] = [
  new Option('--state-directory <folder>', 'where everything is kept').default(defaultStateDirectory),
  new Option('--stack <name>', 'a deployed stack, instead of what runs here'),
  new Option('--region <region>', 'of the stack; absent: the one of the environment'),
];

/** Adds them. */
export function withPlace(command: Command): Command {
  for (const option of placeOptions) command.addOption(option);
  return command;
}
