import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { ConfigInput } from '../../lib/config/config.ts';
import { readEnvironment } from '../../lib/pipeline/environment.ts';
import demo from '../../millrace.config.ts';
import { openStack, removeFolders } from './synthesis.ts';
import { grantLines, type Properties, resourcesOf } from './template.ts';

afterAll(removeFolders);

/** Who sends statements to the warehouse. */
const submitters = ['RefreshAdvanceRole', 'RefreshStateMachineRole', 'ReloadStateMachineRole'];

const connection = {
  secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:warehouse-AbCdEf',
  copyRoleArn: 'arn:aws:iam::111122223333:role/copy',
};

async function templateOf(config: ConfigInput) {
  return (await openStack(config)).template();
}

/** What the refresh's functions and its machine are told of the warehouse. */
function warehouseOf(template: Awaited<ReturnType<typeof templateOf>>) {
  const functions = Object.fromEntries(resourcesOf(template, 'AWS::Lambda::Function'));
  const { Variables } = (functions.RefreshNext?.Environment ?? {}) as { Variables: Record<string, string> };
  const [[, machine]] = resourcesOf(template, 'AWS::StepFunctions::StateMachine') as [[string, Properties]];
  return {
    told: readEnvironment('refresh', Variables).MILLRACE_WAREHOUSE,
    substitutions: machine.DefinitionSubstitutions as Record<string, string>,
    types: new Set(Object.values(template.Resources).map(({ Type }) => Type)),
    submits: grantLines(template).filter((line) => line.includes('redshift-data:BatchExecuteStatement')),
  };
}

describe('a warehouse that exists', () => {
  it('may be a workgroup: nothing is made, and statements go to it alone', async () => {
    const workgroupArn = 'arn:aws:redshift-serverless:eu-west-1:111122223333:workgroup/0f1e2d3c';
    const warehouse = { kind: 'existing-workgroup', workgroupName: 'shared', workgroupArn, ...connection } as const;
    const { told, substitutions, types, submits } = warehouseOf(await templateOf({ ...demo, warehouse }));
    expect(told).toEqual({ workgroupName: 'shared', database: 'prod', ...connection });
    expect(substitutions).toMatchObject({ WorkgroupName: 'shared', SecretArn: connection.secretArn });
    expect(types).not.toContain('AWS::RedshiftServerless::Namespace');
    expect(submits).toEqual(submitters.map((role) => `${role}  redshift-data:BatchExecuteStatement  ${workgroupArn}`));
  });

  it('may be a cluster', async () => {
    const warehouse = { kind: 'existing-cluster', clusterIdentifier: 'shared', ...connection } as const;
    const { told, substitutions, types, submits } = warehouseOf(await templateOf({ ...demo, warehouse }));
    expect(told).toEqual({ clusterIdentifier: 'shared', database: 'prod', ...connection });
    expect(substitutions).toMatchObject({ ClusterIdentifier: 'shared' });
    expect(substitutions).not.toHaveProperty('WorkgroupName');
    expect(types).not.toContain('AWS::RedshiftServerless::Workgroup');
    expect(submits).toEqual(
      submitters.map(
        (role) =>
          `${role}  redshift-data:BatchExecuteStatement  arn:<AWS::Partition>:redshift:<AWS::Region>:<AWS::AccountId>:cluster:shared`,
      ),
    );
  });
});

