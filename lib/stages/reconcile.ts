import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { writeEnvironment } from '../pipeline/environment.ts';
import { reconcileMachine, reconcileSubstitutions } from '../pipeline/machines/reconcile.ts';
import { pascalCase, stackOutputs } from '../pipeline/outputs.ts';
import type { StageContext } from './context.ts';
import { type Grant, roleWith } from './grant.ts';
import { stackOutput } from './output.ts';
import { pipelineFunction } from './pipeline-function.ts';
import { pipelineMachine } from './pipeline-machine.ts';
import type { SourcedDataset } from './sources.ts';
import { onTables, type ReadTable, readTables, tableNames } from './tables-read.ts';
import type { Warehouse } from './warehouse.ts';

export interface ReconcileProps {
  readonly datasets: readonly SourcedDataset[];
  readonly warehouse: Warehouse;
}

const steps = ['Count', 'Compare', 'Report'] as const;
type Step = (typeof steps)[number];

const descriptions: Record<Step, string> = {
  Count: 'Counts a source, some pages at a time',
  Compare: 'Compares a source with latest: the counts, and a sample of the keys',
  Report: 'Notes what has drifted, in ops.reconciliations and as metrics',
};

/** Compares sources that can be counted with `latest`: on a schedule where the configuration says so, else when asked. */
export class Reconcile extends Construct {
  /** Absent where no source can be counted. */
  readonly stateMachine?: StateMachine;

  constructor(scope: Construct, id: string, context: StageContext, props: ReconcileProps) {
    super(scope, id);
    const tables = readTables(props.datasets);
    if (tables.length === 0) return;
    this.stateMachine = this.#machine(context, tables, props.warehouse);
    const { stateMachineArn } = this.stateMachine;
    stackOutput(this, stackOutputs.reconcileStateMachineArn, stateMachineArn, 'Compares a source with latest');
    this.#schedules(context, props.datasets, stateMachineArn);
  }

  #machine(context: StageContext, tables: readonly ReadTable[], warehouse: Warehouse): StateMachine {
    const functions = steps.map((step) => [step, this.#function(context, step, tables, warehouse)] as const);
    const arns = functions.map(([step, { functionArn }]) => [`Reconcile${step}Arn`, functionArn]);
    return pipelineMachine(this, 'StateMachine', {
      context,
      logName: `${context.service}-reconcile`,
      comment: 'Counts a source, compares it with latest, reports what drifted',
      definition: reconcileMachine(tables),
      names: reconcileSubstitutions(tables),
      values: { ...Object.fromEntries(arns), ...tableNames(tables) },
      holdsKeys: true,
      grants: [{ actions: ['lambda:InvokeFunction'], resources: functions.map(([, { functionArn }]) => functionArn) }],
    });
  }

  #function(context: StageContext, step: Step, tables: readonly ReadTable[], warehouse: Warehouse): LambdaFunction {
    const name = step.toLowerCase() as Lowercase<Step>;
    const grants: Record<Step, readonly Grant[]> = {
      Count: [onTables(tables, 'Scan')],
      Compare: [onTables(tables, 'BatchGetItem', 'DescribeTable', 'Scan'), ...warehouse.querying],
      Report: warehouse.querying,
    };
    return pipelineFunction(this, step, {
      context,
      handler: `reconcile-${name}`,
      logName: `reconcile/${name}`,
      description: descriptions[step],
      environment: writeEnvironment('reconcile', { MILLRACE_WAREHOUSE: warehouse.target }),
      grants: grants[step],
      memoryMegabytes: 512,
      timeoutSeconds: 300,
    });
  }

  #schedules(context: StageContext, datasets: readonly SourcedDataset[], stateMachineArn: string): void {
    const scheduled = datasets.flatMap(({ name, dataset: { reconcile } }) =>
      reconcile ? [{ name, ...reconcile }] : [],
    );
    if (scheduled.length === 0) return;
    const role = roleWith(this, 'ScheduleRole', {
      services: ['scheduler.amazonaws.com'],
      description: `${context.service}: starts reconciliations`,
      grants: [{ actions: ['states:StartExecution'], resources: [stateMachineArn] }],
    });
    for (const { name, everyHours } of scheduled) {
      const hours = everyHours === 1 ? 'hour' : 'hours';
      new CfnSchedule(this, `${pascalCase(name)}Schedule`, {
        description: `Compares ${name} with its source every ${everyHours === 1 ? hours : `${everyHours} ${hours}`}`,
        scheduleExpression: `rate(${everyHours} ${hours})`,
        flexibleTimeWindow: { mode: 'OFF' },
        // One that could not be started is made good by the next one.
        target: {
          arn: stateMachineArn,
          roleArn: role.roleArn,
          input: JSON.stringify({ dataset: name }),
          retryPolicy: { maximumRetryAttempts: 0 },
        },
      });
    }
  }
}
