import { catchTo, choice, invoke, retryAll, type State } from './language.ts';

export type WarehouseKind = 'workgroup' | 'cluster';

/** What the loop's states name as `${Name}`. */
export function workLoopSubstitutions(target: WarehouseKind): string[] {
  return ['RefreshNextArn', 'Database', 'SecretArn', target === 'workgroup' ? 'WorkgroupName' : 'ClusterIdentifier'];
}

/**
 * A statement is asked about after 1 s, then 2 s, 3 s … up to this. A look takes nine events of the 25,000 that an execution
 * may have: every 10 s, one statement of six hours would use up most of them.
 */
const longestPollSeconds = 60;

/** The loop that every piece of work goes through: ask what is next, submit it, look until it has ended, ask again. */
export function eachWork(name: string, target: WarehouseKind, fields: State): State {
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
