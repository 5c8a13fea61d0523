import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { writeEnvironment } from '../pipeline/environment.ts';
import { abandonedPrefix, lakePrefixes } from '../pipeline/names.ts';
import { stackOutputs } from '../pipeline/outputs.ts';
import { deadStatuses } from '../pipeline/register-message.ts';
import type { StageContext } from './context.ts';
import { statementOf } from './grant.ts';
import type { Lake } from './lake.ts';
import { stackOutput } from './output.ts';
import { pipelineFunction } from './pipeline-function.ts';

const timeoutSeconds = 30;
/** AWS asks for six times the function's timeout, so that a message is not delivered again while it is worked on. */
const visibilityTimeoutSeconds = 6 * timeoutSeconds;
const deliveries = 5;
const batchSize = 10;

/** What the pipeline remembers between events: inbox, lanes, watermarks. */
export function stateTable(scope: Construct, id: string): Table {
  const table = new Table(scope, id, {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.DEFAULT,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: 'expiresAtSeconds',
    removalPolicy: RemovalPolicy.RETAIN,
  });
  stackOutput(scope, stackOutputs.stateTableName, table.tableName, 'What the pipeline remembers');
  return table;
}

/** The queue that tells register what has happened: objects in the lake, refreshes that died, lanes that are not empty. */
export class Arrivals extends Construct {
  readonly queue: Queue;
  /** What could not be worked on, after five tries, and the batches of streams that were given up; only people read it. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, lake: Lake) {
    super(scope, id);
    this.deadLetters = this.#queue('DeadLetters', { retentionPeriod: Duration.days(14) });
    this.queue = this.#queue('Queue', {
      retentionPeriod: Duration.days(4),
      visibilityTimeout: Duration.seconds(visibilityTimeoutSeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: deliveries },
    });
    this.takes('ObjectCreated', 'Objects that were created under raw/', created(lake, lakePrefixes.raw));
    this.#reportsGivenUp(lake);
  }

  /** Lambda keeps what it gives up and tells nobody: here it becomes a dead letter, which has an alarm. */
  #reportsGivenUp(lake: Lake): void {
    const description = 'Batches of streams that Lambda gave up';
    const rule = new Rule(this, 'BatchGivenUp', { description, eventPattern: created(lake, abandonedPrefix) });
    rule.addTarget({ bind: () => ({ arn: this.deadLetters.queueArn }) });
    admit(rule, this.deadLetters);
  }

  #queue(id: string, props: object): Queue {
    return new Queue(this, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, ...props });
  }

  /** Delivers that an execution did not end by itself: what it owed the lane is then register's to do. */
  takesDeaths(id: string, description: string, stateMachineArn: string): void {
    this.takes(id, description, {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: [stateMachineArn], status: [...deadStatuses] },
    });
  }

  /** Delivers the events that match. What EventBridge cannot deliver in a day goes to the dead letters. */
  takes(id: string, description: string, eventPattern: EventPattern): void {
    const deadLetterConfig = { arn: this.deadLetters.queueArn };
    const rule = new Rule(this, id, { description, eventPattern });
    rule.addTarget({ bind: () => ({ arn: this.queue.queueArn, deadLetterConfig }) });
    for (const queue of [this.queue, this.deadLetters]) admit(rule, queue);
  }
}

/** Objects that are created under a prefix of the lake. */
function created(lake: Lake, prefix: string): EventPattern {
  return {
    source: ['aws.s3'],
    detailType: ['Object Created'],
    detail: { bucket: { name: [lake.bucket.bucketName] }, object: { key: [{ prefix }] } },
  };
}

/** Lets a rule, and no other, send to a queue. */
function admit(rule: Rule, queue: Queue): void {
  const statement = statementOf({
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
  });
  statement.addPrincipals(new ServicePrincipal('events.amazonaws.com'));
  queue.addToResourcePolicy(statement);
}

/** Notes every new object in the inbox and starts a refresh if none is due. The only one that starts refreshes. */
export class Register extends Construct {
  constructor(
    scope: Construct,
    id: string,
    context: StageContext,
    props: { state: Table; arrivals: Arrivals; stateMachineArn: string },
  ) {
    super(scope, id);
    const { state, arrivals, stateMachineArn } = props;
    const target = pipelineFunction(this, 'Function', {
      context,
      handler: 'register',
      logName: 'register',
      description: 'Notes new objects in the inbox and starts a refresh',
      environment: writeEnvironment('register', {
        MILLRACE_STATE_TABLE: state.tableName,
        MILLRACE_STATE_MACHINE_ARN: stateMachineArn,
      }),
      grants: [
        {
          actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
          resources: [arrivals.queue.queueArn],
        },
        {
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
          resources: [state.tableArn],
        },
        { actions: ['states:StartExecution'], resources: [stateMachineArn] },
      ],
      memoryMegabytes: 512,
      timeoutSeconds,
    });
    new EventSourceMapping(this, 'Mapping', {
      target,
      eventSourceArn: arrivals.queue.queueArn,
      batchSize,
      reportBatchItemFailures: true,
    });
  }
}
