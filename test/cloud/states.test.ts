import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { eventsModule } from '../../local/cloud/events/index.ts';
import { ServiceError, type ServiceRequest } from '../../local/cloud/service.ts';
import { sqsModule } from '../../local/cloud/sqs/index.ts';
import { prepareDefinition } from '../../local/cloud/states/definition.ts';
import { ExecutionStore } from '../../local/cloud/states/execution-store.ts';
import { statesModule } from '../../local/cloud/states/index.ts';
import { type Bench, type BenchOptions, closeBenches, openBench, until } from './sources-bench.ts';

afterEach(closeBenches);

const machineType = 'AWS::StepFunctions::StateMachine';
const allow = (Action: string | string[], Resource = '*') => ({ Effect: 'Allow', Action, Resource });

/** A Data API that runs nothing: statements are finished the second time one asks. */
function dataApi(calls: { operation: string; body: Record<string, unknown>; principal: unknown }[]) {
  const handle = async (request: ServiceRequest) => {
    const operation = request.headers['x-amz-target']?.split('.')[1] ?? '';
    const body = JSON.parse(request.body.toString()) as Record<string, unknown>;
    calls.push({ operation, body, principal: request.principal });
    if (body.ClientToken === 'busy') throw new ServiceError('ActiveStatementsExceededException', 'too many');
    const asked = calls.filter((call) => call.operation === 'DescribeStatement').length;
    const answers: Record<string, object> = {
      ExecuteStatement: { Id: 'one' },
      BatchExecuteStatement: { Id: 'two' },
      DescribeStatement: { Id: body.Id, Status: asked > 1 ? 'FINISHED' : 'STARTED', CreatedAt: 1_795_000_000 },
      GetStatementResult: {
        Records: [[{ stringValue: 'x' }, { longValue: 3 }]],
        ColumnMetadata: [{ name: 'a', typeName: 'int4' }],
      },
    };
    return { status: 200, body: JSON.stringify(answers[operation]) };
  };
  return { resourceTypes: [], openServices: async () => [{ signingName: 'redshift-data', handle }] };
}

interface Opened {
  readonly bench: Bench;
  readonly client: SFNClient;
  readonly arn: string;
}

async function openMachine(
  definition: object,
  options: Partial<BenchOptions> & { statements?: object[]; substitutions?: object } = {},
): Promise<Opened> {
  const modules = [sqsModule, eventsModule, statesModule, ...(options.modules ?? [])];
  const bench = await openBench({ speed: { waitScale: 0.001, batchingWindowScale: 1 }, ...options, modules });
  const RoleArn = await bench.role(
    'MachineRole',
    options.statements ?? [allow(['lambda:*', 'sqs:*'])],
    'states.amazonaws.com',
  );
  const DefinitionString = JSON.stringify(definition);
  const properties = { RoleArn, DefinitionString, DefinitionSubstitutions: options.substitutions ?? {} };
  const { physical } = await bench.create('Machine', machineType, properties);
  return { bench, client: new SFNClient(bench.client), arn: physical.ref };
}

async function runToEnd({ client, arn }: Opened, input: unknown = {}, name = 'run') {
  const { executionArn } = await client.send(
    new StartExecutionCommand({ stateMachineArn: arn, name, input: JSON.stringify(input) }),
  );
  const describe = () => client.send(new DescribeExecutionCommand({ executionArn }));
  await until(async () => (await describe()).status !== 'RUNNING');
  return { ...(await describe()), executionArn };
}

const invoke = (FunctionName: string, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName, 'Payload.$': '$' },
  OutputPath: '$.Payload',
  ...more,
});
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

