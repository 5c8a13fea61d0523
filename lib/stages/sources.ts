import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Dataset, Source, SourceOf } from '../config/config.ts';
import { frontDoorOutput, pascalCase } from '../pipeline/outputs.ts';
import type { StageContext } from './context.ts';
import { accept } from './grant.ts';
import { stackOutput } from './output.ts';

/** What the local runtime makes in the place of a table or stream that only exists on AWS. */
export interface StandIn {
  readonly type: 'AWS::DynamoDB::Table' | 'AWS::Kinesis::Stream';
  readonly name: string;
  readonly streamArn: string;
  readonly partitionKey?: string;
  readonly sortKey?: string;
}

/** A stream that pushes: Lambda reads it for the ingest function. */
export type StreamDoor =
  | {
      readonly kind: 'dynamodb';
      readonly tableName: string;
      readonly tableArn: string;
      readonly streamArn: string;
      readonly standIn?: StandIn;
    }
  | { readonly kind: 'kinesis'; readonly streamArn: string; readonly standIn?: StandIn };
/** An API that is pulled; its address and token are in the secret. */
export interface RestDoor {
  readonly kind: 'rest';
  readonly secretArn: string;
  readonly source: SourceOf<'rest'>;
}
/** Where a stage reads a dataset from. */
export type FrontDoor = StreamDoor | RestDoor;

/** A dataset and its front door. */
export interface SourcedDataset {
  readonly name: string;
  readonly dataset: Dataset;
  readonly door: FrontDoor;
}

/** `arn:aws:kinesis:eu-west-1:1:stream/logs` → `logs`. */
function streamNameOf(streamArn: string): string {
  return streamArn.split('/')[1] ?? streamArn;
}

/** The systems the records come from: those the stack makes, and references to those that exist. */
export class Sources extends Construct {
  readonly datasets: readonly SourcedDataset[];

  constructor(scope: Construct, id: string, context: StageContext) {
    super(scope, id);
    this.datasets = Object.entries(context.config.datasets).map(([name, dataset]) => ({
      name,
      dataset,
      door: this.#open(name, dataset.source),
    }));
  }

  #open(name: string, source: Source): FrontDoor {
    switch (source.kind) {
      case 'dynamodb':
        return this.#table(name, source.table);
      case 'kinesis':
        return this.#stream(name, source.stream);
      case 'rest':
        return { kind: 'rest', secretArn: this.#secret(name), source };
    }
  }

  #table(name: string, table: SourceOf<'dynamodb'>['table']): FrontDoor {
    if ('create' in table) return this.#createTable(name, table.create);
    const { tableName, streamArn, partitionKey, sortKey } = table;
    const tableArn = streamArn.split('/stream/')[0] ?? streamArn;
    const standIn = { type: 'AWS::DynamoDB::Table', name: tableName, streamArn, partitionKey, sortKey } as const;
    return { kind: 'dynamodb', tableName, tableArn, streamArn, standIn };
  }

  /** It holds somebody's data: it outlives the stack. */
  #createTable(name: string, keys: { partitionKey: string; sortKey?: string | undefined }): FrontDoor {
    const table = new Table(this, pascalCase(name), {
      partitionKey: { name: keys.partitionKey, type: AttributeType.STRING },
      ...(keys.sortKey && { sortKey: { name: keys.sortKey, type: AttributeType.STRING } }),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    stackOutput(this, frontDoorOutput(name, 'dynamodb'), table.tableName, `Write items here: dataset ${name}`);
    const { tableName, tableArn, tableStreamArn } = table;
    return { kind: 'dynamodb', tableName, tableArn, streamArn: tableStreamArn ?? '' };
  }

  #stream(dataset: string, stream: SourceOf<'kinesis'>['stream']): FrontDoor {
    if ('create' in stream) return this.#createStream(dataset);
    const { streamArn } = stream;
    const name = streamNameOf(streamArn);
    return { kind: 'kinesis', streamArn, standIn: { type: 'AWS::Kinesis::Stream', name, streamArn } };
  }

  #createStream(name: string): FrontDoor {
    const stream = new Stream(this, pascalCase(name), {
      streamMode: StreamMode.ON_DEMAND,
      encryption: StreamEncryption.MANAGED,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    stackOutput(this, frontDoorOutput(name, 'kinesis'), stream.streamName, `Put records here: dataset ${name}`);
    return { kind: 'kinesis', streamArn: stream.streamArn };
  }

  /** Made empty: an address and a token are no part of a template. */
  #secret(name: string): string {
    const secret = new CfnSecret(this, pascalCase(name), {
      description: `Address and token of the API that dataset ${name} is pulled from: {"url": "https://…", "token": "…"}`,
    });
    accept(secret, 'AwsSolutions-SMG4', 'The API hands out this token: only whoever runs the API can replace it');
    stackOutput(this, frontDoorOutput(name, 'rest'), secret.ref, `Put {"url":…,"token":…} here: dataset ${name}`);
    return secret.ref;
  }
}
