import type { Command } from 'commander';
import { selectionHelp } from '../../lib/pipeline/models/selection.ts';
import { collect } from './options.ts';

/** What is said of models without running anything: `sql/` and `millrace.config.ts` are enough. */
export function addModelReadCommands(program: Command): void {
  program
    .command('ls')
    .description('list models in the order in which they are built')
    .argument('[selector...]', 'which ones; absent: all')
    .option('--exclude <selector>', 'but not these; as often as you like', collect)
    .option('--json', 'for programs')
    .addHelpText('after', `\nA selector is\n${selectionHelp.replaceAll(/^/gm, '  ')}`)
    .action(async (selectors, options) => (await import('../../local/commands/ls.ts')).ls(selectors, options));
  program
    .command('lineage')
    .description('draw where a model or one of its columns comes from, and what is made of it')
    .argument('<what>', 'a model or table, or a column, or a path in it: latest.brackets.payload.matches')
    .option('--upstream', 'only where it comes from')
    .option('--downstream', 'only what is made of it')
    .option('--json', 'for programs')
    .option('--open-lineage', 'the models on the way as OpenLineage job events, a line each')
    .action(async (what, options) => (await import('../../local/commands/lineage.ts')).lineage(what, options));
}