test('a function gets the input, its answer goes on, substitutions and the context object are filled in', async () => {
  const definition = {
    StartAt: 'Call',
    States: {
      Call: invoke('${CallArn}', { Next: 'Each' }),
      Each: {
        Type: 'Map',
        ItemsPath: '$.items',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'Rest',
          States: {
            Rest: { Type: 'Wait', Seconds: 1, Next: 'Name it' },
            'Name it': {
              Type: 'Pass',
              Parameters: { 'item.$': '$', 'run.$': '$$.Execution.Name', 'given.$': '$$.Execution.Input.from' },
              End: true,
            },
          },
        },
        End: true,
      },
    },
  };
  const functions = { Call: (event: { from: string }) => ({ items: [`${event.from}1`, 'b'] }) };
  const opened = await openMachine(definition, { functions, substitutions: { CallArn: functionArn('Call') } });
  const { status, output } = await runToEnd(opened, { from: 'a' }, 'lane-1');
  expect(status).toBe('SUCCEEDED');
  expect(JSON.parse(output ?? '')).toEqual(['a1', 'b'].map((item) => ({ item, run: 'lane-1', given: 'a' })));
});

test('a function error is caught by its type, with what the function said as the cause', async () => {
  class NotYet extends Error {
    override name = 'NotYet';
  }
  let calls = 0;
  const definition = {
    StartAt: 'Call',
    States: {
      Call: invoke(functionArn('Call'), {
        Retry: [{ ErrorEquals: ['NotYet'], MaxAttempts: 2, IntervalSeconds: 1 }],
        Catch: [{ ErrorEquals: ['States.TaskFailed'], ResultPath: '$.trouble', Next: 'Give up' }],
        End: true,
      }),
      'Give up': { Type: 'Fail', ErrorPath: '$.trouble.Error', CausePath: '$.trouble.Cause' },
    },
  };
  const functions = {
    Call: () => {
      calls += 1;
      throw new NotYet('soon');
    },
  };
  const { status, error, cause } = await runToEnd(await openMachine(definition, { functions }));
  expect({ status, error, calls }).toEqual({ status: 'FAILED', error: 'NotYet', calls: 3 });
  expect(JSON.parse(cause ?? '')).toMatchObject({ errorType: 'NotYet', errorMessage: 'soon' });
});

test('statements go to the Data API as the role, names are as Step Functions shows them, waits are scaled', async () => {
  const calls: { operation: string; body: Record<string, unknown>; principal: unknown }[] = [];
  const sdk = (action: string, Parameters: object, more: object) => ({
    Type: 'Task',
    Resource: `arn:aws:states:::aws-sdk:redshiftdata:${action}`,
    Parameters,
    ...more,
  });
  const definition = {
    StartAt: 'Submit',
    States: {
      Submit: sdk(
        'executeStatement',
        { Sql: 'select :a', Parameters: [{ Name: 'a', Value: '1' }], 'ClientToken.$': '$$.Execution.Name' },
        { ResultSelector: { 'id.$': '$.Id' }, Next: 'Wait' },
      ),
      Wait: { Type: 'Wait', Seconds: 30, Next: 'Describe' },
      Describe: sdk('describeStatement', { 'Id.$': '$.id' }, { ResultPath: '$.told', Next: 'Ended?' }),
      'Ended?': {
        Type: 'Choice',
        Choices: [{ Variable: '$.told.Status', StringEquals: 'FINISHED', Next: 'Result' }],
        Default: 'Wait',
      },
      Result: sdk('getStatementResult', { 'Id.$': '$.id' }, { ResultPath: '$.result', End: true }),
    },
  };
  const opened = await openMachine(definition, { modules: [dataApi(calls)] });
  const started = Date.now();
  const { status, output } = await runToEnd(opened);
  expect(status).toBe('SUCCEEDED');
  expect(Date.now() - started).toBeLessThan(5_000);
  expect(JSON.parse(output ?? '')).toMatchObject({
    told: { Status: 'FINISHED', CreatedAt: '2026-11-18T11:06:40.000Z' },
    result: { Records: [[{ StringValue: 'x' }, { LongValue: 3 }]], ColumnMetadata: [{ Name: 'a', TypeName: 'int4' }] },
  });
  expect(calls[0]).toMatchObject({
    operation: 'ExecuteStatement',
    body: { Sql: 'select :a', Parameters: [{ name: 'a', value: '1' }], ClientToken: 'run' },
    principal: { kind: 'role' },
  });
});

