/** A state of the Amazon States Language; the language is the type, so it is not spelled again here. */
type State = Readonly<Record<string, unknown>>;

/** A state machine in the Amazon States Language, JSONPath flavour. */
export interface StateMachineDefinition {
  readonly Comment: string;
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, State>>;
}

export type WarehouseKind = 'workgroup' | 'cluster';

/** What the definition names as `${Name}` and CloudFormation's DefinitionSubstitutions fills in. */
export function refreshSubstitutions(target: WarehouseKind): string[] {
  return [
    'RefreshLeaseArn',
    'RefreshPlanArn',
    'RefreshNextArn',
    'RefreshSelectArn',
    'RefreshSettleArn',
    'RegisterQueueUrl',
    'Database',
    'SecretArn',
    target === 'workgroup' ? 'WorkgroupName' : 'ClusterIdentifier',
  ];
}

/** A run is cut off when it has worked this long, its wait aside; register then sees it fail and frees the lane. */
const longestWorkSeconds = 6 * 60 * 60;

/**
 * A statement is asked about after 1 s, then 2 s, 3 s … up to this. A look takes nine events of the 25,000 that an execution
 * may have: every 10 s, one statement of six hours would use up most of them.
 */
const longestPollSeconds = 60;

/** What Lambda itself says when it is busy or ails; it passes. */
const passing: State = {
  ErrorEquals: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
  ],
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxAttempts: 6,
  MaxDelaySeconds: 30,
  JitterStrategy: 'FULL',
};

/**
 * The refresh: lease, wait for the freshness budget, plan, prepare, load, build models a wave at a time, settle.
 * Every function gets the whole state; what grows (lists of objects) stays in the lake, so the state stays small.
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
    States: { ...leaseStates, ...loadStates(target), ...modelStates(target), ...settleStates, ...giveUpStates },
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
      ResultSelector: { 'prepare.$': '$.Payload.prepare', 'loads.$': '$.Payload.loads' },
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
    Load: eachWork('Load', target, { ItemsPath: '$.plan.loads', ResultPath: '$.loaded', Next: 'Select' }),
  };
}

function modelStates(target: WarehouseKind): Record<string, State> {
  return {
    Select: invoke('RefreshSelectArn', {
      ResultSelector: { 'wave.$': '$.Payload.wave', 'built.$': '$.Payload.built' },
      ResultPath: '$.models',
      Catch: catchTo('Give up'),
      Next: 'Models?',
    }),
    'Models?': choice('Settle', [{ Variable: '$.models.wave[0]', IsPresent: true, Next: 'Build' }]),
    Build: eachWork('Build', target, { ItemsPath: '$.models.wave', ResultPath: '$.models.outcomes', Next: 'Select' }),
  };
}

const settleResult = {
  'again.$': '$.Payload.again',
  'backoffSeconds.$': '$.Payload.backoffSeconds',
  'message.$': '$.Payload.message',
};

const settleStates: Record<string, State> = {
  Settle: invoke('RefreshSettleArn', {
    ResultSelector: settleResult,
    ResultPath: '$.settled',
    Catch: catchTo('Give up'),
    Next: 'Again?',
  }),
  'Again?': choice('Settled', [{ Variable: '$.settled.again', BooleanEquals: true, Next: 'Ask for another run' }]),
  'Ask for another run': sendToRegister('Settled'),
  Settled: { Type: 'Succeed' },
};

/** The lane is freed whatever went wrong; should even that fail, register hears of the failed execution and frees it. */
const giveUpStates: Record<string, State> = {
  'Give up': invoke('RefreshSettleArn', {
    ResultSelector: settleResult,
    ResultPath: '$.settled',
    Next: 'Try again?',
  }),
  'Try again?': choice('Failed', [{ Variable: '$.settled.again', BooleanEquals: true, Next: 'Ask for a new try' }]),
  'Ask for a new try': sendToRegister('Failed'),
  Failed: { Type: 'Fail', ErrorPath: '$.trouble.Error', CausePath: '$.trouble.Cause' },
};

/** The loop that every piece of work goes through: ask what is next, submit it, look until it has ended, ask again. */
function eachWork(name: string, target: WarehouseKind, fields: State): State {
  return {
    Type: 'Map',
    MaxConcurrency: 8,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: `${name}: next`,
      States: { ...decideStates(name), ...statementStates(name, target) },
    },
    Catch: catchTo('Give up'),
    ...fields,
  };
}

