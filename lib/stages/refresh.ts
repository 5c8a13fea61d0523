import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { writeEnvironment } from '../pipeline/environment.ts';
import { MillraceError } from '../pipeline/error.ts';
import { longestWaitSeconds } from '../pipeline/lease.ts';
import { stackOutputs } from '../pipeline/outputs.ts';
import { refreshMachine, refreshSubstitutions, type WarehouseKind } from '../pipeline/refresh-machine.ts';
import { deadStatuses } from '../pipeline/register-message.ts';
import { datasetPlans, type StageContext } from './context.ts';
import { type Grant, roleWith, tracing } from './grant.ts';
import type { Lake } from './lake.ts';
import { stackOutput } from './output.ts';
import { pipelineFunction, serviceLogGroup } from './pipeline-function.ts';
import type { Arrivals } from './register.ts';
import type { Warehouse } from './warehouse.ts';

export interface RefreshProps {
  readonly state: Table;
  readonly lake: Lake;
  readonly arrivals: Arrivals;
  readonly warehouse: Warehouse;
}

const steps = ['Lease', 'Plan', 'Next', 'Select', 'Settle'] as const;
type Step = (typeof steps)[number];

const descriptions: Record<Step, string> = {
  Lease: 'Takes the lane and says how long to wait for more to come',
  Plan: 'Lists what is pending, writes the manifests, orders the loads',
  Next: 'Says what a load or a model submits next, or that it is done',
  Select: 'Says which models the loads affect, in dependency order',
  Settle: 'Clears what was loaded, frees the lane, says whether more has come',
};

/** The state machine that loads all that is pending, builds the models it affects and publishes them. */
export class Refresh extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, context: StageContext, props: RefreshProps) {
    super(scope, id);
    const functions = Object.fromEntries(steps.map((step) => [step, this.#function(context, step, props)])) as Record<
      Step,
      LambdaFunction
    >;
    this.stateMachine = this.#machine(context, functions, props);
    stackOutput(
      this,
      stackOutputs.refreshStateMachineArn,
      this.stateMachine.stateMachineArn,
      'The refresh: its executions show every statement',
    );
    // A run that died cannot settle its lane: register does it in its place.
    props.arrivals.takes('RefreshDied', 'Refreshes that did not end by themselves', {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: [this.stateMachine.stateMachineArn], status: [...deadStatuses] },
    });
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

  #machine(context: StageContext, functions: Record<Step, LambdaFunction>, props: RefreshProps): StateMachine {
    const target: WarehouseKind = props.warehouse.target.workgroupName ? 'workgroup' : 'cluster';
    const definition = refreshMachine({ target, longestWaitSeconds: longestWaitSeconds(datasetPlans(context.config)) });
    return new StateMachine(this, 'StateMachine', {
      comment: 'Loads what is pending, builds the models it affects, publishes them',
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(JSON.stringify(definition)),
      definitionSubstitutions: substitutions(target, functions, props),
      role: this.#role(context, Object.values(functions), props),
      tracingEnabled: true,
      logs: {
        destination: serviceLogGroup(this, 'StateMachineLogs', `/aws/vendedlogs/states/millrace/${context.service}`),
        level: LogLevel.ALL,
        // Statements and object names: no record, no secret.
        includeExecutionData: true,
      },
    });
  }

  #role(context: StageContext, functions: readonly LambdaFunction[], { warehouse, arrivals }: RefreshProps) {
    return roleWith(this, 'StateMachineRole', {
      services: ['states.amazonaws.com'],
      description: `${context.service}: what the refresh may do`,
      grants: [
        { actions: ['lambda:InvokeFunction'], resources: functions.map((one) => one.functionArn) },
        { actions: ['redshift-data:BatchExecuteStatement'], resources: [warehouse.arn] },
        describing,
        { actions: ['secretsmanager:GetSecretValue'], resources: [warehouse.target.secretArn] },
        { actions: ['sqs:SendMessage'], resources: [arrivals.queue.queueArn] },
        tracing,
        sampling,
        logDelivery,
      ],
    });
  }
}

/** What became of a statement is asked by its id. */
const describing: Grant = {
  actions: ['redshift-data:DescribeStatement'],
  resources: ['*'],
  because:
    'It takes no resource; its one condition, the owner, includes the name of the session, which no service promises to keep',
};

const sampling: Grant = {
  actions: ['xray:GetSamplingRules', 'xray:GetSamplingTargets'],
  resources: ['*'],
  because: 'Sampling is set for the account: these take no resource',
};

const logDelivery: Grant = {
  actions: [
    ...['CreateLogDelivery', 'GetLogDelivery', 'UpdateLogDelivery', 'DeleteLogDelivery', 'ListLogDeliveries'],
    ...['PutResourcePolicy', 'DescribeResourcePolicies', 'DescribeLogGroups'],
  ].map((action) => `logs:${action}`),
  resources: ['*'],
  because: 'Log delivery is set up for the account, not for a log group: none of these takes a resource',
};

/** A value for every name in the definition; a name without one is a bug that must not be deployed. */
function substitutions(
  target: WarehouseKind,
  functions: Record<Step, LambdaFunction>,
  { arrivals, warehouse }: RefreshProps,
): Record<string, string> {
  const values: Record<string, string | undefined> = {
    ...Object.fromEntries(steps.map((step) => [`Refresh${step}Arn`, functions[step].functionArn])),
    RegisterQueueUrl: arrivals.queue.queueUrl,
    Database: warehouse.target.database,
    SecretArn: warehouse.target.secretArn,
    WorkgroupName: warehouse.target.workgroupName,
    ClusterIdentifier: warehouse.target.clusterIdentifier,
  };
  const valueOf = (name: string) => {
    const value = values[name];
    if (value === undefined)
      throw new MillraceError('NO_SUBSTITUTION', `the state machine names \${${name}}, which nobody gives`);
    return value;
  };
  return Object.fromEntries(refreshSubstitutions(target).map((name) => [name, valueOf(name)]));
}

/** What a step's handler calls. */
function calls(step: Step, { state, lake }: RefreshProps): Grant[] {
  const onState = (...actions: string[]): Grant => ({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [state.tableArn],
  });
  const writingManifests: Grant = {
    actions: ['s3:PutObject'],
    resources: [lake.objectsArn('manifests')],
    because: 'A manifest is named after its run; the pattern names their prefix only',
  };
  const readingManifests: Grant = { ...writingManifests, actions: ['s3:GetObject'] };
  const readingResults: Grant = { ...describing, actions: [...describing.actions, 'redshift-data:GetStatementResult'] };
  const grants: Record<Step, Grant[]> = {
    Lease: [onState('UpdateItem', 'Query')],
    Plan: [onState('GetItem', 'Query'), writingManifests],
    Next: [readingResults],
    Select: [onState('Query')],
    Settle: [onState('DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'), readingManifests],
  };
  return grants[step];
}