test('errors of a service carry its name', async () => {
  const Resource = 'arn:aws:states:::aws-sdk:redshiftdata:batchExecuteStatement';
  const definition = {
    StartAt: 'Submit',
    States: { Submit: { Type: 'Task', Resource, Parameters: { ClientToken: 'busy' }, End: true } },
  };
  const { error } = await runToEnd(await openMachine(definition, { modules: [dataApi([])] }));
  expect(error).toBe('RedshiftData.ActiveStatementsExceededException');
});

test('what the role may not do fails the execution and names the grant', async () => {
  const definition = { StartAt: 'Call', States: { Call: invoke(functionArn('Call'), { End: true }) } };
  const opened = await openMachine(definition, {
    functions: { Call: () => null },
    statements: [allow('sqs:SendMessage')],
  });
  const { error, cause } = await runToEnd(opened);
  expect(error).toBe('Lambda.AccessDeniedException');
  expect(cause).toMatch(/lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:000000000000:function:Call/);
});

/** Starts itself once more, under another name and with another input, then ends. */
const startsItself = {
  StartAt: 'More?',
  States: {
    'More?': {
      Type: 'Choice',
      Choices: [{ Variable: '$.part', NumericEquals: 1, Next: 'Hand over' }],
      Default: 'Done',
    },
    'Hand over': {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution',
      Parameters: { 'StateMachineArn.$': '$$.StateMachine.Id', Name: 'second', Input: { part: 2 } },
      End: true,
    },
    Done: { Type: 'Succeed' },
  },
};

test('an execution starts its successor, as its role may and not otherwise', async () => {
  const opened = await openMachine(startsItself, { statements: [allow('states:StartExecution')] });
  const first = await runToEnd(opened, { part: 1 }, 'first');
  expect(JSON.parse(first.output ?? '')).toMatchObject({ ExecutionArn: expect.stringMatching(/:second$/) });
  const second = { executionArn: String(first.executionArn).replace(/first$/, 'second') };
  const describe = () => opened.client.send(new DescribeExecutionCommand(second));
  await until(async () => (await describe()).status !== 'RUNNING');
  expect(await describe()).toMatchObject({ status: 'SUCCEEDED', input: '{"part":2}' });

  const denied = await openMachine(startsItself, { statements: [allow('sqs:*')] });
  expect(await runToEnd(denied, { part: 1 })).toMatchObject({
    status: 'FAILED',
    error: 'StepFunctions.AccessDeniedException',
  });
});

test('a message goes to a queue, and the end of the execution reaches the rule that waits for it', async () => {
  const Parameters = { QueueUrl: '${Queue}', MessageBody: { 'kind.$': '$.kind' }, DelaySeconds: 0 };
  const Send = {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage',
    Parameters,
    ResultPath: null,
    Next: 'Fail',
  };
  const definition = {
    StartAt: 'Send',
    States: { Send, Fail: { Type: 'Fail', Error: 'Planned', Cause: 'for the test' } },
  };
  const bench = await openBench({ modules: [sqsModule, eventsModule, statesModule] });
  const queue = await bench.create('Inbox', 'AWS::SQS::Queue', {});
  const Arn = queue.physical.attributes.Arn as string;
  const RoleArn = await bench.role('MachineRole', [allow('sqs:SendMessage', Arn)], 'states.amazonaws.com');
  const DefinitionSubstitutions = { Queue: queue.physical.ref };
  const machine = await bench.create('Machine', machineType, {
    RoleArn,
    DefinitionString: JSON.stringify(definition),
    DefinitionSubstitutions,
  });
  const EventPattern = {
    source: ['aws.states'],
    'detail-type': ['Step Functions Execution Status Change'],
    detail: { status: ['FAILED'], stateMachineArn: [machine.physical.ref] },
  };
  await bench.create('Rule', 'AWS::Events::Rule', { EventPattern, Targets: [{ Id: 'a', Arn }] });
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: Arn,
  };
  await bench.create('Policy', 'AWS::SQS::QueuePolicy', {
    PolicyDocument: { Version: '2012-10-17', Statement: [statement] },
    Queues: [queue.physical.ref],
  });
  await runToEnd({ bench, client: new SFNClient(bench.client), arn: machine.physical.ref }, { kind: 'again' });
  await bench.idle();
  const { Messages = [] } = await new SQSClient(bench.client).send(
    new ReceiveMessageCommand({ QueueUrl: queue.physical.ref, MaxNumberOfMessages: 10 }),
  );
  const bodies = Messages.map(({ Body }) => JSON.parse(Body ?? '') as Record<string, unknown>);
  expect(bodies).toMatchObject([
    { kind: 'again' },
    { detail: { name: 'run', status: 'FAILED', error: 'Planned', cause: 'for the test' } },
  ]);
});

