import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { MillraceError } from '../pipeline/error.ts';
import type { StateMachineDefinition } from '../pipeline/machines/language.ts';
import type { StageContext } from './context.ts';
import { type Grant, roleWith, tracing } from './grant.ts';
import { serviceLogGroup } from './pipeline-function.ts';

export interface PipelineMachineProps {
  readonly context: StageContext;
  /** Path under Step Functions' log groups: the service, and what sets the machine apart from the others of the service. */
  readonly logName: string;
  readonly comment: string;
  readonly definition: StateMachineDefinition;
  /** A name of its own, for a machine whose role names the machine; absent: CloudFormation gives it one. */
  readonly name?: string;
  /** What the definition names as `${Name}`. */
  readonly names: readonly string[];
  /** A value for each of the names. */
  readonly values: Readonly<Record<string, string | undefined>>;
  /** Its state holds keys of records: they stay out of the logs. */
  readonly holdsKeys?: boolean;
  /** What its states call, beside its own logs and traces. */
  readonly grants: readonly Grant[];
}

/** One of the pipeline's state machines: its definition, its role with its grants and no more, its log group, its traces. */
export function pipelineMachine(scope: Construct, id: string, props: PipelineMachineProps): StateMachine {
  const { context, comment } = props;
  return new StateMachine(scope, id, {
    comment,
    ...(props.name !== undefined && { stateMachineName: props.name }),
    stateMachineType: StateMachineType.STANDARD,
    definitionBody: DefinitionBody.fromString(JSON.stringify(props.definition)),
    definitionSubstitutions: substitutions(props),
    role: roleWith(scope, `${id}Role`, {
      services: ['states.amazonaws.com'],
      description: `${context.service}: what its state machine may do (${comment})`.slice(0, 1000),
      grants: [...props.grants, tracing, sampling, logDelivery],
    }),
    tracingEnabled: true,
    logs: {
      destination: serviceLogGroup(scope, `${id}Logs`, `/aws/vendedlogs/states/millrace/${props.logName}`),
      level: LogLevel.ALL,
      // Statements and object names: no record, no secret.
      includeExecutionData: !props.holdsKeys,
    },
  });
}

/** A name without a value is a bug that must not be deployed. */
function substitutions({ names, values }: PipelineMachineProps): Record<string, string> {
  const valueOf = (name: string) => {
    const value = values[name];
    if (value === undefined)
      throw new MillraceError('NO_SUBSTITUTION', `the state machine names \${${name}}, which nobody gives`);
    return value;
  };
  return Object.fromEntries(names.map((name) => [name, valueOf(name)]));
}

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
