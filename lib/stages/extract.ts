import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { writeEnvironment } from '../pipeline/environment.ts';
import { pascalCase } from '../pipeline/outputs.ts';
import { stateKeys } from '../pipeline/state-items.ts';
import type { StageContext } from './context.ts';
import { roleWith } from './grant.ts';
import { landing } from './ingest.ts';
import type { Lake } from './lake.ts';
import { pipelineFunction } from './pipeline-function.ts';
import type { Arrivals } from './register.ts';
import type { RestDoor, SourcedDataset } from './sources.ts';

interface ExtractProps {
  readonly datasets: readonly SourcedDataset[];
  readonly lake: Lake;
  readonly state: Table;
  readonly arrivals: Arrivals;
}

/** A pull of many pages: it stops in time and goes on from its watermark at the next. */
const timeoutSeconds = 300;

/** One function an API, and the schedule that starts it. */
export class Extract extends Construct {
  /** The functions, by dataset. */
  readonly functions: ReadonlyMap<string, LambdaFunction>;

  constructor(scope: Construct, id: string, context: StageContext, props: ExtractProps) {
    super(scope, id);
    const functions = new Map<string, LambdaFunction>();
    for (const { name, door } of props.datasets) {
      if (door.kind !== 'rest') continue;
      const extract = this.#function(context, name, door, props);
      this.#schedule(context, name, door, extract);
      functions.set(name, extract);
    }
    this.functions = functions;
  }

  #function(context: StageContext, name: string, door: RestDoor, props: ExtractProps): LambdaFunction {
    const { kind: _kind, everyMinutes: _everyMinutes, ...rest } = door.source;
    return pipelineFunction(this, pascalCase(name), {
      context,
      handler: 'extract',
      logName: `extract/${name}`,
      description: `Pulls what has changed of ${name} into the lake`,
      environment: writeEnvironment('extract', {
        MILLRACE_DATASET: name,
        MILLRACE_LAKE_BUCKET: props.lake.bucket.bucketName,
        MILLRACE_CODEC: context.config.lake.codec,
        MILLRACE_REGISTER_QUEUE_URL: props.arrivals.queue.queueUrl,
        MILLRACE_STATE_TABLE: props.state.tableName,
        MILLRACE_SECRET_ARN: door.secretArn,
        MILLRACE_REST: rest,
      }),
      grants: [
        ...landing([name], props.lake, props.arrivals),
        { actions: ['secretsmanager:GetSecretValue'], resources: [door.secretArn] },
        {
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
          resources: [props.state.tableArn],
          conditions: ownItems(name),
        },
      ],
      memoryMegabytes: 512,
      timeoutSeconds,
    });
  }

  #schedule(context: StageContext, name: string, door: RestDoor, target: LambdaFunction): void {
    const role = roleWith(this, `${pascalCase(name)}ScheduleRole`, {
      services: ['scheduler.amazonaws.com'],
      description: `${context.service}: starts extract/${name}`,
      grants: [{ actions: ['lambda:InvokeFunction'], resources: [target.functionArn] }],
    });
    const minutes = door.source.everyMinutes;
    new CfnSchedule(this, `${pascalCase(name)}Schedule`, {
      description: `Pulls ${name} every ${minutes === 1 ? 'minute' : `${minutes} minutes`}`,
      scheduleExpression: `rate(${minutes} ${minutes === 1 ? 'minute' : 'minutes'})`,
      flexibleTimeWindow: { mode: 'OFF' },
      // A pull that could not be started is made good by the next one.
      target: { arn: target.functionArn, roleArn: role.roleArn, retryPolicy: { maximumRetryAttempts: 0 } },
    });
  }
}

/** Only the items of this dataset: the state table is shared. */
function ownItems(dataset: string) {
  return { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [stateKeys.watermark(dataset).pk] } };
}
