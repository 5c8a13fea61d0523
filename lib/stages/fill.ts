import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { writeEnvironment } from '../pipeline/environment.ts';
import {
  type FillStep,
  fillMachine,
  fillSteps,
  fillSubstitutions,
  tableSubstitutions,
} from '../pipeline/machines/fill.ts';
import { lakePrefixes } from '../pipeline/names.ts';
import { stackOutputs } from '../pipeline/outputs.ts';
import type { StageContext } from './context.ts';
import type { Grant } from './grant.ts';
import { landing } from './ingest.ts';
import type { Lake } from './lake.ts';
import { stackOutput } from './output.ts';
import { pipelineFunction } from './pipeline-function.ts';
import { pipelineMachine } from './pipeline-machine.ts';
import type { Arrivals } from './register.ts';
import type { SourcedDataset } from './sources.ts';
import type { Warehouse } from './warehouse.ts';

export interface FillProps {
  readonly datasets: readonly SourcedDataset[];
  readonly state: Table;
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  readonly arrivals: Arrivals;
}

const descriptions: Record<FillStep, string> = {
  Begin: 'Starts the export of a table into the lake',
  List: 'Says which files an export has',
  Convert: 'Converts files of an export into objects that the refresh loads',
  Close: 'Notes how a fill ended',
};

/** A file of an export is converted whole: the longest that Lambda gives, and room for the objects it makes. */
const working: Record<FillStep, { readonly memoryMegabytes: number; readonly timeoutSeconds: number }> = {
  Begin: { memoryMegabytes: 512, timeoutSeconds: 60 },
  List: { memoryMegabytes: 512, timeoutSeconds: 60 },
  Convert: { memoryMegabytes: 2048, timeoutSeconds: 900 },
  Close: { memoryMegabytes: 512, timeoutSeconds: 60 },
};

/** The state machine that fills a dataset from its DynamoDB table. There is none where no dataset has one. */
export class Fill extends Construct {
  readonly stateMachine?: StateMachine;

  constructor(scope: Construct, id: string, context: StageContext, props: FillProps) {
    super(scope, id);
    const tables = tablesOf(props.datasets);
    if (Object.keys(tables).length === 0) return;
    const functions = Object.fromEntries(
      fillSteps.map((step) => [step, this.#function(context, step, tables, props)]),
    ) as Record<FillStep, LambdaFunction>;
    const datasets = Object.keys(tables);
    this.stateMachine = pipelineMachine(this, 'StateMachine', {
      context,
      logName: `${context.service}-fill`,
      comment: 'Fills a dataset from an export of its DynamoDB table',
      definition: fillMachine(datasets),
      names: fillSubstitutions(datasets),
      values: {
        ...Object.fromEntries(fillSteps.map((step) => [`Fill${step}Arn`, functions[step].functionArn])),
        ...tableSubstitutions(tables),
      },
      grants: [
        { actions: ['lambda:InvokeFunction'], resources: Object.values(functions).map((one) => one.functionArn) },
        {
          actions: ['dynamodb:DescribeExport'],
          resources: Object.values(tables).map((arn) => `${arn}/export/*`),
          because: 'DynamoDB names an export when it begins; the pattern names the exports of these tables only',
        },
      ],
    });
    const { stateMachineArn } = this.stateMachine;
    stackOutput(this, stackOutputs.fillStateMachineArn, stateMachineArn, 'Fills a dataset from its table');
  }

  #function(
    context: StageContext,
    step: FillStep,
    tables: Readonly<Record<string, string>>,
    props: FillProps,
  ): LambdaFunction {
    const name = step.toLowerCase() as Lowercase<FillStep>;
    return pipelineFunction(this, step, {
      context,
      handler: `fill-${name}`,
      logName: `fill/${name}`,
      description: descriptions[step],
      environment: writeEnvironment('fill', {
        MILLRACE_STATE_TABLE: props.state.tableName,
        MILLRACE_LAKE_BUCKET: props.lake.bucket.bucketName,
        MILLRACE_CODEC: context.config.lake.codec,
        MILLRACE_REGISTER_QUEUE_URL: props.arrivals.queue.queueUrl,
        MILLRACE_WAREHOUSE: props.warehouse.target,
      }),
      grants: calls(step, tables, props),
      ...working[step],
    });
  }
}

function tablesOf(datasets: readonly SourcedDataset[]): Record<string, string> {
  return Object.fromEntries(
    datasets.flatMap(({ name, door }) => (door.kind === 'dynamodb' ? [[name, door.tableArn] as const] : [])),
  );
}

/** What a step's handler calls; of an export's writing, what DynamoDB does as whoever asks for it. */
function calls(step: FillStep, tables: Readonly<Record<string, string>>, props: FillProps): Grant[] {
  const { state, lake, warehouse, arrivals } = props;
  const onState = (...actions: string[]): Grant => ({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [state.tableArn],
  });
  const onExports = (...actions: string[]): Grant => ({
    actions: actions.map((action) => `s3:${action}`),
    resources: [lake.bucket.arnForObjects(`${lakePrefixes.exports}*`)],
    because: 'DynamoDB names the objects of an export; the pattern names their prefix only',
  });
  const arns = Object.values(tables);
  const exporting: Grant = {
    actions: ['dynamodb:DescribeTable', 'dynamodb:ExportTableToPointInTime'],
    resources: arns,
  };
  const grants: Record<FillStep, Grant[]> = {
    Begin: [exporting, onExports('AbortMultipartUpload', 'PutObject', 'PutObjectAcl'), onState('GetItem', 'PutItem')],
    List: [onExports('GetObject'), onState('GetItem', 'PutItem')],
    Convert: [
      onExports('GetObject'),
      ...landing(Object.keys(tables), lake, arrivals),
      onState('GetItem', 'PutItem'),
      ...warehouse.querying,
    ],
    Close: [onState('DeleteItem', 'GetItem', 'PutItem', 'Query')],
  };
  return grants[step];
}
