import type { Config, Dataset } from '../../lib/config/config.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { nearest } from '../../lib/pipeline/nearest.ts';

/** A dataset by its name. @throws {MillraceError} UNKNOWN_DATASET, with the one that was probably meant. */
export function datasetOf(config: Pick<Config, 'datasets'>, name: string): Dataset {
  const dataset = Object.hasOwn(config.datasets, name) ? config.datasets[name] : undefined;
  if (dataset) return dataset;
  const known = Object.keys(config.datasets);
  const meant = nearest(name, known);
  const mend = meant ? `did you mean ${meant}?` : `one of ${known.join(', ')}`;
  throw new MillraceError('UNKNOWN_DATASET', `millrace.config.ts has no dataset ${JSON.stringify(name)}: ${mend}`);
}
