import {
  catchTo,
  choice,
  invoke,
  passing,
  retryAll,
  type State,
  type StateMachineDefinition,
  sendToRegister,
} from './language.ts';
import { eachWork, type WarehouseKind, workLoopSubstitutions } from './work-loop.ts';

/** What the definition names as `${Name}` and CloudFormation's DefinitionSubstitutions fills in. */
export function refreshSubstitutions(target: WarehouseKind): string[] {
  return [
    'RefreshLeaseArn',
    'RefreshPlanArn',
    'RefreshAdvanceArn',
    'RefreshSettleArn',
    'MendArn',
    'RegisterQueueUrl',
    ...workLoopSubstitutions(target),
  ];
}

/** A run is cut off when it has worked this long, its wait aside; register then sees it fail and frees the lane. */
const longestWorkSeconds = 6 * 60 * 60;

/**
 * The refresh: lease, wait for the freshness budget, plan, prepare, load, build models, settle. Every function gets the whole
 * state; what grows (lists of objects, the models' histories) stays in the lake, so the state stays small.
 */
export function refreshMachine({
  target,
  longestWaitSeconds,
}: {
  readonly target: WarehouseKind;
  /** What the lease may make it wait. */
  readonly longestWaitSeconds: number;
}): StateMachineDefinition {
  return {
    Comment: 'Millrace refresh: one run at a time in a lane loads all that is pending and builds the models behind it',
    StartAt: 'Lease',
    TimeoutSeconds: longestWaitSeconds + longestWorkSeconds,
    States: { ...leaseStates, ...loadStates(target), ...modelStates, ...settleStates, ...giveUpStates },
  };
}

const leaseStates: Record<string, State> = {
  Lease: invoke('RefreshLeaseArn', {
    ResultSelector: {
      'held.$': '$.Payload.held',
      'due.$': '$.Payload.due',
      'waitSeconds.$': '$.Payload.waitSeconds',
      'remainingSeconds.$': '$.Payload.remainingSeconds',
      'startedAt.$': '$.Payload.startedAt',
    },
    ResultPath: '$.lease',
    Catch: catchTo('Give up'),
    Next: 'Held?',
  }),
  'Held?': choice('Wait for the budget', [{ Variable: '$.lease.held', BooleanEquals: false, Next: 'Not ours' }]),
  'Not ours': { Type: 'Succeed', Comment: 'Another run has the lane, or had it since' },
  'Wait for the budget': { Type: 'Wait', SecondsPath: '$.lease.waitSeconds', Next: 'Due?' },
  'Due?': choice('Lease', [{ Variable: '$.lease.due', BooleanEquals: true, Next: 'Plan' }]),
};

function loadStates(target: WarehouseKind): Record<string, State> {
  const isFailed = { Variable: '$.prepared[0].kind', StringEquals: 'failed' };
  return {
    Plan: invoke('RefreshPlanArn', {
      ResultSelector: {
        'prepare.$': '$.Payload.prepare',
        'loads.$': '$.Payload.loads',
        'touched.$': '$.Payload.touched',
      },
      ResultPath: '$.plan',
      Catch: catchTo('Give up'),
      Next: 'Prepare',
    }),
    Prepare: eachWork('Prepare', target, { ItemsPath: '$.plan.prepare', ResultPath: '$.prepared', Next: 'Prepared?' }),
    'Prepared?': choice('Load', [
      { And: [{ Variable: '$.prepared[0]', IsPresent: true }, isFailed], Next: 'Not prepared' },
    ]),
    'Not prepared': {
      Type: 'Pass',
      Result: { Error: 'PREPARE_FAILED', Cause: 'The database could not be prepared; see the outcome of Prepare' },
      ResultPath: '$.trouble',
      Next: 'Give up',
    },
    Load: eachWork('Load', target, { ItemsPath: '$.plan.loads', ResultPath: '$.loaded', Next: 'Mend' }),
    Mend: eachRefusedLoad,
  };
}

/**
 * A load that the warehouse refuses is mended at once; any other outcome goes through as it is. Where mending itself fails, the
 * load counts as one that failed.
 */
const eachRefusedLoad: State = {
  Type: 'Map',
  ItemsPath: '$.loaded',
  MaxConcurrency: 8,
  ItemProcessor: {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: 'Mend: refused?',
    States: {
      'Mend: refused?': choice('Mend: nothing', [
        { Variable: '$.kind', StringEquals: 'refused', Next: 'Mend: objects' },
      ]),
      'Mend: objects': invoke('MendArn', { OutputPath: '$.Payload', Catch: catchTo('Mend: broken'), End: true }),
      'Mend: broken': {
        Type: 'Pass',
        Parameters: { kind: 'failed', 'work.$': '$.work', 'reason.$': '$.trouble.Error' },
        End: true,
      },
      'Mend: nothing': { Type: 'Pass', End: true },
    },
  },
  ResultPath: '$.loaded',
  Catch: catchTo('Give up'),
  Next: 'Advance',
};

const progress = ['key', 'done', 'waitSeconds', 'building', 'published', 'failed', 'skipped', 'held', 'left'];

/**
 * One step in a loop for all models: it looks at every statement under way, sends what is next and begins what has become ready.
 * Its output says how far they are; the rest it keeps in the lake. A call that died is asked again as often as it takes to get
 * over a minute of trouble: it repeats what it did.
 */
const modelStates: Record<string, State> = {
  Advance: invoke('RefreshAdvanceArn', {
    ResultSelector: Object.fromEntries(
      [...progress, 'underWay', 'failures'].map((name) => [`${name}.$`, `$.Payload.${name}`]),
    ),
    ResultPath: '$.models',
    Retry: [passing, ...retryAll(6)],
    Catch: catchTo('Give up'),
    Next: 'Models done?',
  }),
  'Models done?': choice('Wait for models', [{ Variable: '$.models.done', BooleanEquals: true, Next: 'Settle' }]),
  'Wait for models': { Type: 'Wait', SecondsPath: '$.models.waitSeconds', Next: 'Advance' },
};

/** A message for each lane that has something to do: this one, or one that reads what this run has changed. */
function askRegister(name: string, next: string): State {
  return {
    Type: 'Map',
    ItemsPath: '$.settled.asks',
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: name,
      States: { [name]: sendToRegister(undefined, '$') },
    },
    ResultPath: null,
    Next: next,
  };
}

const settleStates: Record<string, State> = {
  Settle: invoke('RefreshSettleArn', {
    ResultSelector: { 'asks.$': '$.Payload.asks' },
    ResultPath: '$.settled',
    Catch: catchTo('Give up'),
    Next: 'More to do',
  }),
  'More to do': askRegister('Ask for a run', 'Settled'),
  Settled: { Type: 'Succeed' },
};

/** The lane is freed whatever went wrong; should even that fail, register hears of the failed execution and frees it. */
const giveUpStates: Record<string, State> = {
  'Give up': invoke('RefreshSettleArn', {
    ResultSelector: { 'asks.$': '$.Payload.asks' },
    ResultPath: '$.settled',
    Next: 'Still to do',
  }),
  'Still to do': askRegister('Ask for a new try', 'Failed'),
  Failed: { Type: 'Fail', ErrorPath: '$.trouble.Error', CausePath: '$.trouble.Cause' },
};