const waiting = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 3600, End: true } } };
const still = { speed: { waitScale: 1, batchingWindowScale: 1 } };

test('a name is used once: the same start is the same execution, another is refused', async () => {
  const { client, arn: stateMachineArn, bench } = await openMachine(waiting, still);
  const start = (input: string) => client.send(new StartExecutionCommand({ stateMachineArn, name: 'lane-1', input }));
  const first = await start('{"a":1}');
  expect((await start('{"a":1}')).executionArn).toBe(first.executionArn);
  await expect(start('{"a":2}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  await expect(client.send(new StartExecutionCommand({ stateMachineArn, name: 'a b' }))).rejects.toMatchObject({
    name: 'InvalidName',
  });
  const large = JSON.stringify('x'.repeat(262_144));
  await expect(client.send(new StartExecutionCommand({ stateMachineArn, input: large }))).rejects.toMatchObject({
    name: 'InvalidExecutionInput',
  });
  expect(bench.busyLabels()).toEqual(['execution lane-1']);
  await client.send(new StopExecutionCommand({ executionArn: first.executionArn, error: 'Enough', cause: 'by hand' }));
  await bench.idle();
  const ended = await client.send(new DescribeExecutionCommand({ executionArn: first.executionArn }));
  expect(ended).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'by hand' });
  await expect(start('{"a":1}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
});

test('an execution that was running when the process ended is aborted at the next start, and told', async () => {
  const first = await openMachine(waiting, still);
  const { executionArn } = await first.client.send(
    new StartExecutionCommand({ stateMachineArn: first.arn, name: 'lane-1' }),
  );
  const { stateDirectory } = first.bench;
  await first.bench.close();
  const second = await openMachine(waiting, { ...still, stateDirectory });
  await second.bench.start();
  const { executions } = await second.client.send(
    new ListExecutionsCommand({ stateMachineArn: second.arn, statusFilter: 'ABORTED' }),
  );
  expect(executions?.map((execution) => execution.executionArn)).toEqual([executionArn]);
  expect(second.bench.events).toContainEqual(
    expect.objectContaining({ kind: 'execution', executionArn, status: 'ABORTED' }),
  );
});

test('the history tells each state as AWS does, in pages and from the end', async () => {
  const opened = await openMachine({
    StartAt: 'A',
    States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Wait', Seconds: 1, Next: 'C' }, C: { Type: 'Succeed' } },
  });
  const { executionArn } = await runToEnd(opened);
  const { events } = await opened.client.send(new GetExecutionHistoryCommand({ executionArn }));
  const steps = ['Pass', 'Wait', 'Succeed'].flatMap((type) => [`${type}StateEntered`, `${type}StateExited`]);
  expect(events?.map(({ type }) => type)).toEqual(['ExecutionStarted', ...steps, 'ExecutionSucceeded']);
  expect(events?.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const last = await opened.client.send(
    new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 }),
  );
  expect(last.events?.[0]?.executionSucceededEventDetails?.output).toBe('{}');
  const next = await opened.client.send(
    new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1, nextToken: last.nextToken }),
  );
  expect(next.events?.[0]?.id).toBe(7);
  expect(opened.bench.events.filter((event) => event.kind === 'state' && event.phase === 'entered')).toHaveLength(3);
});

test('what is larger than 256 KiB does not pass from state to state, and no Catch sees it', async () => {
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Saved' }];
  const definition = {
    StartAt: 'Call',
    States: { Call: invoke(functionArn('Call'), { Catch, End: true }), Saved: { Type: 'Succeed' } },
  };
  const functions = { Call: () => 'x'.repeat(262_144) };
  const { status, error } = await runToEnd(await openMachine(definition, { functions }));
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.DataLimitExceeded' });
});

