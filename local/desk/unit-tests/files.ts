import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompiledModel } from '../../../lib/pipeline/models/model.ts';
import { nearest } from '../../../lib/pipeline/nearest.ts';
import { type Case, type CaseFile, readCases } from './case-file.ts';
import type { FileProblem } from './document.ts';

/** The file with a model's cases lies beside the model. */
export const caseFileOf = ({ path }: Pick<CompiledModel, 'path'>): string => path.replace(/\.sql$/, '.test.yaml');

/** Every file of cases that a project has. */
export function caseFiles(directory: string): CaseFile[] {
  return globSync('sql/models/*/*.test.{yaml,yml}', { cwd: directory })
    .toSorted()
    .map((path) => {
      const [, schema = '', table = ''] = /([^/\\]+)[/\\]([^/\\]+)\.test\.ya?ml$/.exec(path) ?? [];
      return { path, model: `${schema}.${table}`, text: readFileSync(join(directory, path), 'utf8') };
    });
}

export interface FoundCases {
  readonly cases: readonly { readonly model: CompiledModel; readonly case: Case }[];
  readonly problems: readonly FileProblem[];
  /** Models without a case. */
  readonly untested: readonly string[];
}

/** The cases of the selected models. Files without a model are told always: a model that was renamed leaves its tests behind. */
export function findCases(
  files: readonly CaseFile[],
  models: readonly CompiledModel[],
  selected: readonly CompiledModel[],
): FoundCases {
  const problems: FileProblem[] = [];
  const report = (path: string, message: string) => problems.push({ path, line: 1, column: 1, message });
  for (const { path, model } of files) {
    if (path.endsWith('.yml')) report(path, 'name it .test.yaml');
    else if (!models.some(({ name }) => name === model)) report(path, noModel(model, models));
  }
  const cases = selected.flatMap((model) =>
    files
      .filter((file) => file.path.endsWith('.yaml') && file.model === model.name)
      .flatMap((file) => readCases(file, problems).map((one) => ({ model, case: one }))),
  );
  const tested = new Set(cases.map(({ model }) => model.name));
  return { cases, problems, untested: selected.map(({ name }) => name).filter((name) => !tested.has(name)) };
}

function noModel(name: string, models: readonly CompiledModel[]): string {
  const meant = nearest(
    name,
    models.map((model) => model.name),
  );
  return `there is no model ${name}${meant ? `; did you mean ${meant}?` : ': a test file lies beside its model, <name>.sql and <name>.test.yaml'}`;
}
