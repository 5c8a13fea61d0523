import { EventSourceMapping, type Function as LambdaFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { type CfnResource, Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { writeEnvironment } from '../pipeline/environment.ts';
import { abandonedPrefix } from '../pipeline/names.ts';
import { pascalCase } from '../pipeline/outputs.ts';
import type { StageContext } from './context.ts';
import type { Grant } from './grant.ts';
import type { Lake } from './lake.ts';
import { pipelineFunction } from './pipeline-function.ts';
import type { Arrivals } from './register.ts';
import type { SourcedDataset, StreamDoor } from './sources.ts';

/** How streams are read. Retries and age are bounded, because by default one poison record blocks its shard for a day. */
export const delivery = {
  batchSize: 1000,
  windowSeconds: 5,
  retryAttempts: 10,
  maxRecordAgeSeconds: 6 * 3600,
} as const;

/** One function a stream: a batch of stream records becomes one compressed object in the lake. */
export class Ingest extends Construct {
  /** The functions, by dataset. */
  readonly functions: ReadonlyMap<string, LambdaFunction>;

  constructor(
    scope: Construct,
    id: string,
    context: StageContext,
    props: { datasets: readonly SourcedDataset[]; lake: Lake; arrivals: Arrivals },
  ) {
    super(scope, id);
    const { datasets, lake, arrivals } = props;
    const functions = new Map<string, LambdaFunction>();
    for (const { name, door } of datasets) {
      if (door.kind === 'rest') continue;
      const ingest = this.#function(context, name, door, { lake, arrivals });
      this.#mapping(name, door, ingest, lake);
      functions.set(name, ingest);
    }
    this.functions = functions;
  }

  #function(
    context: StageContext,
    name: string,
    door: StreamDoor,
    { lake, arrivals }: { lake: Lake; arrivals: Arrivals },
  ): LambdaFunction {
    return pipelineFunction(this, pascalCase(name), {
      context,
      handler: `ingest-${door.kind}`,
      logName: `ingest/${name}`,
      description: `Lands ${name} from its ${door.kind} stream in the lake`,
      environment: writeEnvironment('ingest', {
        MILLRACE_DATASET: name,
        MILLRACE_LAKE_BUCKET: lake.bucket.bucketName,
        MILLRACE_CODEC: context.config.lake.codec,
        MILLRACE_REGISTER_QUEUE_URL: arrivals.queue.queueUrl,
      }),
      grants: [...reading(door), ...landing([name], lake, arrivals), ...abandoning(lake)],
      memoryMegabytes: 1024,
      timeoutSeconds: 60,
    });
  }

  #mapping(name: string, door: StreamDoor, target: LambdaFunction, lake: Lake): void {
    const mapping = new EventSourceMapping(this, `${pascalCase(name)}Mapping`, {
      target,
      eventSourceArn: door.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: delivery.batchSize,
      maxBatchingWindow: Duration.seconds(delivery.windowSeconds),
      parallelizationFactor: 1,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: delivery.retryAttempts,
      maxRecordAge: Duration.seconds(delivery.maxRecordAgeSeconds),
      // The bucket itself: a queue would be told where the records were, the bucket is given the records.
      onFailure: { bind: () => ({ destination: lake.bucket.bucketArn }) },
    });
    if (door.standIn) this.#standIn(mapping, door.standIn);
  }

  #standIn(mapping: EventSourceMapping, standIn: object): void {
    const resource = mapping.node.defaultChild as CfnResource;
    resource.addMetadata('millrace:standIn', standIn);
  }
}

/** What Lambda itself calls, as the function, to read the stream. */
function reading(door: StreamDoor): Grant[] {
  if (door.kind === 'kinesis') {
    const reads = ['DescribeStream', 'DescribeStreamSummary', 'GetRecords', 'GetShardIterator', 'ListShards'];
    return [{ actions: reads.map((action) => `kinesis:${action}`), resources: [door.streamArn] }];
  }
  const reads = ['DescribeStream', 'GetRecords', 'GetShardIterator'];
  return [
    { actions: reads.map((action) => `dynamodb:${action}`), resources: [door.streamArn] },
    {
      actions: ['dynamodb:ListStreams'],
      resources: [`${door.tableArn}/stream/*`],
      because: 'Lambda lists the streams of the table before it reads one; the pattern names this table only',
    },
  ];
}

/** Whoever lands records writes under the prefixes of his own datasets only, and confirms to register what they wrote. */
export function landing(datasets: readonly string[], lake: Lake, arrivals: Arrivals): Grant[] {
  return [
    {
      actions: ['s3:PutObject'],
      resources: datasets.flatMap((one) => [lake.objectsArn('raw', one), lake.objectsArn('quarantine', one)]),
      because: 'Objects are named after what is in them; the patterns name the prefixes of what is landed only',
    },
    { actions: ['sqs:SendMessage'], resources: [arrivals.queue.queueArn] },
  ];
}

/** What Lambda itself calls, as the function, to keep a batch it gave up on; it asks for the bucket's listing as well. */
function abandoning(lake: Lake): Grant[] {
  return [
    {
      actions: ['s3:PutObject'],
      resources: [lake.bucket.arnForObjects(`${abandonedPrefix}*`)],
      because: 'Lambda names the object after the mapping, whose id is not known before it exists',
    },
    { actions: ['s3:ListBucket'], resources: [lake.bucket.bucketArn] },
  ];
}