test('an execution that never ends is ended by the length of its history', async () => {
  const Choices = [{ Variable: '$.stop', IsPresent: true, Next: 'End' }];
  const again = { 'Again?': { Type: 'Choice', Choices, Default: 'Wait' }, End: { Type: 'Succeed' } };
  const definition = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 0, Next: 'Again?' }, ...again } };
  const opened = await openMachine(definition);
  const { executionArn } = await opened.client.send(new StartExecutionCommand({ stateMachineArn: opened.arn }));
  const describe = () => opened.client.send(new DescribeExecutionCommand({ executionArn }));
  await until(async () => (await describe()).status !== 'RUNNING', 20_000);
  expect(await describe()).toMatchObject({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: expect.stringContaining('25000'),
  });
});

test.each([
  [
    { StartAt: 'A', States: { A: { Type: 'Task', Resource: 'arn:aws:states:::glue:startJobRun', End: true } } },
    /"A" has the resource arn:aws:states:::glue:startJobRun/,
  ],
  [
    {
      StartAt: 'A',
      States: { A: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', End: true } },
    },
    /waitForTaskToken/,
  ],
  [{ StartAt: 'A', States: { A: { Type: 'Pass', QueryLanguage: 'JSONata', End: true } } }, /QueryLanguage/],
  [{ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } }, /Machine: /],
  [
    { StartAt: 'A', States: { A: { Type: 'Pass', Result: '${Missing}', End: true } } },
    /\$\{Missing\}, for which there is no substitution/,
  ],
  [
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'a.$': '$$.State.EnteredTime' }, End: true } } },
    /\$\$\.State/,
  ],
])('what would not run as on AWS is refused at creation: %#', async (definition, message) => {
  await expect(openMachine(definition)).rejects.toThrow(message);
});

test('retries are scaled, whole result paths are left out, and all levels are found', () => {
  const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 2, MaxDelaySeconds: 30 }];
  const inner = {
    StartAt: 'B',
    States: { B: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', Parameters: {}, Retry, End: true } },
  };
  const definition = { StartAt: 'A', States: { A: { Type: 'Map', ItemProcessor: inner, ResultPath: '$', End: true } } };
  const { runnable, tasks } = prepareDefinition('Machine', JSON.stringify(definition), 0.1);
  expect([...tasks]).toEqual([['B', 'arn:aws:states:::sqs:sendMessage']]);
  const map = runnable.States.A as unknown as { ItemProcessor: { States: { B: { Retry: object[] } } } };
  expect(map).not.toHaveProperty('ResultPath');
  expect(map.ItemProcessor.States.B.Retry[0]).toMatchObject({ IntervalSeconds: 0.2, MaxDelaySeconds: 3 });
});

test('histories are kept of the latest executions only; the names of all stay taken', () => {
  const store = new ExecutionStore(undefined);
  const begin = (machine: string, number: number) => {
    const arn = `${machine}:${number}`;
    store.begin({ arn, machineArn: machine, name: `${number}`, status: 'RUNNING', startedAt: number, input: '{}' });
    store.record(arn, 1, { type: 'ExecutionStarted', at: number, details: {} });
    return arn;
  };
  const page = { limit: 10, offset: 0, newestFirst: false };
  // Given an execution of another machine, and one of this that still runs
  const others = begin('other', 0);
  store.end(others, { status: 'SUCCEEDED' }, 0);
  const running = begin('machine', 0);
  // When many more begin and end
  const arns = Array.from({ length: 130 }, (_, index) => {
    const arn = begin('machine', index + 1);
    store.end(arn, { status: 'SUCCEEDED' }, index + 1);
    return arn;
  });
  begin('machine', 131);
  // Then only the oldest of them have lost their histories
  expect(arns.filter((arn) => store.history(arn, page).length > 0)).toEqual(arns.slice(-100));
  expect(store.history(running, page)).toHaveLength(1);
  expect(store.history(others, page)).toHaveLength(1);
  expect(store.find('machine:1')?.status).toBe('SUCCEEDED');
  store.close();
});
