import type { Config, Dataset, Source } from '../../lib/config/config.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { nearest } from '../../lib/pipeline/nearest.ts';
import { loadConfig } from '../load-config.ts';
import { connectOperator, type Operator, type OperatorOptions } from './operator.ts';

/** A dataset by its name. @throws {MillraceError} UNKNOWN_DATASET, with the one that was probably meant. */
export function datasetOf(config: Pick<Config, 'datasets'>, name: string): Dataset {
  const dataset = Object.hasOwn(config.datasets, name) ? config.datasets[name] : undefined;
  if (dataset) return dataset;
  throw unknownDataset('millrace.config.ts', name, Object.keys(config.datasets));
}

/** What is said of a name that `place` does not know. */
export function unknownDataset(place: string, name: string, known: readonly string[]): MillraceError {
  const meant = nearest(name, known);
  const mend = meant ? `did you mean ${meant}?` : `one of ${known.join(', ')}`;
  return new MillraceError('UNKNOWN_DATASET', `${place} has no dataset ${JSON.stringify(name)}: ${mend}`);
}

/** Connects, and refuses a dataset that is not there before anything is read or started. */
export async function operatorFor(dataset: string | undefined, options: OperatorOptions): Promise<Operator> {
  if (dataset !== undefined) datasetOf(await loadConfig(process.cwd()), dataset);
  return connectOperator(options);
}

/** The same for what is done with a DynamoDB table: a dataset from anywhere else is refused with those that have one. */
export async function operatorForTable(dataset: string, options: OperatorOptions): Promise<Operator> {
  const config = await loadConfig(process.cwd());
  const { kind } = datasetOf(config, dataset).source;
  if (kind === 'dynamodb') return connectOperator(options);
  const tables = Object.keys(config.datasets).filter((name) => config.datasets[name]?.source.kind === 'dynamodb');
  const message = `${dataset} comes from ${kind}, and this takes a DynamoDB table: ${tables.join(', ') || 'no dataset has one'}`;
  throw new MillraceError('NOT_A_TABLE', message);
}

/** The fields of a dataset's key; none where its records have no key. */
export function keyFields(source: Source): string[] {
  if (source.kind === 'kinesis') return [];
  if (source.kind === 'rest') return [...source.key];
  const { partitionKey, sortKey } = 'create' in source.table ? source.table.create : source.table;
  return sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
}
