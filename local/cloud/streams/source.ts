/** A record of a stream, and how a function gets to see it. */
export interface SourceRecord {
  readonly sequenceNumber: string;
  /** Milliseconds since the epoch; of DynamoDB in whole seconds. */
  readonly arrivedAt: number;
  /** One entry of the function's `Records`. */
  readonly event: object;
  readonly sizeBytes: number;
}

export interface SourceShard {
  readonly id: string;
  readonly parentId?: string;
}

export type StartAt =
  | { readonly kind: 'trimHorizon' | 'latest' }
  | { readonly kind: 'timestamp'; readonly at: Date }
  | { readonly kind: 'after'; readonly sequenceNumber: string };

/** A stream that can be followed: a local one or, given another endpoint and credentials, a real one. */
export interface StreamSource {
  readonly streamArn: string;
  /** The name of the batch information in an invocation record. */
  readonly batchInfoName: 'DDBStreamBatchInfo' | 'KinesisBatchInfo';
  /** What the function's role must be granted, so that a missing grant shows before the first record. */
  readonly needs: readonly { readonly action: string; readonly resourceArn: string }[];
  shards(): Promise<SourceShard[]>;
  iterator(shardId: string, start: StartAt): Promise<string>;
  /** Without `next` the shard is closed and read to its end. */
  read(shardId: string, iterator: string, limit: number): Promise<{ records: SourceRecord[]; next?: string }>;
  close(): void;
}
