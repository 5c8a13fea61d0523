import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { stackOutputs } from '../../lib/pipeline/outputs.ts';
import type { Operator } from './operator.ts';

/** The lake as a command looks at it. */
export interface LakeView {
  /** Keys under a prefix, in their order. */
  keys(prefix: string): Promise<string[]>;
  /** The object's bytes, or undefined where it is gone. */
  read(key: string): Promise<Uint8Array | undefined>;
}

/** What a command needs to reach the lake; the summary has no operator. */
export interface LakePlace {
  readonly bucket: string;
  readonly clientOptions: Operator['clientOptions'];
}

export const lakePlaceOf = (operator: Operator): LakePlace => ({
  bucket: operator.output(stackOutputs.lakeBucketName),
  clientOptions: operator.clientOptions,
});

/** Opens the lake for as long as the work takes. */
export async function withLake<T>(place: LakePlace, work: (lake: LakeView) => Promise<T>): Promise<T> {
  const { bucket, clientOptions } = place;
  const client = new S3Client({ ...clientOptions, forcePathStyle: clientOptions.endpoint !== undefined });
  try {
    return await work(lakeView(bucket, client));
  } finally {
    client.destroy();
  }
}

function lakeView(Bucket: string, client: S3Client): LakeView {
  return {
    async keys(Prefix) {
      const keys: string[] = [];
      for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
        for (const { Key } of page.Contents ?? []) if (Key) keys.push(Key);
      }
      return keys;
    },
    async read(Key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        return await Body?.transformToByteArray();
      } catch (error) {
        if ((error as Error).name === 'NoSuchKey') return undefined;
        throw error;
      }
    },
  };
}

/** The dataset that each function lands, by the function's ARN: its environment says so. */
export async function landingDatasets(clientOptions: Operator['clientOptions']): Promise<Map<string, string>> {
  const client = new LambdaClient(clientOptions);
  const datasets = new Map<string, string>();
  try {
    for await (const page of paginateListFunctions({ client }, {})) {
      for (const { FunctionArn, Environment } of page.Functions ?? []) {
        const dataset = Environment?.Variables?.MILLRACE_DATASET;
        if (FunctionArn && dataset) datasets.set(FunctionArn, dataset);
      }
    }
    return datasets;
  } finally {
    client.destroy();
  }
}

const atOnce = 8;

/** Works on every item, a few at once; results in the order of the items. */
export async function eachAtOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += atOnce) {
    results.push(...(await Promise.all(items.slice(start, start + atOnce).map(work))));
  }
  return results;
}