describe('sources that exist', () => {
  const streamArn = 'arn:aws:dynamodb:eu-west-1:111122223333:table/brackets/stream/2026-01-01T00:00:00.000';
  const logsArn = 'arn:aws:kinesis:eu-west-1:111122223333:stream/logs';

  it('are read where they are, and the local runtime is told what to make in their place', async () => {
    const table = { tableName: 'brackets', streamArn, partitionKey: 'tournamentId', sortKey: 'round' };
    const template = await templateOf({
      ...demo,
      datasets: {
        brackets: { owner: 'a', freshnessSeconds: 60, source: { kind: 'dynamodb', table } },
        app_logs: { owner: 'b', freshnessSeconds: 60, source: { kind: 'kinesis', stream: { streamArn: logsArn } } },
      },
    });
    const metadata = Object.values(template.Resources).flatMap(({ Metadata }) => Metadata?.['millrace:standIn'] ?? []);
    expect(metadata).toEqual([
      { type: 'AWS::DynamoDB::Table', name: 'brackets', streamArn, partitionKey: 'tournamentId', sortKey: 'round' },
      { type: 'AWS::Kinesis::Stream', name: 'logs', streamArn: logsArn },
    ]);
    const lines = grantLines(template);
    expect(lines).toContain(`IngestBracketsRole  dynamodb:GetRecords  ${streamArn}`);
    expect(lines).toContain(
      'IngestBracketsRole  dynamodb:ListStreams  arn:aws:dynamodb:eu-west-1:111122223333:table/brackets/stream/*',
    );
    expect(lines).toContain(`IngestAppLogsRole  kinesis:GetRecords  ${logsArn}`);
    expect(resourcesOf(template, 'AWS::Kinesis::Stream')).toEqual([]);
    expect(resourcesOf(template, 'AWS::Scheduler::Schedule')).toEqual([]);
  });
});

describe('a dataset that is compared with its source', () => {
  it('has a schedule that may start the machine and nothing else, and an alarm that says what to run', async () => {
    const { brackets } = demo.datasets;
    if (!brackets) throw new Error('the demo has brackets');
    const datasets = { ...demo.datasets, brackets: { ...brackets, reconcile: { everyHours: 24 } } };
    const template = await templateOf({ ...demo, datasets });
    const schedules = Object.fromEntries(resourcesOf(template, 'AWS::Scheduler::Schedule'));
    expect(schedules.ReconcileBracketsSchedule).toMatchObject({
      ScheduleExpression: 'rate(24 hours)',
      Target: { Arn: '<ReconcileStateMachine>', Input: '{"dataset":"brackets"}' },
    });
    expect(grantLines(template).filter((line) => line.startsWith('ReconcileScheduleRole'))).toEqual([
      'ReconcileScheduleRole  states:StartExecution  <ReconcileStateMachine>',
    ]);
    const alarms = Object.fromEntries(resourcesOf(template, 'AWS::CloudWatch::Alarm'));
    expect(alarms.ObserveBracketsDrifted?.AlarmDescription).toMatch(
      /Owner: tournament-team\.\nWhat to do: Run millrace repair brackets --dry-run .* then millrace repair brackets;/,
    );
  });
});

describe('alarms', () => {
  const actionsOf = (template: Awaited<ReturnType<typeof templateOf>>) =>
    new Set(resourcesOf(template, 'AWS::CloudWatch::Alarm').flatMap(([, alarm]) => alarm.AlarmActions as string[]));

  it('go to a topic that exists', async () => {
    const topicArn = 'arn:aws:sns:eu-west-1:111122223333:alarms';
    expect(actionsOf(await templateOf({ ...demo, alarms: { topicArn } }))).toEqual(new Set([topicArn]));
  });

  it('go to an address, through a topic that only alarms of this account may write to', async () => {
    const template = await templateOf({ ...demo, alarms: { email: 'data@example.com' } });
    expect(actionsOf(template)).toEqual(new Set(['<ObserveTopic>']));
    expect(resourcesOf(template, 'AWS::SNS::Subscription')).toHaveLength(1);
    const [[, policy]] = resourcesOf(template, 'AWS::SNS::TopicPolicy') as [[string, Properties]];
    expect(policy).toMatchObject({
      PolicyDocument: {
        Statement: expect.arrayContaining([
          expect.objectContaining({
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' } },
          }),
        ]),
      },
    });
  });
});

describe('an environment', () => {
  it('names the stack and its database', async () => {
    const { stack, template } = await openStack({ ...demo, environment: 'dev_anna' });
    expect(stack.stackName).toBe('Millrace-tournaments-dev-anna');
    expect(template().Outputs.Database?.Value).toBe('dev_anna');
  });
});

describe('a template that CloudFormation would refuse', () => {
  it('is refused here', async () => {
    const { stack, template } = await openStack(demo);
    const bucket = stack.node.findChild('Lake').node.findChild('Bucket').node.defaultChild as CfnBucket;
    bucket.addPropertyOverride('Colour', 'red');
    expect(template).toThrow(/Colour: Additional properties are not allowed/);
  });
});
