import type { Template } from '../../lib/app.ts';
import { fillSubstitutions } from '../../lib/pipeline/machines/fill.ts';
import { refreshSubstitutions } from '../../lib/pipeline/machines/refresh.ts';
import { reloadSubstitutions } from '../../lib/pipeline/machines/reload.ts';
import demo from '../../millrace.config.ts';
import { openStack, removeFolders } from './synthesis.ts';
import { grantLines, type Properties, resourcesOf } from './template.ts';

let template: Template;

beforeAll(async () => {
  template = (await openStack(demo)).template();
});
afterAll(removeFolders);

describe('every state machine', () => {
  it('tells people when an execution of it fails', () => {
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(([, { MetricName }]) =>
      String(MetricName).startsWith('ExecutionsFailed'),
    );
    const watched = alarms.map(([, { Dimensions }]) => (Dimensions as [{ Value: string }])[0].Value);
    const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine').map(([name]) => `<${name}>`);
    expect(watched.toSorted()).toEqual(machines.toSorted());
  });
});

describe('the refresh', () => {
  it('has a value for every name in its definition, and traces and logs', () => {
    const [[, machine]] = resourcesOf(template, 'AWS::StepFunctions::StateMachine') as [[string, Properties]];
    expect(machine.DefinitionSubstitutions).toEqual({
      MendArn: '<RefreshMend.Arn>',
      RefreshLeaseArn: '<RefreshLease.Arn>',
      RefreshPlanArn: '<RefreshPlan.Arn>',
      RefreshNextArn: '<RefreshNext.Arn>',
      RefreshAdvanceArn: '<RefreshAdvance.Arn>',
      RefreshSettleArn: '<RefreshSettle.Arn>',
      RegisterQueueUrl: '<ArrivalsQueue>',
      Database: 'prod',
      SecretArn: '<WarehouseAdminSecret>',
      WorkgroupName: '<WarehouseWorkgroup>',
    });
    const named = [...String(machine.DefinitionString).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect([...new Set(named)].toSorted()).toEqual(refreshSubstitutions('workgroup').toSorted());
    expect(machine).toMatchObject({
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: true },
    });
  });

  it('tells register when it dies, and register alone starts it', () => {
    const rules = Object.fromEntries(resourcesOf(template, 'AWS::Events::Rule'));
    expect(rules.ArrivalsRefreshDied).toMatchObject({
      EventPattern: {
        detail: { stateMachineArn: ['<RefreshStateMachine>'], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      Targets: [{ Arn: '<ArrivalsQueue.Arn>', DeadLetterConfig: { Arn: '<ArrivalsDeadLetters.Arn>' } }],
    });
    const starters = grantLines(template).filter((line) => /states:StartExecution {2}<RefreshStateMachine>/.test(line));
    expect(starters).toEqual(['RegisterFunctionRole  states:StartExecution  <RefreshStateMachine>']);
  });
});

describe('the fill', () => {
  it('has a value for every name in its definition, the tables among them', () => {
    const machines = new Map(resourcesOf(template, 'AWS::StepFunctions::StateMachine'));
    const machine = machines.get('FillStateMachine') as Properties;
    expect(machine.DefinitionSubstitutions).toEqual({
      FillBeginArn: '<FillBegin.Arn>',
      FillListArn: '<FillList.Arn>',
      FillConvertArn: '<FillConvert.Arn>',
      FillCloseArn: '<FillClose.Arn>',
      TableArnOf_brackets: '<SourcesBrackets.Arn>',
    });
    const named = [...String(machine.DefinitionString).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect([...new Set(named)].toSorted()).toEqual(fillSubstitutions(['brackets']).toSorted());
  });

  it('is not there where no dataset comes from a table', async () => {
    const { app_logs } = demo.datasets;
    if (!app_logs) throw new Error('the demo has no logs');
    const without = (await openStack({ ...demo, datasets: { app_logs } })).template();
    expect(Object.keys(without.Outputs)).not.toContain('FillStateMachineArn');
  });
});

describe('the reload', () => {
  const own = 'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:tournaments-prod-reload';

  it('has a value for every name in its definition', () => {
    const machines = Object.fromEntries(resourcesOf(template, 'AWS::StepFunctions::StateMachine'));
    const substitutions = machines.ReloadStateMachine?.DefinitionSubstitutions as Record<string, string>;
    expect(Object.keys(substitutions).toSorted()).toEqual(reloadSubstitutions('workgroup').toSorted());
    expect(substitutions).toMatchObject({ ReloadPageArn: '<ReloadPage.Arn>', RefreshNextArn: '<RefreshNext.Arn>' });
  });

  it('has the name that its role knows: it starts its own successor, and nothing else of ours starts it', () => {
    const machines = Object.fromEntries(resourcesOf(template, 'AWS::StepFunctions::StateMachine'));
    expect(own).toContain(`:${machines.ReloadStateMachine?.StateMachineName}`);
    const starters = grantLines(template).filter((line) => line.endsWith('-reload') && line.includes('StartExecution'));
    expect(starters).toEqual([`ReloadStateMachineRole  states:StartExecution  ${own}`]);
  });

  it('lists the objects of the lake, and nothing beside them', () => {
    expect(grantLines(template).filter((line) => /^ReloadPageRole {2}s3:/.test(line))).toEqual([
      'ReloadPageRole  s3:ListBucket  <LakeBucket.Arn>  {"StringLike":{"s3:prefix":"raw/*"}}',
      'ReloadPageRole  s3:PutObject  <LakeBucket.Arn>/manifests/*',
    ]);
  });
});
