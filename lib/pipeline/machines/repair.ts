import { catchTo, choice, invoke, type StateMachineDefinition } from './language.ts';
import { type CountableDataset, tableSubstitution, whichTable } from './which-table.ts';

/** What the definition names as `${Name}`. */
export function repairSubstitutions(datasets: readonly CountableDataset[]): string[] {
  return ['RepairStepArn', 'RepairEndArn', ...datasets.map(tableSubstitution)];
}

const longestSeconds = 7 * 24 * 60 * 60;

/** The repair: some pages an invocation, until both the source and `latest` are through. How far it is, is in the state table. */
export function repairMachine(datasets: readonly CountableDataset[]): StateMachineDefinition {
  return {
    Comment: 'Millrace repair: compares a whole source with latest, page by page, and lands what corrects it',
    StartAt: 'Which table?',
    TimeoutSeconds: longestSeconds,
    States: {
      ...whichTable(datasets, () => ({}), 'Repair'),
      Repair: invoke('RepairStepArn', {
        ResultSelector: { 'said.$': '$.Payload' },
        ResultPath: '$.step',
        Catch: catchTo('Give up'),
        Next: 'More?',
      }),
      'More?': choice('Repaired', [
        { Variable: '$.step.said.kind', StringEquals: 'more', Next: 'Repair' },
        { Variable: '$.step.said.kind', StringEquals: 'refused', Next: 'Refused' },
      ]),
      Repaired: { Type: 'Pass', InputPath: '$.step.said.progress', End: true },
      Refused: { Type: 'Fail', Error: 'REPAIR_RUNNING', CausePath: '$.step.said.message' },
      'Give up': invoke('RepairEndArn', { ResultPath: null, Next: 'Failed' }),
      Failed: { Type: 'Fail', ErrorPath: '$.trouble.Error', CausePath: '$.trouble.Cause' },
    },
  };
}
