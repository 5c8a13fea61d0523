import type { Config } from '../config/config.ts';
import type { DatasetPlan } from '../pipeline/environment.ts';
import type { FunctionCode } from './function-code.ts';

/** What every stage is told. */
export interface StageContext {
  readonly config: Config;
  /** `<name>-<environment>`: the service of logs, metrics and traces, and the prefix of what carries a name of its own. */
  readonly service: string;
  readonly code: FunctionCode;
}

/** A service's name: databases may have underscores, most AWS names may not. */
export function serviceName(config: Config): string {
  return `${config.name}-${config.environment.replaceAll('_', '-')}`;
}

/** What register and refresh know of each dataset. */
export function datasetPlans(config: Config): DatasetPlan[] {
  return Object.entries(config.datasets).map(([name, { owner, freshnessSeconds, source }]) => ({
    name,
    owner,
    freshnessSeconds,
    keyed: source.kind !== 'kinesis',
  }));
}
