import type { Template } from '../../lib/app.ts';
import { reloadSubstitutions } from '../../lib/pipeline/machines/reload.ts';
import demo from '../../millrace.config.ts';
import { openStack, removeFolders } from './synthesis.ts';
import { grantLines, resourcesOf } from './template.ts';

let template: Template;

beforeAll(async () => {
  template = (await openStack(demo)).template();
});
afterAll(removeFolders);

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
