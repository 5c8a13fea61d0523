import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { ArnFormat, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { writeEnvironment } from '../pipeline/environment.ts';
import { reloadMachine, reloadSubstitutions } from '../pipeline/machines/reload.ts';
import { lakePrefixes } from '../pipeline/names.ts';
import { stackOutputs } from '../pipeline/outputs.ts';
import type { StageContext } from './context.ts';
import type { Grant } from './grant.ts';
import type { Lake } from './lake.ts';
import { stackOutput } from './output.ts';
import { pipelineFunction } from './pipeline-function.ts';
import { pipelineMachine } from './pipeline-machine.ts';
import type { Arrivals } from './register.ts';
import type { Warehouse } from './warehouse.ts';

export interface ReloadProps {
  readonly state: Table;
  readonly lake: Lake;
  readonly arrivals: Arrivals;
  readonly warehouse: Warehouse;
  /** Says what a piece of work submits next. */
  readonly next: LambdaFunction;
}

const steps = ['Open', 'Page', 'Note', 'Close'] as const;
type Step = (typeof steps)[number];

const descriptions: Record<Step, string> = {
  Open: 'Takes a reload, from where an execution before it has left it',
  Page: 'Lists what the lake has after the cursor, writes the manifests of the next loads',
  Note: 'Notes what a page has loaded, says how it goes on',
  Close: 'Notes how a reload ended',
};

/** The state machine that loads a part of the lake again, or rebuilds a dataset from all of it. People start it. */
export class Reload extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, context: StageContext, props: ReloadProps) {
    super(scope, id);
    const functions = Object.fromEntries(steps.map((step) => [step, this.#function(context, step, props)])) as Record<
      Step,
      LambdaFunction
    >;
    this.stateMachine = this.#machine(context, functions, props);
    const { stateMachineArn } = this.stateMachine;
    stackOutput(
      this,
      stackOutputs.reloadStateMachineArn,
      stateMachineArn,
      'Backfills and rebuilds: `millrace backfill`',
    );
    props.arrivals.takesDeaths('ReloadDied', 'Reloads that did not end by themselves', stateMachineArn);
  }

  #function(context: StageContext, step: Step, props: ReloadProps): LambdaFunction {
    const name = step.toLowerCase() as Lowercase<Step>;
    return pipelineFunction(this, step, {
      context,
      handler: `reload-${name}`,
      logName: `reload/${name}`,
      description: descriptions[step],
      environment: writeEnvironment('reload', {
        MILLRACE_STATE_TABLE: props.state.tableName,
        MILLRACE_LAKE_BUCKET: props.lake.bucket.bucketName,
      }),
      grants: calls(step, props),
      memoryMegabytes: 512,
      timeoutSeconds: 60,
    });
  }

  #machine(context: StageContext, functions: Record<Step, LambdaFunction>, props: ReloadProps): StateMachine {
    const { warehouse, arrivals, next } = props;
    // The role is there before the machine, so it names the machine by a name that is known beforehand.
    const name = `${context.service}-reload`;
    const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
    const own = Stack.of(this).formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: name,
      arnFormat,
    });
    return pipelineMachine(this, 'StateMachine', {
      context,
      name,
      logName: name,
      comment: 'Loads a part of the lake again, or rebuilds a dataset from all of it',
      definition: reloadMachine({ target: warehouse.warehouseKind }),
      names: reloadSubstitutions(warehouse.warehouseKind),
      values: {
        ...Object.fromEntries(steps.map((step) => [`Reload${step}Arn`, functions[step].functionArn])),
        RefreshNextArn: next.functionArn,
        RegisterQueueUrl: arrivals.queue.queueUrl,
        ...warehouse.substitutions,
      },
      grants: [
        {
          actions: ['lambda:InvokeFunction'],
          resources: [...Object.values(functions), next].map((one) => one.functionArn),
        },
        ...warehouse.submitting,
        { actions: ['sqs:SendMessage'], resources: [arrivals.queue.queueArn] },
        { actions: ['states:StartExecution'], resources: [own] },
      ],
    });
  }
}

/** What a step's handler calls. */
function calls(step: Step, { state, lake }: ReloadProps): Grant[] {
  const onState = (...actions: string[]): Grant => ({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [state.tableArn],
  });
  const listing: Grant = {
    actions: ['s3:ListBucket'],
    resources: [lake.bucket.bucketArn],
    conditions: { StringLike: { 's3:prefix': `${lakePrefixes.raw}*` } },
  };
  const writingManifests: Grant = {
    actions: ['s3:PutObject'],
    resources: [lake.objectsArn('manifests')],
    because: 'A manifest is named after its load; the pattern names their prefix only',
  };
  const grants: Record<Step, Grant[]> = {
    Open: [onState('GetItem', 'PutItem')],
    Page: [listing, writingManifests, onState('Query')],
    Note: [onState('PutItem'), listing],
    Close: [onState('PutItem')],
  };
  return grants[step];
}
