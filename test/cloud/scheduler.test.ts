import fc from 'fast-check';
import { schedulerModule } from '../../local/cloud/scheduler/index.ts';
import { readSchedule } from '../../local/cloud/scheduler/schedule-expression.ts';
import { SchedulerService } from '../../local/cloud/scheduler/scheduler-service.ts';
import type { ServiceRequest } from '../../local/cloud/service.ts';
import { closeBenches, openBench, until } from './sources-bench.ts';

afterEach(closeBenches);

const at = (text: string) => Date.parse(text);
const start = at('2026-11-20T23:45:30Z');

test.each([
  ['rate(1 minute)', start, '2026-11-20T23:46:30.000Z'],
  ['rate(5 minutes)', start + 301_000, '2026-11-20T23:55:30.000Z'],
  ['rate(2 days)', start, '2026-11-22T23:45:30.000Z'],
  ['at(2026-11-21T00:00:00)', start, '2026-11-21T00:00:00.000Z'],
  ['cron(0 12 * * ? *)', start, '2026-11-21T12:00:00.000Z'],
  ['cron(0/15 * * * ? *)', start, '2026-11-21T00:00:00.000Z'],
  ['cron(30 8 ? * MON-FRI *)', start, '2026-11-23T08:30:00.000Z'],
  ['cron(0 0 1 JAN ? 2027)', start, '2027-01-01T00:00:00.000Z'],
  ['cron(0 0 29 2 ? *)', start, '2028-02-29T00:00:00.000Z'],
])('%s fires next at the right time', (expression, after, expected) => {
  expect(new Date(readSchedule(expression, start)(after) ?? 0).toISOString()).toBe(expected);
});

test.each([
  'rate(0 minutes)',
  'rate(5 seconds)',
  'cron(0 12 * * * *)',
  'cron(0 12 L * ? *)',
  'cron(61 * * * ? *)',
  'daily',
])('%s is refused', (expression) => {
  expect(() => readSchedule(expression, start)).toThrow(expression);
});

test('what is past never fires', () => {
  expect(readSchedule('at(2020-01-01T00:00:00)', start)(start)).toBeUndefined();
  expect(readSchedule('cron(0 0 1 1 ? 2020)', start)(start)).toBeUndefined();
});

test('property: a firing is later than what was asked for, on the rate, and none is left out', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat(10_000_000), (minutes, later) => {
      const period = minutes * 60_000;
      const next = readSchedule(`rate(${minutes} minutes)`, start)(start + later) ?? 0;
      expect(next).toBeGreaterThan(start + later);
      expect((next - start) % period).toBe(0);
      expect(next - (start + later)).toBeLessThanOrEqual(period);
    }),
  );
});

async function openSchedule(statements: object[], more: object = {}) {
  const seen: unknown[] = [];
  const bench = await openBench({
    modules: [schedulerModule],
    functions: { Pull: (event: never) => void seen.push(event) },
  });
  const RoleArn = await bench.role('ScheduleRole', statements, 'scheduler.amazonaws.com');
  const Arn = bench.context.arn('lambda', 'function:Pull');
  const Target = { Arn, RoleArn, RetryPolicy: { MaximumRetryAttempts: 0 } };
  const common = { ScheduleExpression: 'rate(1 minute)', FlexibleTimeWindow: { Mode: 'OFF' }, Target };
  const { physical } = await bench.create('Schedule', 'AWS::Scheduler::Schedule', { ...common, ...more });
  return { bench, name: physical.ref, seen };
}

const invoke = [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' }];

test('the owner fires a schedule before its first time; the function gets what AWS would send', async () => {
  const { bench, name, seen } = await openSchedule(invoke);
  await bench.start();
  await bench.context.services.of(SchedulerService).runNow(name);
  expect(seen).toMatchObject([{ source: 'aws.scheduler', 'detail-type': 'Scheduled Event', detail: '{}' }]);
  await bench.idle();
});

test('a state machine is started with the input, as the role of the schedule', async () => {
  const started: unknown[] = [];
  const states = {
    signingName: 'states',
    handle: async ({ body, headers, principal }: ServiceRequest) => {
      started.push({ target: headers['x-amz-target'], principal, ...JSON.parse(String(body)) });
      return { status: 200, body: '{}' };
    },
    close: async () => undefined,
  };
  const statesModule = { resourceTypes: [], openServices: async () => [states] };
  const bench = await openBench({ modules: [statesModule, schedulerModule] });
  const Arn = 'arn:aws:states:us-east-1:000000000000:stateMachine:Reconcile';
  const allowed = [{ Effect: 'Allow', Action: 'states:StartExecution', Resource: Arn }];
  const RoleArn = await bench.role('ScheduleRole', allowed, 'scheduler.amazonaws.com');
  const { physical } = await bench.create('Schedule', 'AWS::Scheduler::Schedule', {
    ScheduleExpression: 'rate(24 hours)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn, RoleArn, Input: '{"dataset":"brackets"}' },
  });
  await bench.start();
  await bench.context.services.of(SchedulerService).runNow(physical.ref);
  expect(started).toEqual([
    {
      target: 'AWSStepFunctions.StartExecution',
      principal: { kind: 'role', roleArn: RoleArn },
      stateMachineArn: Arn,
      input: '{"dataset":"brackets"}',
    },
  ]);
});

test('a time that comes fires by itself', async () => {
  const soon = new Date(Date.now() + 1_500).toISOString().slice(0, 19);
  const { bench, seen } = await openSchedule(invoke, { ScheduleExpression: `at(${soon})` });
  await bench.start();
  await until(() => seen.length === 1);
});

test('a role that may not invoke the function ends the start; one that Scheduler may not assume is refused', async () => {
  const { bench } = await openSchedule([]);
  await expect(bench.start()).rejects.toThrow(
    /lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:000000000000:function:Pull/,
  );
  const RoleArn = await bench.role('Other', invoke);
  const Target = { Arn: bench.context.arn('lambda', 'function:Pull'), RoleArn };
  const properties = { ScheduleExpression: 'rate(1 minute)', FlexibleTimeWindow: { Mode: 'OFF' }, Target };
  await expect(bench.create('Untrusted', 'AWS::Scheduler::Schedule', properties)).rejects.toThrow(
    /scheduler\.amazonaws\.com/,
  );
});
