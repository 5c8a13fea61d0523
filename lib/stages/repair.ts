import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { writeEnvironment } from '../pipeline/environment.ts';
import { repairMachine, repairSubstitutions } from '../pipeline/machines/repair.ts';
import { stackOutputs } from '../pipeline/outputs.ts';
import { stateKeys } from '../pipeline/state-items.ts';
import type { StageContext } from './context.ts';
import type { Grant } from './grant.ts';
import { landing } from './ingest.ts';
import type { Lake } from './lake.ts';
import { stackOutput } from './output.ts';
import { pipelineFunction } from './pipeline-function.ts';
import { pipelineMachine } from './pipeline-machine.ts';
import type { Arrivals } from './register.ts';
import type { SourcedDataset } from './sources.ts';
import { onTables, type ReadTable, readTables, tableNames } from './tables-read.ts';
import type { Warehouse } from './warehouse.ts';

export interface RepairProps {
  readonly datasets: readonly SourcedDataset[];
  readonly lake: Lake;
  readonly state: Table;
  readonly warehouse: Warehouse;
  readonly arrivals: Arrivals;
}

const steps = ['Step', 'End'] as const;
type Step = (typeof steps)[number];

const descriptions: Record<Step, string> = {
  Step: 'Compares some pages of a source with latest and lands what corrects it',
  End: 'Notes that a repair gave up',
};

/** Lands, for sources that can be read as a whole, what `latest` has lost or has wrong. Only ever when asked. */
export class Repair extends Construct {
  readonly stateMachine?: StateMachine;

  constructor(scope: Construct, id: string, context: StageContext, props: RepairProps) {
    super(scope, id);
    const tables = readTables(props.datasets);
    if (tables.length === 0) return;
    const functions = steps.map((step) => [step, this.#function(context, step, tables, props)] as const);
    const arns = functions.map(([step, { functionArn }]) => [`Repair${step}Arn`, functionArn]);
    this.stateMachine = pipelineMachine(this, 'StateMachine', {
      context,
      logName: `${context.service}-repair`,
      comment: 'Lands what latest has lost or has wrong',
      definition: repairMachine(tables),
      names: repairSubstitutions(tables),
      values: { ...Object.fromEntries(arns), ...tableNames(tables) },
      grants: [{ actions: ['lambda:InvokeFunction'], resources: functions.map(([, { functionArn }]) => functionArn) }],
    });
    const { stateMachineArn } = this.stateMachine;
    stackOutput(this, stackOutputs.repairStateMachineArn, stateMachineArn, 'Mends what latest has lost or has wrong');
  }

  #function(context: StageContext, step: Step, tables: readonly ReadTable[], props: RepairProps): LambdaFunction {
    const { lake, state, warehouse, arrivals } = props;
    const name = step.toLowerCase() as Lowercase<Step>;
    const keepingProgress: Grant = {
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      resources: [state.tableArn],
      conditions: {
        'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': tables.map((table) => stateKeys.repair(table.name).pk) },
      },
    };
    const reading = [onTables(tables, 'BatchGetItem', 'DescribeTable', 'Scan'), ...warehouse.querying];
    const writing = landing(
      tables.map((table) => table.name),
      lake,
      arrivals,
    );
    return pipelineFunction(this, step, {
      context,
      handler: `repair-${name}`,
      logName: `repair/${name}`,
      description: descriptions[step],
      environment: writeEnvironment('repair', {
        MILLRACE_WAREHOUSE: warehouse.target,
        MILLRACE_STATE_TABLE: state.tableName,
        MILLRACE_LAKE_BUCKET: lake.bucket.bucketName,
        MILLRACE_CODEC: context.config.lake.codec,
        MILLRACE_REGISTER_QUEUE_URL: arrivals.queue.queueUrl,
      }),
      grants: step === 'Step' ? [keepingProgress, ...reading, ...writing] : [keepingProgress],
      memoryMegabytes: 1024,
      timeoutSeconds: 300,
    });
  }
}
