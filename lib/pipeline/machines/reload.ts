import {
  catchTo,
  choice,
  invoke,
  retryAll,
  type State,
  type StateMachineDefinition,
  sendToRegister,
} from './language.ts';
import { eachWork, type WarehouseKind, workLoopSubstitutions } from './work-loop.ts';

/** What the definition names as `${Name}` and CloudFormation's DefinitionSubstitutions fills in. */
export function reloadSubstitutions(target: WarehouseKind): string[] {
  return [
    'ReloadOpenArn',
    'ReloadPageArn',
    'ReloadNoteArn',
    'ReloadCloseArn',
    'RegisterQueueUrl',
    ...workLoopSubstitutions(target),
  ];
}

/** A part of a reload is cut off when it has worked this long; asked again, the reload goes on where it stands. */
const longestPartSeconds = 24 * 60 * 60;

/**
 * The reload: a page of the lake after the other is loaded, one load at a time, so that a live load never waits for more than
 * one; a rebuild is then swapped in. Every function takes the whole state and gives it back, with the turn it takes next.
 */
export function reloadMachine({ target }: { readonly target: WarehouseKind }): StateMachineDefinition {
  return {
    Comment: 'Millrace reload: loads a part of the lake again, or rebuilds a dataset from all of it',
    StartAt: 'Open',
    TimeoutSeconds: longestPartSeconds,
    States: { ...openStates(target), ...pageStates(target), ...handOverStates, ...closeStates(target) },
  };
}

/** Asks a function, which answers with the whole state. */
function step(substitution: string, next: string): State {
  return invoke(substitution, { OutputPath: '$.Payload', Catch: catchTo('Give up'), Next: next });
}

const turn = (kind: string, next: string): State => ({ Variable: '$.turn.kind', StringEquals: kind, Next: next });
const works = (name: string, target: WarehouseKind, next: string): State =>
  eachWork(name, target, { ItemsPath: '$.works', ResultPath: '$.outcomes', MaxConcurrency: 1, Next: next });

function openStates(target: WarehouseKind): Record<string, State> {
  return {
    Open: step('ReloadOpenArn', 'Ours?'),
    'Ours?': choice('Prepare', [turn('superseded', 'Not ours')]),
    'Not ours': { Type: 'Succeed', Comment: 'A later execution has this reload' },
    Prepare: works('Prepare', target, 'Page'),
  };
}

function pageStates(target: WarehouseKind): Record<string, State> {
  return {
    Page: step('ReloadPageArn', 'What page?'),
    'What page?': choice('Close', [turn('load', 'Load'), turn('swap', 'Swap')]),
    Load: works('Load', target, 'Note'),
    Note: step('ReloadNoteArn', 'What next?'),
    'What next?': choice('Close', [
      turn('page', 'Page'),
      turn('wait', 'Wait'),
      turn('handOver', 'Hand over'),
      turn('superseded', 'Tell register'),
    ]),
    Wait: { Type: 'Wait', SecondsPath: '$.turn.waitSeconds', Next: 'Page' },
  };
}

/** A history has room for so many events, so a long reload is several executions, each the successor of the one before. */
const handOverStates: Record<string, State> = {
  'Hand over': {
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution',
    Parameters: {
      'StateMachineArn.$': '$$.StateMachine.Id',
      'Name.$': '$.turn.name',
      'Input.$': '$.turn.input',
    },
    ResultPath: null,
    Retry: retryAll(5),
    Catch: catchTo('Give up'),
    Next: 'Handed over',
  },
  'Handed over': { Type: 'Succeed' },
};

/** However it ends, it is noted, and the models behind what was loaded are asked for. */
function closeStates(target: WarehouseKind): Record<string, State> {
  return {
    Swap: works('Swap', target, 'Close'),
    Close: step('ReloadCloseArn', 'Tell register'),
    'Give up': invoke('ReloadCloseArn', { OutputPath: '$.Payload', Next: 'Tell register' }),
    'Tell register': sendToRegister('Well?', '$.turn'),
    'Well?': choice('Done', [turn('failed', 'Failed')]),
    Failed: { Type: 'Fail', ErrorPath: '$.turn.error', CausePath: '$.turn.reason' },
    Done: { Type: 'Succeed' },
  };
}
