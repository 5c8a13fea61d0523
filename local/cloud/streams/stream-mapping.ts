import { MillraceError } from '../../../lib/pipeline/error.ts';
import { DynamoDbService } from '../dynamodb/dynamodb-service.ts';
import { KinesisService } from '../kinesis/kinesis-service.ts';
import type { CloudContext, Physical } from '../resource.ts';
import { Checkpoints } from './checkpoints.ts';
import { Delivery } from './delivery.ts';
import { DynamoDbSource } from './dynamodb-source.ts';
import { FailureDestination } from './failure-destination.ts';
import { KinesisSource } from './kinesis-source.ts';
import type { MappingProperties } from './mapping-properties.ts';
import type { StartAt, StreamSource } from './source.ts';
import { StreamPoller } from './stream-poller.ts';

/** The function of a mapping, and who it is. */
export interface Consumer {
  readonly logicalId: string;
  readonly id: string;
  readonly functionArn: string;
  readonly roleArn: string;
}

/** A local write rings; this is for writes that nobody told of. */
const idleMilliseconds = 30_000;
const discoveryMilliseconds = 60_000;

/** A mapping of a DynamoDB or Kinesis stream. */
export function openStreamMapping(
  consumer: Consumer,
  properties: MappingProperties,
  context: CloudContext,
): Pick<Physical, 'start' | 'stop'> {
  const source = openSource(consumer, properties, context);
  const checkpoints = new Checkpoints(context.stateDirectory('streams'), consumer.logicalId, source.streamArn);
  const destination = openDestination(consumer, properties, source, context);
  const delivery = openDelivery(consumer, properties, source, { checkpoints, destination, context });
  const poller = new StreamPoller({
    source,
    checkpoints,
    startingPosition: startingPosition(consumer.logicalId, properties),
    batchSize: properties.BatchSize ?? 100,
    batchingWindowMilliseconds: properties.MaximumBatchingWindowInSeconds * 1000 * context.speed.batchingWindowScale,
    idleMilliseconds,
    discoveryMilliseconds,
    now: () => context.clock.now(),
    deliver: (shardId, records, signal) => delivery.deliver(shardId, records, signal),
    busy: () => context.busy(`records of ${source.streamArn}`),
    failed: (error) => tellFailure(consumer, source, error, context),
  });
  let unsubscribe = () => {};
  return {
    start: async () => {
      checkGrants(consumer, properties, source, context);
      unsubscribe = notices(source, context).subscribe(source.streamArn, () => poller.written());
      poller.start();
    },
    stop: async () => {
      unsubscribe();
      await poller.stop();
      destination?.close();
    },
  };
}

function openSource(consumer: Consumer, properties: MappingProperties, context: CloudContext): StreamSource {
  const { endpoint, region, identities } = context;
  const configuration = { endpoint, region, credentials: identities.credentialsOf(consumer.roleArn) };
  const arn = properties.EventSourceArn;
  const service = arn.split(':')[2];
  if (service === 'dynamodb') return new DynamoDbSource(arn, configuration);
  if (service === 'kinesis') return new KinesisSource(arn, consumer.roleArn, configuration);
  const message = `${consumer.logicalId}: ${arn} is no stream of DynamoDB or Kinesis and no queue of SQS; the local cloud maps no other sources`;
  throw new MillraceError('UNSUPPORTED_EVENT_SOURCE', message);
}

function notices(source: StreamSource, context: CloudContext) {
  const { services } = context;
  return source instanceof DynamoDbSource ? services.of(DynamoDbService).notices : services.of(KinesisService).notices;
}

function openDestination(
  consumer: Consumer,
  properties: MappingProperties,
  source: StreamSource,
  context: CloudContext,
): FailureDestination | undefined {
  const arn = properties.DestinationConfig?.OnFailure?.Destination;
  if (arn === undefined) return undefined;
  const [, , service, , , bucket = ''] = arn.split(':');
  if (service !== 's3') {
    const message = `${consumer.logicalId}: the failure destination ${arn} is no bucket; only S3 keeps the records themselves, so only S3 is run here`;
    throw new MillraceError('UNSUPPORTED_DESTINATION', message);
  }
  return new FailureDestination({ context, mappingId: consumer.id, bucket, source, ...consumer });
}

function openDelivery(
  consumer: Consumer,
  properties: MappingProperties,
  source: StreamSource,
  parts: { checkpoints: Checkpoints; destination?: FailureDestination; context: CloudContext },
): Delivery {
  const { checkpoints, destination, context } = parts;
  const unlimited = (value: number) => (value < 0 ? Number.POSITIVE_INFINITY : value);
  return new Delivery({
    context,
    streamArn: source.streamArn,
    functionArn: consumer.functionArn,
    policy: {
      bisect: properties.BisectBatchOnFunctionError,
      maximumRetries: unlimited(properties.MaximumRetryAttempts),
      maximumAgeMilliseconds: unlimited(properties.MaximumRecordAgeInSeconds) * 1000,
    },
    reportsFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    waitScale: context.speed.waitScale,
    discard: destination && ((discarded) => destination.keep(discarded)),
    checkpoint: (shardId, sequenceNumber) => checkpoints.advance(shardId, sequenceNumber),
  });
}

function startingPosition(logicalId: string, properties: MappingProperties): StartAt {
  const { StartingPosition, StartingPositionTimestamp } = properties;
  if (StartingPosition === 'TRIM_HORIZON') return { kind: 'trimHorizon' };
  if (StartingPosition === 'LATEST') return { kind: 'latest' };
  if (StartingPosition === 'AT_TIMESTAMP' && StartingPositionTimestamp !== undefined) {
    return { kind: 'timestamp', at: new Date(StartingPositionTimestamp * 1000) };
  }
  throw new MillraceError(
    'BAD_EVENT_SOURCE',
    `${logicalId}: a stream needs a StartingPosition, AT_TIMESTAMP also its timestamp`,
  );
}

/** AWS refuses to create a mapping whose role cannot read the stream or write to the failure destination. */
function checkGrants(
  consumer: Consumer,
  properties: MappingProperties,
  source: StreamSource,
  context: CloudContext,
): void {
  const principal = { kind: 'role', roleArn: consumer.roleArn } as const;
  for (const { action, resourceArn } of source.needs) context.authorizer.authorize(principal, action, resourceArn);
  const bucketArn = properties.DestinationConfig?.OnFailure?.Destination;
  if (bucketArn === undefined) return;
  context.authorizer.authorize(principal, 's3:ListBucket', bucketArn);
  context.authorizer.authorize(principal, 's3:PutObject', `${bucketArn}/aws/lambda/${consumer.id}/`);
}

function tellFailure(consumer: Consumer, source: StreamSource, error: Error, context: CloudContext): void {
  const denied = error.name === 'AccessDeniedException';
  const outcome = denied ? 'denied' : 'retried';
  const about = { from: source.streamArn, to: consumer.functionArn, recordCount: 0, detail: error.message };
  context.emit({ kind: 'delivery', outcome, ...about });
}
