import { MillraceError } from '../pipeline/error.ts';
import { type Problem, problemsOf } from './issues.ts';
import { type Config, type ConfigInput, configuration } from './schema.ts';

export type { Problem } from './issues.ts';
export type { Config, ConfigInput, Dataset, Warehouse } from './schema.ts';
export type { Source, SourceOf } from './source.ts';

/** A configuration that cannot be used, with every problem in it. */
export class ConfigError extends MillraceError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ path, found, mend }) => `  ${path}: found ${found}; ${mend}`);
    super('BAD_CONFIG', `millrace.config.ts needs mending:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

/** Gives the editor the types; what it says at run time comes from `parseConfig`. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}

/**
 * Checks a configuration and fills in its defaults.
 * @throws {ConfigError} with the path, the value and the mend of every problem.
 */
export function parseConfig(value: unknown): Config {
  const result = configuration.safeParse(value);
  if (result.success) return result.data;
  throw new ConfigError(problemsOf(value, result.error.issues));
}
