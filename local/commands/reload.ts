import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { stackOutputs } from '../../lib/pipeline/outputs.ts';
import type { ReloadOperation } from '../../lib/pipeline/reload.ts';
import { datasetPrefix, type ReloadRange, rangeOfInstants, wholeRange } from '../../lib/pipeline/reload-range.ts';
import { operatorFor } from './dataset.ts';
import { typedInstant } from './instants.ts';
import type { Operator, OperatorOptions } from './operator.ts';
import { type Reload, startReload } from './reload-execution.ts';
import { followReload } from './reload-progress.ts';

export interface ReloadOptions extends OperatorOptions {
  readonly wait: boolean;
  readonly json?: boolean;
}

/** `millrace backfill`: a range of the lake into the tables that are there. */
export async function backfill(
  dataset: string,
  options: ReloadOptions & { readonly from: string; readonly to: string },
): Promise<void> {
  const from = Date.parse(typedInstant('--from', options.from));
  const to = Date.parse(typedInstant('--to', options.to));
  if (from >= to) {
    const message = `--from ${options.from} is not before --to ${options.to}: the range ends before its --to, and there is nothing in it`;
    throw new MillraceError('EMPTY_RANGE', message);
  }
  const operator = await operatorFor(dataset, options);
  await reload(operator, 'backfill', dataset, rangeOfInstants(dataset, from, to), options);
}

/** `millrace rebuild`: the whole lake into tables aside, then swapped in. */
export async function rebuild(dataset: string, options: ReloadOptions): Promise<void> {
  await reload(await operatorFor(dataset, options), 'rebuild', dataset, wholeRange, options);
}

async function reload(
  operator: Operator,
  operation: ReloadOperation,
  dataset: string,
  range: ReloadRange,
  options: ReloadOptions,
): Promise<void> {
  await requireObjects(operator, dataset, range);
  const started = await startReload(operator, { operation, dataset, range });
  if (!options.wait) return tellStarted(started, options.json === true);
  await followReload(operator, started, { json: options.json === true });
}

function tellStarted({ kind, request, execution }: Reload, json: boolean): void {
  const { operation, dataset } = request;
  const text = `${operation} of ${dataset}: ${kind}, as ${execution}; the same command shows how far it is`;
  process.stdout.write(`${json ? JSON.stringify({ kind, operation, dataset, execution }) : text}\n`);
}

/** A range without anything in it is told before anything runs. */
async function requireObjects(operator: Operator, dataset: string, range: ReloadRange): Promise<void> {
  const { clientOptions } = operator;
  const client = new S3Client({ ...clientOptions, forcePathStyle: clientOptions.endpoint !== undefined });
  const Bucket = operator.output(stackOutputs.lakeBucketName);
  try {
    const listing = { Bucket, Prefix: datasetPrefix(dataset), MaxKeys: 1, StartAfter: range.after || undefined };
    const [first] = (await client.send(new ListObjectsV2Command(listing))).Contents ?? [];
    if (first?.Key && (!range.before || first.Key < range.before)) return;
    throw noObjects(operator, dataset);
  } finally {
    client.destroy();
  }
}

function noObjects({ place }: Operator, dataset: string): MillraceError {
  const message = `the lake of ${place} has no object of ${dataset} in that range: objects lie in the hour of their first record, in UTC, and expire`;
  return new MillraceError('NO_OBJECTS', message);
}
