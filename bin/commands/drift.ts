import type { Command } from 'commander';
import { withPlace } from './options.ts';

/** What compares sources with the warehouse, and mends it. */
export function addDriftCommands(program: Command): void {
  const reconcile = program
    .command('reconcile')
    .description('compare a DynamoDB table with latest now: counts, and a sample of the keys')
    .argument('<dataset>', 'its name in millrace.config.ts')
    .option('--json', 'for programs');
  withPlace(reconcile).action(async (dataset, options) =>
    (await import('../../local/commands/drift.ts')).reconcile(dataset, options),
  );
  const repair = program
    .command('repair')
    .description('compare a whole DynamoDB table with latest and land what corrects it; one that was cut off goes on')
    .argument('<dataset>', 'its name in millrace.config.ts')
    .option('--dry-run', 'land nothing, only say what would be')
    .option('--json', 'for programs');
  withPlace(repair).action(async (dataset, options) =>
    (await import('../../local/commands/drift.ts')).repair(dataset, options),
  );
}
