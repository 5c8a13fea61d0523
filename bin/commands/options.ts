import { type Command, Option } from 'commander';
import { defaultStateDirectory } from '../../local/running.ts';

/** Where the pipeline of this machine keeps everything. */
export const stateDirectory = new Option('--state-directory <folder>', 'where everything is kept').default(
  defaultStateDirectory,
);

/** An option that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** Which pipeline a command works on: the one that runs here, or a stack that is deployed. */
export const placeOptions: readonly Option[] = [
  stateDirectory,
  new Option(
    '--stack <name>',
    'a deployed stack instead of what runs here, with the AWS credentials of the environment',
  ),
  new Option('--region <region>', "its region; absent: the environment's"),
];

/** Gives a command the options that say where it works. */
export function withPlace(command: Command): Command {
  for (const option of placeOptions) command.addOption(option);
  return command;
}
