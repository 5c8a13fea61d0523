import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { writeEnvironment } from '../pipeline/environment.ts';
import { longestWaitSeconds } from '../pipeline/lease.ts';
import { refreshMachine, refreshSubstitutions } from '../pipeline/machines/refresh.ts';
import { stackOutputs } from '../pipeline/outputs.ts';
import { datasetPlans, type StageContext } from './context.ts';
import { type Grant, readingStatements } from './grant.ts';
import type { Lake } from './lake.ts';
import { mendFunction } from './mend.ts';
import { stackOutput } from './output.ts';
import { pipelineFunction } from './pipeline-function.ts';
import { pipelineMachine } from './pipeline-machine.ts';
import type { Arrivals } from './register.ts';
import type { Warehouse } from './warehouse.ts';

export interface RefreshProps {
  readonly state: Table;
  readonly lake: Lake;
  readonly arrivals: Arrivals;
  readonly warehouse: Warehouse;
}

const steps = ['Lease', 'Plan', 'Next', 'Advance', 'Settle'] as const;
type Step = (typeof steps)[number];

const descriptions: Record<Step, string> = {
  Lease: 'Takes the lane and says how long to wait for more to come',
  Plan: 'Lists what is pending, writes the manifests, orders the loads',
  Next: 'Says what a load submits next, or that it is done',
  Advance: 'Looks at all models under way, sends what is next, begins what has become ready',
  Settle: 'Clears what was loaded, frees the lane, says which lanes have more to do',
};

/** The state machine that loads all that is pending, builds the models it affects and publishes them. */
export class Refresh extends Construct {
  readonly stateMachine: StateMachine;
  /** Says what any piece of work submits next: the work of other machines as well. */
  readonly next: LambdaFunction;

  constructor(scope: Construct, id: string, context: StageContext, props: RefreshProps) {
    super(scope, id);
    const functions = Object.fromEntries(steps.map((step) => [step, this.#function(context, step, props)])) as Record<
      Step,
      LambdaFunction
    >;
    this.next = functions.Next;
    this.stateMachine = this.#machine(context, functions, mendFunction(this, context, props), props);
    stackOutput(
      this,
      stackOutputs.refreshStateMachineArn,
      this.stateMachine.stateMachineArn,
      'The refresh: its executions show every statement',
    );
    // A run that died cannot settle its lane: register does it in its place.
    props.arrivals.takesDeaths(
      'RefreshDied',
      'Refreshes that did not end by themselves',
      this.stateMachine.stateMachineArn,
    );
  }

  #function(context: StageContext, step: Step, props: RefreshProps): LambdaFunction {
    const name = step.toLowerCase() as Lowercase<Step>;
    return pipelineFunction(this, step, {
      context,
      handler: `refresh-${name}`,
      logName: `refresh/${name}`,
      description: descriptions[step],
      environment: writeEnvironment('refresh', {
        MILLRACE_STATE_TABLE: props.state.tableName,
        MILLRACE_LAKE_BUCKET: props.lake.bucket.bucketName,
        MILLRACE_WAREHOUSE: props.warehouse.target,
        MILLRACE_READERS: context.config.readers,
      }),
      grants: calls(step, props),
      memoryMegabytes: 512,
      timeoutSeconds: 60,
    });
  }

  #machine(
    context: StageContext,
    functions: Record<Step, LambdaFunction>,
    mend: LambdaFunction,
    props: RefreshProps,
  ): StateMachine {
    const { warehouse, arrivals } = props;
    const { warehouseKind } = warehouse;
    const longest = longestWaitSeconds(datasetPlans(context.config));
    return pipelineMachine(this, 'StateMachine', {
      context,
      logName: context.service,
      comment: 'Loads what is pending, builds the models it affects, publishes them',
      definition: refreshMachine({ target: warehouseKind, longestWaitSeconds: longest }),
      names: refreshSubstitutions(warehouseKind),
      values: {
        ...Object.fromEntries(steps.map((step) => [`Refresh${step}Arn`, functions[step].functionArn])),
        MendArn: mend.functionArn,
        RegisterQueueUrl: arrivals.queue.queueUrl,
        ...warehouse.substitutions,
      },
      grants: [
        {
          actions: ['lambda:InvokeFunction'],
          resources: [...Object.values(functions), mend].map((one) => one.functionArn),
        },
        ...warehouse.submitting,
        { actions: ['sqs:SendMessage'], resources: [arrivals.queue.queueArn] },
      ],
    });
  }
}

/** What a step's handler calls. */
function calls(step: Step, { state, lake, warehouse }: RefreshProps): Grant[] {
  const onState = (...actions: string[]): Grant => ({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [state.tableArn],
  });
  const writingManifests: Grant = {
    actions: ['s3:PutObject'],
    resources: [lake.objectsArn('manifests')],
    because: 'A manifest is named after its run; the pattern names their prefix only',
  };
  const writingLineage: Grant = {
    actions: ['s3:PutObject'],
    resources: [lake.objectsArn('openLineage')],
    because: 'What came of a run is named after it; the pattern names their prefix only',
  };
  const readingManifests: Grant = { ...writingManifests, actions: ['s3:GetObject'] };
  const grants: Record<Step, Grant[]> = {
    Lease: [onState('UpdateItem', 'Query')],
    Plan: [onState('GetItem', 'Query'), writingManifests],
    Next: [readingStatements, writingManifests],
    Advance: [onState('Query'), ...warehouse.running, readingManifests, writingManifests],
    Settle: [
      onState('ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
      readingManifests,
      writingLineage,
    ],
  };
  return grants[step];
}