function decideStates(name: string): Record<string, State> {
  return {
    [`${name}: next`]: invoke('RefreshNextArn', {
      OutputPath: '$.Payload',
      Catch: catchTo(`${name}: broken`),
      Next: `${name}: done?`,
    }),
    [`${name}: done?`]: choice(`${name}: hold`, [
      { Variable: '$.decision.kind', StringEquals: 'done', Next: `${name}: outcome` },
    ]),
    [`${name}: outcome`]: { Type: 'Pass', InputPath: '$.decision.outcome', End: true },
    [`${name}: broken`]: {
      Type: 'Pass',
      Parameters: { kind: 'failed', 'work.$': '$.work', 'reason.$': '$.trouble.Error' },
      End: true,
    },
    [`${name}: hold`]: { Type: 'Wait', SecondsPath: '$.decision.delaySeconds', Next: `${name}: submit` },
  };
}

function statementStates(name: string, target: WarehouseKind): Record<string, State> {
  return {
    [`${name}: submit`]: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:redshiftdata:batchExecuteStatement',
      Parameters: submission(target),
      ResultSelector: { 'id.$': '$.Id' },
      ResultPath: '$.statement',
      // The client token makes a repeated submission the same submission.
      Retry: retryAll(5),
      Catch: catchTo(`${name}: next`),
      Next: `${name}: wait`,
    },
    [`${name}: wait`]: { Type: 'Wait', SecondsPath: '$.poll.seconds', Next: `${name}: describe` },
    [`${name}: describe`]: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:redshiftdata:describeStatement',
      Parameters: { 'Id.$': '$.statement.id' },
      ResultSelector: { 'status.$': '$.Status' },
      ResultPath: '$.described',
      Retry: retryAll(10),
      Catch: catchTo(`${name}: next`),
      Next: `${name}: ended?`,
    },
    [`${name}: ended?`]: choice(`${name}: slower`, [
      ...['FINISHED', 'FAILED', 'ABORTED'].map((status) => ({
        Variable: '$.described.status',
        StringEquals: status,
        Next: `${name}: next`,
      })),
      { Variable: '$.poll.seconds', NumericGreaterThanEquals: longestPollSeconds, Next: `${name}: wait` },
    ]),
    [`${name}: slower`]: {
      Type: 'Pass',
      Parameters: { 'seconds.$': 'States.MathAdd($.poll.seconds, 1)' },
      ResultPath: '$.poll',
      Next: `${name}: wait`,
    },
  };
}

function submission(target: WarehouseKind): State {
  const warehouse =
    target === 'workgroup' ? { WorkgroupName: '${WorkgroupName}' } : { ClusterIdentifier: '${ClusterIdentifier}' };
  return {
    ...warehouse,
    Database: '${Database}',
    SecretArn: '${SecretArn}',
    'Sqls.$': '$.decision.statements',
    'ClientToken.$': '$.decision.clientToken',
    'StatementName.$': '$.decision.statementName',
  };
}

function invoke(substitution: string, fields: State): State {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: `\${${substitution}}`, 'Payload.$': '$' },
    Retry: [passing, ...retryAll(2)],
    ...fields,
  };
}

function sendToRegister(next: string): State {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage',
    Parameters: {
      QueueUrl: '${RegisterQueueUrl}',
      'MessageBody.$': '$.settled.message',
      'DelaySeconds.$': '$.settled.backoffSeconds',
    },
    ResultPath: null,
    Retry: retryAll(5),
    Next: next,
  };
}

function choice(otherwise: string, choices: readonly State[]): State {
  return { Type: 'Choice', Choices: choices, Default: otherwise };
}

/** Every task here may be repeated: it does what it does once, however often it is asked. */
function retryAll(attempts: number): State[] {
  return [
    {
      ErrorEquals: ['States.TaskFailed', 'States.Timeout'],
      IntervalSeconds: 2,
      BackoffRate: 2,
      MaxAttempts: attempts,
      MaxDelaySeconds: 30,
      JitterStrategy: 'FULL',
    },
  ];
}

function catchTo(next: string): State[] {
  return [{ ErrorEquals: ['States.ALL'], ResultPath: '$.trouble', Next: next }];
}
